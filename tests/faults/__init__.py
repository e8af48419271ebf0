"""What players see when something breaks, and that nothing is left of it."""
