"""Photos that come with a request: files of a multipart form, and addresses on the web, which a job fetches."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from procrastinate.contrib.django import app
from procrastinate.types import JSONDict

from openline.files import attaching, uploading
from openline.files.content import MOST_BYTES
from openline.files.keeping import ScannerDown, keep
from openline.files.models import File
from openline.files.pictures import Refused
from openline.foundation.fetching import FetchFailed, fetch
from openline.open311.formats import Problem

TASK = "openline.open311.tasks.fetch_media"
TRIES, WAIT_BASE = 6, 6
"""So many tries, the next one after 6, 36, 216, ... seconds: two and a half hours in all."""


class TryAgain(Exception):
    """A server was in trouble; it may be over soon."""


def content(upload: UploadedFile) -> bytes:
    """The bytes of a file that was sent; it can be read again afterwards."""
    upload.seek(0)
    found = upload.read()
    upload.seek(0)
    return bytes(found)


def take(uploads: Sequence[UploadedFile]) -> list[str]:
    """Take files in, all or none; their ids. Slow: not for inside a transaction. Raises Problem."""
    if not uploads:
        return []
    try:
        return [str(file.pk) for file in uploading.take(uploads)]
    except Refused as error:
        raise Problem(400, f"media: {error}") from None


def attach(request_id: UUID, files: Sequence[str], addresses: Sequence[str], *, actor: str) -> None:
    """Put files with a request, in its transaction, and queue a job for each address."""
    if files:
        attaching.from_program(request_id, list(File.objects.filter(pk__in=files)), actor=actor)
    if addresses:
        jobs: list[JSONDict] = [
            {"request_id": str(request_id), "address": address, "position": position, "actor": actor}
            for position, address in enumerate(addresses, len(files))
        ]
        app.configure_task(TASK).batch_defer(*jobs)


def fetch_one(request_id: UUID, address: str, position: int, actor: str, *, again: bool) -> bool:
    """Fetch one file; False, with the reason for staff, if it cannot be had. With `again`, may raise TryAgain."""
    try:
        kept = keep(fetch(address, most_bytes=MOST_BYTES))
    except (FetchFailed, ScannerDown, Refused) as error:
        if again and (isinstance(error, ScannerDown) or (isinstance(error, FetchFailed) and error.passing)):
            raise TryAgain(address) from None
        problem = "The virus scanner does not answer." if isinstance(error, ScannerDown) else str(error)
        attaching.from_program(request_id, [None], actor=actor, first=position, problem=problem)
        return False
    attaching.from_program(request_id, [kept.file], actor=actor, first=position)
    return True
