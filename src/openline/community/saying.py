"""What a member says goes to the inbox's door, stored as it came, before anybody tries to understand it.

A thread is "request:NUMBER" or "topic:ID". Whatever is said in one is public; who said it is named as they name
themselves, never by their address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.accounts.models import Account
from openline.care.events import HOLD, TO_NEIGHBOR
from openline.channels.enclosing import Enclosed, digest, pack, where
from openline.channels.registry import channel_for
from openline.community import limits, threads
from openline.community.models import NETWORK, Comment, CommentState, Member
from openline.inbox.models import Heard, Message
from openline.inbox.receiving import receive_pushed
from openline.service_requests.actions import NotPossible

LONGEST = 3_000
MOST_FILES = 4


def account() -> Account:
    """The account of the discussions, made with the first use of them."""
    found = Account.objects.filter(network=NETWORK).order_by("created_at").first()
    if found is None:
        defaults = {"name": str(_("Discussions"))}
        found, _new = Account.objects.get_or_create(network=NETWORK, handle="city", server="", defaults=defaults)
    return found


def is_open() -> bool:
    """False if the city has switched the discussions off: then nobody writes. Makes no account."""
    return not Account.objects.filter(network=NETWORK, enabled=False).exists()


@transaction.atomic
def say(
    member: Member,
    thread: str,
    text: str,
    files: Sequence[Enclosed] = (),
    *,
    form: UUID,
    in_reply_to: str = "",
    facts: Mapping[str, str] | None = None,
) -> str:
    """Store what `member` says in `thread` at the door; returns its id on the network (`Message.network_id`).

    `form` is the id of the form in which it was written: the same form with the same words, sent twice, is one message.
    `in_reply_to` is the id of the message that it answers, in the same thread; an answer to an answer stands beside it.
    `facts` are shown to staff with it. Raises NotPossible if it cannot be said.
    """
    _check(member, thread, text, files)
    known = f"{member.id.hex}.{digest((form.hex, thread, text), files)}"
    if Heard.objects.filter(account=account(), event_id=known).exists():
        return known
    limits.check(member, text)
    above, more = _above(thread, in_reply_to) if in_reply_to else ("", {})
    head = {"what": "post", "id": known, "text": text, "in_reply_to": above,
            "facts": {**(facts or {}), **more, **_hold(member, text)}}  # fmt: skip
    _store(member, thread, {**head, **where(files)}, files)
    return known


@transaction.atomic
def change(member: Member, message: Message, text: str) -> None:
    """Give a member's own words another text; the earlier one stays on the record. Raises NotPossible."""
    thread = _own(member, message)
    _check(member, thread, text, ())
    if Comment.objects.filter(pk=message.pk, state=CommentState.HIDDEN).exists():
        raise NotPossible(_("Hidden words cannot be changed. You can ask for another look."))
    if text != message.text:
        event = f"{message.network_id}.{digest((text, timezone.now().isoformat()), ())}"
        head = {"what": "edit", "id": message.network_id, "event": event, "text": text, "facts": _hold(member, text)}
        _store(member, thread, head)


@transaction.atomic
def take_back(member: Member, message: Message) -> None:
    """Take a member's own words back: they are shown no more, and stay on the record. Raises NotPossible."""
    thread = _own(member, message)
    _store(member, thread, {"what": "delete", "id": message.network_id, "event": f"{message.network_id}.gone"})


def _check(member: Member, thread: str, text: str, files: Sequence[Enclosed]) -> None:
    """Raises NotPossible, saying what to do, if this cannot be said."""
    if not is_open() or member.left_at:
        raise NotPossible(_("Nobody can write here at the moment."))
    if not text.strip():
        raise NotPossible(_("Write something first."))
    if len(text) > LONGEST:
        raise NotPossible(_("This is too long. At most %(most)d characters.") % {"most": LONGEST})
    if len(files) > MOST_FILES:
        raise NotPossible(_("Choose at most %(number)d photos.") % {"number": MOST_FILES})
    threads.check_open(thread)


def _hold(member: Member, text: str) -> dict[str, str]:
    why = limits.why_held(member, text)
    return {HOLD: why} if why else {}


def _above(thread: str, network_id: str) -> tuple[str, dict[str, str]]:
    """The message under which an answer stands, the one that it answers or that one's own; and whom it answers.

    Raises NotPossible.
    """
    found = Message.objects.filter(account=account(), network_id=network_id, conversation__thread=thread).first()
    if not network_id or found is None or found.deleted_at:
        raise NotPossible(_("What you answer is not here any more. Load the page again."))
    return found.parent_network_id or found.network_id, {TO_NEIGHBOR: "yes"} if found.direction == "in" else {}


def _own(member: Member, message: Message) -> str:
    """The thread of the member's own words. Raises NotPossible for somebody else's, and for what was taken back."""
    conversation = message.conversation
    mine = conversation.identity.network == NETWORK and conversation.identity.network_user_id == member.author
    if not mine or message.direction != "in" or message.deleted_at:
        raise NotPossible(_("These are not your words."))
    return conversation.thread


def _store(member: Member, thread: str, head: Mapping[str, Any], files: Sequence[Enclosed] = ()) -> None:
    more = {"author": member.author, "name": member.name, "thread": thread, "url": threads.address(thread),
            "language": member.language, "at": timezone.now().isoformat()}  # fmt: skip
    receive_pushed(account().pk, [channel_for(NETWORK).parse(pack({**head, **more}, files))])
