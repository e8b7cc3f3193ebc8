"""Neighbors: who joined the public pages, who is a liaison, and what people organise together."""
