"""Files that tests send in: pictures made by Pillow, and files that pretend to be pictures."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

from PIL import Image, ImageDraw
from PIL.ExifTags import GPS, IFD, Base

CITY_HALL = (39.952352, -75.163774)
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The harmless file that every scanner reports (eicar.org), in two parts so that no scanner reports this one."""


def scene(seed: int = 1, size: tuple[int, int] = (800, 600)) -> Image.Image:
    """A picture of coloured boxes, another one for each seed."""
    dice = random.Random(seed)
    picture = Image.new("RGB", size, (dice.randrange(256), dice.randrange(256), dice.randrange(256)))
    draw = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y = dice.randrange(size[0]), dice.randrange(size[1])
        colour = (dice.randrange(256), dice.randrange(256), dice.randrange(256))
        draw.rectangle((x, y, x + size[0] // 4, y + size[1] // 4), fill=colour)
    return picture


def exif(place: tuple[float, float] | None = None, orientation: int = 1) -> Image.Exif:
    """EXIF as a phone writes it: who took it, with what, and perhaps where."""
    found = Image.Exif()
    found[Base.Artist], found[Base.Model], found[Base.Orientation] = "Maria Secret", "PhoneX", orientation
    if place:
        gps: dict[int, Any] = found.get_ifd(IFD.GPSInfo)
        for value, ref, degrees, sides in (
            (place[0], GPS.GPSLatitudeRef, GPS.GPSLatitude, "NS"),
            (place[1], GPS.GPSLongitudeRef, GPS.GPSLongitude, "EW"),
        ):
            minutes, seconds = divmod(abs(value) * 3600, 60)
            gps[ref] = sides[value < 0]
            gps[degrees] = (float(int(minutes) // 60), float(int(minutes) % 60), round(seconds, 4))
    return found


def encoded(picture: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    target = io.BytesIO()
    picture.save(target, form, **options)
    return target.getvalue()


def photo(
    seed: int = 1,
    place: tuple[float, float] | None = None,
    orientation: int = 1,
    size: tuple[int, int] = (800, 600),
    quality: int = 90,
) -> bytes:
    """A JPEG with EXIF and a comment."""
    return encoded(
        scene(seed, size), exif=exif(place, orientation).tobytes(), comment=b"call 215-555-0100", quality=quality
    )


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few hundred bytes that says it has 3.6 thousand million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 10_000))
        + chunk(b"IEND", b"")
    )


def animation() -> bytes:
    """A GIF of three pictures."""
    frames = [scene(seed, (120, 90)).convert("P") for seed in (1, 2, 3)]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)


def polyglot() -> bytes:
    """A JPEG that is a ZIP and a page with a script as well."""
    return photo(9) + b"<html><script>alert(document.domain)</script></html>PK\x05\x06" + b"\0" * 18
