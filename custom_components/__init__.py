"""Where Home Assistant looks for integrations that it does not bring itself."""
