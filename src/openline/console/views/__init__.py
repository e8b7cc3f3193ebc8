"""The console's views: each parses, calls one action, renders."""
