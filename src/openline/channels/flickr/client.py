"""The connection to Flickr, as one account: every call signed, errors told in our closed set.

flickr.com/services/api, 2026; arguments and error codes as `flickr.reflection.getMethodInfo` tells them.
"""

from __future__ import annotations

from contextlib import suppress
from types import TracebackType
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

import httpx
import orjson
from django.utils.translation import gettext as _

from openline.channels import http, reading
from openline.channels.base import AccountRef, ChannelError, NetworkDown, Rejected, TokenExpired, Unclear
from openline.channels.flickr import errors, places, signing

_UPLOAD = httpx.Timeout(http.TIMEOUT_SECONDS, write=300.0, read=300.0)
_MOST_BYTES = 32_000_000
_PAIRS = (("api_key", "api_secret"), ("oauth_token", "oauth_token_secret"))


class Flickr:
    """A context manager: its connection is kept for the calls of one task."""

    def __init__(self, account: AccountRef) -> None:
        self.account = account
        (self._app, self._token) = ((account.credentials.get(a, ""), account.credentials.get(b, "")) for a, b in _PAIRS)
        if not all((*self._app, *self._token)) or not all(map(str.isascii, (*self._app, *self._token))):
            raise TokenExpired(_("The account has no usable key and token."))
        self._client = http.client()

    def __enter__(self) -> Flickr:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def ask(self, method: str, **values: Any) -> dict[str, Any]:
        """What `method` (without "flickr.") tells; changes nothing."""
        return self._method("GET", method, values)

    def ask_unseen(self, method: str, **values: Any) -> dict[str, Any]:
        """`ask` with values that must stand in no address, and so in no log."""
        return self._method("POST", method, values, sending=False)

    def do(self, method: str, **values: Any) -> dict[str, Any]:
        """Have `method` change something."""
        return self._method("POST", method, values, sending=True)

    def upload(self, content: BinaryIO, name: str, media_type: str, values: dict[str, str]) -> dict[str, str]:
        """Upload a file; returns {"photoid": id}, or {"ticketid": id} where `values` say async=1."""
        url = places.upload(self.account.server)
        _writable(values)
        answer = http.call(
            self._client,
            "POST",
            url,
            sending=True,
            data=values,
            files={"photo": (name, content, media_type)},
            headers={"Authorization": signing.header("POST", url, values, self._app, self._token)},
            refuse=_refuse,
            timeout=_UPLOAD,
        )
        return _uploaded(answer.content)

    def me(self) -> str:
        """Our NSID."""
        found = self.account.author_id or self.account.settings.get("nsid", "")
        return found or reading.text(reading.child(self.ask("test.login"), "user"), "id")

    def _method(self, verb: str, method: str, values: dict[str, Any], sending: bool = False) -> dict[str, Any]:
        url = places.rest(self.account.server)
        said = {name: str(value) for name, value in values.items()}
        said |= {"method": f"flickr.{method}", "api_key": self._app[0], "format": "json", "nojsoncallback": "1"}
        _writable(said)
        headers = {"Authorization": signing.header(verb, url, said, self._app, self._token)}
        if verb == "POST":
            headers["Content-Type"] = signing.FORM
            more: dict[str, Any] = {"content": signing.query(said).encode()}
        else:
            url, more = f"{url}?{signing.query(said)}", {}
        return _told(
            http.call(self._client, verb, url, sending=sending, headers=headers, refuse=_refuse, **more), sending
        )


def _writable(values: dict[str, str]) -> None:
    if any("\ud800" <= char <= "\udfff" for value in values.values() for char in value):
        raise Rejected(_("The text holds characters that cannot be written."), "text")


def _refuse(response: httpx.Response, sending: bool) -> ChannelError:
    """A refusal by its HTTP status: where the signature is wrong or too old, Flickr names that in a form."""
    if "oauth_problem" in response.text[:500]:
        problem = response.text[:200].partition("oauth_problem=")[2].partition("&")[0]
        if problem in ("timestamp_refused", "nonce_used"):
            return NetworkDown(
                _("Flickr does not take our signature (%(problem)s): is the clock of this machine right?")
                % {"problem": problem}
            )
        return TokenExpired(_("Flickr refuses our key or token (%(problem)s).") % {"problem": problem})
    return http.refusal(response, sending)


def _told(answer: httpx.Response, sending: bool) -> dict[str, Any]:
    said: Any = None
    if len(answer.content) <= _MOST_BYTES:
        with suppress(orjson.JSONDecodeError):
            said = orjson.loads(answer.content)
    if not isinstance(said, dict) or said.get("stat") not in ("ok", "fail"):
        raise (Unclear if sending else NetworkDown)(_("Flickr's answer makes no sense."))
    if said["stat"] == "fail":
        raise errors.of_method(_code(said.get("code")), reading.text(said, "message"), sending)
    return said


def _uploaded(content: bytes) -> dict[str, str]:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        said = fromstring(content)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Unclear(_("Flickr's answer to the file makes no sense.")) from error
    refused = said.find("err")
    if refused is not None:
        raise errors.of_upload(_code(refused.get("code")), refused.get("msg", ""))
    found = {child.tag: (child.text or "").strip() for child in said if child.tag in ("photoid", "ticketid")}
    if not any(found.values()):
        raise Unclear(_("Flickr took the file, but names no id."))
    return found


def _code(value: Any) -> int:
    return int(value) if str(value).isdecimal() else 0


def content(value: Any, key: str) -> str:
    """The words under `key`, which Flickr wraps in {"_content": ...}."""
    return reading.text(reading.child(value, key), "_content") or reading.text(value, key)
