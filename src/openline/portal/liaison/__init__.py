"""The room of liaisons: what is open in their area, and what they can do about it."""
