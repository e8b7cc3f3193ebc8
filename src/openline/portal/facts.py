"""On an article's page: the facts of one's own address, and whether the page helped. Nothing is kept of who asks."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from openline.care.understanding import gazetteer
from openline.foundation.text import clean
from openline.geography.finder import find_places
from openline.knowledge import facts
from openline.knowledge.models import Article, ArticleState, Helpful
from openline.knowledge.passages import passages
from openline.portal.contact import guard

HELPING = guard.Limit("helpful", 10, 20)
LOOKING = guard.Limit("facts", 20, 60)
_MOST = 200


def context(article: Article) -> dict[str, Any]:
    """What `portal/_facts.html` needs on an article's page."""
    return {"asks_address": bool(facts.codes(article.body)), "article": article}


@require_GET
@never_cache
def look(request: HttpRequest, slug: str) -> HttpResponse:
    """What holds at the address that was typed in; a page of its own, so that it works without JavaScript."""
    article = _article(slug)
    typed = clean(request.GET.get("address", ""), _MOST)
    allowed = guard.may_send(request, LOOKING)
    streets = gazetteer() if typed and allowed else None
    place = next(iter(find_places(streets, typed, asked=True)), None) if streets else None
    texts = [part.text for part in passages(article.body) if facts.codes(part.text)]
    known = facts.for_texts(texts)
    told = [facts.sentences(text, known, place.areas) for text in texts] if place else []
    answer = {"typed": typed, "place": place, "told": [text for text in told if text], "too_many": not allowed}
    page = render(request, "portal/facts.html", context(article) | answer, status=200 if allowed else 429)
    page["X-Robots-Tag"] = "noindex"
    return page


@require_POST
def helpful(request: HttpRequest, slug: str) -> HttpResponse:
    """Count that the page helped, or did not."""
    article = _article(slug)
    said = request.POST.get("helped", "")
    counted = said in ("yes", "no") and guard.may_send(request, HELPING)
    if counted:
        row, _made = Helpful.objects.get_or_create(article=article, day=timezone.localdate())
        Helpful.objects.filter(pk=row.pk).update(**{said: F(said) + 1})
    return redirect(f"{_address(article)}?thanks=1#helped" if counted else _address(article))


def _address(article: Article) -> str:
    return reverse("portal:article", args=[article.slug])


def _article(slug: str) -> Article:
    found = Article.objects.filter(state=ArticleState.PUBLISHED).exclude(expires_on__lte=timezone.localdate())
    return get_object_or_404(found.defer("search"), slug=slug)
