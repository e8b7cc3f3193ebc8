"""The catalogue on screens: services, their questions, groups, versions. Every save shows first what it does."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openline.console import panes
from openline.console.catalogue_forms import QuestionForm, ServiceForm
from openline.console.once import attempt, staff, typed
from openline.console.permissions import needs
from openline.service_requests import catalogue, catalogue_changes, seasons
from openline.service_requests.catalogue import Content, Plain
from openline.service_requests.errors import NotPossible
from openline.service_requests.models import CatalogueVersion, Service

_VERSIONS = 50


@require_GET
@needs("catalogue")
def page(request: HttpRequest) -> HttpResponse:
    """All services by group, the retired ones last."""
    found = Service.objects.select_related("department").defer("examples", "description", "keywords")
    services = found.annotate(questions=Count("attributes")).order_by("-active", "group", "name")
    rows: list[dict[str, Any]] = [
        {"service": s, "season": seasons.when(s), "now": seasons.in_season(s)} for s in services
    ]
    return render(
        request,
        "console/catalogue.html",
        panes.frame(request)
        | {
            "offered": [row for row in rows if row["service"].active],
            "retired": [row for row in rows if not row["service"].active],
        },
    )


@require_http_methods(["GET", "POST"])
@needs("catalogue")
def service(request: HttpRequest, code: str = "") -> HttpResponse:
    """Make or edit a service: first what the change does, then the save."""
    base = _plain(code) if code else None
    form = ServiceForm(request.POST or None, base=base)
    context = {"form": form, "base": base, "stamp": _seen(request, base)}
    if request.method == "GET" or not form.is_valid():
        return _page(request, "console/service.html", context, bad=request.method == "POST")
    after = form.written()
    if base is None and catalogue.of_service(after["code"]):
        form.add_error("code", _("There is a service with this code already."))
        return _page(request, "console/service.html", context, bad=True)
    done = _save_after_look(request, {after["code"]: after}, context, "console/service.html")
    return done or redirect("console:service_page", after["code"])


@require_http_methods(["GET", "POST"])
@needs("catalogue")
def question(request: HttpRequest, code: str, question_code: str = "") -> HttpResponse:
    """Add or edit a question of a service."""
    base = _plain(code)
    questions: list[Plain] = base["attributes"]
    place = next((i for i, q in enumerate(questions) if q["code"] == question_code), len(questions))
    if question_code and place == len(questions):
        raise Http404
    form = QuestionForm(
        request.POST or None, earlier=questions[:place], base=questions[place] if question_code else None
    )
    context = {"form": form, "base": base, "stamp": _seen(request, base), "question_code": question_code}
    if request.method == "GET" or not form.is_valid():
        return _page(request, "console/service_question.html", context, bad=request.method == "POST")
    after = catalogue.whole({"attributes": [*questions[:place], form.written(), *questions[place + 1 :]]}, base)
    done = _save_after_look(request, {code: after}, context, "console/service_question.html")
    return done or redirect("console:service_page", code)


@require_POST
@needs("catalogue")
def arrange(request: HttpRequest, code: str, question_code: str) -> HttpResponse:
    """Move a question up or down, or delete it."""
    base = _plain(code)
    problem = attempt(request, "questions", lambda: _arrange(request, base, question_code))
    if problem:
        form = ServiceForm(base=base)
        return _page(request, "console/service.html", {"form": form, "base": base, "stamp": catalogue.stamp(base),
                                                       "problem": problem}, bad=True)  # fmt: skip
    return redirect("console:service_page", code)


def _arrange(request: HttpRequest, base: Plain, question_code: str) -> None:
    questions, what = list(base["attributes"]), typed(request, "what", 10)
    place = next((i for i, q in enumerate(questions) if q["code"] == question_code), None)
    if place is None:
        raise NotPossible(_("This question is not there any more."))
    taken = questions.pop(place)
    if what in ("up", "down"):
        questions.insert(max(0, place + (-1 if what == "up" else 1)), taken)
    words = {"up": _("Question %(code)s moved up"), "down": _("Question %(code)s moved down")}
    why = words.get(what, _("Question %(code)s deleted")) % {"code": question_code}
    _save(request, {base["code"]: catalogue.whole({"attributes": questions}, base)}, why)


@require_http_methods(["GET", "POST"])
@needs("catalogue")
def group(request: HttpRequest) -> HttpResponse:
    """Rename a group for all its services."""
    name = typed(request, "name", 200) if request.method == "POST" else ""
    old = (request.POST or request.GET).get("group", "")[:200]
    if not Service.objects.filter(group=old).exists():
        raise Http404
    context = {"group": old, "name": name or old, "stamp": ""}
    if request.method == "GET" or not name or name == old:
        return _page(request, "console/service_group.html", context)
    after = catalogue_changes.renamed(catalogue.content(), old, name)
    return _save_after_look(request, after, context, "console/service_group.html") or redirect("console:catalogue")


@require_GET
@needs("catalogue")
def versions(request: HttpRequest) -> HttpResponse:
    """Who changed what, when and why."""
    found = CatalogueVersion.objects.select_related("by").defer("content")[:_VERSIONS]
    return render(request, "console/catalogue_versions.html", panes.frame(request) | {"versions": found})


@require_http_methods(["GET", "POST"])
@needs("catalogue")
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version: what changed with it, and what bringing it back would do."""
    found = get_object_or_404(CatalogueVersion.objects.select_related("by"), number=number)
    before = catalogue.content()
    after = catalogue_changes.as_in(found, before)
    effects = catalogue_changes.effects(after, before)
    context: dict[str, Any] = {"version": found, "effects": effects, "stamp": "", "checked": _mark(after)}
    if request.method == "GET":
        return _page(request, "console/catalogue_version.html", context)
    why = _("Version %(number)d brought back") % {"number": number}
    done = _save_after_look(request, after, context, "console/catalogue_version.html", why)
    return done or redirect("console:catalogue_versions")


