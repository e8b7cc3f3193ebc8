"""Meta's calls to us (webhooks): one address for all accounts of an app, a challenge first, then signed batches.

docs/graph-api/webhooks/getting-started. What a batch holds is each network's own; here is who may bring it.
"""

from __future__ import annotations

from collections.abc import Sequence
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qs

import orjson

from openline.channels import reading
from openline.channels.base import AccountRef, Pushed, Rejected, Shared, Unverified
from openline.channels.graph.signing import is_signed, signed_request, verify_token

ERASE = "erase"
"""`?about=erase` behind our address: the data deletion callback; without it: the deauthorisation callback."""


def challenge(accounts: Sequence[AccountRef], pushed: Pushed) -> Shared:
    """The answer to Meta's first call, a GET with `hub.challenge`. Raises Unverified if it is not for our app."""
    said = pushed.query
    given = said.get("hub.verify_token", "").encode("utf-8", "replace")
    matches = [compare_digest(given, verify_token(secret).encode()) for secret in _secrets(accounts)]
    if said.get("hub.mode") != "subscribe" or not any(matches):
        raise Unverified("The challenge does not come from an app of ours.")
    words = said.get("hub.challenge", "")
    if not words.isascii() or not 0 < len(words) <= 200:
        raise Rejected("There is no challenge to answer.")
    return Shared(body=words)


def of_app(accounts: Sequence[AccountRef], pushed: Pushed) -> list[AccountRef]:
    """The accounts whose app signed this very call. Raises Unverified if there is none."""
    good = [secret for secret in _secrets(accounts) if is_signed(pushed.body, pushed.headers, secret)]
    if not good:
        raise Unverified("The signature is wrong.")
    return [one for one in accounts if one.credentials.get("app_secret", "") in good]


def entries(pushed: Pushed, objects: Sequence[str]) -> list[dict[str, Any]]:
    """The parts of a batch about one of these kinds of object ("page", "instagram", ...), each with its account's id.

    Raises Rejected if the body cannot be read.
    """
    try:
        said = reading.json_object(pushed.body)
    except reading.Unreadable as error:
        raise Rejected(str(error)) from error
    return reading.children(said, "entry") if reading.text(said, "object") in objects else []


def is_callback(pushed: Pushed) -> bool:
    """Whether it is a deauthorisation or data deletion callback: a form with a signed request."""
    kind = pushed.headers.get("content-type", "").split(";")[0].strip().lower()
    return kind == "application/x-www-form-urlencoded" and pushed.body.startswith(b"signed_request=")


def withdrawal(accounts: Sequence[AccountRef], pushed: Pushed) -> Shared:
    """A person took their permission back, or wants their data erased: whose accounts that ends.

    An account knows in its setting `user_id` who connected it. Raises Unverified.
    """
    try:
        value = parse_qs(pushed.body.decode("ascii", "replace"), max_num_fields=10)["signed_request"][0]
    except (KeyError, ValueError):
        raise Unverified("There is no signed request.") from None
    ended, known = list[str](), False
    for secret in _secrets(accounts):
        try:
            user = reading.text(signed_request(value, secret), "user_id")
        except Unverified:
            continue
        known = True
        ended += [one.id for one in accounts if _is_of(one, secret, user)]
    if not known:
        raise Unverified("The signature is wrong.")
    if pushed.query.get("about") != ERASE:
        return Shared(withdrawn=tuple(ended))
    body = orjson.dumps({"url": "{page}", "confirmation_code": "{code}"}).decode()
    return Shared(withdrawn=tuple(ended), erase=True, body=body, content_type="application/json")


def _is_of(account: AccountRef, secret: str, user: str) -> bool:
    return bool(user) and account.credentials.get("app_secret") == secret and account.settings.get("user_id") == user


def _secrets(accounts: Sequence[AccountRef]) -> list[str]:
    """The app secrets, each once."""
    return [one for one in dict.fromkeys(each.credentials.get("app_secret", "") for each in accounts) if one]
