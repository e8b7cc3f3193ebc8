"""What a file is, told by its content alone: its name and what the sender calls it count for nothing."""

from __future__ import annotations

import puremagic
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openline.files.pictures import Picture, Refused, damaged, read

MOST_BYTES = 20_000_000
"""Largest file that is taken."""
PDF = "application/pdf"
PICTURES = {"image/jpeg", "image/png", "image/webp", "image/gif"}
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_HEIC = gettext_lazy(
    "This photo is in the format HEIC, which we cannot open. Send it as JPEG: on an iPhone choose Settings, Camera, "
    "Formats, “Most Compatible” and take it again, or send a screenshot of it."
)
_PDF_BEGINS = b"%PDF-"


def look(data: bytes) -> Picture | None:
    """The picture in `data`, made anew, or None for a document that is kept as it is. Raises Refused for all else."""
    if not data:
        raise Refused(_("This file is empty."))
    if len(data) > MOST_BYTES:
        raise Refused(_("This file is too large: at most %(megabytes)d MB.") % {"megabytes": MOST_BYTES // 1_000_000})
    picture = read(data)
    if picture is None and not _is_pdf(data):
        if _types(data) & PICTURES:
            raise damaged()
        if _is_heic(data):
            raise Refused(str(_HEIC))
        raise Refused(
            _("This is %(kind)s. Only pictures (JPEG, PNG, WebP, GIF) and PDF files are taken.") % {"kind": _kind(data)}
        )
    return picture


def is_picture(data: bytes) -> bool:
    """True if `data` begins as a picture of a kind that is taken, damaged or not."""
    return data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8")) or (data[:4], data[8:12]) == (b"RIFF", b"WEBP")


def _is_heic(data: bytes) -> bool:
    """Whether it is a photo as Apple's phones keep them (ISO/IEC 23008-12, 10.2)."""
    return data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS


def _is_pdf(data: bytes) -> bool:
    """Whether it is a PDF from its very first byte (ISO 32000-2, 7.5.2) and says where it ends."""
    return data.startswith(_PDF_BEGINS) and b"%%EOF" in data[-2048:] and PDF in _types(data)


def _types(data: bytes) -> set[str]:
    try:
        return {found.mime_type for found in puremagic.magic_string(data)}
    except (puremagic.PureError, ValueError):
        return set()


def _kind(data: bytes) -> str:
    """What the file seems to be, in a word or two."""
    try:
        name = puremagic.magic_string(data)[0].name
    except (puremagic.PureError, ValueError, IndexError):
        name = ""
    return f"“{name[:60]}”" if name else _("no file that we know")
