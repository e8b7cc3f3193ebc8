"""Asking other sites for their articles: only public addresses, bounded in size and time."""

from __future__ import annotations

from urllib.parse import urljoin

from django.utils.translation import gettext as _

from openline.foundation.fetching import Answer, FetchFailed, exchange

MOST_BYTES = 10_000_000
_SECONDS, _MOST_REDIRECTS = 20.0, 4
_REDIRECTS = (301, 302, 303, 307, 308)


def get(address: str, accept: str, own: str = "") -> tuple[Answer, str]:
    """What the site answers, and the address at which it stands after redirects. Raises FetchFailed.

    `own` as in `foundation.fetching`: a server of the city's that may stand in its own network.
    """
    for _hop in range(_MOST_REDIRECTS + 1):
        answer = exchange("GET", address, most_bytes=MOST_BYTES, own=own, seconds=_SECONDS, headers={"Accept": accept})
        if answer.status not in _REDIRECTS:
            return answer, address
        address = urljoin(address, answer.headers.get("location", ""))
    raise FetchFailed(_("The address leads to ever other addresses."))
