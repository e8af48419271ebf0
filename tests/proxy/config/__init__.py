"""The file of the command."""
