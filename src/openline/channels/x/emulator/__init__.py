"""X for training and tests: its API v2, login, uploads and Activity API as its documents of 2026 say, in memory."""

from openline.channels.x.emulator.network import Emulator

__all__ = ["Emulator"]
