"""The bytes of a post's picture or film whose address its delivery did not name."""

from __future__ import annotations

from openline.channels.base import AccountRef, NetworkDown, Rejected
from openline.channels.threads import reading
from openline.channels.threads.client import opened
from openline.foundation.fetching import FetchFailed
from openline.foundation.fetching import fetch as fetch_address

_FIELDS = "id,media_type,media_url,gif_url,alt_text,children{id,media_type,media_url,alt_text}"


def fetch(account: AccountRef, address: str, most_bytes: int) -> bytes | None:
    """Ask for the file's address, then get it; None if it has one already."""
    if not address.startswith(reading.MEDIA):
        return None
    network_id = address.removeprefix(reading.MEDIA)
    with opened(account) as graph:
        found = reading.media("", graph.get(network_id, fields=_FIELDS))
    if not found or found[0].url.startswith(reading.MEDIA):
        raise Rejected("Threads does not say where the file is.", "media")
    try:
        return fetch_address(found[0].url, most_bytes=most_bytes, own=account.server)
    except FetchFailed as error:
        raise (NetworkDown if error.passing else Rejected)(str(error)) from error
