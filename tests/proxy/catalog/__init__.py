"""Lists in, channels out: no loop, no clock."""
