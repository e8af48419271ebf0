"""The app: its program with an emulated engine, and what the Supervisor asks of it."""
