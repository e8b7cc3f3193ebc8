"""Bluesky and other services of the AT Protocol."""
