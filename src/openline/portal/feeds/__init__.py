"""Feeds of what is public, and telling hubs of news (WebSub)."""
