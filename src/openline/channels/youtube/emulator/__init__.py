"""An emulator of YouTube for training and tests, written from Google's discovery document and its prose on quota."""

from __future__ import annotations

from openline.channels.youtube.emulator.network import Emulator

__all__ = ["Emulator"]
