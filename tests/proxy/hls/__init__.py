"""Segments, windows, playlists, plays."""
