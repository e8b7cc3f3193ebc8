"""What stands on a network is corrected or taken down there, each wish once, through the outbox."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from openline.channels.base import Capabilities
from openline.channels.outgoing import Action
from openline.channels.registry import channel_for
from openline.foundation.bulk import notify
from openline.outbox.models import Delivery
from openline.outbox.sending import WAKE_SENDERS
from openline.publishing import content as contents
from openline.publishing import fitting, leaving, speaking, writing
from openline.publishing.content import Content, Form
from openline.publishing.errors import NotPossible
from openline.publishing.models import Errand, Variant
from openline.publishing.states import VariantState


@transaction.atomic
def edit(variant_id: UUID, text: str, *, by: User | None, title: str | None = None, seen: int | None = None) -> Variant:
    """Give a publication other words where it stands. Raises NotPossible where the network has no edits.

    `seen` is the revision that the person saw. Where there are no edits, `correction` makes a post that puts it right.
    """
    variant = _standing(variant_id, by)
    if seen is not None and seen != variant.revision:
        raise NotPossible(_("It was changed meanwhile. Load the page again."))
    if not text.strip():
        raise NotPossible(_("Write the new text first."), "text")
    _can(variant, "edit")
    if leaving.is_blog_post(variant):
        _new_body(variant, text.strip())
    else:
        variant.text = text.strip()
    variant.title = variant.title if title is None else title
    variant.save(update_fields=["text", "title"])
    _send_edit(variant)
    writing.record(variant.post, by, "publication edited", variant=variant.pk, text=text.strip())
    return variant


def _new_body(variant: Variant, body: str) -> None:
    """The rich text stands with the post, not with the account."""
    if variant.post.article_slug:
        raise NotPossible(_("This is an article of the city: change the article, and the blog follows."), "text")
    texts = {words.language: words for words in variant.post.texts.all()}
    words = texts.get(variant.language) or texts[variant.post.language]
    words.body = body
    words.save(update_fields=["body"])


def _send_edit(variant: Variant) -> None:
    variant.revision += 1
    variant.save(update_fields=["revision"])
    outgoing = replace(leaving.outgoing_of(variant), action="edit", about=variant.network_id)
    _errand(variant, "edit", leaving.put_out(variant, outgoing, key=f"post:{variant.pk}:edit:{variant.revision}"))


def editable(variant: Variant, content: Content) -> str:
    """The words that `edit` changes: a blog post's rich text, else the text as it was fitted."""
    form = Form(str(variant.account_id), variant.language, variant.text)
    words = fitting.words_for(content, form)
    return words.body if leaving.is_blog_post(variant) else words.text


@transaction.atomic
def renew(variant_id: UUID, *, by: User | None, reason: str) -> None:
    """Send a publication again as it now reads, where the article that it publishes was changed."""
    variant = _standing(variant_id, by)
    _can(variant, "edit")
    _send_edit(variant)
    writing.record(variant.post, by, "publication renewed", variant=variant.pk, reason=reason)


@transaction.atomic
def take_down(variant_id: UUID, reason: str, *, by: User | None) -> Variant:
    """Delete a publication, with all its parts, on its network. The record keeps what it said, and the reason."""
    variant = _standing(variant_id, by)
    if not reason.strip():
        raise NotPossible(_("Say why first: it stays on the record."), "reason")
    _can(variant, "delete")
    if variant.errands.filter(what="delete").exists():
        raise NotPossible(_("It is being taken down already."))
    for number, published in enumerate(variant.published.order_by("id")):
        outgoing = replace(
            leaving.outgoing_of(variant), action="delete", about=published.network_id, text="", media=(), poll=None
        )
        key = f"post:{variant.pk}:delete:{number}"
        _errand(variant, "delete", leaving.put_out(variant, outgoing, key=key), number)
    writing.record(variant.post, by, "publication taken down", variant=variant.pk, reason=reason.strip())
    return variant


def correction(variant: Variant, text: str, *, by: User) -> Content:
    """The content of a post that puts right what cannot be edited; it links to the first one."""
    content = contents.read(variant.post)
    words = replace(content.first, text=text, title="", body="", first_comment="")
    forms = tuple(
        replace(form, text=None, title=None, first_comment=None, leave_at=None)
        for form in content.forms
        if form.account == str(variant.account_id)
    )
    return replace(
        content, texts={content.language: words}, forms=forms, media=(), poll=None, link=variant.url or content.link
    )


def can_edit(variant: Variant) -> bool:
    """True if its network lets us change it."""
    return variant.state == VariantState.SENT and _capabilities(variant).edit


def _standing(variant_id: UUID, by: User | None) -> Variant:
    variant = (
        Variant.objects.select_for_update(of=("self",)).select_related("post", "account").filter(pk=variant_id).first()
    )
    if variant is None or variant.state != VariantState.SENT or not variant.network_id:
        raise NotPossible(_("Only what stands on the network can be changed there."))
    speaking.check_accounts(by, [variant.account_id])
    return variant


def _capabilities(variant: Variant) -> Capabilities:
    """What may be done to this very post: on some networks that depends on its kind."""
    return channel_for(variant.account.network).capabilities_of_post(variant.network_id, private=False)


def _can(variant: Variant, action: Action) -> None:
    channel = channel_for(variant.account.network)
    if not getattr(_capabilities(variant), action):
        raise NotPossible(
            _("%(network)s does not let us do that: write a post that puts it right.") % {"network": channel.label}
        )


def _errand(variant: Variant, what: str, delivery: Delivery, number: int | None = None) -> None:
    Errand.objects.create(
        variant=variant, what=what, revision=variant.revision if number is None else number, delivery=delivery
    )
    notify(WAKE_SENDERS)
