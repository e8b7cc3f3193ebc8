"""Nostr: signed events on relays (github.com/nostr-protocol/nips)."""
