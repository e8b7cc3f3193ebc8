"""Articles: the list, the editor, what is done with one, and its history."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openline.console import articles, panes
from openline.console.article_forms import AddMediumForm, ArticleForm, ReviewForm
from openline.console.articles import tried
from openline.console.once import Problem, staff, typed
from openline.console.permissions import allowed, needs
from openline.foundation.markdown import html_of
from openline.knowledge import queries, writing
from openline.knowledge.content import TEXTS, content_of
from openline.knowledge.differences import Difference, differences
from openline.knowledge.errors import Invalid, NotDone, Outdated
from openline.knowledge.models import Article, ArticleState, ArticleVersion

_VERSIONS = 100


@require_GET
@needs("see_articles")
def page(request: HttpRequest) -> HttpResponse:
    """All articles, narrowed and searched."""
    return render(request, "console/articles.html", panes.frame(request) | articles.listed(request.GET))


@require_http_methods(["GET", "POST"])
@needs("knowledge")
def new(request: HttpRequest) -> HttpResponse:
    """A new article, or with `?of=` a translation of one."""
    number = request.GET.get("of", "")
    original = get_object_or_404(Article, pk=int(number)) if number.isascii() and number.isdigit() else None
    original = (original.translation_of or original) if original else None
    article = Article(translation_of=original, state=ArticleState.DRAFT)
    form = ArticleForm(request.POST or None, article=article, start=_start(original))
    form.fields.pop("matches_original", None)
    if _previews(request):
        return show_editor(request, article, form)
    made: list[Article] = []
    if request.method == "POST" and form.is_valid():
        problem, refused = tried(request, "article", lambda: made.append(_make(request, form, original)))
        if problem is None:
            messages.success(request, _("Saved as a draft."))
            return redirect("console:article", made[0].pk) if made else redirect("console:articles")
        form.refuse(getattr(refused, "errors", {}))
        return show_editor(request, article, form, problem)
    return show_editor(request, article, form)


def _start(original: Article | None) -> dict[str, Any]:
    """What a translation takes over from its original."""
    if original is None:
        return {}
    taken = ("service_code", "areas", "owner", "source", "links", "review_on", "expires_on")
    there = {original.language, *original.translations.values_list("language", flat=True)}
    missing = [code for code, _name in articles.languages() if code not in there]
    return {name: getattr(original, name) for name in taken} | {"language": missing[0] if missing else "", "slug": ""}


def _make(request: HttpRequest, form: ArticleForm, original: Article | None) -> Article:
    note = typed(request, "note", 300)
    if original is not None:
        return writing.translate(original.pk, form.written(), by=staff(request), note=note)
    return writing.create(form.written(), by=staff(request), note=note)


@require_http_methods(["GET", "POST"])
@needs("see_articles")
def article(request: HttpRequest, pk: int) -> HttpResponse:
    """One article: read by all of the desk, changed by its editors."""
    found = get_object_or_404(Article.objects.select_related("translation_of"), pk=pk)
    if request.method == "POST" and not allowed(request.user, "knowledge"):
        return render(request, "console/403.html", status=403)
    form = ArticleForm(request.POST or None, article=found)
    if request.method == "GET" or _previews(request) or not form.is_valid():
        return show_editor(request, found, form)
    problem, refused = tried(request, "article", lambda: _change(request, found, form))
    if problem is None:
        messages.success(request, _("Saved."))
        return redirect("console:article", pk)
    form.refuse(getattr(refused, "errors", {}))
    return show_editor(request, found, form, problem, _meanwhile(request, found, refused))


def _change(request: HttpRequest, found: Article, form: ArticleForm) -> None:
    article = writing.change(
        found.pk,
        form.written(),
        by=staff(request),
        seen=seen_version(request),
        note=typed(request, "note", 300),
        matches_original=bool(form.cleaned_data.get("matches_original")),
    )
    if "publish" in request.POST:
        writing.publish(article.pk, by=staff(request), seen=article.version)


def seen_version(request: HttpRequest) -> int:
    """The version that the editor loaded; none that exists where the form names none."""
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _meanwhile(request: HttpRequest, found: Article, refused: NotDone | None) -> list[Difference]:
    """What somebody else changed since the editor loaded the article."""
    if not isinstance(refused, Outdated):
        return []
    before = found.versions.filter(number=seen_version(request)).first()
    return differences(before.content if before else {}, content_of(found))


def _previews(request: HttpRequest) -> bool:
    return request.method == "POST" and "preview" in request.POST


def show_editor(
    request: HttpRequest,
    article: Article,
    form: ArticleForm,
    problem: Problem | None = None,
    meanwhile: list[Difference] | None = None,
) -> HttpResponse:
    body = request.POST["body"][: TEXTS["body"]] if "body" in request.POST else article.body
    saved = article.pk is not None
    root = article.translation_of or article
    context: dict[str, Any] = {
        "article": article,
        "form": form,
        "problem": problem,
        "meanwhile": meanwhile,
        "html": html_of(body) if body else "",
        "warnings": articles.warnings(article) if saved else [],
        "media": article.media.select_related("file").order_by("position") if saved else [],
        "media_form": AddMediumForm(label_suffix=""),
        "review_form": ReviewForm(label_suffix=""),
        "others": queries.translations(article, Article.objects.all()) if saved else [],
        "original": root,
        "language_names": dict(articles.languages()),
    }
    bad = request.method == "POST" and not _previews(request)
    return render(request, "console/article.html", panes.frame(request) | context, status=422 if bad else 200)


@require_POST
@needs("see_articles")
def preview(request: HttpRequest) -> HttpResponse:
    """The text as the public page will show it; nothing is kept."""
    html = html_of(request.POST.get("body", "")[: TEXTS["body"]])
    return render(request, "console/_article_preview.html", {"html": html})


@require_POST
@needs("knowledge")
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish it, withdraw it, or say that it was looked at."""
    found = get_object_or_404(Article.objects.select_related("translation_of"), pk=pk)
    what = request.POST.get("what", "")
    if what not in _ACTS:
        raise Http404
    problem, refused = tried(request, what, lambda: _ACTS[what](request, found))
    if problem is None:
        messages.success(request, _("Done."))
        return redirect("console:article", pk)
    if isinstance(refused, Invalid) and set(refused.errors) - {"why", "review_on", "expires_on"}:
        problem = Problem(
            problem.form, _("Something is missing before it can be published: ") + problem.text, request.POST
        )
    return show_editor(request, found, ArticleForm(article=found), problem)


