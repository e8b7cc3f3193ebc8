"""Facebook Login as the network does it: a page of consent, codes that work once, tokens that run out."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from html import escape
from typing import Any
from urllib.parse import urlencode

from openline.channels.facebook.emulator import errors
from openline.channels.facebook.emulator.state import ADMIN, APP, PAGES, SECRET, State
from openline.channels.facebook.rules import SCOPES

SHORT, LONG = timedelta(hours=1), timedelta(days=60)


def page(params: Mapping[str, str]) -> str:
    """The page of consent. Raises Refusal for an app that is not known."""
    if params.get("client_id") != APP or not params.get("redirect_uri"):
        raise errors.parameter("Invalid App ID: The provided app ID does not look like a valid app ID.")
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(params.get(name, ""), quote=True)}">'
        for name in ("client_id", "redirect_uri", "state")
    )
    listed = ", ".join(escape(one.name) for one in PAGES)
    return (
        '<!DOCTYPE html><html lang="en"><title>Log in</title><h1>Log in to the sandbox</h1>'
        f"<p>The app asks to manage {listed} for {escape(ADMIN.name)}.</p>"
        f'<form method="post">{hidden}<button name="how" value="yes">Continue</button> '
        '<button name="how" value="no">Cancel</button></form></html>'
    )


def consented(state: State, params: Mapping[str, str]) -> str:
    """Where the browser goes back to."""
    back: dict[str, str] = {"state": params.get("state", "")}
    if params.get("how") == "no":
        back |= {"error": "access_denied", "error_description": "Permissions error", "error_reason": "user_denied"}
    else:
        back["code"] = code = secrets.token_urlsafe(32)
        state.codes[code] = params.get("redirect_uri", "")
    return f"{params.get('redirect_uri', '')}?{urlencode(back)}"


def access_token(state: State, params: Mapping[str, str]) -> dict[str, Any]:
    """A token for a code, or a long one for a short one."""
    if params.get("client_id") != APP or params.get("client_secret") != SECRET:
        raise errors.Refusal(101, "Error validating client secret.", kind="OAuthException")
    if params.get("grant_type") == "fb_exchange_token":
        known = state.tokens.get(params.get("fb_exchange_token", ""))
        if not known or known.kind != "USER" or not known.is_good:
            raise errors.token("Error validating access token.")
        return _answer(state, LONG)
    back = state.codes.pop(params.get("code", ""), None)
    if back is None or back != params.get("redirect_uri"):
        raise errors.Refusal(100, "This authorization code has been used.", 36009)
    return _answer(state, SHORT)


def about(state: State, token: str) -> dict[str, Any]:
    """What debug_token tells."""
    known = state.tokens.get(token)
    if not known:
        return {
            "data": {"is_valid": False, "scopes": [], "error": {"code": 190, "message": "Invalid OAuth access token."}}
        }
    ends = int(known.expires_at.timestamp()) if known.expires_at else 0
    said: dict[str, Any] = {"app_id": APP, "application": "Openline", "type": known.kind, "expires_at": ends}
    said |= {"is_valid": known.is_good, "scopes": list(SCOPES), "user_id": ADMIN.id, "data_access_expires_at": 0}
    return {"data": said | ({"profile_id": known.page} if known.page else {})}


def _answer(state: State, lasts: timedelta) -> dict[str, Any]:
    token = state.token("USER", lasts=lasts)
    return {"access_token": token, "token_type": "bearer", "expires_in": int(lasts.total_seconds())}
