"""The Instagram channel: a professional account (Graph API)."""
