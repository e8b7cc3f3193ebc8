"""Facebook Login: from a person's consent to a token that lasts (docs/facebook-login, v26.0, 2026).

A code becomes a short user token (an hour or two), that a long one (60 days), and with the long one Graph gives tokens
of the pages, which run out only when the person loses the page, changes the password or takes the permission back.
Secrets go in forms, never in addresses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from openline.channels import http, reading
from openline.channels.base import AccountRef, NetworkDown, NotAllowed
from openline.channels.graph import errors
from openline.channels.graph.client import SERVER, VERSION, Graph

_DIALOGS = "https://www.facebook.com"


@dataclass(frozen=True, slots=True)
class App:
    """The city's own app at Meta. `server` is Graph's base address."""

    id: str
    secret: str = field(repr=False)
    server: str = SERVER
    version: str = VERSION

    @property
    def token(self) -> str:
        """The app's own access token, with which it sets up its webhooks."""
        return f"{self.id}|{self.secret}"

    def account(self, token: str = "") -> AccountRef:
        """Whoever holds `token` (the app itself, without one), so that Graph can be asked in that name."""
        credentials = {"access_token": token or self.token, "app_secret": self.secret}
        return AccountRef("", "", self.server, credentials, {"api_version": self.version})


@dataclass(frozen=True, slots=True)
class Token:
    """An access token; `expires_at` is None for one that does not run out by itself."""

    value: str = field(repr=False)
    expires_at: datetime | None = None


def dialog(app: App, return_to: str, state: str, scopes: Sequence[str], config: str = "") -> str:
    """Where the person's browser goes. `config` is the id of a configuration of Login for Business, which names its
    permissions itself."""
    asked = {"client_id": app.id, "redirect_uri": return_to, "state": state, "response_type": "code"}
    asked |= {"config_id": config} if config else {"scope": ",".join(scopes)}
    home = _DIALOGS if app.server == SERVER else app.server
    return f"{home}/{app.version}/dialog/oauth?{urlencode(asked)}"


def by_code(app: App, code: str, return_to: str) -> Token:
    """The short user token for the code that the browser brought back."""
    return _exchange(app, {"code": code, "redirect_uri": return_to})


def long_lived(app: App, token: str) -> Token:
    """The user token of 60 days for a short one."""
    return _exchange(app, {"grant_type": "fb_exchange_token", "fb_exchange_token": token})


def about(app: App, token: str) -> dict[str, Any]:
    """What Meta knows of a token: `is_valid`, `expires_at`, `data_access_expires_at`, `scopes`, `user_id`, ...

    docs/graph-api/reference/debug_token. Asked by POST with `method=get`, so that the token stands in no address.
    """
    with Graph(app.account()) as graph:
        return reading.child(graph.ask("debug_token", {"method": "get", "input_token": token}), "data")


def subscribe_app(app: App, kind: str, fields: Sequence[str], hook: str, verify: str) -> None:
    """Have Meta call `hook` about objects of that kind ("page", "instagram"). Meta calls it at once, to see whether it
    answers the challenge; raises Rejected if it does not."""
    values = {"object": kind, "callback_url": hook, "fields": ",".join(fields), "verify_token": verify}
    with Graph(app.account()) as graph:
        graph.post(f"{app.id}/subscriptions", values | {"include_values": True})


def _exchange(app: App, values: dict[str, str]) -> Token:
    asked = values | {"client_id": app.id, "client_secret": app.secret}
    url = f"{app.server.rstrip('/')}/{app.version}/oauth/access_token"
    with http.client() as client:
        answer = http.call(client, "POST", url, data=asked, refuse=errors.refusal)
    try:
        said = reading.json_object(answer.content)
    except reading.Unreadable as error:
        raise NetworkDown(f"The network's answer makes no sense: {error}") from error
    value, seconds = reading.text(said, "access_token"), said.get("expires_in")
    if not value:
        raise NotAllowed("The network gives no access token.")
    lasts = isinstance(seconds, int) and seconds > 0
    return Token(value, datetime.now(UTC) + timedelta(seconds=seconds) if lasts else None)  # type: ignore[arg-type]
