"""What came of publications: what networks tell of them, what residents said below, and whose links were followed.

Each page costs the same handful of statements, however many publications it counts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Left, NullIf

from openline.foundation.bulk import array, query
from openline.publishing import replies
from openline.publishing.hours import best_hours
from openline.publishing.models import Clicks, Measurement, PostText, Variant
from openline.publishing.replies import Figures
from openline.publishing.states import VariantState

__all__ = [
    "DIMENSIONS",
    "Result",
    "Row",
    "Scope",
    "best_hours",
    "clicks",
    "courses",
    "grouped",
    "medians",
    "of_post",
    "results",
    "times",
    "together",
]

TOLD = ("views", "reach", "likes", "reposts", "quotes", "zaps", "replies")
"""What networks tell, in the order of the tables (`Capabilities.metrics`)."""
_DONE = ("likes", "reposts", "quotes", "zaps")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which publications are looked at: sent from `since` to before `until`, and as far as they are named, of these."""

    since: datetime
    until: datetime
    account: str = ""
    network: str = ""
    kind: str = ""
    language: str = ""
    campaign: str = ""
    area: str = ""

    def condition(self) -> Q:
        """The same for the database."""
        asked = {
            "account": self.account,
            "account__network": self.network,
            "post__kind": self.kind,
            "language": self.language,
            "post__campaign": self.campaign,
        }
        found = Q(state=VariantState.SENT, sent_at__gte=self.since, sent_at__lt=self.until)
        found &= Q(**{name: value for name, value in asked.items() if value})
        return found & Q(post__areas__contains=[self.area]) if self.area else found


@dataclass(slots=True)
class Result:
    """One publication and what came of it."""

    id: UUID
    post: UUID
    account: UUID
    network: str
    handle: str
    language: str
    kind: str
    campaign: str
    areas: list[str]
    words: str
    url: str
    sent_at: datetime
    told: dict[str, int] = field(default_factory=dict)
    said: Figures = field(default_factory=Figures)
    clicks: int = 0

    @property
    def replies(self) -> int:
        """What the network counts, or what was heard, if that is more."""
        return max(self.told.get("replies", 0), self.said.messages)

    @property
    def numbers(self) -> list[int | None]:
        """As in Row."""
        return [self.told.get(name) for name in TOLD[:-1]] + [self.replies]

    @property
    def reactions(self) -> int:
        """Everything that people did: likes, reposts, quotes, zaps, replies and clicks."""
        return sum(self.told.get(name, 0) for name in _DONE) + self.replies + self.clicks


@dataclass(slots=True)
class Row:
    """Publications that have something in common, together."""

    key: str
    posts: int = 0
    told: Counter[str] = field(default_factory=Counter)
    said: Figures = field(default_factory=Figures)
    replies: int = 0
    clicks: int = 0
    each: list[int] = field(default_factory=list)

    def add(self, one: Result) -> None:
        """Count one more."""
        self.posts += 1
        self.told.update(one.told)
        self.said.add(one.said)
        self.replies += one.replies
        self.clicks += one.clicks
        self.each.append(one.reactions)

    @property
    def codes(self) -> list[str]:
        """Its key as the codes of areas."""
        return [self.key]

    @property
    def reactions(self) -> int:
        """Everything that people did."""
        return sum(self.each)

    @property
    def median(self) -> float:
        """Half of the publications had at least so many reactions."""
        return median(self.each) if self.each else 0.0

    @property
    def numbers(self) -> list[int | None]:
        """What the networks told, in the order of TOLD; None where none of them tells it. Replies as we know them."""
        return [self.told.get(name) for name in TOLD[:-1]] + [self.replies]


DIMENSIONS: dict[str, Callable[[Result], Iterable[str]]] = {
    "account": lambda one: [str(one.account)],
    "network": lambda one: [one.network],
    "kind": lambda one: [one.kind],
    "language": lambda one: [one.language],
    "area": lambda one: one.areas or [""],
    "campaign": lambda one: [one.campaign],
}
"""By what results can be put together; "" stands for those without."""

_FIELDS = (
    "id",
    "post_id",
    "account_id",
    "account__network",
    "account__handle",
    "language",
    "post__kind",
    "post__campaign",
    "post__areas",
    "words",
    "url",
    "sent_at",
)


