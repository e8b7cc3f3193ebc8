"""What was said in a discussion finds its place on the pages, in the transaction in which it was read or sent."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from openline.care import events
from openline.community.models import NETWORK, Comment, CommentState, Member
from openline.inbox.models import Message
from openline.outbox import events as outbox
from openline.service_requests.jurisdiction import public_numbers
from openline.triage.personal_data import public_text


@events.said.subscribe
def on_said(said: tuple[events.Said, ...]) -> None:
    """Members said something, or changed it."""
    messages = Message.objects.select_related("conversation__identity").in_bulk([one.message_id for one in said])
    for one in said:
        _heard(messages[one.message_id], one)


def _heard(message: Message, said: events.Said) -> None:
    found = Comment.objects.filter(pk=message.pk).first() if said.edited else None
    if found is None:
        found = Comment(message=message, thread=said.thread, at=message.posted_at, by=_member(message))
        found.above = _top(message)
        found.look = bool(message.media)
    else:
        found.edited_at = timezone.now()
    found.text = public_text(message.text, public_numbers())
    if said.held and found.state != CommentState.HIDDEN:
        found.state, found.why, found.look = CommentState.WAITING, said.held[:300], True
    found.save()


def _member(message: Message) -> Member | None:
    author = message.conversation.identity.network_user_id.removeprefix(f"{NETWORK}:")
    try:
        return Member.objects.filter(pk=UUID(hex=author)).first()
    except ValueError:
        return None


def _top(message: Message) -> Comment | None:
    """Under what it stands: the first words of its thread; an answer to an answer stands beside that."""
    if not message.parent_network_id:
        return None
    above = Comment.objects.filter(
        message__account_id=message.account_id, message__network_id=message.parent_network_id
    ).select_related("above").first()  # fmt: skip
    return above.above or above if above else None


@outbox.sent.subscribe
def on_sent(sent: outbox.DeliverySent) -> None:
    """The city said something in a discussion, or changed what it had said."""
    if sent.network != NETWORK:
        return
    wish = sent.outgoing
    if wish.action == "post":
        message = Message.objects.filter(delivery_id=sent.delivery_id).select_related("conversation").first()
        if message:
            Comment.objects.get_or_create(pk=message.pk, defaults={
                "thread": message.conversation.thread, "above": _top(message), "text": wish.text, "at": sent.sent_at,
            })  # fmt: skip
    elif wish.action == "edit":
        about = Comment.objects.filter(message__account_id=sent.account_id, message__network_id=wish.about)
        about.update(text=wish.text, edited_at=sent.sent_at)
