"""How questions are answered: how many, by machine or with an article at hand, whether it helped, deflection."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from openline.foundation.bulk import query

COLUMNS = (
    "asked",
    "with_article",
    "sent_by_itself",
    "deflected",
    "helped",
    "did_not_help",
    "page_helped",
    "page_did_not",
)
QUIET = timedelta(days=3)
"""A question that nobody follows up for so long, and no person answered, was answered by itself for good."""

# `deflected`: sent by itself, no person wrote later, and the resident wrote nothing more within three days but yes.
_FIGURES = """
SELECT {by}, count(*), count(*) FILTER (WHERE q.outcome <> 'none'), count(*) FILTER (WHERE q.outcome = 'sent'),
       count(*) FILTER (WHERE q.outcome = 'sent' AND q.at <= %(settled)s AND q.helped IS NOT FALSE AND NOT EXISTS (
           SELECT 1 FROM inbox_message m WHERE m.conversation_id = q.conversation_id AND m.posted_at > q.at
           AND m.id <> q.message_id AND m.posted_at <= q.at + %(quiet)s
           AND (m.written_by_id IS NOT NULL OR (m.direction = 'in' AND q.helped IS NULL)))),
       count(*) FILTER (WHERE q.helped), count(*) FILTER (WHERE NOT q.helped), 0, 0
FROM knowledge_question q LEFT JOIN knowledge_article a ON a.id = q.article_id
WHERE q.at >= %(since)s GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 200
"""
_BY = {
    "article": "coalesce(a.title, '')",
    "service": "q.service_code",
    "language": "q.language",
    "week": "to_char(date_trunc('week', q.at), 'YYYY-MM-DD')",
}
_PAGES = """
SELECT a.title, sum(h.yes)::int, sum(h.no)::int FROM knowledge_helpful h JOIN knowledge_article a ON a.id = h.article_id
WHERE h.day >= %(since)s::date GROUP BY a.title
"""


@dataclass(slots=True)
class Row:
    """The figures of one article, service, language or week; counts, but `name`."""

    name: str
    asked: int = 0
    with_article: int = 0
    sent_by_itself: int = 0
    deflected: int = 0
    helped: int = 0
    did_not_help: int = 0
    page_helped: int = 0
    page_did_not: int = 0

    def values(self) -> tuple[int, ...]:
        """The counts, in the order of `COLUMNS`."""
        return astuple(self)[1:]


def rows(by: str, days: int) -> list[Row]:
    """The figures of the last `days` days by "article", "service", "language" or "week"."""
    now = timezone.now()
    given = {"since": now - timedelta(days=days), "settled": now - QUIET, "quiet": QUIET}
    found = [Row(*row) for row in query(_FIGURES.format(by=_BY[by]), given)]
    if by == "article":
        _add_pages(found, query(_PAGES, given))
    for row in found:
        row.name = row.name or _("none")
    return found


def _add_pages(found: list[Row], pages: list[tuple[str, int, int]]) -> None:
    """What readers said on the articles' pages."""
    named = {row.name: row for row in found}
    for title, yes, no in pages:
        row = named.get(title)
        if row is None:
            found.append(row := Row(title))
        row.page_helped, row.page_did_not = yes, no


def tables(days: int) -> list[tuple[str, list[Row]]]:
    """All tables with their titles."""
    titles = {
        "article": _("By article"),
        "service": _("By service"),
        "language": _("By language"),
        "week": _("By week"),
    }
    return [(title, rows(by, days)) for by, title in titles.items()]


def whole(days: int) -> list[tuple[str, str]]:
    """The figures of everything, in words: counts and shares."""
    weeks = rows("week", days)
    asked, article, sent, deflected, yes, no, *_pages = (
        (sum(column) for column in zip(*(row.values() for row in weeks), strict=True)) if weeks else (0,) * len(COLUMNS)
    )
    return [
        (_("Questions"), str(asked)),
        (_("With an article that answers"), _share(article, asked)),
        (_("Answered by itself"), _share(sent, asked)),
        (_("Answered with no person and no follow-up in 3 days"), _share(deflected, asked)),
        (_("Helped, of those who said so"), _share(yes, yes + no)),
    ]


def _share(part: int, of: int) -> str:
    return f"{part / of:.0%} ({part})" if of else "–"
