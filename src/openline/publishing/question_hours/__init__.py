"""Question hours: officials answer questions under a hashtag, on several accounts, from one board."""
