"""The link of a post as it leaves: with the tags of its campaign, and short with a count where that is wished.

A short link leads only where a person of the city wrote that it leads. Of who follows it nothing is kept, only how
many did so in each hour.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from openline.publishing.models import Clicks, ShortLink, Variant

LENGTH = 8
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without those that are mistaken for each other on paper."""
Shorten = Callable[[str], str]
"""From where a link leads to the short address for it."""


def tagged(link: str, campaign: str, source: str) -> str:
    """`link` with the usual campaign tags (utm_source, utm_medium, utm_campaign); those that it has already stay."""
    if not campaign or not link.startswith(("https://", "http://")):
        return link
    parts = urlsplit(link)
    query = parse_qsl(parts.query, keep_blank_values=True)
    known = {name for name, _value in query}
    tags = {"utm_source": source, "utm_medium": "social", "utm_campaign": campaign}
    query += [(name, value) for name, value in tags.items() if name not in known]
    return urlunsplit(parts._replace(query=urlencode(query)))


def example(target: str) -> str:
    """A short address as long as the one that `target` will get: what a preview shows before anything is kept."""
    return address("a" * LENGTH)


def address(code: str) -> str:
    """The whole short address of a code."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/go/{code}/"


def shortener(variant: Variant) -> Shorten:
    """Makes the short links of `variant`, each target once, in the caller's transaction."""

    def shorten(target: str) -> str:
        found = ShortLink.objects.filter(variant=variant, target=target).first()
        return address(found.pk if found else _new(variant, target))

    return shorten


def known(variant: Variant) -> Shorten:
    """The short links that `variant` has already, and examples for those that it will get: keeps nothing."""
    codes = dict(ShortLink.objects.filter(variant=variant).values_list("target", "code"))
    return lambda target: address(codes[target]) if target in codes else example(target)


def _new(variant: Variant, target: str) -> str:
    """A code that nobody has: with 31 to the eighth of them a second try is rare."""
    while True:
        code = "".join(secrets.choice(_LETTERS) for _place in range(LENGTH))
        if not ShortLink.objects.filter(pk=code).exists():
            ShortLink.objects.create(code=code, target=target, variant=variant, created_at=timezone.now())
            return code


@transaction.atomic
def follow(code: str, *, counts: bool = True, at: datetime | None = None) -> str:
    """Where the short link leads, "" if there is none; counted in its hour unless a machine follows it."""
    link = ShortLink.objects.filter(pk=code).first()
    if link is None:
        return ""
    if counts:
        hour = (at or timezone.now()).replace(minute=0, second=0, microsecond=0)
        Clicks.objects.bulk_create([Clicks(link=link, hour=hour)], ignore_conflicts=True)
        Clicks.objects.filter(link=link, hour=hour).update(count=F("count") + 1)
    return link.target


def clicks(variant_ids: list[UUID]) -> dict[UUID, int]:
    """How often the links of each variant were followed, by the variant's id."""
    found = Clicks.objects.filter(link__variant__in=variant_ids).values("link__variant").annotate(n=Sum("count"))
    return {row["link__variant"]: row["n"] for row in found.order_by() if row["link__variant"]}
