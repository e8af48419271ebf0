"""AceStream Proxy: reads each AceStream channel once and writes it to everyone watching."""
