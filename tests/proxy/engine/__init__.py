"""The engine's API, against the emulated engine."""
