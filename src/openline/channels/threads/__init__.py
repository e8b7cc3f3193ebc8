"""The Threads channel (Threads API)."""
