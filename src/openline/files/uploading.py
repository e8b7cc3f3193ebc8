"""Files from a form: how much of them is read at all, and which are taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.utils.translation import gettext as _

from openline.files import content, films, tasks
from openline.files.content import MOST_BYTES
from openline.files.keeping import MOST_FILES, ScannerDown, keep
from openline.files.models import File
from openline.files.pictures import Refused

MOST_FORM_BYTES = 120_000_000
"""Largest form that is read, whoever sends it: Django itself would write any number of bytes to the disk."""


class Bounded(FileUploadHandler):
    """The first of Django's upload handlers: ends a form that is too large before a byte of it is read."""

    def handle_raw_input(
        self, input_data: Any, META: dict[str, Any], content_length: int, boundary: Any, encoding: str | None = None
    ) -> None:
        """Raises RequestDataTooBig, which Django answers with 400."""
        if content_length > MOST_FORM_BYTES:
            raise RequestDataTooBig(f"a form of {content_length} bytes")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Leave the bytes to the next handler."""
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """The next handler makes the file."""
        return None


def take(given: Sequence[UploadedFile]) -> list[File]:
    """Take in what a form brought, all or nothing. Raises Refused with the name of the file that was not taken."""
    if not given:
        raise Refused(_("Choose at least one file."))
    if len(given) > MOST_FILES:
        raise Refused(_("Choose at most %(number)d files at once.") % {"number": MOST_FILES})
    return [_take(one) for one in given]


def take_with_films(given: Sequence[UploadedFile]) -> list[File]:
    """The same where staff may give films too; those are made anew by a job (`tasks.make_film`)."""
    if not given or len(given) > MOST_FILES:
        return take(given)
    return [_film(one) if _moves(one) else _picture(one) for one in given]


def _moves(one: UploadedFile) -> bool:
    head = one.read(16)
    one.seek(0)
    return films.is_film(head)


def _film(one: UploadedFile) -> File:
    try:
        file = films.keep(one)  # type: ignore[arg-type]
    except Refused as error:
        raise Refused(f"{(one.name or '')[:80]}: {error}") from None
    tasks.make_film.defer(file_id=str(file.pk))
    return file


def _picture(one: UploadedFile) -> File:
    """A picture; a document, which no network shows, is refused as whatever else it may be."""
    head = one.read(16)
    one.seek(0)
    if head and not content.is_picture(head):
        words = _("Only pictures (JPEG, PNG, WebP, GIF) and films (MP4, MOV, WebM) are taken here.")
        raise Refused(f"{(one.name or '')[:80]}: {words}")
    return _take(one)


def _take(one: UploadedFile) -> File:
    try:
        return keep(one.read(MOST_BYTES + 1)).file
    except Refused as error:
        raise Refused(f"{(one.name or '')[:80]}: {error}") from None
    except ScannerDown:
        raise Refused(_("The virus scanner does not answer, so no file can be taken now. Try again later.")) from None
