"""The content of a post as one value: what the composer edits, a version keeps, and a series repeats."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from cattrs.preconf.json import make_converter

from openline.publishing.models import Post, PostMedia, PostText, Variant
from openline.publishing.states import Kind, VariantState


@dataclass(frozen=True, slots=True)
class Words:
    """The words in one language; `body` is the rich text of a blog post as Markdown."""

    text: str = ""
    title: str = ""
    body: str = ""
    first_comment: str = ""


OWN = "network"
"""Under this name the options of a form hold what its network alone knows (`Channel.options`), as text."""


@dataclass(frozen=True, slots=True)
class Item:
    """A picture or film: the id of its file, and by language its description, spoken words (WebVTT) and legend."""

    file: str
    alts: dict[str, str] = field(default_factory=dict)
    captions: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    focus_x: float = 0.0
    focus_y: float = 0.0


@dataclass(frozen=True, slots=True)
class Form:
    """The post on one account, in one language; None where the fitted words of the post are used."""

    account: str
    language: str = "en"
    text: str | None = None
    title: str | None = None
    first_comment: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    leave_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """All that a person writes of a post (`models.posts.Post` says what the fields mean)."""

    kind: str = Kind.SHORT
    name: str = ""
    language: str = "en"
    texts: dict[str, Words] = field(default_factory=dict)
    media: tuple[Item, ...] = ()
    forms: tuple[Form, ...] = ()
    link: str = ""
    campaign: str = ""
    areas: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    place: str = ""
    poll: dict[str, Any] | None = None
    warning: str = ""
    embargo_until: datetime | None = None
    late_minutes: int | None = None
    article_slug: str = ""

    def as_json(self) -> dict[str, Any]:
        """As plain values, without what is empty."""
        plain: dict[str, Any] = _converter.unstructure(self)
        return plain

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Content:
        """Read `as_json` again; raises cattrs.BaseValidationError on what is not of that form."""
        return _converter.structure(value, cls)

    @property
    def first(self) -> Words:
        """The words in the post's own language."""
        return self.texts.get(self.language, Words())


_converter = make_converter(omit_if_default=True)
_PLAIN = (
    "kind",
    "name",
    "language",
    "link",
    "campaign",
    "latitude",
    "longitude",
    "place",
    "poll",
    "warning",
    "embargo_until",
    "late_minutes",
    "article_slug",
)


def read(post: Post) -> Content:
    """What `post` holds now, or held when its texts, media and variants were prefetched."""
    return Content(
        **{name: getattr(post, name) for name in _PLAIN},
        areas=tuple(post.areas),
        topics=tuple(post.topics),
        texts={
            t.language: Words(t.text, t.title, t.body, t.first_comment) for t in sorted(post.texts.all(), key=_language)
        },
        media=tuple(Item(str(m.file_id), m.alts, m.captions, m.words, m.focus_x, m.focus_y) for m in post.media.all()),
        forms=tuple(
            Form(str(v.account_id), v.language, v.text, v.title, v.first_comment, v.options, v.own_time)
            for v in sorted(post.variants.all(), key=lambda variant: variant.pk)
            if v.state != VariantState.CANCELLED
        ),
    )


def _language(text: PostText) -> str:
    return text.language


def write(post: Post, content: Content) -> None:
    """Put `content` into `post` and save all of it, in the caller's transaction.

    Only what has not left may be written: callers see to that (`writing.change`).
    """
    for name in _PLAIN:
        setattr(post, name, getattr(content, name))
    post.areas, post.topics = list(content.areas), list(content.topics)
    post.save()
    _write_texts(post, content)
    _write_media(post, content)
    _write_variants(post, content)


def _write_texts(post: Post, content: Content) -> None:
    post.texts.exclude(language__in=content.texts).delete()
    for language, words in content.texts.items():
        PostText.objects.update_or_create(
            post=post,
            language=language,
            defaults={
                "text": words.text,
                "title": words.title,
                "body": words.body,
                "first_comment": words.first_comment,
            },
        )


def _write_media(post: Post, content: Content) -> None:
    post.media.exclude(file_id__in=[UUID(item.file) for item in content.media]).delete()
    for position, item in enumerate(content.media):
        PostMedia.objects.update_or_create(
            post=post,
            file_id=UUID(item.file),
            defaults={
                "position": position,
                "alts": item.alts,
                "captions": item.captions,
                "words": item.words,
                "focus_x": item.focus_x,
                "focus_y": item.focus_y,
            },
        )


def _write_variants(post: Post, content: Content) -> None:
    """Those of accounts that are named no more go; the others keep their state."""
    wanted = {(UUID(form.account), form.language): form for form in content.forms}
    for variant in post.variants.all():
        if (variant.account_id, variant.language) not in wanted:
            variant.delete()
    for (account_id, language), form in wanted.items():
        Variant.objects.update_or_create(
            post=post,
            account_id=account_id,
            language=language,
            defaults={
                "text": form.text,
                "title": form.title,
                "first_comment": form.first_comment,
                "options": form.options,
                "own_time": form.leave_at,
            },
        )
