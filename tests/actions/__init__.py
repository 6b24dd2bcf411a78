"""Whole uploads over HTTP, against the sandbox."""
