"""Tests of what the command's file describes, running."""
