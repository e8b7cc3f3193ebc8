"""Posts that say nearly the same on the same account: noticed before the second one goes out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.publishing.content import Content
from openline.publishing.models import Variant
from openline.publishing.states import PostState, VariantState

LOOK_BACK = timedelta(days=7)
_ALIKE = 0.8
"""Share of words that two texts have in common, of all that they have, from which they say the same."""
_MOST = 300
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Near:
    """An earlier post that says nearly the same, and that in words."""

    variant: Variant
    words: str


def alike(content: Content, post_id: UUID | None = None) -> list[Near]:
    """Of each account the newest planned or recent post that says nearly what `content` says there."""
    found: dict[UUID, Near] = {}
    said = {(form.account, form.language): _bag(_said(content, form.language, form.text)) for form in content.forms}
    for variant in _others(content, post_id):
        mine = said.get((str(variant.account_id), variant.language))
        if mine and variant.account_id not in found and _close(mine, _bag(_text(variant))):
            found[variant.account_id] = Near(variant, _words(variant))
    return list(found.values())


def _others(content: Content, post_id: UUID | None) -> Iterator[Variant]:
    coming = Q(state__in=[VariantState.PLANNED, VariantState.HELD, VariantState.QUEUED]) | Q(
        post__state=PostState.REVIEW, state=VariantState.DRAFT
    )
    recent = Q(state=VariantState.SENT, sent_at__gte=timezone.now() - LOOK_BACK)
    accounts = {UUID(form.account) for form in content.forms}
    rows = Variant.objects.filter(coming | recent, account__in=accounts, post__series=None)
    rows = rows.exclude(post_id=post_id) if post_id else rows
    yield from rows.select_related("post", "account").prefetch_related("post__texts").order_by("-id")[:_MOST]


def _said(content: Content, language: str, own: str | None) -> str:
    words = content.texts.get(language) or content.first
    return own or words.text or words.title


def _text(variant: Variant) -> str:
    if variant.text:
        return variant.text
    texts = {text.language: text.text or text.title for text in variant.post.texts.all()}
    return texts.get(variant.language) or texts.get(variant.post.language, "")


def _bag(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def _close(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other) and len(one & other) / len(one | other) >= _ALIKE


def _words(variant: Variant) -> str:
    facts = {"account": variant.account.handle}
    if variant.state == VariantState.SENT:
        return _("%(account)s said nearly the same in the last seven days.") % facts
    return _("Nearly the same is planned already on %(account)s.") % facts
