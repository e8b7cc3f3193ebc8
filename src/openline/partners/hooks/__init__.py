"""Signed webhooks: to partners, to any system that listens, and from partners to us."""
