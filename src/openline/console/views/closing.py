"""The texts with which requests are closed, the closing form's help, and what residents said afterwards."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openline.care import surveys
from openline.console import panes
from openline.console.once import Problem, attempt, staff, to_publish, typed, version
from openline.console.permissions import needs, visible_requests
from openline.console.views.photos import after_photos
from openline.console.views.promises import SPANS
from openline.console.views.requests import after, one_request, show_problem
from openline.files import uploading
from openline.files.pictures import Refused
from openline.service_requests import actions, languages, template_actions, templates
from openline.service_requests.actions import NotPossible
from openline.service_requests.jurisdiction import public_numbers
from openline.service_requests.models import ResponseTemplate, Service, ServiceKind
from openline.service_requests.states import CLOSING_OUTCOMES


def _languages() -> list[tuple[str, str]]:
    return [(code, get_language_info(locale)["name_local"] if locale != "ht" else "Kreyòl ayisyen")
            for code, locale in languages.LOCALES.items()]  # fmt: skip


class TemplateForm(forms.Form):
    """One text: for which service, outcome and language."""

    service = forms.ModelChoiceField(
        Service.objects.filter(kind=ServiceKind.REQUEST, active=True).order_by("name"), to_field_name="code",
        required=False, label=gettext_lazy("Service"), empty_label=gettext_lazy("All services"))  # fmt: skip
    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), choices=[(o.value, o.label) for o in CLOSING_OUTCOMES])
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=_languages)
    text = forms.CharField(
        label=gettext_lazy("Text (empty: none)"), required=False, max_length=2 * templates.MOST,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}))  # fmt: skip
    preview = forms.CharField(
        label=gettext_lazy("Show it with request number"), required=False, max_length=20)  # fmt: skip

    def clean_text(self) -> str:
        """Refuse what is no placeholder, beside the field."""
        text: str = self.cleaned_data["text"].strip()
        try:
            return templates.check(text, public_numbers()) if text else ""
        except NotPossible as error:
            raise forms.ValidationError(str(error)) from None


@require_GET
@needs("templates")
def template_list(request: HttpRequest) -> HttpResponse:
    """All texts by outcome, and the languages that have none."""
    names = dict(_languages())
    rows = [
        {
            "set": one,
            "texts": [(code, names[code], text) for code, text in one.texts.items() if code in names],
            "missing": [(code, names[code]) for code in one.missing],
        }
        for one in template_actions.sets()
    ]
    return render(request, "console/templates.html", panes.frame(request) | {"rows": rows})


@require_http_methods(["GET", "POST"])
@needs("templates")
def template(request: HttpRequest) -> HttpResponse:
    """Write one text; "Preview" shows it with a real request and saves nothing."""
    posted = request.method == "POST"
    form = TemplateForm(request.POST if posted else None, initial=_initial(request), label_suffix="")
    problem: Problem | None = None
    shown = ""
    if posted and form.is_valid():
        if "show" in request.POST:
            shown, problem = _preview(request, form)
        else:
            problem = attempt(request, "template", lambda: _put(request, form))
            if problem is None:
                messages.success(request, _("Saved."))
                return redirect("console:templates")
    failed = posted and not shown
    return render(
        request,
        "console/template.html",
        panes.frame(request)
        | {
            "form": form,
            "problem": problem,
            "shown": shown,
            "placeholders": templates.PLACEHOLDERS.items(),
            "most": templates.MOST,
        },
        status=422 if failed else 200,
    )


def _initial(request: HttpRequest) -> dict[str, Any]:
    """What the address says, with the text that is there."""
    asked = {name: request.GET.get(name, "")[:60].replace("\x00", "") for name in ("service", "outcome", "language")}
    found = ResponseTemplate.objects.filter(outcome=asked["outcome"], language=asked["language"])
    found = found.filter(service__code=asked["service"]) if asked["service"] else found.filter(service=None)
    return asked | {"text": getattr(found.first(), "text", "")}


def _put(request: HttpRequest, form: TemplateForm) -> None:
    given = form.cleaned_data
    template_actions.put(given["service"], given["outcome"], given["language"], given["text"], by=staff(request))


def _preview(request: HttpRequest, form: TemplateForm) -> tuple[str, Problem | None]:
    """The text with a request of the person's: the one named, else the newest of the service."""
    found = visible_requests(request.user).select_related("service", "department")
    number, service = form.cleaned_data["preview"], form.cleaned_data["service"]
    found = found.filter(number=number) if number else found.filter(service=service) if service else found
    example = found.order_by("-requested_at", "-id").first()
    if example is None:
        return "", Problem("template", _("There is no such request to show it with."), request.POST)
    with languages.speaking(form.cleaned_data["language"]):
        text = templates.fill(form.cleaned_data["text"], example)
    missing = _("Request %(number)s has nothing for one of the placeholders: there another text is used.")
    return (text, None) if text else ("", Problem("template", missing % {"number": example.number}, request.POST))


@require_POST
@needs("move_request")
def close(request: HttpRequest, number: str) -> HttpResponse:
    """Close the request, with photos of the work done; or only fill in the text of the outcome's template."""
    found, form = one_request(request, number), f"close:{number}"
    if request.POST.get("fill") == "1":
        return show_problem(request, found, _filled(request, number, form))
    try:
        files = uploading.take(given) if (given := request.FILES.getlist("files")) else []
    except Refused as error:
        return show_problem(request, found, Problem(form, str(error), request.POST))
    text, because = to_publish(request, "public_text")

    def act() -> None:
        if files:
            after_photos(request, found, files)
        actions.move(
            found.pk, "closed", by=staff(request), outcome=typed(request, "outcome", 20), public_text=text,
            because=because, version=version(request))  # fmt: skip

    return after(request, found, form, act)


def _filled(request: HttpRequest, number: str, form: str) -> Problem:
    outcome, changed = typed(request, "outcome", 20), request.POST.copy()
    text = templates.text_in(templates.texts(one_request(request, number), outcome), "")
    if not outcome:
        return Problem(form, _("Choose an outcome to close the request."), request.POST)
    if not text:
        return Problem(form, _("There is no text for this outcome yet. Write one here."), request.POST)
    changed["public_text"] = text
    said = _("Not closed yet: this is the text of the template. If you leave it, each resident is told it in their own"
             " language.")  # fmt: skip
    return Problem(form, said, changed, mild=True)


@require_GET
@needs("figures")
def satisfaction(request: HttpRequest) -> HttpResponse:
    """What residents said of closed requests, by department and service."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdigit() and int(asked) in SPANS else 30
    return render(
        request,
        "console/satisfaction.html",
        panes.frame(request)
        | {
            "days": days,
            "spans": SPANS,
            "tables": [
                (_("By department"), surveys.figures("department", days)),
                (_("By service"), surveys.figures("service", days)),
            ],
        },
    )
