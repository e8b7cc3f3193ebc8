"""The X channel (X API v2)."""
