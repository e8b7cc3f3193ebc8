"""The public pages of the articles: found, read, shown with pictures and films. Drafts and what expired: never."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language_info
from django.views.decorators.http import require_safe

from openline.files import serving
from openline.foundation.markdown import codes_in, fill, html_of
from openline.foundation.text import clean
from openline.geography.models import Area
from openline.knowledge import queries
from openline.knowledge.models import Article, ArticleMedia, FormerSlug, Lookup
from openline.knowledge.rendering import excerpt_of, facts_of, locale_of
from openline.portal import structured
from openline.service_requests.jurisdiction import jurisdiction
from openline.service_requests.models import Service, ServiceKind

PAGE = 40
_KEY_SALT = "openline.public.articles"
_OWN_NAMES = {"ht": "Kreyòl ayisyen"}


@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    """Articles by words, service, area and language; those in the reader's language unless another is chosen."""
    chosen = {name: clean(request.GET.get(name, ""), 200) for name in ("q", "service", "area", "language")}
    spoken = list(queries.public().order_by("language").values_list("language", flat=True).distinct())
    chosen["language"] = chosen["language"] or _reader_language(request, spoken)
    found = _narrowed(chosen)
    rows: Sequence[Article]
    if chosen["q"]:
        rows, following = queries.search(found, chosen["q"]), ""
    else:
        rows, following = _page(found, request.GET.get("after", ""))
    context = {
        "rows": [{"article": one, "excerpt": excerpt_of(one, 160)} for one in rows],
        "following": following,
        "chosen": chosen,
        "services": Service.objects.filter(code__in=queries.public().exclude(service_code="").values("service_code"))
        .order_by("name")
        .values("code", "name"),
        "areas": Area.objects.filter(kind="neighborhood").order_by("name").values("code", "name"),
        "languages": [(code, name_of(code)) for code in spoken],
    }
    return render(request, "portal/articles.html", context)


def _reader_language(request: HttpRequest, spoken: list[str]) -> str:
    """The language of the pages, if there is any article in it; else all of them."""
    short = request.LANGUAGE_CODE.split("-")[0]
    return short if short in spoken else "all"


def _narrowed(chosen: dict[str, str]) -> Any:
    found = queries.public()
    if chosen["language"] != "all":
        found = found.filter(language=chosen["language"])
    if chosen["service"]:
        found = found.filter(service_code=chosen["service"])
    return queries.in_area(found, chosen["area"]) if chosen["area"] else found


def _page(found: Any, key: str) -> tuple[list[Article], str]:
    """One page by title, and the key of the next one."""
    try:
        title, pk = signing.loads(key, salt=_KEY_SALT)
        after = (str(title), int(pk))
    except (signing.BadSignature, ValueError, TypeError):
        after = None
    rows = list(queries.after(found, after)[: PAGE + 1])
    if len(rows) <= PAGE:
        return rows, ""
    return rows[:PAGE], signing.dumps([rows[PAGE - 1].title, rows[PAGE - 1].pk], salt=_KEY_SALT)


def name_of(language: str) -> str:
    """A language by its own name."""
    try:
        return _OWN_NAMES.get(language) or str(get_language_info(locale_of(language))["name_local"]).capitalize()
    except KeyError:
        return language


def article(request: HttpRequest, slug: str) -> HttpResponse:
    """One article. Raises Http404 where nothing public stands there; a former address leads on."""
    found = queries.public().filter(slug=slug).first()
    if found is None:
        former = FormerSlug.objects.filter(slug=slug, article__in=queries.public()).select_related("article").first()
        if former is None:
            raise Http404
        return redirect("portal:article", former.article.slug, permanent=True)
    place = _place(found, clean(request.GET.get("area", ""), 100))
    media = [one for one in found.media.select_related("file").order_by("position") if one.file.view or one.file.film]
    service = Service.objects.filter(code=found.service_code, active=True).first() if found.service_code else None
    others = queries.translations(found, queries.public())
    areas = list(Area.objects.filter(code__in=found.areas).order_by("name").values_list("name", flat=True))
    images = [f"{settings.PUBLIC_URL}{_picture(one)}" for one in media if one.file.is_picture]
    graph = structured.graph_of(found, city=jurisdiction().name, service=service, others=others, areas=areas,
                                images=images, facts=place.facts)  # fmt: skip
    context = {
        "article": found,
        "body": html_of(found.body, place.facts),
        "facts": [(label, fill(text, place.facts)) for label, text in facts_of(found)],
        "place": place,
        "media": media,
        "service": service,
        "reports": service and service.public and service.kind == ServiceKind.REQUEST,
        "others": [(other, name_of(other.language)) for other in others],
        "areas": areas,
        "excerpt": excerpt_of(found, 200),
        "image": images[0] if images else "",
        "public_url": settings.PUBLIC_URL,
        "structured": structured.block(graph),
    }
    return render(request, "portal/article.html", context)


class Place(NamedTuple):
    """What depends on the place in an article: the facts of the chosen area, and the areas to choose from."""

    facts: dict[str, str]
    choices: list[tuple[str, str]]
    chosen: str


def _place(found: Article, area: str) -> Place:
    """The facts that the article asks for; without an area, what each of them is called."""
    codes = codes_in("\n".join((found.body, found.who, found.when, found.how, found.cost)))
    if not codes:
        return Place({}, [], "")
    lookups = list(Lookup.objects.filter(code__in=codes).prefetch_related("facts"))
    names = {lookup.code: lookup.name for lookup in lookups}
    values = {lookup.code: {fact.area: fact.value for fact in lookup.facts.all()} for lookup in lookups}
    known = {code for facts in values.values() for code in facts}
    labels = dict(Area.objects.filter(code__in=known).values_list("code", "name"))
    choices = sorted(((code, labels.get(code, code)) for code in known), key=lambda one: one[1])
    facts = {code: values[code].get(area) or names[code] for code in values}
    return Place(facts, choices, area if area in known else "")


def _picture(one: ArticleMedia) -> str:
    return f"/articles/media/{one.pk}/view/"


@require_safe
def medium(request: HttpRequest, medium_id: UUID, size: str) -> HttpResponse:
    """A picture, a film, its poster or its captions, of an article that everybody may read."""
    found = get_object_or_404(ArticleMedia.objects.select_related("file"), pk=medium_id, article__in=queries.public())
    if size == "captions" and found.captions:
        return HttpResponse(found.captions, "text/vtt; charset=utf-8", headers={"X-Content-Type-Options": "nosniff"})
    if size == "film" and found.file.film:
        return serving.page_film(request, found.file.film, public=True)
    return serving.page_picture(found.file, size, public=True)
