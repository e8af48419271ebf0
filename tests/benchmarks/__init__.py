"""Tests of what measures: that it counts right, never how quick anything is."""
