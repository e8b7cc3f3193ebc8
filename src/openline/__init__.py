"""Openline gives a city an open line to its residents on the networks where they already talk."""

__version__ = "0.1.0"
