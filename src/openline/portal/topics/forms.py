"""Forms of topics: beginning one, moving an event."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from openline.care import places
from openline.community import gatherings, living, saying, topics
from openline.community.models import Topic, TopicKind
from openline.portal.contact.forms import PICTURES, FilesField, SeveralFiles
from openline.portal.stamped import StampedForm
from openline.service_requests.actions import NotPossible
from openline.service_requests.jurisdiction import local
from openline.service_requests.models import ServiceRequest


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date", "class": "usa-input"}), **more)


def _hour(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput({"type": "time", "class": "usa-input"}, "%H:%M"))


class WhenAndWhere(StampedForm):
    """When an event is, and where. `moments` and `place` are read from a form that is valid."""

    on = _day(_("Day"))
    begins = _hour(_("Begins at"))
    ends = _hour(_("Ends at"))
    until = _day(_("Ends on another day"), required=False)
    where = forms.CharField(
        label=_("Where is it?"),
        help_text=_("An address, a block or the nearest corner."),
        max_length=300, widget=forms.TextInput(attrs={"class": "usa-input", "dir": "auto"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Read times and place, and put what is wrong beside the field."""
        found = super().clean()
        if not self.errors:
            self._read(found)
        return found

    def _read(self, found: dict[str, Any]) -> None:
        try:
            found["starts_at"] = gatherings.moment(found["on"], found["begins"])
            found["ends_at"] = gatherings.moment(found["until"] or found["on"], found["ends"])
            topics.check_times(found["starts_at"], found["ends_at"])
        except NotPossible as error:
            self.add_error("on", str(error))
        try:
            place = places.resolve(found["where"])
            found["place"] = topics.Place(place["name"], place["lat"], place["lon"], tuple(place["areas"]))
        except NotPossible as error:
            self.add_error("where", str(error))


def initial_of(topic: Topic) -> dict[str, date | time | str | None]:
    """When and where an event is, for its form: by the city's clocks."""
    assert topic.starts_at and topic.ends_at
    begins, ends = local(topic.starts_at), local(topic.ends_at)
    return {
        "on": begins.date(),
        "begins": begins.time(),
        "ends": ends.time(),
        "until": ends.date() if ends.date() != begins.date() else None,
        "where": topic.place_name,
    }


class TopicForm(StampedForm):
    """A discussion or an idea."""

    title = forms.CharField(label=_("Title"), max_length=topics.LONGEST_TITLE,
                            widget=forms.TextInput(attrs={"class": "usa-input", "dir": "auto"}))  # fmt: skip
    text = forms.CharField(label=_("Your words"), max_length=saying.LONGEST,
                           widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}))  # fmt: skip
    area = forms.ChoiceField(label=_("For whom is it?"))
    photos = FilesField(label=_("Photos"), required=False, widget=SeveralFiles(attrs={"accept": PICTURES}),
                        help_text=_("At most 4 pictures. Please no faces."))  # fmt: skip
    kind = TopicKind.DISCUSSION
    field_order = ["title", "text", "area", "photos"]

    def __init__(self, request: HttpRequest, kind: TopicKind, initial: dict[str, Any] | None = None) -> None:
        super().__init__(request, initial)
        self.kind = kind
        area = self.fields["area"]
        assert isinstance(area, forms.ChoiceField)
        area.choices = [("", _("The whole city")), *living.names().items()]
        area.required = False

    def new(self, request: ServiceRequest | None) -> topics.New:
        """What is to be begun, of a form that is valid."""
        got = self.cleaned_data
        return topics.New(
            self.kind, self.typed("title", topics.LONGEST_TITLE), self.typed("text", saying.LONGEST), got["area"],
            got["photos"], got.get("starts_at"), got.get("ends_at"), got.get("place"), request,
        )  # fmt: skip


class EventForm(TopicForm, WhenAndWhere):
    """An event."""

    field_order = ["title", "on", "begins", "ends", "until", "where", "text", "area", "photos"]


def form_for(request: HttpRequest, kind: TopicKind, initial: dict[str, Any]) -> TopicForm:
    """The form for a topic of that kind."""
    return (EventForm if kind == TopicKind.EVENT else TopicForm)(request, kind, initial)
