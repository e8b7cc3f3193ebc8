"""Taking found articles over as drafts: first what would become of each, then all of it in one transaction.

What was imported before is known by its origin, or by its slug. Only drafts are changed: what is published or withdrawn
belongs to its editors, and is left as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from openline.cities.articles.found import Found
from openline.knowledge import writing
from openline.knowledge.content import cleaned, content_of, problems
from openline.knowledge.errors import Invalid
from openline.knowledge.models import Article, ArticleState
from openline.records import log
from openline.records.models import Kind

What = Literal["new", "changed", "same", "left"]


@dataclass(slots=True)
class Planned:
    """What would become of one found article: "left" alone says `why`. `article` is the one that is there."""

    found: Found
    what: What
    article: Article | None = None
    why: str = ""


def plan(found: Iterable[Found]) -> list[Planned]:
    """What taking these over would do."""
    planned: list[Planned] = []
    taken: set[str] = set()
    for one in found:
        key = one.origin or _slug(one)
        if key and key in taken:
            planned.append(Planned(one, "left", why=_("It stands here twice: the first one counts.")))
            continue
        taken.add(key)
        planned.append(_plan(one))
    return planned


def _plan(found: Found) -> Planned:
    wrong = problems({"title": "", "body": "", **cleaned(found.values)})
    if wrong:
        return Planned(found, "left", why="; ".join(f"{name}: {text}" for name, text in wrong.items()))
    article = _there(found)
    if article is None:
        return Planned(found, "new")
    if article.state != ArticleState.DRAFT:
        state = article.get_state_display()
        return Planned(
            found, "left", article, _("It is there already (%(state)s): change it by hand.") % {"state": state}
        )
    return Planned(found, "changed" if _differs(article, found) else "same", article)


def _there(found: Found) -> Article | None:
    """The article that the same import made before."""
    articles = Article.objects.select_related("translation_of")
    if found.origin:
        return articles.filter(imported_from=found.origin).first()
    return articles.filter(slug=_slug(found)).first() or articles.filter(former_slugs__slug=_slug(found)).first()


def _slug(found: Found) -> str:
    return str(found.values.get("slug") or slugify(str(found.values.get("title", "")))[:100])


def _differs(article: Article, found: Found) -> bool:
    before, values = content_of(article), cleaned(_wanted(found, article))
    days = {name: value.isoformat() for name, value in values.items() if hasattr(value, "isoformat")}
    return any(before[name] != value for name, value in {**values, **days}.items())


def _wanted(found: Found, article: Article | None) -> dict[str, object]:
    """The values to keep; from another site the address stays what it is here."""
    stays = article is not None and found.origin
    return {name: value for name, value in found.values.items() if not (stays and name == "slug")}


@transaction.atomic
def take(planned: Sequence[Planned], *, by: User | None, source: str) -> Counter[str]:
    """Keep what was planned. Returns how many there were of each kind. Raises Invalid; then nothing is kept."""
    kept: list[tuple[Planned, Article]] = []
    for one in planned:
        if one.what == "new":
            kept.append((one, _create(one.found, by, source)))
        elif one.what == "changed" and one.article:
            wanted = _wanted(one.found, one.article)
            kept.append((one, writing.change(one.article.pk, wanted, by=by, seen=one.article.version, note=source)))
    _tie(kept)
    counted = Counter(str(one.what) for one in planned)
    body = {"what": "articles imported", "source": source[:300], **counted}
    log.write([log.Entry(Kind.CHANGED, by.get_username() if by else "openline", body=body)])
    return counted


def _create(found: Found, by: User | None, source: str) -> Article:
    values = dict(found.values)
    if found.origin and Article.objects.filter(slug=values.get("slug", "")).exists():
        values.pop("slug")
    try:
        article = writing.create(values, by=by, note=source, imported_from=found.origin)
    except Invalid as error:
        raise Invalid({name: f"{found.where}: {text}" for name, text in error.errors.items()}) from None
    if found.reviewed_on:
        Article.objects.filter(pk=article.pk).update(reviewed_on=found.reviewed_on)
    return article


def _tie(kept: Iterable[tuple[Planned, Article]]) -> None:
    """Tie translations to the articles that they name; one that is not there is passed over."""
    for one, article in kept:
        slug = one.found.translation_of
        original = Article.objects.filter(slug=slug).exclude(pk=article.pk).first() if slug else None
        if original is None or original.translation_of_id or original.language == article.language:
            continue
        if original.translations.filter(language=article.language).exclude(pk=article.pk).exists():
            continue
        version = article.translated_version or original.version
        Article.objects.filter(pk=article.pk).update(translation_of=original, translated_version=version)
