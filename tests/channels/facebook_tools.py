"""What the tests of Facebook share."""

from __future__ import annotations

import json
import uuid
from io import BytesIO
from typing import Any

from PIL import Image

from openline.channels.base import OutgoingMedia, Pushed
from openline.channels.facebook.emulator import SECRET
from openline.channels.graph.signing import signature

VTT = "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nThe road is open.\n"


def words() -> str:
    """Words like no others."""
    return f"words {uuid.uuid4()}"


def photo(kind: str = "JPEG") -> bytes:
    """A picture."""
    Image.new("RGB", (64, 48), (20, 120, 90)).save(buffer := BytesIO(), kind)
    return buffer.getvalue()


def film(size: int = 700_000) -> bytes:
    """Bytes that stand for a film: the emulator looks at none of them."""
    return bytes(range(256)) * (size // 256) + b"x" * (size % 256)


def picture(name: str, alt: str = "", caption: str = "") -> OutgoingMedia:
    """A picture that goes out."""
    return OutgoingMedia(name, "image/jpeg", name, alt, caption=caption)


def moving(name: str = "f.mp4", seconds: float = 20.0, captions: str = "") -> OutgoingMedia:
    """A film that goes out."""
    return OutgoingMedia(name, "video/mp4", name, seconds=seconds, captions=captions)


def call(entries: list[dict[str, Any]], secret: str = SECRET, **more: str) -> Pushed:
    """A batch as Meta brings it: its text escaped, signed over the bytes."""
    body = json.dumps({"object": "page", "entry": entries}).encode()
    headers = {"content-type": "application/json", "x-hub-signature-256": signature(body, secret)} | more
    return Pushed("POST", "https://city.example/hooks/facebook/", headers, {}, body)
