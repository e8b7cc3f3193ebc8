"""An emulator of Flickr for training and tests, written from `flickr.reflection` and Flickr's prose on uploads."""

from __future__ import annotations

from openline.channels.flickr.emulator.network import Emulator

__all__ = ["Emulator"]
