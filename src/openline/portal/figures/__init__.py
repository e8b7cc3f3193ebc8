"""The page of figures, and the same figures as data."""
