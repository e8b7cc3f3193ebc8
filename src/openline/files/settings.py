"""Where files are kept, from the environment (docs/files.md)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def storage(given: Mapping[str, str], var: Path) -> dict[str, Any]:
    """The entry of Django's STORAGES: a folder under `var`, or the S3 bucket that `OPENLINE_FILES` names.

    The bucket's keys are read by boto3 itself from its own variables; none is looked at here. Raises
    ImproperlyConfigured, with what to do.
    """
    text = given.get("OPENLINE_FILES", "").strip()
    if not text.startswith("s3://"):
        folder = Path(text).resolve() if text else var / "files"
        options = {"location": folder, "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {**options, "allow_overwrite": True},
        }
    bucket = urlsplit(text)
    if not bucket.hostname or bucket.username or bucket.password:
        raise ImproperlyConfigured("OPENLINE_FILES must look like s3://bucket or s3://bucket/folder, without keys.")
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise ImproperlyConfigured("OPENLINE_FILES names an S3 bucket: pip install 'openline[s3]' first.")
    options = {"bucket_name": bucket.netloc, "location": bucket.path.strip("/"), "default_acl": None}
    if endpoint := given.get("OPENLINE_S3_ENDPOINT", "").strip():
        options |= {"endpoint_url": endpoint, "addressing_style": "path"}
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {**options, "file_overwrite": True}}
