"""Flickr: photos and films with their albums out, comments in and out."""
