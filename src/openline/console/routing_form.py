"""The form of one routing rule."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openline.geography.models import Area
from openline.service_requests.models import Department, Service, Team
from openline.service_requests.rules import NAME_LIMIT, BadRule, Rule

WEEKDAYS = (
    (0, gettext_lazy("Monday")),
    (1, gettext_lazy("Tuesday")),
    (2, gettext_lazy("Wednesday")),
    (3, gettext_lazy("Thursday")),
    (4, gettext_lazy("Friday")),
    (5, gettext_lazy("Saturday")),
    (6, gettext_lazy("Sunday")),
)
URGENCIES = (
    ("emergency", gettext_lazy("Emergency")),
    ("urgent", gettext_lazy("Urgent")),
    ("routine", gettext_lazy("Routine")),
)
Choices = list[Any]


def _several(label: Any, **more: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, required=False, **more)


class RuleForm(forms.Form):
    """A rule as people write it; `rule()` is what is kept."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=NAME_LIMIT)
    department = forms.ChoiceField(label=gettext_lazy("Department"))
    team = forms.ChoiceField(label=gettext_lazy("Team"), required=False)
    person = forms.ChoiceField(label=gettext_lazy("Person"), required=False)
    services = _several(gettext_lazy("Services"), widget=forms.SelectMultiple(attrs={"size": 8}))
    groups = _several(gettext_lazy("Groups of services"), widget=forms.SelectMultiple(attrs={"size": 5}))
    areas = _several(gettext_lazy("Areas"), widget=forms.SelectMultiple(attrs={"size": 8}))
    answers = forms.CharField(
        label=gettext_lazy("Answers"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "One question in each line: its code, a colon, the answers that count with commas"
            " between them. Such as “surface: brick, wood”."
        ),
    )
    weekdays = _several(gettext_lazy("Weekdays"), choices=WEEKDAYS, widget=forms.CheckboxSelectMultiple)
    hour_from = forms.TimeField(
        label=gettext_lazy("From this hour"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    hour_until = forms.TimeField(
        label=gettext_lazy("Until this hour"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, "%H:%M"),
        help_text=gettext_lazy("May be after midnight: from 17:00 until 08:00."),
    )
    urgency = _several(gettext_lazy("Urgency"), choices=URGENCIES, widget=forms.CheckboxSelectMultiple)
    sources = forms.CharField(
        label=gettext_lazy("How it was reported"),
        required=False,
        help_text=gettext_lazy("With commas between them, such as: phone, mastodon, open311, liaison."),
    )

    def __init__(self, data: Any = None, *, rule: Rule | None = None) -> None:
        super().__init__(data, initial=_initial(rule) if rule else {}, label_suffix="")
        for name, choices in _choices(rule).items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def rule(self, rule_id: str) -> dict[str, Any]:
        """What is kept, with the id of the rule ("" for a new one). Only of a valid form."""
        kept = {key: self.cleaned_data[key] for key in
                ("name", "department", "team", "person", "services", "groups", "areas", "urgency")}  # fmt: skip
        hours = [self.cleaned_data["hour_from"], self.cleaned_data["hour_until"]]
        return kept | {
            "id": rule_id,
            "weekdays": [int(day) for day in self.cleaned_data["weekdays"]],
            "hours": [f"{hour:%H:%M}" for hour in hours if hour is not None],
            "answers": _answers(self.cleaned_data["answers"]),
            "sources": _parts(self.cleaned_data["sources"]),
        }

    def clean(self) -> dict[str, Any]:
        """Check what the rule itself checks, and put the fault beside the field."""
        data = super().clean() or self.cleaned_data
        if not self.errors:
            self._check_owner(data)
        if not self.errors:
            try:
                Rule.read(self.rule(""))
            except BadRule as error:
                self.add_error("hour_from" if error.field == "hours" else error.field, str(error))
        return data

    def _check_owner(self, data: dict[str, Any]) -> None:
        own = Team.objects.filter(code=data["team"], department__code=data["department"])
        if data["team"] and not own.exists():
            self.add_error("team", _("This team belongs to another department."))


def _initial(rule: Rule) -> dict[str, Any]:
    plain = rule.plain()
    start, end = rule.hours or (None, None)
    answers = "\n".join(f"{code}: {', '.join(values)}" for code, values in plain.get("answers", {}).items())
    return plain | {"hour_from": start, "hour_until": end, "answers": answers,
                    "sources": ", ".join(plain.get("sources", []))}  # fmt: skip


def _answers(text: str) -> dict[str, list[str]]:
    """The lines of the answers; a line without a colon is a question without answers, which the rule refuses."""
    lines = [line.partition(":") for line in text.splitlines() if line.strip()]
    return {code.strip(): _parts(values) for code, _colon, values in lines}


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _choices(rule: Rule | None) -> dict[str, Choices]:
    """What can be chosen; what the rule names and is gone stays to be seen: saving does not lose it silently."""
    services: dict[str, Choices] = {}
    for code, name, group in Service.objects.filter(kind="request").values_list("code", "name", "group"):
        services.setdefault(group or "–", []).append((code, name))
    areas: dict[str, Choices] = {}
    for code, name, kind in Area.objects.order_by("kind", "name").values_list("code", "name", "kind"):
        areas.setdefault(kind.replace("_", " "), []).append((code, name))
    none = [("", _("Nobody in particular"))]
    teams = [(team.code, f"{team.department.name}: {team.name}") for team in Team.objects.select_related("department")]
    people = [(u.username, u.get_full_name() or u.username) for u in User.objects.filter(is_active=True)
              .exclude(groups=None).distinct().order_by("last_name", "username")]  # fmt: skip
    return {
        "department": [("", _("Choose")), *Department.objects.order_by("name").values_list("code", "name")],
        "team": none + _kept(teams, [rule.team] if rule else []),
        "person": none + _kept(people, [rule.person] if rule else []),
        "services": _grouped(services, rule.services if rule else ()),
        "groups": _kept([(g, g) for g in services if g != "–"], rule.groups if rule else ()),
        "areas": _grouped(areas, rule.areas if rule else ()),
    }


def _kept(choices: Choices, named: Any) -> Choices:
    known = {"", *(value for value, _label in choices)}
    return choices + [(code, _("%(code)s (gone)") % {"code": code}) for code in sorted(named) if code not in known]


def _grouped(groups: dict[str, Choices], named: Any) -> Choices:
    known = {code for choices in groups.values() for code, _label in choices}
    gone = [(code, code) for code in sorted(named) if code not in known]
    return [*groups.items(), *([(_("Gone"), gone)] if gone else [])]
