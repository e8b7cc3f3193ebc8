"""What is done with articles: each action is one transaction, makes a version, and is on the record.

Whoever changes an article says which version they saw (`seen`; None: whatever stands there); another one's work is
never overwritten unseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Literal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from openline.files.models import File
from openline.foundation.text import clean
from openline.knowledge.content import FIELDS, WORDS, Values, cleaned, content_of, media_of, problems
from openline.knowledge.errors import Invalid, NotDone, Outdated
from openline.knowledge.events import ArticleChanged, changed
from openline.knowledge.models import Article, ArticleMedia, ArticleState, ArticleVersion, FormerSlug
from openline.records import log
from openline.records.models import Kind

REVIEW_DAYS = 365
"""An article is looked at again after so long, unless its owner says otherwise."""
_NOTE = 300
What = Literal["published", "changed", "withdrawn"]


@transaction.atomic
def create(
    given: Mapping[str, Any],
    *,
    by: User | None,
    note: str = "",
    imported_from: str = "",
    translation_of: Article | None = None,
) -> Article:
    """A new draft. Without a slug it gets one of its title. Raises Invalid."""
    start = {"title": "", "body": "", "language": "en", **given}
    values = cleaned(start)
    values["slug"] = values.get("slug") or free_slug(values["title"], values["language"])
    article = Article(state=ArticleState.DRAFT, imported_from=imported_from[:500], translation_of=translation_of)
    _check(article, values)
    if translation_of is not None:
        article.translated_version = translation_of.version
    _put(article, values)
    article.version = 0
    return _keep(article, values, by, "article created", note)


@transaction.atomic
def change(
    pk: int,
    given: Mapping[str, Any],
    *,
    by: User | None,
    seen: int | None,
    note: str = "",
    matches_original: bool = False,
) -> Article:
    """Change the fields that are given; the public page shows it at once. Nothing happens if nothing differs.

    `matches_original`: this translation renders its original as that is now. Raises Outdated, Invalid.
    """
    article = _locked(pk, seen)
    values = _differing(article, cleaned(given))
    _check(article, values)
    original = article.translation_of
    renders = original.version if original and matches_original else article.translated_version
    if not values and renders == article.translated_version:
        return article
    article.translated_version = renders
    _put(article, values)
    return _keep(article, values, by, "article changed", note, "changed" if _is_public(article) else None)


@transaction.atomic
def publish(pk: int, *, by: User | None, seen: int | None, note: str = "") -> Article:
    """Show it to everybody. Raises Outdated, Invalid where something is missing or it would have expired already."""
    article = _locked(pk, seen)
    if article.state == ArticleState.PUBLISHED:
        return article
    _check(article, {**cleaned(content_of(article)), "slug": article.slug})
    if article.expires_on and article.expires_on <= timezone.localdate():
        raise Invalid({"expires_on": _("This day has passed: choose a later one, or none.")})
    article.state, article.published_at = ArticleState.PUBLISHED, article.published_at or timezone.now()
    return _keep(article, {}, by, "article published", note, "published")


@transaction.atomic
def withdraw(pk: int, *, by: User | None, seen: int | None, why: str) -> Article:
    """Take it from the public page. Raises Outdated, and Invalid without a reason."""
    article = _locked(pk, seen)
    if not why.strip():
        raise Invalid({"why": _("Say why it is withdrawn: that is kept on the record.")})
    if article.state == ArticleState.WITHDRAWN:
        return article
    was_public = _is_public(article)
    article.state = ArticleState.WITHDRAWN
    return _keep(article, {}, by, "article withdrawn", why, "withdrawn" if was_public else None)


@transaction.atomic
def restore(pk: int, number: int, *, by: User | None, seen: int | None) -> Article:
    """Bring back the words, facts and media of version `number`; address and state stay. Raises Outdated, NotDone."""
    article = _locked(pk, seen)
    version = article.versions.filter(number=number).first()
    if version is None:
        raise NotDone(_("There is no version %(number)d.") % {"number": number})
    given = {name: value for name, value in version.content.items() if name in FIELDS and name != "slug"}
    values = _differing(article, cleaned(given))
    if not values:
        raise NotDone(_("The article is as it was in this version."))
    _check(article, values)
    _put(article, values)
    note = _("Version %(number)d brought back") % {"number": number}
    return _keep(article, values, by, "article restored", note, "changed" if _is_public(article) else None)


@transaction.atomic
def translate(pk: int, given: Mapping[str, Any], *, by: User | None, note: str = "") -> Article:
    """A draft in another language, tied to the first article; facts that know no language are taken over.

    Raises Invalid, also where this language is there already.
    """
    original = _locked(pk, None)
    original = original.translation_of or original
    taken = ("service_code", "areas", "owner", "source", "review_on", "expires_on", "links")
    start = {name: getattr(original, name) for name in taken} | dict(given)
    language = str(start.get("language", ""))
    if language == original.language or original.translations.filter(language=language).exists():
        raise Invalid({"language": _("There is a text in this language already.")})
    start.setdefault("slug", free_slug(str(start.get("title", "")), language, fallback=original.slug))
    return create(start, by=by, note=note, translation_of=original)


@transaction.atomic
def mark_reviewed(pk: int, *, by: User | None, seen: int | None, review_on: date | None = None) -> Article:
    """Its owner read it and found it true; it is looked at again on `review_on` (None: in a year)."""
    article = _locked(pk, seen)
    today = timezone.localdate()
    if review_on and review_on <= today:
        raise Invalid({"review_on": _("Choose a day that is still to come.")})
    article.reviewed_on, article.review_on = today, review_on or today + timedelta(days=REVIEW_DAYS)
    return _keep(article, {}, by, "article reviewed", "", "changed" if _is_public(article) else None)


def free_slug(title: str, language: str, fallback: str = "") -> str:
    """An address that no article has, made of the title; of `fallback` and the language if it has no Latin letter."""
    start = slugify(title)[:100].strip("-_").replace("_", "-") or f"{fallback or 'article'}-{slugify(language)}"
    start = "-".join(part for part in start.split("-") if part)
    taken = set(Article.objects.filter(slug__startswith=start).values_list("slug", flat=True))
    numbered = (f"{start}-{number}" for number in range(2, len(taken) + 3))
    return start if start not in taken else next(slug for slug in numbered if slug not in taken)


# --- inside ---------------------------------------------------------------------------------------


def _locked(pk: int, seen: int | None) -> Article:
    article = Article.objects.select_for_update(of=("self",)).select_related("translation_of").filter(pk=pk).first()
    if article is None:
        raise NotDone(_("This article is not there any more."))
    if seen is not None and seen != article.version:
        raise Outdated(
            _("Somebody changed this article while you wrote. Look at what changed, then save again."), article.version
        )
    _keep_first(article)
    return article


def _keep_first(article: Article) -> None:
    """Articles from before there were versions have none: what they are now is kept before it changes."""
    if not article.versions.filter(number=article.version).exists():
        ArticleVersion.objects.create(
            article=article, number=article.version, content=content_of(article), at=article.changed_at
        )


def _differing(article: Article, values: Values) -> Values:
    """Those of `values` that are not so already."""
    return {
        name: value
        for name, value in values.items()
        if value != (media_of(article) if name == "media" else getattr(article, name))
    }


def _check(article: Article, values: Values) -> None:
    """Raises Invalid if `values` cannot be kept in `article`."""
    wanted = {one["file"] for one in values.get("media", ())}
    kinds = {str(pk): kind for pk, kind in File.objects.filter(pk__in=wanted).values_list("pk", "content_type")}
    wrong = problems(values, frozenset(pk for pk, kind in kinds.items() if kind.startswith("video/")))
    if wanted - kinds.keys():
        wrong["media"] = _("A picture or film is not there any more. Add it again.")
    if "slug" in values and Article.objects.filter(slug=values["slug"]).exclude(pk=article.pk).exists():
        wrong["slug"] = _("Another article has this address.")
    if "language" in values and "language" not in wrong and _is_twice(article, values["language"]):
        wrong["language"] = _("There is a text in this language already.")
    if wrong:
        raise Invalid(wrong)


def _is_twice(article: Article, language: str) -> bool:
    """Whether the article and its translations have this language already."""
    root = article.translation_of or (article if article.pk else None)
    if root is None:
        return False
    others = [root, *root.translations.all()]
    return any(other.language == language and other.pk != article.pk for other in others)


def _put(article: Article, values: Values) -> None:
    """Set the fields; the former address leads on."""
    former = article.slug if article.pk and "slug" in values else ""
    for name, value in values.items():
        if name != "media":
            setattr(article, name, value)
    if former:
        FormerSlug.objects.update_or_create(slug=former, defaults={"article": article})
    if "slug" in values:
        FormerSlug.objects.filter(slug=article.slug).delete()


def _keep(
    article: Article, values: Values, by: User | None, what: str, note: str = "", told: What | None = None
) -> Article:
    """Save the article as its next version, write the record, and tell who listens."""
    article.version += 1
    if not values.keys().isdisjoint(WORDS):
        article.worded_in = article.version
    article.save()
    if "media" in values:
        _set_media(article, values["media"])
    note = clean(note, _NOTE)
    ArticleVersion.objects.create(
        article=article, number=article.version, content=content_of(article), note=note, by=by, at=timezone.now()
    )
    actor = by.get_username() if by else "openline"
    body = {"what": what, "article": article.slug, "version": article.version, "fields": sorted(values), "note": note}
    log.write([log.Entry(Kind.CHANGED, actor, body=body)])
    if told:
        changed.publish(ArticleChanged(article, told, actor))
    return article


def _set_media(article: Article, media: Iterable[Mapping[str, str]]) -> None:
    """The pictures and films in this order, and no others; the files themselves stay."""
    article.media.all().delete()
    ArticleMedia.objects.bulk_create(
        ArticleMedia(article=article, file_id=one["file"], position=n, **{k: one[k] for k in one if k != "file"})
        for n, one in enumerate(media)
    )


def _is_public(article: Article) -> bool:
    return article.state == ArticleState.PUBLISHED
