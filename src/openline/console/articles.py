"""What the pages of the articles show, gathered in a fixed number of queries; and how refusals come back to a form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core import signing
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy

from openline.console.article_forms import languages, owners
from openline.console.once import Problem, attempt
from openline.foundation.text import clean
from openline.knowledge import queries
from openline.knowledge.errors import NotDone
from openline.knowledge.models import Article, ArticleState
from openline.service_requests.errors import NotPossible
from openline.service_requests.models import Service

PAGE = 50
DUE = {
    "review": gettext_lazy("Due for review"),
    "stale": gettext_lazy("Translation older than its original"),
    "expiring": gettext_lazy("Expires within 30 days"),
    "expired": gettext_lazy("Expired"),
}
_KEY_SALT = "openline.articles"


def tried(request: HttpRequest, form: str, act: Callable[[], object]) -> tuple[Problem | None, NotDone | None]:
    """`attempt`, with a refusal of the knowledge room as the console shows it, and the refusal itself."""
    refusals: list[NotDone] = []

    def safe() -> object:
        try:
            return act()
        except NotDone as error:
            refusals.append(error)
            raise NotPossible(str(error)) from None

    return attempt(request, form, safe), refusals[0] if refusals else None


def filters_of(asked: QueryDict) -> queries.Filters:
    """What the list is narrowed by."""
    texts = {name: clean(asked.get(name, ""), 200) for name in queries.Filters._fields}
    if texts["state"] not in ArticleState.values:
        texts["state"] = ""
    if texts["due"] not in DUE:
        texts["due"] = ""
    return queries.Filters(**texts)


def listed(asked: QueryDict) -> dict[str, Any]:
    """One page of the articles that fit; found by words, the best first."""
    filters = filters_of(asked)
    found = queries.chosen(filters).select_related("translation_of")
    rows: Sequence[Article]
    if filters.q:
        rows, following = queries.search(found, filters.q), ""
    else:
        rows = list(queries.after(found, _key(asked.get("after", "")))[: PAGE + 1])
        last = rows[PAGE - 1] if len(rows) > PAGE else None
        rows, following = rows[:PAGE], signing.dumps([last.title, last.pk], salt=_KEY_SALT) if last else ""
    owner_names = dict(owners())
    return {
        "filters": filters,
        "rows": [_row(article, owner_names) for article in rows],
        "following": following,
        "kept": _kept(asked),
        **choices(owner_names),
    }


def _kept(asked: QueryDict) -> str:
    """The filters as they stand in an address."""
    kept = asked.copy()
    kept.pop("after", None)
    return kept.urlencode()


def _key(text: str) -> tuple[str, int] | None:
    try:
        title, pk = signing.loads(text, salt=_KEY_SALT)
        return str(title), int(pk)
    except (signing.BadSignature, ValueError, TypeError):
        return None


def _row(article: Article, owner_names: dict[str, str]) -> dict[str, Any]:
    """An article with what its editors have to know of it."""
    owner = owner_names.get(article.owner, article.owner)
    return {"article": article, "warnings": warnings(article), "owner": owner}


def warnings(article: Article) -> list[str]:
    """What somebody has to look at."""
    today, found = timezone.localdate(), []
    published = article.state == ArticleState.PUBLISHED
    expired = bool(article.expires_on and article.expires_on <= today)
    if published and expired:
        found.append("expired")
    elif published and article.expires_on and article.expires_on <= today + queries.SOON:
        found.append("expiring")
    if published and not expired and article.review_on and article.review_on <= today:
        found.append("review")
    if queries.is_stale(article):
        found.append("stale")
    return [str(DUE[what]) for what in found]


def choices(owner_names: dict[str, str]) -> dict[str, Any]:
    """What the filters offer."""
    return {
        "states": ArticleState.choices,
        "owners": list(owner_names.items()),
        "services": Service.objects.filter(active=True).order_by("group", "name").values("code", "name", "group"),
        "languages": languages(),
        "dues": list(DUE.items()),
    }
