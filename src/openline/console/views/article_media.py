"""Pictures and films of an article: added, described, ordered, taken away, each as a version of the article."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openline.console.article_forms import AddMediumForm, ArticleForm, MediumForm
from openline.console.articles import tried
from openline.console.once import Problem, staff
from openline.console.permissions import needs
from openline.console.views.articles import seen_version, show_editor
from openline.files import serving, uploading
from openline.files.pictures import Refused
from openline.knowledge import writing
from openline.knowledge.content import media_of
from openline.knowledge.models import Article, ArticleMedia

Media = list[dict[str, str]]


@require_GET
@needs("see_articles")
def show(request: HttpRequest, pk: int, medium: UUID, size: str) -> HttpResponse:
    """A picture, or a film's poster, of an article that may not be public yet."""
    found = get_object_or_404(ArticleMedia.objects.select_related("file"), pk=medium, article=pk)
    return serving.page_picture(found.file, size, public=False)


@require_POST
@needs("knowledge")
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a picture or film in. It is read before anything is saved: that can take seconds."""
    found, form = _article(pk), AddMediumForm(request.POST, request.FILES)
    if not form.is_valid():
        return _refused(request, found, "media", form)
    try:
        file = uploading.take_with_films([form.cleaned_data["file"]])[0]
    except Refused as error:
        return show_editor(request, found, ArticleForm(article=found), Problem("media", str(error), request.POST))
    new = {"file": str(file.pk), **_words(form)}
    return _saved(request, found, "media", lambda media: [*media, new])


@require_POST
@needs("knowledge")
def change(request: HttpRequest, pk: int, medium: UUID) -> HttpResponse:
    """Describe one anew, move it up, or take it away."""
    found, name = _article(pk), f"medium:{medium}"
    one = get_object_or_404(ArticleMedia, pk=medium, article=found)
    file = str(one.file_id)
    if "remove" in request.POST:
        return _saved(request, found, name, lambda media: [m for m in media if m["file"] != file])
    if "up" in request.POST:
        return _saved(request, found, name, lambda media: _moved_up(media, file))
    form = MediumForm(request.POST, request.FILES)
    if not form.is_valid():
        return _refused(request, found, name, form)
    words = _words(form, one.captions)
    return _saved(request, found, name, lambda media: [m | words if m["file"] == file else m for m in media])


def _article(pk: int) -> Article:
    return get_object_or_404(Article.objects.select_related("translation_of"), pk=pk)


def _words(form: MediumForm, captions: str = "") -> dict[str, str]:
    given: dict[str, Any] = form.cleaned_data
    return {"alt": given["alt"], "caption": given["caption"], "captions": form.captions_text(captions)}


def _moved_up(media: Media, file: str) -> Media:
    at = next((n for n, one in enumerate(media) if one["file"] == file), 0)
    if at:
        media[at - 1], media[at] = media[at], media[at - 1]
    return media


def _saved(request: HttpRequest, found: Article, name: str, changed: Callable[[Media], Media]) -> HttpResponse:
    """Save the article with its media changed."""

    def act() -> object:
        return writing.change(
            found.pk, {"media": changed(media_of(found))}, by=staff(request), seen=seen_version(request)
        )

    problem, _refusal = tried(request, name, act)
    if problem is None:
        return redirect("console:article", found.pk)
    return show_editor(request, found, ArticleForm(article=found), problem)


def _refused(request: HttpRequest, found: Article, name: str, form: forms.Form) -> HttpResponse:
    words = " ".join(f"{form.fields[field].label}: {' '.join(map(str, texts))}" for field, texts in form.errors.items())
    return show_editor(
        request, found, ArticleForm(article=found), Problem(name, words or _("Nothing was sent."), request.POST)
    )
