"""Who stands behind a name: DIDs, their documents, and the servers that these name. Fetched with care for strangers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from openline.channels import reading
from openline.channels.base import ChannelError, NetworkDown, Rejected
from openline.foundation.fetching import FetchFailed, fetch

DIRECTORY = "https://plc.directory"
_LARGEST_DOCUMENT = 200_000


def document(did: str, settings: Mapping[str, str]) -> dict[str, Any]:
    """The DID document of a person; raises a ChannelError if there is none. (The network has did:plc and did:web.)"""
    directory = settings.get("directory") or DIRECTORY
    if did.startswith("did:plc:"):
        return read(f"{directory.rstrip('/')}/{quote(did, safe=':')}", own=directory)
    if did.startswith("did:web:"):
        return read(f"https://{unquote(did.removeprefix('did:web:'))}/.well-known/did.json")
    raise Rejected("This kind of identity is not known.")


def server(document: dict[str, Any]) -> str:
    """The address of the server that holds the person's posts; "" if the document names none."""
    for service in reading.children(document, "service"):
        if reading.text(service, "id").endswith("#atproto_pds"):
            return reading.web_address(service, "serviceEndpoint").rstrip("/")
    return ""


def read(address: str, own: str = "") -> dict[str, Any]:
    """The JSON object at an address; `own` as in `foundation.fetching.fetch`."""
    try:
        return reading.json_object(get(address, _LARGEST_DOCUMENT, own))
    except reading.Unreadable as error:
        raise NetworkDown(f"What {address} answers makes no sense: {error}") from error


def get(address: str, most_bytes: int, own: str = "") -> bytes:
    """The bytes at an address that a stranger may have named."""
    try:
        return fetch(address, most_bytes=most_bytes, own=own)
    except FetchFailed as failed:
        raise _trouble(failed) from failed


def _trouble(failed: FetchFailed) -> ChannelError:
    return NetworkDown(str(failed)) if failed.passing else Rejected(str(failed))
