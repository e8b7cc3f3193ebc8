"""The posts by how far they are, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openline.foundation.keyset import after
from openline.foundation.text import clean
from openline.publishing.approval import RETURNED
from openline.publishing.models import Errand, Post, PostText, Review, Variant
from openline.publishing.states import PostState, VariantState

PAGE = 40
COUNT_LIMIT = 99
TROUBLE = (VariantState.FAILED, VariantState.MISSED)


@dataclass(frozen=True, slots=True)
class View:
    """A list of posts: those in `states`, or those with which something is wrong."""

    key: str
    label: str | Promise
    states: tuple[str, ...] = ()


VIEWS = (
    View("drafts", _("Drafts"), (PostState.DRAFT,)),
    View("ideas", _("Ideas"), (PostState.IDEA,)),
    View("waiting", _("Wait for approval"), (PostState.REVIEW,)),
    View("scheduled", _("Scheduled"), (PostState.SCHEDULED,)),
    View("out", _("Out"), (PostState.OUT,)),
    View("trouble", _("With trouble")),
    View("cancelled", _("Put away"), (PostState.CANCELLED,)),
)


def view_named(key: str) -> View:
    """The list of that name, the drafts if there is none."""
    return next((view for view in VIEWS if view.key == key), VIEWS[0])


def counts() -> dict[str, int]:
    """How many posts the lists hold that somebody has to look at, each counted no further than COUNT_LIMIT + 1."""
    wanted = ("drafts", "ideas", "waiting", "scheduled", "trouble")
    return {view.key: _posts(view).order_by()[: COUNT_LIMIT + 1].count() for view in VIEWS if view.key in wanted}


def page(view: View, before: str = "", search: str = "") -> tuple[list[Post], str]:
    """One page of `view`, last changed first, and the key of the next page ("" on the last one)."""
    found = _posts(view)
    words = clean(search, 200)
    if words:
        text = PostText.objects.filter(_words(words), post=OuterRef("pk"))
        found = found.filter(Q(name__icontains=words) | Exists(text))
    key = key_of(before)
    if key:
        found = found.filter(after(("changed_at", "id"), key))
    rows = list(with_all(found.order_by("-changed_at", "-id")[: PAGE + 1]))
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], f"{last.changed_at.isoformat()}_{last.pk}" if last else ""


def with_all(posts: QuerySet[Post]) -> QuerySet[Post]:
    """`posts` with their writers, texts, media and accounts, in five queries however many there are."""
    variants = Variant.objects.select_related("account").order_by("id")
    return posts.select_related("written_by").prefetch_related("texts", "media", Prefetch("variants", variants))


def first_words(post: Post, limit: int = 160) -> str:
    """What a post is called in a list: its name, else its title, else the beginning of its text."""
    texts = sorted(post.texts.all(), key=lambda text: text.language != post.language)
    found = [post.name, *(part for text in texts for part in (text.title, text.text, text.body))]
    words = next((part.strip() for part in found if part.strip()), "")
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def of_deliveries(delivery_ids: Sequence[UUID]) -> dict[UUID, Post]:
    """The posts whose publications or errands these deliveries are, with their texts, by the delivery's id."""
    variants = Variant.objects.filter(delivery__in=delivery_ids).values_list("delivery_id", "post_id")
    errands = Errand.objects.filter(delivery__in=delivery_ids).values_list("delivery_id", "variant__post_id")
    found = {delivery_id: post_id for delivery_id, post_id in [*variants, *errands] if delivery_id}
    posts = Post.objects.filter(pk__in=set(found.values())).prefetch_related("texts").in_bulk() if found else {}
    return {delivery_id: posts[post_id] for delivery_id, post_id in found.items() if post_id in posts}


def missed(most: int) -> list[Variant]:
    """What was missed before it reached the outbox, by cause, oldest first."""
    rows = Variant.objects.filter(state=VariantState.MISSED, delivery=None).select_related("post", "account")
    return list(rows.prefetch_related("post__texts").order_by("reason", "leave_at", "id")[:most])


def _posts(view: View) -> QuerySet[Post]:
    if view.states:
        return Post.objects.filter(state__in=view.states)
    wrong = Variant.objects.filter(post=OuterRef("pk"), state__in=TROUBLE)
    undone = Errand.objects.filter(variant__post=OuterRef("pk"), done_at=None).exclude(reason="")
    return Post.objects.filter(Exists(wrong) | Exists(undone))


def _words(words: str) -> Q:
    return Q(text__icontains=words) | Q(title__icontains=words) | Q(body__icontains=words)


def key_of(text: str) -> tuple[datetime, UUID] | None:
    moment, _underscore, post_id = text.partition("_")
    try:
        at = parse_datetime(moment)
        return (at, UUID(post_id)) if at and at.tzinfo else None
    except ValueError:
        return None


def returned(posts: Sequence[Post]) -> dict[UUID, Review]:
    """Why those of `posts` that are drafts again were sent back, by the post's id."""
    drafts = [post.pk for post in posts if post.state == PostState.DRAFT]
    verdicts = Review.objects.filter(post__in=drafts).exclude(verdict="").select_related("by")
    last = verdicts.order_by("post_id", "-at", "-id").distinct("post_id") if drafts else ()
    return {review.post_id: review for review in last if review.verdict == RETURNED}


def troubles(post: Post) -> Sequence[Variant]:
    """The accounts on which a person has to act; the variants are those of `with_all`."""
    return [variant for variant in post.variants.all() if variant.state in TROUBLE]
