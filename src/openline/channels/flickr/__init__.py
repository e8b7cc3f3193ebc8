"""The Flickr channel (Flickr API, OAuth 1.0a)."""
