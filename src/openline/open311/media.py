"""Photos that come with a request: files of a multipart form, and addresses on the web."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile


def content(upload: UploadedFile) -> bytes:
    """The bytes of a file that was sent; it can be read again afterwards."""
    upload.seek(0)
    found = upload.read()
    upload.seek(0)
    return bytes(found)
