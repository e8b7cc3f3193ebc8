"""The templates of alerts: their words in each language, their fields, and the coded words of CAP explained."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from openline.console import panes
from openline.console.alert_form import PART_LABELS, codes, language_name, languages, wordings
from openline.console.once import Problem, attempt, staff
from openline.console.permissions import needs
from openline.publishing.alerts import templates, texts, words
from openline.publishing.errors import NotPossible
from openline.publishing.models import AlertTemplate


class TemplateForm(forms.Form):
    """One template."""

    code = forms.CharField(
        label=gettext_lazy("Short name"), max_length=60,
        help_text=gettext_lazy("Small letters, digits and hyphens."))  # fmt: skip
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    event = forms.CharField(label=gettext_lazy("Event, in a word or two"), max_length=200)
    hours = forms.IntegerField(label=gettext_lazy("Lasts, in hours"), min_value=1, max_value=720)
    fields_ = forms.CharField(
        label=gettext_lazy("Fields"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What has to be filled in, one in a line: “reason: Why, in a few words”."))  # fmt: skip

    def __init__(self, data: QueryDict | None, *, template: AlertTemplate | None) -> None:
        said = template.texts if template else {}
        self.languages = languages(said)
        super().__init__(data, initial=_initial(template), label_suffix="")
        if template:
            del self.fields["code"]
        self.fields |= codes()
        self.fields |= wordings(self.languages)

    def plain_fields(self) -> list[forms.BoundField]:
        """All but the words."""
        return [self[name] for name in self.fields if not name.startswith(texts.PARTS)]

    def word_fields(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """The words of each language."""
        return [
            (code, language_name(code), [self[f"{part}-{code}"] for part in PART_LABELS]) for code in self.languages
        ]

    def value(self) -> dict[str, Any]:
        """The template as `templates.save` takes it. Raises NotPossible for a line that is no field."""
        given = self.cleaned_data
        said = {code: {part: given[f"{part}-{code}"] for part in texts.PARTS} for code in self.languages}
        plain = {name: given[name] for name in ("name", "event", "hours", *words.FIELDS)}
        return plain | {
            "texts": said,
            "fields": [_field(line) for line in given["fields_"].splitlines() if line.strip()],
        }


def _field(line: str) -> dict[str, str]:
    name, colon, label = line.partition(":")
    if not colon:
        raise NotPossible(_("Write each field as a name, a colon and a label."), "fields")
    return {"name": name.strip(), "label": label.strip()}


def _initial(template: AlertTemplate | None) -> dict[str, Any]:
    if template is None:
        return {"hours": 24}
    plain = {name: getattr(template, name) for name in ("name", "event", "hours", *words.FIELDS)}
    said = {f"{part}-{code}": one.get(part, "") for code, one in template.texts.items() for part in texts.PARTS}
    return plain | said | {"fields_": "\n".join(f"{one['name']}: {one['label']}" for one in template.fields)}


@require_GET
@needs("crisis")
def page(request: HttpRequest) -> HttpResponse:
    """All templates."""
    context = {"templates": AlertTemplate.objects.order_by("name")}
    return render(request, "console/publish/alert_templates.html", panes.frame(request) | context)


@require_http_methods(["GET", "POST"])
@needs("crisis")
def edit(request: HttpRequest, code: str = "") -> HttpResponse:
    """Write a template, or change it."""
    template = get_object_or_404(AlertTemplate, code=code) if code else None
    form = TemplateForm(request.POST or None, template=template)
    problem: Problem | None = None
    if request.method == "POST" and form.is_valid():
        key = template.code if template else form.cleaned_data["code"]
        problem = attempt(request, "template", lambda: _save(key, form, new=template is None, request=request))
        if problem is None:
            messages.success(request, _("Saved."))
            return redirect("console:alert_templates")
    context = {"form": form, "problem": problem, "template": template, "built_in": texts.BUILT_IN}
    status = 422 if request.method == "POST" else 200
    return render(request, "console/publish/alert_template.html", panes.frame(request) | context, status=status)


def _save(code: str, form: TemplateForm, *, new: bool, request: HttpRequest) -> None:
    if new and AlertTemplate.objects.filter(code=code).exists():
        raise NotPossible(_("There is a template with this short name already."), "code")
    templates.save(code, form.value(), by=staff(request))
