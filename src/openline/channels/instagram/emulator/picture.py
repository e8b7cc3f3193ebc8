"""The picture of the first post, drawn: a street with a bench and a tree."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw


def first_picture() -> bytes:
    """As JPEG."""
    picture = Image.new("RGB", (640, 640), (205, 225, 240))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 430, 640, 640), fill=(120, 120, 125))
    pen.rectangle((0, 400, 640, 430), fill=(190, 185, 175))
    pen.rectangle((455, 250, 485, 400), fill=(110, 80, 55))
    pen.ellipse((380, 90, 560, 290), fill=(75, 135, 80))
    pen.rectangle((120, 330, 320, 350), fill=(150, 95, 55))
    pen.rectangle((120, 290, 320, 305), fill=(150, 95, 55))
    for x in (135, 295):
        pen.rectangle((x, 350, x + 12, 400), fill=(70, 70, 75))
    pen.line((0, 535, 640, 535), fill=(235, 225, 150), width=8)
    picture.save(buffer := io.BytesIO(), "JPEG", quality=88)
    return buffer.getvalue()