def _plain(code: str) -> Plain:
    found = catalogue.of_service(code)
    if found is None:
        raise Http404
    return found


def _seen(request: HttpRequest, base: Plain | None) -> str:
    """The stamp of the service as the person saw it first."""
    return typed(request, "stamp", 20) if request.method == "POST" else catalogue.stamp(base)


def _mark(after: Content) -> str:
    """What stands for a change that was looked at."""
    return catalogue.stamp({"all": [after[code] for code in sorted(after)]})


def _save_after_look(
    request: HttpRequest, after: Content, context: dict[str, Any], template: str, why: str = ""
) -> HttpResponse | None:
    """Save what the person saw the effects of; otherwise show these first. None if it was saved."""
    effects = catalogue_changes.effects(after)
    context |= {"effects": effects, "checked": _mark(after), "why": typed(request, "why", 300)}
    if not effects.changes or request.POST.get("checked") != context["checked"] or "look" in request.POST:
        return _page(request, template, context)
    seen = dict.fromkeys(after, context["stamp"]) if context["stamp"] and len(after) == 1 else {}
    problem = attempt(request, "save", lambda: _save(request, after, why or context["why"], seen))
    if problem is None:
        messages.success(request, _("Saved as a new version of the catalogue."))
        return None
    fresh = catalogue.of_service(next(iter(after))) if len(after) == 1 else None
    return _page(request, template, context | {"problem": problem, "stamp": catalogue.stamp(fresh)}, bad=True)


def _save(request: HttpRequest, after: Content, why: str, seen: dict[str, str] | None = None) -> None:
    if not why:
        raise NotPossible(_("Say in a few words why."))
    catalogue_changes.save(after, by=staff(request), why=why, seen=seen)


def _page(request: HttpRequest, template: str, context: dict[str, Any], bad: bool = False) -> HttpResponse:
    return render(request, template, panes.frame(request) | {"problem": None} | context, status=422 if bad else 200)
