"""X's calls to us: challenges (CRC), and events of the Activity API, signed over the body's bytes (docs.x.com, 2026).

X signs with the OAuth 2.0 client secret (`X-Twitter-Webhooks-Signature-OAuth2`), for older apps with the API key's
secret (`X-Twitter-Webhooks-Signature`), and may send both.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from openline.channels import reading
from openline.channels.base import AccountRef, Incoming, Pushed, Refused, Shared, Taken, Unverified
from openline.channels.reading import child, children, text
from openline.channels.x.reading import MESSAGE_EVENTS, POST_EVENTS, parse

_HEADERS = ("x-twitter-webhooks-signature-oauth2", "x-twitter-webhooks-signature")
_SECRETS = ("client_secret", "consumer_secret")


def share(accounts: Sequence[AccountRef], pushed: Pushed) -> Shared:
    """Answer a challenge, or sort an event to the accounts that it is for."""
    secrets = _secrets(accounts)
    if pushed.method == "GET":
        return Shared(body=_answer(secrets, pushed), content_type="application/json")
    _check(secrets, pushed)
    items: dict[str, list[Incoming | Refused]] = {}
    withdrawn: list[str] = []
    try:
        events = _events(pushed.body)
    except reading.Unreadable as error:  # X signed it: it is kept, for somebody to look at
        return Shared({account.id: (Refused(pushed.body, str(error)),) for account in accounts})
    for event in events:
        if text(event, "event_type") == "oauth.revoke":
            withdrawn += _revoked(accounts, event)
            continue
        for account in _meant(accounts, event):
            items.setdefault(account.id, []).extend(_items(account, event))
    return Shared({name: tuple(found) for name, found in items.items()}, withdrawn=tuple(withdrawn))


def take(account: AccountRef, pushed: Pushed) -> Taken:
    """The same at the address of one account, for an account with an X app of its own."""
    found = share([account], pushed)
    return Taken(found.items.get(account.id, ()), found.status, found.body, found.content_type)


def signature(secret: str, body: bytes) -> str:
    """As X signs a body, and as a challenge is answered."""
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def _answer(secrets: Sequence[str], pushed: Pushed) -> str:
    """X checks by it, when a webhook is made and then every so often, that we hold the app's secret."""
    token = pushed.query.get("crc_token", "")
    if not token or not secrets:
        raise Unverified("This is no challenge of X, or no X app is known here.")
    return orjson.dumps({"response_token": signature(secrets[0], token.encode())}).decode()


def _check(secrets: Sequence[str], pushed: Pushed) -> None:
    said = [pushed.headers.get(name, "").encode() for name in _HEADERS]
    good = [signature(secret, pushed.body).encode() for secret in secrets]
    if not any(hmac.compare_digest(one, other) for one in said for other in good):
        raise Unverified("The signature of this call is not X's.")


def _secrets(accounts: Sequence[AccountRef]) -> list[str]:
    """The apps' secrets, each once: an app's client secret before its older one."""
    found = [account.credentials.get(name, "") for name in _SECRETS for account in accounts]
    return list(dict.fromkeys(one for one in found if one))


def _events(body: bytes) -> list[dict[str, Any]]:
    said = reading.json_object(body)
    return [child(said, "data")] if child(said, "data") else children(said, "data")


def _meant(accounts: Sequence[AccountRef], event: dict[str, Any]) -> list[AccountRef]:
    wanted = text(child(event, "filter"), "user_id")
    return [account for account in accounts if wanted and account.author_id == wanted]


def _revoked(accounts: Sequence[AccountRef], event: dict[str, Any]) -> list[str]:
    who = text(child(event, "payload"), "user_id")
    return [account.id for account in accounts if who and account.author_id == who]


def _items(account: AccountRef, event: dict[str, Any]) -> Iterator[Incoming | Refused]:
    """What the event brings for this account; what it said itself is no news."""
    kind = text(event, "event_type")
    for one in _single(event) if kind in MESSAGE_EVENTS else [event] if kind in POST_EVENTS else []:
        item = parse(orjson.dumps({"data": one}))
        if isinstance(item, Refused) or item.author_id != account.author_id:
            yield item


def _single(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The event once for each message in it."""
    payload = child(event, "payload")
    messages = children(payload, "direct_message_events")
    return [{**event, "payload": {**payload, "direct_message_events": [one]}} for one in messages]
