"""The catalogue in and out: CSV in the city's own format, and Open311 JSON, with a dry run before anything is taken."""

from __future__ import annotations

from typing import Any

import orjson
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from openline.cities import catalogue_files, georeport_files
from openline.cities.tables import Refused
from openline.console import panes
from openline.console.catalogue_forms import FILE_LIMIT, ImportForm
from openline.console.once import attempt, staff, typed
from openline.console.permissions import needs
from openline.service_requests import catalogue, catalogue_changes
from openline.service_requests.catalogue import Content
from openline.service_requests.errors import NotPossible
from openline.service_requests.models import Department

_CSV = {
    "services.csv": catalogue_files.services_csv,
    "attributes.csv": catalogue_files.attributes_csv,
    "examples.csv": catalogue_files.examples_csv,
}
_FIELDS = ("services", "attributes", "georeport")


@require_GET
@needs("catalogue")
def export(request: HttpRequest, name: str) -> HttpResponse:
    """One file of the catalogue as it is now."""
    services = catalogue.content().values()
    if name == georeport_files.NAME:
        body = orjson.dumps(georeport_files.written(services), option=orjson.OPT_INDENT_2)
        answer = HttpResponse(body, "application/json; charset=utf-8")
    elif name in _CSV:
        answer = HttpResponse(_CSV[name](services), "text/csv; charset=utf-8")
    else:
        raise Http404
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_http_methods(["GET", "POST"])
@needs("catalogue")
def take(request: HttpRequest) -> HttpResponse:
    """Import files: first what they would do, row by row, then the save."""
    confirmed = request.POST.get("confirmed") == "1"
    form = ImportForm(request.POST or None, request.FILES or None)
    if confirmed:
        return _confirmed(request)
    if request.method == "GET" or not form.is_valid():
        return _page(request, {"form": form}, bad=request.method == "POST")
    return _show(request, form.texts(), form.cleaned_data["retire"])


def _show(request: HttpRequest, texts: dict[str, str], retire: bool, problem: Any = None) -> HttpResponse:
    """The dry run of an import; the files travel along for the form that confirms."""
    after, refused = _read(texts, retire)
    context = {"effects": catalogue_changes.effects(after), "refused": refused, "texts": texts, "retire": retire,
               "problem": problem, "why": typed(request, "why", 300), "dry": True}  # fmt: skip
    return _page(request, context | {"form": ImportForm()}, bad=problem is not None)


def _confirmed(request: HttpRequest) -> HttpResponse:
    texts = {name: request.POST[name][:FILE_LIMIT] for name in _FIELDS if request.POST.get(name)}
    retire = request.POST.get("retire") == "1"
    problem = attempt(request, "save", lambda: _save(request, texts, retire))
    if problem:
        return _show(request, texts, retire, problem)
    messages.success(request, _("The import is a new version of the catalogue."))
    return redirect("console:catalogue")


def _save(request: HttpRequest, texts: dict[str, str], retire: bool) -> None:
    after, refused = _read(texts, retire)
    if refused and request.POST.get("skip") != "1":
        raise NotPossible(_("Rows are refused. Put them right, or tick that they are left out."))
    why = typed(request, "why", 300) or _("Import")
    if catalogue_changes.save(after, by=staff(request), why=why) is None:
        raise NotPossible(_("These files change nothing."))


def _read(texts: dict[str, str], retire: bool) -> tuple[Content, list[Refused]]:
    """What the files would save, and the rows that are refused."""
    before, refused = catalogue.content(), list[Refused]()
    departments = set(Department.objects.values_list("code", flat=True))
    if "georeport" in texts:
        after = georeport_files.read_georeport(texts["georeport"], departments, refused, before)
    else:
        names = {"services": catalogue_files.SERVICES, "attributes": catalogue_files.QUESTIONS}
        files = {names[key]: text for key, text in texts.items()}
        after = catalogue_files.read_catalogue(files, departments, refused, before)
    if retire and after:
        after = catalogue_changes.retiring(after, before)
    return after, refused


def _page(request: HttpRequest, context: dict[str, Any], bad: bool = False) -> HttpResponse:
    return render(
        request,
        "console/catalogue_import.html",
        panes.frame(request) | {"problem": None} | context,
        status=422 if bad else 200,
    )
