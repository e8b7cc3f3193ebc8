"""X's login for apps: OAuth 2.0 with PKCE; codes live 30 seconds, access tokens two hours, refresh tokens one use."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from openline.channels.x.emulator.state import CLIENT_ID, CLIENT_SECRET, Login

if TYPE_CHECKING:
    from openline.channels.x.emulator.network import Emulator

CODE_SECONDS = 30.0
ACCESS_SECONDS = 7200
_ASKED = ("client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method", "response_type")


class Logins:
    """The login page and the token address."""

    def __init__(self, x: Emulator) -> None:
        self._x = x

    def page(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """Ask the person, who is logged in as the city, whether the app may."""
        query = request.query_params
        if query.get("client_id") != CLIENT_ID or query.get("response_type") != "code" or not query.get("state"):
            return HTMLResponse("<h1>Something went wrong</h1><p>You were not able to give access to the App.</p>", 400)
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(query.get(name, ""), quote=True)}">' for name in _ASKED
        )
        return HTMLResponse(
            f'<!doctype html><html lang="en"><title>Allow an app</title><h1>Allow the app?</h1>'
            f"<p>It will act as @{self._x.ours.handle}: {escape(query.get('scope', ''))}</p>"
            f'<form method="post" action="/i/oauth2/authorize">{hidden}<button>Authorize app</button></form>'
        )

    def allow(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """The person allowed it: back to the app with a code."""
        code = secrets.token_urlsafe(24)
        with self._x.lock:
            self._x.state.codes[code] = {**form, "at": time.time()}
        back = urlencode({"state": form.get("state", ""), "code": code})
        return RedirectResponse(f"{form.get('redirect_uri', '')}?{back}", 303)

    def token(self, request: Request, body: bytes, form: Mapping[str, Any]) -> Response:
        """A code or a refresh token for new tokens."""
        if not self._is_app(request, form):
            return _refused(401, "unauthorized_client", "Missing valid authorization header")
        if form.get("grant_type") == "authorization_code":
            return self._by_code(form)
        if form.get("grant_type") == "refresh_token":
            return self._by_refresh(str(form.get("refresh_token", "")))
        return _refused(400, "unsupported_grant_type", "Value passed for the grant type was invalid.")

    def begin(self, scope: str) -> Login:
        """New tokens."""
        made = Login(secrets.token_urlsafe(32), secrets.token_urlsafe(32), time.time() + ACCESS_SECONDS, scope)
        with self._x.lock:
            self._x.state.logins.append(made)
        return made

    def knows(self, token: str) -> bool:
        """Is this an access token that is good now?"""
        if token in self._x.faults.dead_tokens:
            return False
        return any(one.access == token and one.until > time.time() for one in self._x.state.logins)

    def _is_app(self, request: Request, form: Mapping[str, Any]) -> bool:
        wanted = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        return request.headers.get("authorization") == f"Basic {wanted}"

    def _by_code(self, form: Mapping[str, Any]) -> Response:
        with self._x.lock:
            kept = self._x.state.codes.pop(str(form.get("code", "")), None)
        if not kept or time.time() - kept["at"] > CODE_SECONDS or kept["redirect_uri"] != form.get("redirect_uri"):
            return _refused(400, "invalid_request", "Value passed for the authorization code was invalid.")
        digest = hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != kept["code_challenge"]:
            return _refused(
                400, "invalid_request", "Value passed for the code verifier did not match the code challenge."
            )
        return _tokens(self.begin(str(kept["scope"])))

    def _by_refresh(self, token: str) -> Response:
        with self._x.lock:
            old = next((one for one in self._x.state.logins if one.refresh == token and not one.spent), None)
            if not old or token in self._x.faults.dead_tokens:
                return _refused(400, "invalid_request", "Value passed for the token was invalid.")
            old.spent, old.until = True, 0.0
        return _tokens(self.begin(old.scope))


def _tokens(login: Login) -> Response:
    made = {"token_type": "bearer", "expires_in": ACCESS_SECONDS, "access_token": login.access, "scope": login.scope}
    more = {"refresh_token": login.refresh} if "offline.access" in login.scope else {}
    return JSONResponse(made | more)


def _refused(status: int, error: str, words: str) -> Response:
    return JSONResponse({"error": error, "error_description": words}, status)
