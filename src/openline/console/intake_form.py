"""The form for somebody who calls or comes by: its fields, and what is made of what was typed so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from openline.care import places, texts
from openline.care.understanding import refresh, understanding
from openline.console.answers import Field, faults_of, fields_of, given
from openline.console.permissions import Person, visible_requests
from openline.foundation.text import clean
from openline.service_requests import callers, queries, seasons
from openline.service_requests.errors import NotPossible
from openline.service_requests.models import Service
from openline.service_requests.questions import Stop, stop_in
from openline.service_requests.similar import Alike, Wanted, alike
from openline.service_requests.states import OPEN_STATES
from openline.triage import urgency
from openline.triage.assessment import Post, RankedService
from openline.triage.duplicates import Side

LANGUAGES = (
    ("en", "English"), ("es", "Español"), ("zh", "中文"), ("vi", "Tiếng Việt"), ("ru", "Русский"), ("ar", "العربية"),
    ("fr", "Français"), ("ht", "Kreyòl ayisyen"), ("pt", "Português"), ("ko", "한국어"),
)  # fmt: skip
_SUGGEST_FROM = 0.05
_MOST_NEAR = 6


class IntakeForm(forms.Form):
    """What is asked of every caller; the service's own questions stand beside it."""

    said = forms.CharField(
        label=_("What they say"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto", "autofocus": True}),
    )
    service = forms.CharField(
        label=_("Service"), max_length=200, widget=forms.TextInput(attrs={"list": "services", "autocomplete": "off"})
    )
    place = forms.CharField(
        label=_("Place"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    channel = forms.ChoiceField(label=_("How they reached us"), choices=callers.SOURCES)
    urgent = forms.BooleanField(label=_("Urgent: somebody may get hurt"), required=False)
    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, required=False)
    consent = forms.BooleanField(label=_("They agree that we call or write to them about it"), required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="", use_required_attribute=False, initial={"channel": "phone"})
        proposed, places_ = reverse("console:intake_part", args=["proposed"]), reverse("console:intake_find")
        live = {"hx-sync": "this:replace", "hx-swap": "innerHTML"}
        self.fields["said"].widget.attrs |= live | {
            "hx-post": proposed,
            "hx-trigger": "input delay:700ms",
            "hx-target": "#intake-proposed",
            "hx-include": "#intake",
        }
        self.fields["place"].widget.attrs |= live | {
            "hx-get": places_,
            "hx-trigger": "input delay:150ms",
            "hx-target": "#intake-places",
        }

    def told(self) -> callers.Told:
        """What was told, of a form that is valid."""
        got = self.cleaned_data
        words = {name: clean(got[name]) for name in ("said", "name", "phone", "email", "language")}
        return callers.Told(source=got["channel"], consent=got["consent"], **words)


def offered() -> QuerySet[Service]:
    """The services that can be asked for today."""
    return queries.services_to_choose().filter(seasons.offered())


@dataclass
class Desk:
    """What the screen makes of what was typed so far. Nothing here writes."""

    typed: QueryDict
    person: Person
    stopped: Stop | None = field(default=None, init=False)

    @cached_property
    def said(self) -> str:
        """What the caller says."""
        return clean(self.typed.get("said", ""), 4000)

    @cached_property
    def danger(self) -> str:
        """What to tell the caller first, if it reads like danger to life."""
        return texts.emergency(get_language() or "", self.service) if urgency.danger_in(self.said) else ""

    @cached_property
    def service(self) -> Service | None:
        """The service that was chosen, if it is offered today."""
        found = queries.service_named(clean(self.typed.get("service", ""), 200))
        return offered().filter(pk=found.pk).first() if found else None

    @cached_property
    def proposals(self) -> tuple[list[RankedService], str]:
        """The services that triage finds likely, and the place that the words name ("" for none)."""
        if not self.said:
            return [], ""
        refresh()
        [read] = understanding().reader.assess([Post("intake", self.said)])
        known = set(offered().values_list("code", flat=True))
        likely = [one for one in read.services if one.code in known and one.confidence >= _SUGGEST_FROM]
        point = read.place and read.place.lat is not None and read.place.kind not in ("street", "area")
        return likely, read.place.name if read.place and point else ""

    @cached_property
    def place(self) -> tuple[dict[str, Any] | None, str]:
        """The place that was typed, or why there is none."""
        text = clean(self.typed.get("place", ""), 300)
        try:
            return (places.resolve(text), "") if text else (None, "")
        except NotPossible as error:
            return None, str(error)

    @cached_property
    def questions(self) -> list[Field]:
        """The questions of the service that are asked, with what was typed."""
        if self.service is None:
            return []
        asked = list(self.service.attributes.all())
        self.stopped = stop_in(faults_of(asked, self.typed))
        return fields_of(asked, {}, given(self.typed))

    @cached_property
    def near(self) -> list[Alike]:
        """The open requests near by that may be about the same, likeliest first."""
        where = self.place[0]
        if self.service is None or where is None:
            return []
        now = timezone.now()
        side = Side(self.said, self.service.name, where["lat"], where["lon"], now)
        [found] = alike([Wanted(side, self.service.pk, now)])
        still = [item for item in found if item.status in OPEN_STATES]
        seen = set(visible_requests(self.person).filter(pk__in=[i.id for i in still]).values_list("pk", flat=True))
        return [item for item in still if item.id in seen][:_MOST_NEAR]

    @property
    def all_seen(self) -> bool:
        """Whether each request near by was on the screen when the form was sent."""
        return {item.number for item in self.near} <= set(self.typed.get("seen", "").split())
