"""The pages about publishing, in the order of the work: the one list from which their navigation is made."""

from __future__ import annotations

from typing import NamedTuple

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PREFIXES = (
    "posts/",
    "calendar-of-posts/",
    "approvals/",
    "crisis/",
    "alerts/",
    "results/",
    "question-hours/",
    "knowledge/",
)
"""What the addresses of these pages begin with, behind the console's own address."""


class Entry(NamedTuple):
    """A page of the navigation, shown to who has one of `capabilities`."""

    url_name: str
    label: str | Promise
    capabilities: tuple[str, ...]


class Place(NamedTuple):
    """An entry as one person sees it on one page."""

    address: str
    label: str
    here: bool


ENTRIES: tuple[Entry, ...] = (
    Entry("console:posts", _("Write"), ("publish",)),
    Entry("console:post_calendar", _("Calendar"), ("publish", "approve")),
    Entry("console:approvals", _("Approvals"), ("approve",)),
    Entry("console:crisis", _("Crisis"), ("crisis",)),
    Entry("console:alerts", _("Alerts"), ("crisis",)),
    Entry("console:results", _("Results"), ("publish",)),
    Entry("console:question_hours", _("Question hours"), ("publish",)),
    Entry("console:articles", _("Knowledge"), ("see_articles",)),
)


def places(may: frozenset[str], path: str) -> list[Place]:
    """The pages that a person who `may` do these things can open; the one at or above `path` is marked."""
    found = []
    for entry in ENTRIES:
        address = _address(entry.url_name)
        if address and may.intersection(entry.capabilities):
            found.append(Place(address, str(entry.label), path.startswith(address)))
    return found


def _address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:  # a part of the house that is not built in
        return ""
