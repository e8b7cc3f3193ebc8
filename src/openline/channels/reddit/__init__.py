"""Reddit, by its OAuth API as it was recorded by PRAW; unverified (docs/channels/unverified.md)."""
