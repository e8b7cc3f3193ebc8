"""Having X call us: the app's webhook, and a subscription of the account for each kind of event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from openline.channels.base import AccountRef, ChannelError, Finding
from openline.channels.reading import child, children, text
from openline.channels.x.client import Api

EVENTS = ("post.mention.create", "dm.received", "post.reply.create")
_OPTIONAL = ("post.reply.create",)
_TAG = "openline"


def address(account: AccountRef) -> str:
    """Where X calls us: one address for all accounts of an app, or the account's own if it has an app of its own."""
    if not account.hook or account.settings.get("own_app") == "yes":
        return account.hook
    return account.hook.rstrip("/").rpartition("/")[0] + "/"


def settle(account: AccountRef) -> tuple[Finding, ...]:
    """Make the webhook if there is none, wake it if it sleeps, and subscribe. What fails is said; we poll besides."""
    if missing := _missing(account):
        return (Finding(False, missing),)
    with Api(account) as api:
        try:
            webhook = _webhook(api, address(account))
            return tuple(_subscriptions(api, webhook))
        except ChannelError as error:
            words = _("X does not call us yet: %s Until it does, X is asked every two minutes.")
            return (Finding(False, words % error.reason),)


def look(account: AccountRef) -> tuple[Finding, ...]:
    """Is the webhook there, awake, and subscribed for this account? Changes nothing."""
    if missing := _missing(account):
        return (Finding(False, missing),)
    with Api(account) as api:
        hook = _known(api, address(account))
        if not hook or hook.get("valid") is not True:
            words = _("X does not call us: connect the account again, and the webhook is made anew.")
            return (Finding(False, words),)
        lacking = [one for one in EVENTS if one not in (*_subscribed(api, text(hook, "id")), *_OPTIONAL)]
    if lacking:
        return (Finding(False, _("X does not tell us of: %s. Connect the account again.") % ", ".join(lacking)),)
    return (Finding(True, _("X calls us for mentions and messages.")),)


def _missing(account: AccountRef) -> str:
    """What has to be there before X can be asked to call us; "" if all is."""
    if not account.credentials.get("bearer_token"):
        return _(
            "X cannot call us without the app's bearer token, so it is asked every two minutes. Add the token under "
            "“Connect again” and messages come at once."
        )
    parts = urlsplit(address(account))
    loopback = parts.hostname == "127.0.0.1" and urlsplit(account.server).hostname == "127.0.0.1"
    if loopback or (parts.scheme == "https" and not parts.port):
        return ""
    return _("X calls only public https addresses without a port. Until there is one, X is asked every two minutes.")


def _webhook(api: Api, url: str) -> str:
    hook = _known(api, url)
    if not hook:
        made = api.change("POST", "/2/webhooks", {"url": url}, app=True)
        hook = child(made, "data") or made
    elif hook.get("valid") is not True:
        api.change("PUT", f"/2/webhooks/{text(hook, 'id')}", app=True)
    return text(hook, "id")


def _known(api: Api, url: str) -> dict[str, Any]:
    found = children(api.get("/2/webhooks", app=True), "data")
    return next((one for one in found if text(one, "url") == url), {})


def _subscribed(api: Api, webhook: str) -> list[str]:
    """The events that X tells this webhook of our account."""
    found, token = list[dict[str, Any]](), ""
    while True:
        page = api.get("/2/activity/subscriptions", {"pagination_token": token} if token else {}, app=True)
        found += children(page, "data")
        if not (token := text(child(page, "meta"), "next_token")):
            break
    ours = [one for one in found if text(one, "webhook_id") == webhook]
    return [text(one, "event_type") for one in ours if text(child(one, "filter"), "user_id") == api.account.author_id]


def _subscriptions(api: Api, webhook: str) -> Iterator[Finding]:
    there = _subscribed(api, webhook)
    for event in EVENTS:
        if event in there:
            continue
        wanted = {"event_type": event, "filter": {"user_id": api.me}, "tag": _TAG, "webhook_id": webhook}
        try:
            api.change("POST", "/2/activity/subscriptions", wanted)
        except ChannelError as error:
            if event not in _OPTIONAL:
                yield Finding(
                    False, _("X does not tell us of %(event)s: %(why)s") % {"event": event, "why": error.reason}
                )
                return
    yield Finding(True, _("X calls us for mentions and messages."))
