"""Articles in and out: first what an import would do, row by row, then the save; export as CSV and Markdown."""

from __future__ import annotations

from typing import Any

import orjson
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from openline.cities.articles import csv_files, markdown_files, taking
from openline.cities.articles.columns import COLUMNS, known
from openline.cities.articles.found import Found
from openline.cities.articles.reading import read_address, read_data
from openline.cities.tables import Refused
from openline.console import panes
from openline.console.article_forms import ImportForm
from openline.console.articles import tried
from openline.console.once import Problem, staff, typed
from openline.console.permissions import needs
from openline.foundation.markdown import html_of
from openline.knowledge.errors import NotDone
from openline.knowledge.models import Article

_CARRIED = 2_000_000
"""Characters of what was found that travel with the form that confirms."""


@require_GET
@needs("knowledge")
def export(request: HttpRequest, name: str) -> HttpResponse:
    """All articles in one file."""
    articles = Article.objects.select_related("translation_of").defer("search").order_by("slug")
    if name == "articles.csv":
        answer = HttpResponse(csv_files.write_csv(articles), "text/csv; charset=utf-8")
    elif name == "articles.zip":
        answer = HttpResponse(markdown_files.zipped(articles), "application/zip")
    else:
        raise Http404
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_http_methods(["GET", "POST"])
@needs("knowledge")
def take(request: HttpRequest) -> HttpResponse:
    """Import: what would become of each article, then the save of those that stay ticked."""
    if request.method == "POST" and "found" in request.POST:
        return _confirmed(request)
    form = ImportForm(request.POST or None, request.FILES or None, label_suffix="")
    if request.method == "GET" or not form.is_valid():
        return _page(request, {"form": form}, bad=request.method == "POST")
    found, refused, source = _read(form)
    carried = orjson.dumps([one.as_json() for one in found]).decode()
    if len(carried) > _CARRIED:
        form.add_error(None, _("This is too much for a page: use “openline knowledge import” on the city's machine."))
        return _page(request, {"form": form}, bad=True)
    return _look(request, found, refused, source, carried)


def _read(form: ImportForm) -> tuple[list[Found], list[Refused], str]:
    """What was found, what is refused, and where it came from."""
    refused: list[Refused] = []
    file, address = form.cleaned_data["file"], form.cleaned_data["address"]
    if file:
        name = (file.name or _("file"))[:100]
        return read_data(file.read(), name, known(), refused), refused, name
    return read_address(address, refused, wordpress=form.cleaned_data["wordpress"]), refused, address


def _look(
    request: HttpRequest,
    found: list[Found],
    refused: list[Refused],
    source: str,
    carried: str,
    problem: Problem | None = None,
) -> HttpResponse:
    """What the import would do."""
    planned = taking.plan(found)
    rows = [{"planned": one, "number": n, "html": html_of(str(one.found.values.get("body", ""))[:20_000])}
            for n, one in enumerate(planned)]  # fmt: skip
    context = {"rows": rows, "refused": refused, "source": source, "carried": carried, "problem": problem,
               "some": any(one.what in ("new", "changed") for one in planned), "dry": True}  # fmt: skip
    return _page(request, context | {"form": ImportForm(label_suffix="")}, bad=problem is not None)


def _confirmed(request: HttpRequest) -> HttpResponse:
    carried, source = request.POST["found"][: _CARRIED + 1], typed(request, "source", 300)
    try:
        found = [Found.from_json(one) for one in orjson.loads(carried)]
        planned = taking.plan(found)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        messages.error(request, _("The form is not complete. Begin the import again."))
        return redirect("console:article_import")
    ticked = set(request.POST.getlist("take"))
    chosen = [one for n, one in enumerate(planned) if str(n) in ticked]
    taken: list[int] = []
    problem, _refusal = tried(request, "import", lambda: taken.append(_take(request, chosen, source)))
    if problem:
        return _look(request, found, [], source, carried, problem)
    count = sum(taken)
    messages.success(
        request, ngettext("%(n)d article is a draft now.", "%(n)d articles are drafts now.", count) % {"n": count}
    )
    return redirect("console:articles")


def _take(request: HttpRequest, chosen: list[taking.Planned], source: str) -> int:
    if not chosen:
        raise NotDone(_("Tick at least one article."))
    counted = taking.take(chosen, by=staff(request), source=_("Imported from %(source)s") % {"source": source})
    return counted["new"] + counted["changed"]


def _page(request: HttpRequest, context: dict[str, Any], bad: bool = False) -> HttpResponse:
    return render(
        request,
        "console/article_import.html",
        panes.frame(request) | {"columns": COLUMNS} | context,
        status=422 if bad else 200,
    )
