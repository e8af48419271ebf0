"""The emulated engine and its test patterns do what the real things do."""
