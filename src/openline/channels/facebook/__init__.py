"""The Facebook channel: a Page and its Messenger (Graph API)."""
