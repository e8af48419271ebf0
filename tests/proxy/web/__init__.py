"""Answers to players, over real sockets."""
