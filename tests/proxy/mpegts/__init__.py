"""Bytes in, facts out: no loop, no clock."""
