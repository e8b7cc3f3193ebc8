"""What a new post begins with: nothing, an article, a service request, an earlier post, or what it puts right."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from openline.console.permissions import visible_requests
from openline.foundation.text import clean
from openline.knowledge.models import Article
from openline.knowledge.rendering import address_of, as_blog, facts_of
from openline.publishing import changing, speaking
from openline.publishing import content as contents
from openline.publishing.content import Content, Form, Words
from openline.publishing.models import Post, Variant
from openline.publishing.states import Kind
from openline.service_requests.jurisdiction import city_zone
from openline.service_requests.languages import link, short

FIRST_HOUR = time(9)
FARTHEST = timedelta(days=3650)


def content_for(asked: QueryDict, user: User) -> Content:
    """The content with which the composer opens, as the address asks for it."""
    kind = asked.get("kind", "")
    blank = Content(kind=kind if kind in Kind.values else Kind.SHORT, language=short(settings.LANGUAGE_CODE))
    if "article" in asked:
        return _from_article(clean(asked.get("article", ""), 120), blank)
    if "request" in asked:
        return _from_request(clean(asked.get("request", ""), 30), user, blank)
    if "copy" in asked:
        return _copy(_id(asked.get("copy", "")), user, blank, asked.get("account", ""))
    if "corrects" in asked:
        return _correction(_id(asked.get("corrects", "")), user, blank)
    return replace(blank, texts={blank.language: Words(text=clean(asked.get("text", ""), 2000))})


def time_for(asked: QueryDict) -> datetime | None:
    """The first good hour of the day for which a post is begun (`?day=2026-12-01`), None without such a day."""
    try:
        day = date.fromisoformat(asked.get("day", "")[:10])
        at = datetime.combine(day, FIRST_HOUR, city_zone())
    except (ValueError, OverflowError):
        return None
    return at if timezone.now() < at < timezone.now() + FARTHEST else None


def _from_article(slug: str, blank: Content) -> Content:
    """The answer of an article, which stands in its first paragraph, with a link to all of it."""
    article = Article.objects.filter(slug=slug).first()
    if article is None:
        return blank
    language = short(article.language)
    blog = as_blog(article)
    words = Words(blog.excerpt, article.title, _whole(article) if blank.kind == Kind.BLOG else "")
    return replace(
        blank,
        name=article.title,
        language=language,
        texts={language: words},
        link="" if blank.kind == Kind.BLOG else address_of(article.slug),
        areas=tuple(article.areas),
        topics=blog.tags,
        article_slug=article.slug,
    )


def _whole(article: Article) -> str:
    """All of an article as Markdown, as its own page has it: short facts, text, links."""
    facts = [f"- **{label}:** {words}" for label, words in facts_of(article)]
    further = [f"- [{one['label']}]({urljoin(address_of(article.slug), one['url'])})" for one in article.links]
    return "\n\n".join(part for part in ("\n".join(facts), article.body, "\n".join(further)) if part)


def _from_request(number: str, user: User, blank: Content) -> Content:
    """News of an outage or a work site: what it is and where, for the areas in which it is. Nothing of who told us."""
    found = visible_requests(user).filter(number=number, public=True).select_related("service").first()
    if found is None:
        return blank
    with override(blank.language):
        where = _(" at %(place)s") % {"place": found.place_name} if found.place_name else ""
        text = _("%(service)s%(where)s: we know of it and are working on it.")
        words = Words(text % {"service": found.service.name, "where": where})
    return replace(
        blank,
        name=f"{found.service.name} {found.number}",
        texts={blank.language: words},
        link=link(found.number),
        areas=tuple(found.areas),
        place=found.place_name,
        latitude=found.latitude,
        longitude=found.longitude,
    )


def _copy(post_id: UUID | None, user: User, blank: Content, account: str) -> Content:
    """An earlier post once more, without its times, on those of its accounts as which the person may speak.

    `account` keeps it to one of them, which has to be written to anew.
    """
    post = Post.objects.filter(pk=post_id).first() if post_id else None
    if post is None:
        return blank
    content = contents.read(post)
    may = {str(pk) for pk in speaking.accounts_of(user).values_list("pk", flat=True)}
    forms = tuple(_again(form) for form in content.forms if form.account in may and account in ("", form.account))
    return replace(content, forms=forms, embargo_until=None)


def _again(form: Form) -> Form:
    return replace(form, leave_at=None)


def _correction(variant_id: UUID | None, user: User, blank: Content) -> Content:
    """What puts a publication right that cannot be changed where it stands."""
    mine = Variant.objects.filter(account__in=speaking.accounts_of(user))
    variant = mine.select_related("post", "account").filter(pk=variant_id).first() if variant_id else None
    if variant is None:
        return blank
    with override(variant.language):
        begins = _("Correction: ")
    return changing.correction(variant, begins, by=user)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
