"""What else to look at for a page: its token, the permissions, and whether Facebook calls us."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import reading as plain
from openline.channels.accounts import AccountRef, Finding
from openline.channels.facebook import connecting, rules
from openline.channels.facebook.page import connected, page_of
from openline.channels.graph import login

_SOON = timedelta(days=14)


def inspect(account: AccountRef) -> tuple[Finding, ...]:
    """Token, permissions, webhooks, the way in."""
    app = connecting.app_of({**account.settings, **account.credentials, "server": account.server})
    token = login.about(app, account.credentials["access_token"])
    hook = connecting.shared_hook(account)
    good = hook.startswith("https://")
    words = _("Facebook can call us at %s.") % hook
    way = Finding(good, words if good else _("Openline has no public https address that Facebook could call."))
    return (*_token(token), *_subscribed(account, app.id), way, *connecting.by_hand(hook))


def _token(said: Mapping[str, Any]) -> list[Finding]:
    if said.get("is_valid") is not True:
        return [Finding(False, _("Facebook does not accept the token any more: connect the page again."))]
    scopes = said.get("scopes")
    has = {one for one in scopes if isinstance(one, str)} if isinstance(scopes, list) else set()
    missing = [one for one in rules.SCOPES if one not in has and one not in ("business_management", "read_insights")]
    found = [Finding(not missing, _missing(missing))]
    for name, words in (
        ("expires_at", _("The token runs out on %s.")),
        ("data_access_expires_at", _("Without a new login Facebook gives no data on people after %s.")),
    ):
        if stamp := said.get(name):
            at = plain.moment(stamp)
            found += [Finding(at > datetime.now(UTC) + _SOON, words % f"{at:%Y-%m-%d}")] if at else []
    return found


def _missing(missing: list[str]) -> str:
    if not missing:
        return _("The page has given all permissions.")
    return _("Permissions are missing, log in again and allow them: %s.") % ", ".join(missing)


def _subscribed(account: AccountRef, app: str) -> list[Finding]:
    with connected(account) as graph:
        said = list(graph.items(f"{page_of(account)}/subscribed_apps"))
    ours = next((one for one in said if plain.text(one, "id") == app), {})
    fields = ours.get("subscribed_fields")
    told = set(fields) if isinstance(fields, list) else set()
    lacking = [one for one in ("feed", "mention", "messages") if one not in told]
    if lacking:
        return [Finding(False, _("The page does not tell us of %s: connect it again.") % ", ".join(lacking))]
    return [Finding(True, _("The page tells us of comments, mentions and messages."))]
