"""Working time in forms: hours as people write them, days a line each, rules a row each."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from openline.service_requests.calendars import is_known, read_hours
from openline.service_requests.models import Department, EscalationRule, Holiday, Service, WorkingCalendar

_MOST_DAYS = 500
Hours = list[list[str]]


def hours_of(text: str) -> Hours:
    """ "8:30-12:00, 13:00-17:00" as spans; empty for a day on which nobody works. Raises ValueError."""
    spans = []
    for part in filter(None, (part.strip() for part in text.replace("–", "-").split(","))):
        start, end = (moment.strip().zfill(5) for moment in part.split("-"))
        spans.append([start, end])
    read_hours({"0": spans})
    return spans


def text_of(spans: Hours) -> str:
    """Spans as people write them."""
    return ", ".join(f"{start}-{end}" for start, end in spans)


class CalendarForm(forms.ModelForm):
    """A calendar: its name, hours for each weekday, public holidays, and the own days."""

    own_days = forms.CharField(
        required=False, label=_("Own days"), widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("A line each: 2026-12-24 Christmas Eve. A public holiday on which you work: 2026-10-12 works.")
    )  # fmt: skip

    class Meta:
        model = WorkingCalendar
        fields = ("code", "name", "standard", "country", "subdivision")
        labels = {
            "code": _("Code"), "name": _("Name"), "standard": _("For all departments that have none of their own"),
            "country": _("Public holidays of"), "subdivision": _("… and of its part"),
        }  # fmt: skip
        help_texts = {
            "country": _("Two letters, such as US; empty for the own days only."),
            "subdivision": _("Such as PA; empty for the whole country."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hours = self.instance.hours or {}
        for number, name in WEEKDAYS.items():
            self.fields[f"day_{number}"] = forms.CharField(
                required=False, label=name, max_length=100, initial=text_of(hours.get(str(number), [])),
                help_text=_("8:30-12:00, 13:00-17:00; empty: nobody works.") if number == 0 else ""
            )  # fmt: skip
        self.order_fields(["code", "name", "standard", *(f"day_{number}" for number in WEEKDAYS)])
        if self.instance.pk:
            self.fields["code"].disabled = True
            self.initial["own_days"] = "\n".join(
                f"{day.date.isoformat()} {'works ' if day.works else ''}{day.name}".strip()
                for day in self.instance.days.all()
            )

    def _get_validation_exclusions(self) -> set[str]:
        """Not here that one calendar is the standard one: saving takes that from the one before."""
        return {*super()._get_validation_exclusions(), "standard"}  # type: ignore[misc]

    def clean_country(self) -> str:
        """Two letters that the library of holidays knows."""
        country = str(self.cleaned_data["country"]).strip().upper()
        if country and not is_known(country, ""):
            raise forms.ValidationError(_("No public holidays are known for “%(country)s”.") % {"country": country})
        return country

    def clean_own_days(self) -> list[Holiday]:
        """The own days, each line read; says which line is wrong."""
        lines = [line.strip() for line in str(self.cleaned_data["own_days"]).splitlines() if line.strip()]
        if len(lines) > _MOST_DAYS:
            raise forms.ValidationError(_("At most %(most)d days.") % {"most": _MOST_DAYS})
        days = {}
        for number, line in enumerate(lines, 1):
            first, _space, rest = line.partition(" ")
            try:
                on = date.fromisoformat(first)
            except ValueError:
                raise forms.ValidationError(
                    _("Line %(n)d begins with no date: write 2026-12-24 Christmas Eve.") % {"n": number}
                ) from None
            works = rest.split(" ", 1)[0].lower() == "works"
            days[on] = Holiday(date=on, works=works, name=(rest.partition(" ")[2] if works else rest)[:200])
        return list(days.values())

    def clean(self) -> dict[str, Any]:
        """The hours of all days, and a part that belongs to its country."""
        cleaned = super().clean() or {}
        hours: dict[str, Hours] = {}
        for number in WEEKDAYS:
            try:
                if spans := hours_of(cleaned.get(f"day_{number}", "")):
                    hours[str(number)] = spans
            except ValueError:
                self.add_error(f"day_{number}", _("Write hours as 8:30-12:00, 13:00-17:00, in their order."))
        if not hours and not self.errors:
            self.add_error("day_0", _("Somebody has to work on some day."))
        cleaned["hours"] = hours
        country, part = cleaned.get("country", ""), str(cleaned.get("subdivision", "")).strip().upper()
        if country and not is_known(country, part):
            self.add_error("subdivision", _("This part is not known."))
        cleaned["subdivision"] = part if country else ""
        return cleaned


class EscalationForm(forms.ModelForm):
    """One rule: when, for what, and who is told."""

    when = forms.ChoiceField(choices=(("before", _("before the deadline")), ("after", _("after it"))), label=_("When"))
    hours = forms.IntegerField(min_value=0, max_value=2000, label=_("Working hours"))

    class Meta:
        model = EscalationRule
        fields = ("hours", "tell", "service", "department")
        labels = {"tell": _("Who is told"), "service": _("Only for the service"),
                  "department": _("Only for the department")}  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"] = forms.ModelChoiceField(
            Service.objects.filter(active=True, kind="request"), required=False, empty_label=_("All"),
            label=_("Only for the service"))  # fmt: skip
        self.fields["department"] = forms.ModelChoiceField(
            Department.objects.order_by("name"), required=False, empty_label=_("All"),
            label=_("Only for the department"))  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Before the deadline is a negative number of hours."""
        cleaned = super().clean() or {}
        if cleaned.get("when") == "before" and cleaned.get("hours"):
            cleaned["hours"] = -cleaned["hours"]
        return cleaned
