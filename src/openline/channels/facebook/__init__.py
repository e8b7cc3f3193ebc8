"""Facebook pages and Messenger, by the Graph API (v26.0, developers.facebook.com, 2026)."""
