"""Mastodon and servers that speak its client API."""