def results(scope: Scope) -> list[Result]:
    """All publications of `scope`, the newest first, with what came of them, in five statements."""
    return _with_figures(Variant.objects.filter(scope.condition()).order_by("-sent_at", "-id"))


def of_post(post_id: UUID) -> list[Result]:
    """The publications of one post, wherever it was said."""
    was_out = Variant.objects.filter(post=post_id).exclude(sent_at=None)
    return _with_figures(was_out.order_by("sent_at", "id"))


def _with_figures(variants: Any) -> list[Result]:
    text = PostText.objects.filter(post=OuterRef("post"), language=OuterRef("post__language"))
    title = Coalesce(NullIf("title", Value("")), Left("text", 80))
    words = Coalesce(NullIf("post__name", Value("")), Subquery(text.values_list(title)[:1]), Value(""))
    found = {row[0]: Result(*row) for row in variants.annotate(words=words).values_list(*_FIELDS)}
    if not found:
        return []
    ids = list(found)
    for variant, name, value in query(_NEWEST, [array(ids), array(TOLD)]):
        found[variant].told[name] = value
    for variant, count in query(_CLICKS, [array(ids)]):
        found[variant].clicks = int(count)
    for variant, said in replies.figures(ids).items():
        found[variant].said = said
    return list(found.values())


_NEWEST = """
SELECT k.id, n.name, m.value FROM unnest(%s::uuid[]) AS k(id) CROSS JOIN unnest(%s::text[]) AS n(name)
CROSS JOIN LATERAL (SELECT value FROM publishing_measurement
                    WHERE variant_id = k.id AND name = n.name ORDER BY at DESC LIMIT 1) m
"""
"""One look-up in the index for each number: a publication may have many rows of it."""
_CLICKS = """
SELECT l.variant_id, sum(c.count) FROM unnest(%s::uuid[]) AS k(id)
JOIN publishing_shortlink l ON l.variant_id = k.id JOIN publishing_clicks c ON c.link_id = l.code GROUP BY l.variant_id
"""


def grouped(found: Sequence[Result], by: str) -> list[Row]:
    """`found` put together by one of DIMENSIONS, most reactions first."""
    rows: dict[str, Row] = {}
    for one in found:
        for key in DIMENSIONS[by](one):
            rows.setdefault(key, Row(key)).add(one)
    return sorted(rows.values(), key=lambda row: (-row.reactions, row.key))


def together(found: Sequence[Result]) -> Row:
    """All of them as one."""
    row = Row("")
    for one in found:
        row.add(one)
    return row


def medians(found: Sequence[Result]) -> Mapping[tuple[str, str], float]:
    """The median of reactions by network and kind: what a publication is compared with."""
    each = defaultdict(list)
    for one in found:
        each[one.network, one.kind].append(one.reactions)
    return {key: median(values) for key, values in each.items()}


def times(one: Result, usual: Mapping[tuple[str, str], float]) -> float | None:
    """How many times the median of its like a publication reached; None if there is nothing to compare with."""
    found = usual.get((one.network, one.kind), 0.0)
    return one.reactions / found if found else None


def courses(post_id: UUID) -> dict[str, list[tuple[float, int]]]:
    """How each number of a post grew on all its accounts together: (hours after it went out, value), by name."""
    steps: dict[str, list[tuple[float, int]]] = {}
    standing: dict[tuple[UUID, str], int] = {}
    rows = Measurement.objects.filter(variant__post=post_id).order_by("at", "id")
    for variant, name, at, value, sent_at in rows.values_list("variant", "name", "at", "value", "variant__sent_at"):
        standing[variant, name] = value
        total = sum(n for (_variant, of), n in standing.items() if of == name)
        age = at - (sent_at or at)
        steps.setdefault(name, []).append((age.total_seconds() / 3600, total))
    return {name: steps[name] for name in TOLD if any(value for _at, value in steps.get(name, []))}


def clicks(post_id: UUID) -> list[tuple[datetime, int]]:
    """Clicks on the links of a post by hour, oldest first."""
    found = Clicks.objects.filter(link__variant__post=post_id).values_list("hour")
    return list(found.annotate(n=Sum("count")).order_by("hour"))
