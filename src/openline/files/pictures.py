"""Pictures: read without trusting them, and made anew in two sizes without a word of metadata.

What a page shows is never what came, but a new picture of the same points. So no script, no second file behind the
picture and no EXIF reaches anybody.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from openline.files.hashing import hash_of
from openline.files.position import position_of

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
"""What is decoded; every decoder more is a door more."""
MOST_PIXELS = 50_000_000
"""A phone's best camera, and 75 to 250 MB of memory while it is read (with transparency 620)."""
VIEW, THUMBNAIL = 1600, 320
"""Longest side of the two pictures that are made, in pixels."""
_MOST_RATIO = 100


class Refused(Exception):
    """The file is not taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was made anew. `view` is a JPEG, `thumbnail` a WebP; the position is for one use only."""

    content_type: str
    width: int
    height: int
    view: bytes
    thumbnail: bytes
    phash: int | None
    position: tuple[float, float] | None


def read(data: bytes) -> Picture | None:
    """The picture in `data`, of which only the first frame; None if it is none. Raises Refused."""
    try:
        found = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:  # Pillow's own limit lies above ours
        raise _too_many_pixels() from None
    except Image.UnidentifiedImageError:
        return None
    except Exception:
        raise damaged() from None
    with found:
        return _made_anew(found)


def _made_anew(found: Image.Image) -> Picture:
    if found.width * found.height > MOST_PIXELS:
        raise _too_many_pixels()
    if max(found.size) > _MOST_RATIO * min(found.size):
        raise Refused(_("This picture is a mere line. Choose another one."))
    content_type, position, size = Image.MIME.get(found.format or "", "image/jpeg"), position_of(found), found.size
    try:
        small = _small(found)
        view = _points(_turned(small))
    except Exception:  # decoders fail in as many ways as files can be broken
        raise damaged() from None
    width, height = size if view.size == small.size else size[::-1]
    thumbnail = view.copy()
    thumbnail.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    return Picture(
        "image/jpeg" if content_type == "image/mpo" else content_type,
        width,
        height,
        _encoded(view, "JPEG", quality=82, optimize=True, progressive=True),
        _encoded(thumbnail, "WEBP", quality=72, method=4),
        hash_of(view),
        position,
    )


def _small(found: Image.Image) -> Image.Image:
    """The picture with no side longer than VIEW, never enlarged; made small first, so that it is large only once."""
    found.draft("RGB", (VIEW, VIEW))  # JPEG: decodes no more than is needed
    found.load()
    clear = found.has_transparency_data
    small = found if found.mode == "RGB" and not clear else found.convert("RGBA" if clear else "RGB")
    small.thumbnail((VIEW, VIEW), Image.Resampling.LANCZOS)
    return small


def _points(picture: Image.Image) -> Image.Image:
    """The points alone, on white where there is nothing."""
    clean = Image.new("RGB", picture.size, "white")
    clean.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    return clean


def _turned(found: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(found)
    except Exception:  # broken EXIF is no reason to refuse a good picture
        return found


def _encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, form, **options)
    return target.getvalue()


def _too_many_pixels() -> Refused:
    return Refused(
        _("This picture has too many pixels: at most %(millions)d million.") % {"millions": MOST_PIXELS // 1_000_000}
    )


def damaged() -> Refused:
    """What is said of a picture that cannot be read to its end."""
    return Refused(_("This picture is damaged or was cut off. Try to send it again."))
