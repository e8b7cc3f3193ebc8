"""A series as a form: days to tick, areas a line each, the content in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from openline.channels.registry import channel_for
from openline.geography.models import Area
from openline.publishing import speaking
from openline.publishing.content import Content, Form, Words
from openline.publishing.models import OnHoliday
from openline.publishing.repeating import Zone
from openline.publishing.series import Plan
from openline.service_requests.jurisdiction import today
from openline.service_requests.languages import LOCALES

WEEKDAYS = (
    ("MO", _("Monday")), ("TU", _("Tuesday")), ("WE", _("Wednesday")), ("TH", _("Thursday")), ("FR", _("Friday")),
    ("SA", _("Saturday")), ("SU", _("Sunday")),
)  # fmt: skip


class _Date(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class _Time(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class SeriesForm(forms.Form):
    """All that makes a `series.Plan`; what it holds of media stays."""

    name = forms.CharField(max_length=200, label=_("Name"))
    language = forms.ChoiceField(choices=[(code, code) for code in LOCALES], label=_("Language"))
    text = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}), max_length=5000, label=_("Text"),
        help_text=_("{area}, {date}, {weekday} and your own values are filled in."))  # fmt: skip
    accounts = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, label=_("Accounts"))
    weekdays = forms.MultipleChoiceField(
        choices=WEEKDAYS, widget=forms.CheckboxSelectMultiple, required=False, label=_("Every week on"))  # fmt: skip
    rule = forms.CharField(
        max_length=300, required=False, label=_("Or a rule"),
        help_text=_("As calendars write it: FREQ=MONTHLY;BYDAY=1TU is each first Tuesday of a month."))  # fmt: skip
    starts_on = forms.DateField(widget=_Date, label=_("From"))
    ends_on = forms.DateField(widget=_Date, required=False, label=_("Until (empty: without end)"))
    at = forms.TimeField(widget=_Time, label=_("Leaves at, on the city's clock"))
    days_before = forms.IntegerField(min_value=0, max_value=30, initial=0, label=_("So many days before"))
    holidays = forms.ChoiceField(choices=OnHoliday.choices, label=_("On a holiday"))
    weeks_ahead = forms.IntegerField(min_value=1, max_value=26, initial=4, label=_("Weeks made ahead"))
    areas = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 5}), required=False, label=_("Areas"),
        help_text=_("A line each: Fishtown | FREQ=WEEKLY;BYDAY=TU | truck=morning. Rule and values may be left out."),
    )  # fmt: skip

    def __init__(self, user: User, before: Plan | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = before
        accounts = speaking.accounts_of(user).order_by("network", "handle")
        self.fields["accounts"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), f"{channel_for(one.network).label} {one.handle}") for one in accounts
        ]
        self.initial = {**_initial(before), **self.initial}

    def clean(self) -> dict[str, Any]:
        """Days are ticked, or a rule is written."""
        cleaned = super().clean() or {}
        if not cleaned.get("rule"):
            if not cleaned.get("weekdays"):
                self.add_error("weekdays", _("Tick a day, or write a rule."))
            cleaned["rule"] = "FREQ=WEEKLY;BYDAY=" + ",".join(cleaned.get("weekdays", []))
        return cleaned

    def clean_areas(self) -> tuple[Zone, ...]:
        """Each line read; a known area by its name or code."""
        known = {key: area for area in Area.objects.only("code", "name") for key in (area.name, area.code)}
        zones = []
        for line in filter(None, map(str.strip, str(self.cleaned_data["areas"]).splitlines())):
            name, *rest = (part.strip() for part in line.split("|"))
            rule = next((part for part in rest if part.upper().startswith("FREQ")), "")
            values = dict(part.split("=", 1) for part in rest if part != rule and "=" in part)
            found = known.get(name)
            zones.append(Zone(found.code if found else name[:100], found.name if found else name, values, rule))
        if len({zone.code for zone in zones}) < len(zones):
            raise forms.ValidationError(_("An area is named twice."))
        return tuple(zones)

    def plan(self) -> Plan:
        """What was written."""
        cleaned = self.cleaned_data
        base = self.before.content if self.before else Content()
        language = cleaned["language"]
        words = replace(base.texts.get(language, Words()), text=cleaned["text"])
        kept = {form.account: form for form in base.forms}
        forms_ = tuple(kept.get(account) or Form(account, language) for account in cleaned["accounts"])
        content = replace(base, name=cleaned["name"], language=language, texts={**base.texts, language: words},
                          forms=forms_)  # fmt: skip
        names = ("name", "rule", "starts_on", "ends_on", "at", "days_before", "holidays", "weeks_ahead")
        return Plan(content=content, zones=cleaned["areas"], **{name: cleaned[name] for name in names})


def _initial(plan: Plan | None) -> dict[str, Any]:
    if plan is None:
        return {"starts_on": today(), "language": settings.LANGUAGE_CODE.split("-")[0]}
    names = ("name", "rule", "starts_on", "ends_on", "at", "days_before", "holidays", "weeks_ahead")
    lines = [
        " | ".join(filter(None, [zone.name, zone.rule, *(f"{key}={value}" for key, value in zone.values.items())]))
        for zone in plan.zones
    ]
    return {
        **{name: getattr(plan, name) for name in names},
        "language": plan.content.language,
        "text": plan.content.first.text,
        "accounts": [form.account for form in plan.content.forms],
        "areas": "\n".join(lines),
    }
