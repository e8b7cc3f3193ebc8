"""Taking a file in: what it is, whether it is clean, made anew, stored, once however often it comes.

The storage is written before the row, under keys made of the content: a crash in between leaves bytes that the next
try writes again, never a row without its bytes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.files.content import PDF, look
from openline.files.hashing import to_database
from openline.files.models import File
from openline.files.pictures import Picture, Refused
from openline.files.scanning import Scanner, ScannerDown

MOST_FILES = 10
"""So many files are taken with one message or form."""

logger = structlog.get_logger("openline.files")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was taken in, and where it was taken, if it says so: for one use, it is not stored."""

    file: File
    position: tuple[float, float] | None = None


def store() -> Storage:
    """Where files are kept: private, behind our own views."""
    return storages["files"]


def keep(data: bytes) -> Kept:
    """Take `data` in. Raises Refused, with what to do, or ScannerDown; then nothing was kept.

    Slow (a decoded picture, a virus scan, a storage perhaps far away): not for inside a transaction.
    """
    picture = look(data)
    digest = hashlib.sha256(data).hexdigest()
    scanned = _scan(data, digest)
    file = File.objects.filter(sha256=digest).first() or _write(data, digest, picture, scanned)
    if scanned and not file.scanned:
        File.objects.filter(pk=file.pk).update(scanned=True)
    return Kept(file, picture.position if picture else None)


def _scan(data: bytes, digest: str) -> bool:
    """True if a scanner found nothing, False if none is set up. Raises Refused or ScannerDown."""
    scanner: Scanner | None = settings.CLAMAV
    if scanner is None:
        return False
    found = scanner.scan(data)
    if found:
        logger.warning("virus_found", name=found[:100], sha256=digest)
        raise Refused(_("This file was refused: the virus scanner found “%(name)s” in it.") % {"name": found[:100]})
    return True


def _write(data: bytes, digest: str, picture: Picture | None, scanned: bool) -> File:
    """Put the bytes into the storage, then the row; another process may have been quicker, then its row counts."""
    name = f"{digest[:2]}/{digest}"
    new = File(
        sha256=digest,
        content_type=picture.content_type if picture else PDF,
        size_bytes=len(data),
        original=_put(f"original/{name}", data),
        scanned=scanned,
        created_at=timezone.now(),
    )
    if picture:
        new.width, new.height, new.phash = picture.width, picture.height, to_database(picture.phash)
        new.view = _put(f"view/{name}.jpg", picture.view)
        new.thumbnail = _put(f"thumbnail/{name}.webp", picture.thumbnail)
    File.objects.bulk_create([new], ignore_conflicts=True)
    return File.objects.get(sha256=digest)


def _put(key: str, data: bytes) -> str:
    return store().save(key, ContentFile(data))


__all__ = ["MOST_FILES", "Kept", "Refused", "ScannerDown", "keep", "store"]