def _publish(request: HttpRequest, found: Article) -> None:
    writing.publish(found.pk, by=staff(request), seen=seen_version(request))


def _withdraw(request: HttpRequest, found: Article) -> None:
    writing.withdraw(found.pk, by=staff(request), seen=seen_version(request), why=typed(request, "why", 300))


def _reviewed(request: HttpRequest, found: Article) -> None:
    form = ReviewForm(request.POST)
    if not form.is_valid():
        raise Invalid({"review_on": _("Write a day such as 2027-03-31.")})
    writing.mark_reviewed(
        found.pk, by=staff(request), seen=seen_version(request), review_on=form.cleaned_data["review_on"]
    )


_ACTS = {"publish": _publish, "withdraw": _withdraw, "reviewed": _reviewed}


@require_http_methods(["GET", "POST"])
@needs("see_articles")
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """All versions, and what changed between two of them; an earlier one can be brought back."""
    found = get_object_or_404(Article.objects.select_related("translation_of"), pk=pk)
    problem = None
    if request.method == "POST":
        if not allowed(request.user, "knowledge"):
            return render(request, "console/403.html", status=403)
        problem, _refused = tried(request, "restore", lambda: _restore(request, pk))
        if problem is None:
            messages.success(request, _("The earlier version is back, as a new one."))
            return redirect("console:article", pk)
    versions = list(found.versions.select_related("by").defer("content").order_by("-number")[:_VERSIONS])
    later = _number(request, "to", found.version)
    earlier = _number(request, "from", later - 1)
    pair = {v.number: v for v in ArticleVersion.objects.filter(article=found, number__in=(earlier, later))}
    context = {"article": found, "versions": versions, "problem": problem, "earlier": earlier, "later": later}
    if len(pair) == 2:
        context["changes"] = differences(pair[earlier].content, pair[later].content)
    frame = panes.frame(request)
    return render(request, "console/article_history.html", frame | context, status=422 if problem else 200)


def _restore(request: HttpRequest, pk: int) -> None:
    number = request.POST.get("number", "")
    writing.restore(pk, int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0,
                    by=staff(request), seen=seen_version(request))  # fmt: skip


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise
