"""Connecting an account: the city's own Google project, then Google's login page (OAuth 2 with PKCE)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from openline.channels import http, oauth, reading
from openline.channels.base import (
    AccountRef,
    Authorizing,
    ChannelError,
    Connected,
    Connection,
    Field,
    Finding,
    NotAllowed,
    Rejected,
    TokenExpired,
    Who,
)
from openline.channels.youtube import places, tokens, units
from openline.channels.youtube.client import YouTube

SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"
"""Uploads, comments, captions and taking them back; the one scope that all methods accept."""
CONNECTION = Connection(
    fields=(
        Field("client_id", _("Client ID"), _("From the Google Cloud console, APIs and services, Credentials")),
        Field("client_secret", _("Client secret"), _("It stands beside the client ID."), "secret"),
        Field(
            "units",
            _("Units a day"),
            _("What Google lets this project use; where several channels share it, the share of this one."),
            "number",
            required=False,
            initial=str(units.A_DAY),
            more=True,
        ),
        Field("server", _("Server"), _("Another address only for training."), "url", initial=places.YOUTUBE, more=True),
    ),
    guide=(
        _("In the Google Cloud console make a project of the city and turn on the YouTube Data API v3 in it."),
        _("Make an OAuth client of the kind Web application; as redirect address give it the one below."),
        _("Publish the consent screen: while it is in testing, Google ends every login after seven days."),
        _("Ask Google for the audit of the API: until it has passed, films of the project stay private."),
        _("Give client ID and secret here. Google's page opens: choose the city's channel, not a person's."),
    ),
    own_login=True,
    by_hand=False,
    names_return=True,
)


def authorize(values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
    """Google's page follows."""
    client, secret = values.get("client_id", "").strip(), values.get("client_secret", "").strip()
    if not client or not secret or not (client + secret).isascii():
        raise Rejected(_now("Both client ID and secret are needed."), "client_id")
    daily = values.get("units", "").strip()
    if daily and not (daily.isdecimal() and 100 <= int(daily) <= 100_000_000):
        raise Rejected(_now("The units of a day are a number from 100 on."), "units")
    server, verifier = places.server(values.get("server", "")), secrets.token_urlsafe(48)
    asked = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": return_to,
        "scope": SCOPE,
        "state": state,
        "access_type": "offline",
        "prompt": "consent select_account",
        "code_challenge": oauth.challenge(verifier),
        "code_challenge_method": "S256",
    }
    kept = {"server": server, "client_id": client, "client_secret": secret, "return_to": return_to}
    kept |= {"verifier": verifier, "state": state, "units": daily}
    return Authorizing(f"{places.login(server)}?{urlencode(asked)}", kept)


def authorized(kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
    """Exchange the code that the browser brought back."""
    if not secrets.compare_digest(query.get("state", "").encode(), kept["state"].encode()):
        raise Rejected(_now("This is not the login that was begun here: begin again."))
    if not query.get("code"):
        raise Rejected(
            _now("Google did not let Openline in: %(reason)s")
            % {"reason": query.get("error", "")[:100] or _now("no code came.")}
        )
    form = {
        "grant_type": "authorization_code",
        "code": query["code"],
        "client_id": kept["client_id"],
        "client_secret": kept["client_secret"],
        "redirect_uri": kept["return_to"],
        "code_verifier": kept["verifier"],
    }
    with http.client() as client:
        try:
            found = tokens.ask(client, kept["server"], form)
        except TokenExpired as error:
            raise Rejected(_now("Google did not let Openline in: %(reason)s") % {"reason": error.reason}) from error
    if not found.get("refresh_token"):
        raise Rejected(_now("Google gave no lasting login. Take Openline's access back at Google and begin again."))
    credentials = {name: kept[name] for name in ("client_id", "client_secret")} | found
    me = who(AccountRef("", "", kept["server"], credentials))
    settings = {"channel": me.author_id} | ({"units": kept["units"]} if kept.get("units") else {})
    return Connected(me, me.handle, kept["server"], credentials, settings)


def who(account: AccountRef) -> Who:
    """Whose channel the token is for."""
    with YouTube(account) as youtube:
        mine = youtube.items("channels", part="snippet", mine=True)
    if not mine:
        raise NotAllowed(
            _now("This Google account has no YouTube channel: make one first, or choose the channel's account.")
        )
    snippet = reading.child(mine[0], "snippet")
    title, id = reading.text(snippet, "title"), reading.text(mine[0], "id")
    return Who(id, reading.text(snippet, "customUrl") or title, title)


def inspect(account: AccountRef) -> tuple[Finding, ...]:
    """The channel's state, and the day's units."""
    with YouTube(account) as youtube:
        try:
            mine = youtube.items("channels", part="status", mine=True)
        except ChannelError as error:
            return (Finding(False, _now("Could not be looked at: %(reason)s") % {"reason": error.reason}),)
        left = youtube.left
    status = reading.child(mine[0] if mine else {}, "status")
    findings = [_long(reading.text(status, "longUploadsStatus")), _privacy(reading.text(status, "privacyStatus"))]
    if left:
        good = left.remaining > left.limit * units.LAST
        words = _now("%(remaining)s of %(limit)s units of this day are left, by our own count.") % {
            "remaining": f"{left.remaining:,}",
            "limit": f"{left.limit:,}",
        }
        findings.append(Finding(good, words))
    return tuple(findings)


def _long(state: str) -> Finding:
    if state == "allowed":
        return Finding(True, _now("Films may be longer than 15 minutes."))
    return Finding(False, _now("Films may not be longer than 15 minutes: verify the channel at youtube.com/verify."))


def _privacy(state: str) -> Finding:
    if state in ("public", ""):
        return Finding(True, _now("The channel is public."))
    return Finding(False, _now("The channel is %(state)s: residents do not find it.") % {"state": state})


def try_out(account: AccountRef, text: str) -> str:
    """YouTube has no message to oneself: what can be seen without showing anybody anything."""
    found = who(account)
    with YouTube(account) as youtube:
        threads = youtube.items("commentThreads", part="id", allThreadsRelatedToChannelId=found.author_id, maxResults=1)
    heard = _now("Comments can be read.") if threads else _now("Comments can be read; there are none yet.")
    return _now(
        "YouTube knows us as %(handle)s. %(heard)s Nothing was sent: YouTube has no message to oneself. As an answer "
        "it would read: %(text)s"
    ) % {"handle": found.handle, "heard": heard, "text": text}
