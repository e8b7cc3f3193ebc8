"""The discussions on the city's public pages as a network."""
