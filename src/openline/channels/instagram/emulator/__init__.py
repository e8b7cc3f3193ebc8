"""Instagram on this machine, for training and tests: its rules as its documentation gives them (2026)."""

from openline.channels.instagram.emulator.api import Emulator

__all__ = ["Emulator"]
