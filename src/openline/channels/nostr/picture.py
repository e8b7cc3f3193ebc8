"""The blurhash of a picture (blurha.sh): a few letters from which clients draw its colours until it is loaded."""

from __future__ import annotations

from contextlib import suppress

from openline.channels.nostr.blossom import Opening

_SMALL = (32, 32)
_COMPONENTS = (4, 3)


def blurhash(opening: Opening) -> str:
    """Empty if the file is no picture that can be read: then clients show none."""
    from blurhash import encode
    from PIL import Image

    with suppress(Exception), opening() as source, Image.open(source) as image:
        image.draft("RGB", _SMALL)
        image.thumbnail(_SMALL)
        small = image.convert("RGB")
        width, height = small.size
        points = [[small.getpixel((x, y)) for x in range(width)] for y in range(height)]
        return str(encode(points, *_COMPONENTS))
    return ""
