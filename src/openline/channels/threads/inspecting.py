"""What `openline doctor` looks at, and what is left to do by hand once an account is connected."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.translation import gettext as _

from openline.channels.base import AccountRef, ChannelError, Finding
from openline.channels.graph import tokens
from openline.channels.graph.signing import verify_token
from openline.channels.threads import sending
from openline.channels.threads.client import opened

WEBHOOKS = "replies, mentions, delete"


def inspect(account: AccountRef) -> tuple[Finding, ...]:
    """The login's end, the day's allowances, and the webhooks."""
    return (_login(account), *_allowances(account), webhooks(account))


def webhooks(account: AccountRef) -> Finding:
    """Threads lets nobody but a person subscribe an app to webhooks, so this says how."""
    words = _(
        "In the app, under the use case Access the Threads API, Settings, Webhooks: subscribe to %(fields)s at"
        " %(address)s with the verify token %(token)s. Until then, what is said is found by asking every few minutes."
    )
    address = account.hook.rsplit(f"{account.id}/", 1)[0] if account.hook else _("(our public address)/hooks/threads/")
    told = {
        "fields": WEBHOOKS,
        "address": address,
        "token": verify_token(account.credentials.get("app_secret", "")),
    }
    return Finding(True, words % told)


def _login(account: AccountRef) -> Finding:
    until = tokens.expires_at(account.credentials)
    if until is None:
        return Finding(False, _("When the token runs out is not known: connect the account by the login of Threads."))
    days = (until - datetime.now(UTC)).days
    words = _("The login holds for %(days)d more days; it is renewed by itself a month before it ends.")
    return Finding(days > 14, words % {"days": days})


def _allowances(account: AccountRef) -> tuple[Finding, ...]:
    try:
        with opened(account) as graph:
            posts, replies = sending.allowance(graph), sending.allowance(graph, "reply_")
    except ChannelError as error:
        return (Finding(False, error.reason),)
    words = _("In the last 24 hours: %(posts)d of %(most_posts)d posts, %(replies)d of %(most_replies)d replies.")
    told = {"posts": posts[0], "most_posts": posts[1], "replies": replies[0], "most_replies": replies[1]}
    return (Finding(posts[0] < posts[1] and replies[0] < replies[1], words % told),)
