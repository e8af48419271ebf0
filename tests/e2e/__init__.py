"""A real Home Assistant with a real browser."""
