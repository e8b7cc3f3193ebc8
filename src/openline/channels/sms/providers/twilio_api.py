"""Calls to Twilio's REST API (2010-04-01), as the account or by an API key."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpx

from openline.channels import http
from openline.channels import reading as plain
from openline.channels.base import AccountRef, NetworkDown, TokenExpired, Unclear
from openline.channels.reading import Unreadable, json_object
from openline.channels.sms.providers.base import client
from openline.channels.sms.providers.twilio_reading import moment
from openline.channels.sms.providers.twilio_words import refused
from openline.foundation import fetching
from openline.foundation.fetching import Answer

SERVER = "https://api.twilio.com"
PAGE = 500
_MOST_PAGES = 50


def call(account: AccountRef, method: str, path: str, **more: Any) -> dict[str, Any]:
    """What Twilio answers at `path` below the account. A refused token was not acted on: then the second one, which
    Twilio gives for changing tokens without a gap, takes its place."""
    try:
        return _call(account, method, path, login(account, account.credentials), **more)
    except TokenExpired:
        refused_token = account.credentials.get("auth_token", "")
        if account.settings.get("api_key") or not account.credentials.get("secondary_token"):
            raise
        now = account.keeper.renew(lambda kept: _promoted(kept or account.credentials, refused_token))
        return _call(account, method, path, login(account, now), **more)


def login(account: AccountRef, credentials: dict[str, str]) -> tuple[str, str]:
    """User and password of HTTP Basic authorization."""
    key = account.settings.get("api_key", "")
    user = key or account.settings.get("account_sid", "")
    secret = credentials.get("api_secret" if key else "auth_token", "")
    if not user.isascii() or not secret or not secret.isascii():
        raise TokenExpired("The account has no usable token.")
    return user, secret


def _promoted(kept: dict[str, str], refused_token: str) -> dict[str, str]:
    if kept.get("auth_token") != refused_token or not kept.get("secondary_token"):
        return kept
    return {**kept, "auth_token": kept["secondary_token"], "secondary_token": kept["auth_token"]}


def _call(account: AccountRef, method: str, path: str, auth: tuple[str, str], **more: Any) -> dict[str, Any]:
    sending = method != "GET"
    answer = http.call(
        client(), method, address(account, path), sending=sending, refuse=refused, auth=httpx.BasicAuth(*auth), **more
    )
    try:
        return json_object(answer.content)
    except Unreadable as error:
        raise (Unclear if sending else NetworkDown)(f"Twilio's answer makes no sense: {error}") from error


def address(account: AccountRef, path: str) -> str:
    """The address of `path` below the account."""
    server = (account.server or SERVER).rstrip("/")
    return f"{server}/2010-04-01/Accounts/{quote(account.settings.get('account_sid', ''), safe='')}{path}"


def messages(account: AccountRef, since: datetime, **filters: str) -> Iterator[dict[str, Any]]:
    """The account's messages created since then, newest first. Raises NetworkDown if there are more than 25,000."""
    answer = call(account, "GET", "/Messages.json", params={**filters, "PageSize": str(PAGE)})
    for _page in range(_MOST_PAGES):
        for item in plain.children(answer, "messages"):
            at = moment(item, "date_created")
            if at is not None and at < since.replace(microsecond=0):
                return
            yield item
        further = plain.text(answer, "next_page_uri")
        if not further:
            return
        answer = _further(account, further)
    raise NetworkDown("There are more messages than can be looked through.")


def _further(account: AccountRef, further: str) -> dict[str, Any]:
    """The next page. Its address is Twilio's own word, but must not lead our token anywhere else."""
    base = address(account, "")
    url = urlsplit(urljoin(base, further))
    if not url.path.startswith(urlsplit(base).path):
        raise NetworkDown("Twilio names a next page that is not the account's.")
    return call(account, "GET", url.path.removeprefix(urlsplit(base).path) + (f"?{url.query}" if url.query else ""))


def own_host(account: AccountRef, url: str) -> bool:
    """True if `url` is on Twilio's API, where our token may go."""
    there, here = urlsplit(url), urlsplit(account.server or SERVER)
    if (there.scheme, there.netloc) == (here.scheme, here.netloc):
        return True
    host = there.hostname or ""
    return there.scheme == "https" and there.netloc == host and (host == "api.twilio.com" or _regional(host))


def _regional(host: str) -> bool:
    return host.startswith("api.") and host.endswith(".twilio.com")


def file(account: AccountRef, url: str, most_bytes: int) -> Answer:
    """What stands at a media's address, asked for with our token; a redirect comes back as it is."""
    token = base64.b64encode(":".join(login(account, account.credentials)).encode()).decode()
    headers = {"Authorization": f"Basic {token}"}
    return fetching.exchange("GET", url, most_bytes=most_bytes, own=account.server, headers=headers)
