"""Nextdoor, by hearsay of its closed Publish API; unverified (docs/channels/unverified.md)."""
