"""`/neighborhoods/`: what happens where one lives."""
