"""The proxy, without Home Assistant; mirrors `proxy/`."""
