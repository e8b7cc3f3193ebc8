"""The only door from geopy to the network: one GET, within its limits.

No redirects (the words go where the operator said and nowhere else), no proxies from the environment, an answer of at
most LARGEST_ANSWER bytes, everything within the time limit. geopy's own adapters follow redirects and have no limits.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import httpx
import orjson
from geopy.adapters import AdapterHTTPError, BaseSyncAdapter
from geopy.exc import GeocoderParseError, GeocoderServiceError, GeocoderTimedOut, GeocoderUnavailable

LARGEST_ANSWER = 256 * 1024


class Door(BaseSyncAdapter):
    """geopy's way out. `added` are further parameters of every question, such as a key."""

    def __init__(self, *, proxies: Any, ssl_context: Any, added: Mapping[str, str]) -> None:
        super().__init__(proxies=proxies, ssl_context=ssl_context)
        self.added = added

    def get_json(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> Any:
        """The JSON at `url`."""
        try:
            return orjson.loads(self._get(url, timeout, headers))
        except orjson.JSONDecodeError:
            raise GeocoderParseError("It sent no JSON.") from None

    def get_text(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> str:
        """The text at `url`."""
        return self._get(url, timeout, headers).decode("utf-8", "replace")

    def _get(self, url: str, timeout: float, headers: Mapping[str, str]) -> bytes:
        ends = time.monotonic() + timeout
        options: dict[str, Any] = {"timeout": timeout, "follow_redirects": False, "trust_env": False}
        try:
            with (
                httpx.Client(verify=_trusted(), **options) as client,
                client.stream("GET", httpx.URL(url).copy_merge_params(self.added), headers=dict(headers)) as response,
            ):
                return _body(response, ends)
        except httpx.TimeoutException:
            raise GeocoderTimedOut(f"No whole answer within {timeout:g} seconds.") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise GeocoderUnavailable(f"It cannot be reached ({type(error).__name__}).") from None


def _body(response: httpx.Response, ends: float) -> bytes:
    """The bytes of a good answer. httpx limits each read alone: a server that drips would hold us for ever."""
    if not response.is_success:
        code = response.status_code
        raise AdapterHTTPError(f"It answers with status {code}.", status_code=code, headers={}, text="")
    data = bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > LARGEST_ANSWER:
            raise GeocoderServiceError(f"Its answer has more than {LARGEST_ANSWER:,} bytes.")
        if time.monotonic() > ends:
            raise GeocoderTimedOut("Its answer takes too long.")
    return bytes(data)


@lru_cache(1)
def _trusted() -> ssl.SSLContext:
    """Whom to trust: also the city's own authority that SSL_CERT_FILE names."""
    return httpx.create_ssl_context(trust_env=True)
