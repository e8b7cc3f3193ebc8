"""Whether X lets us answer: since February 2026 a self-serve app answers only who called for it.

"Called for" is an explicit @mention of the account (not one that X puts before an answer by itself), or a quotation of
a post of ours. Apps of the Enterprise tier and public utility apps answer anybody.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.accounts import AccountRef
from openline.channels.base import Answerable
from openline.channels.reading import child, children, text
from openline.channels.x.reading import MESSAGE_EVENTS, referenced

FREE_TIERS = ("enterprise", "public_utility")


def can_answer(account: AccountRef, raw: bytes, private: bool) -> Answerable:
    """By the delivery alone."""
    try:
        said = reading.json_object(raw)
    except reading.Unreadable:
        return Answerable()
    message = text(said, "kind") == "dm" or text(child(said, "data"), "event_type") in MESSAGE_EVENTS
    if message:
        return Answerable()
    if private:
        return Answerable(
            note=_("It arrives only if this person takes messages from accounts that they do not follow.")
        )
    if account.settings.get("tier") in FREE_TIERS or summoned(account, said):
        return Answerable()
    return Answerable(
        reason=_("X lets us answer only who names the account (@) or quotes it. This post does neither."),
        instead=(
            _("Write to this person in private, if they take messages."),
            _("Answer by hand in the X app."),
            _("Say it in a post of your own."),
            _("Apply to X for public utility or Enterprise access: then everybody can be answered."),
        ),
    )


def summoned(account: AccountRef, said: dict[str, Any]) -> bool:
    """Does the post name us with its own words, or quote us?"""
    data = child(said, "data")
    post, includes = (child(data, "payload"), child(data, "includes")) if child(data, "payload") else (
        data, child(said, "includes"))  # fmt: skip
    return _named(account, post) or _quoted(account, post, includes)


def _named(account: AccountRef, post: dict[str, Any]) -> bool:
    shown = post.get("display_text_range")
    begin = shown[0] if isinstance(shown, list) and shown and isinstance(shown[0], int) else 0
    handle = account.handle.removeprefix("@").lower()
    return any(
        (text(one, "id") == account.author_id or text(one, "username").lower() == handle)
        and isinstance(at := one.get("start"), int)
        and at >= begin
        for one in children(child(post, "entities"), "mentions")
    )


def _quoted(account: AccountRef, post: dict[str, Any], includes: dict[str, Any]) -> bool:
    quoted = referenced(post, "quoted")
    if not quoted:
        return False
    posts = children(includes, "tweets") + children(includes, "posts")
    by_us = any(text(one, "id") == quoted and text(one, "author_id") == account.author_id for one in posts)
    return by_us or account.ledger.ours(quoted)
