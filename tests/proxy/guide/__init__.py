"""Guides in, answers out: no loop, no clock."""
