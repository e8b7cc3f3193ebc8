"""TikTok, by its Content Posting API as its pages describe it; unverified (docs/channels/unverified.md)."""
