"""The YouTube channel (YouTube Data API v3)."""
