"""Connecting an account: the city's own API key, then Flickr's login page (OAuth 1.0a)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from openline.channels import http, reading
from openline.channels.base import (
    AccountRef,
    Authorizing,
    ChannelError,
    Connected,
    Connection,
    Field,
    Finding,
    Rejected,
    TokenExpired,
    Who,
)
from openline.channels.flickr import places, signing
from openline.channels.flickr.client import Flickr, content

_KEY = _("The app's key, from flickr.com/services/apps/by/me")
CONNECTION = Connection(
    fields=(
        Field("api_key", _("Key"), _KEY),
        Field("api_secret", _("Secret"), _("It stands beside the key."), "secret"),
        Field("server", _("Server"), _("Another address only for training."), "url", initial=places.FLICKR, more=True),
    ),
    guide=(
        _("Log in to Flickr as the city's account, open flickr.com/services/apps/create and ask for a key."),
        _("Say that it is not for business where the city uses it for its own photos; Flickr gives key and secret."),
        _("Give both here. Flickr's page opens: allow Openline to write and delete, or it can take nothing back."),
        _("Under Privacy and permissions say who sees where your photos were taken, or Flickr refuses places."),
    ),
    own_login=True,
    by_hand=False,
)
NEEDED = "delete"


def authorize(values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
    """Get a request token; Flickr's page follows."""
    key, secret = values.get("api_key", "").strip(), values.get("api_secret", "").strip()
    if not key or not secret or not (key + secret).isascii():
        raise Rejected(_now("Both key and secret are needed."), "api_key")
    server = places.server(values.get("server", ""))
    back = f"{return_to}?{urlencode({'state': state})}"
    try:
        told = _login(server, "request_token", {}, (key, secret), callback_uri=back)
    except TokenExpired as error:
        raise Rejected(
            _now("Flickr does not know this key and secret: %(reason)s") % {"reason": error.reason}, "api_key"
        ) from error
    token = told.get("oauth_token", "")
    if not token or told.get("oauth_callback_confirmed") != "true":
        raise Rejected(_now("Flickr gives no login for this key."), "api_key")
    kept = {"server": server, "api_key": key, "api_secret": secret, "token": token, "state": state}
    url = f"{places.oauth(server, 'authorize')}?{urlencode({'oauth_token': token, 'perms': NEEDED})}"
    return Authorizing(url, kept | {"token_secret": told.get("oauth_token_secret", "")})


def authorized(kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
    """Exchange what the browser brought back for a token, which does not expire."""
    if not secrets.compare_digest(query.get("oauth_token", "").encode(), kept["token"].encode()):
        raise Rejected(_now("This is not the login that was begun here: begin again."))
    if not query.get("oauth_verifier"):
        raise Rejected(_now("Flickr did not let Openline in."))
    app = kept["api_key"], kept["api_secret"]
    token = kept["token"], kept["token_secret"]
    told = _login(kept["server"], "access_token", {}, app, token, verifier=query["oauth_verifier"])
    credentials = {
        "api_key": app[0],
        "api_secret": app[1],
        "oauth_token": told.get("oauth_token", ""),
        "oauth_token_secret": told.get("oauth_token_secret", ""),
    }
    account = AccountRef("", "", kept["server"], credentials)
    found = who(account)
    return Connected(found, found.handle, kept["server"], credentials, {"nsid": found.author_id})


def _login(
    server: str, step: str, values: dict[str, str], app: tuple[str, str], token: tuple[str, str] = ("", ""), **more: str
) -> dict[str, str]:
    url = places.oauth(server, step)
    headers = {"Authorization": signing.header("POST", url, values, app, token, **more), "Content-Type": signing.FORM}
    with http.client() as client:
        try:
            answer = http.call(client, "POST", url, headers=headers)
        except http.NotThere as error:
            raise Rejected(_now("There is no Flickr at this address."), "server") from error
    return dict(parse_qsl(answer.text[:4000]))


def who(account: AccountRef) -> Who:
    """Whom Flickr takes us for."""
    with Flickr(account) as flickr:
        user = reading.child(flickr.ask("test.login"), "user")
    if not reading.text(user, "id"):
        raise TokenExpired(_now("Flickr does not say whose token this is."))
    name = content(user, "username")
    return Who(reading.text(user, "id"), name, name)


def inspect(account: AccountRef) -> tuple[Finding, ...]:
    """What the token may do, what may be uploaded, how much of it is used up."""
    findings = list[Finding]()
    with Flickr(account) as flickr:
        for look in (_perms, _limits, _used):
            try:
                findings.append(look(flickr))
            except ChannelError as error:
                findings.append(Finding(False, _now("Could not be looked at: %(reason)s") % {"reason": error.reason}))
    return tuple(findings)


def _perms(flickr: Flickr) -> Finding:
    token = flickr.account.credentials["oauth_token"]
    perms = content(reading.child(flickr.ask_unseen("auth.oauth.checkToken", oauth_token=token), "oauth"), "perms")
    if perms == NEEDED:
        return Finding(True, _now("The token may read, write and delete."))
    return Finding(
        False,
        _now("The token may only %(rights)s: connect the account again and allow all.")
        % {"rights": perms or _now("do nothing")},
    )


def _limits(flickr: Flickr) -> Finding:
    person = reading.child(flickr.ask("people.getLimits"), "person")
    photos, videos = reading.child(person, "photos"), reading.child(person, "videos")
    sizes = [int(reading.text(one, "maxupload") or 0) // 1_000_000 for one in (photos, videos)]
    seconds = reading.text(videos, "maxduration")
    return Finding(
        True,
        _now("Photos may have %(photo)s MB, films %(film)s MB and %(seconds)s seconds.")
        % {"photo": f"{sizes[0]:,}", "film": f"{sizes[1]:,}", "seconds": seconds},
    )


def _used(flickr: Flickr) -> Finding:
    user: dict[str, Any] = reading.child(flickr.ask("people.getUploadStatus"), "user")
    left = reading.text(reading.child(user, "bandwidth"), "remainingkb")
    if left.isdecimal() and int(left) < 100_000:
        return Finding(False, _now("Only %(left)s MB more can be uploaded at present.") % {"left": int(left) // 1000})
    return Finding(True, _now("There is room for more uploads."))


def try_out(account: AccountRef, text: str) -> str:
    """Flickr has no message to oneself: what can be seen without showing anybody anything."""
    found = who(account)
    with Flickr(account) as flickr:
        perms, limits = _perms(flickr), _limits(flickr)
    if not perms.good:
        raise Rejected(perms.words)
    return _now(
        "Flickr knows us as %(name)s. %(allowed)s %(limits)s Nothing was sent: Flickr has no message to oneself. As an "
        "answer it would read: %(text)s"
    ) % {"name": found.name, "allowed": perms.words, "limits": limits.words, "text": text}
