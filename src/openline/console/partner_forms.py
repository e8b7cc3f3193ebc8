"""The forms of partners, of their mapping, and of webhooks."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openline.partners.models import Connector, EventType, Kind, Webhook
from openline.service_requests.models import Department, Service
from openline.service_requests.states import CLOSING_OUTCOMES, Outcome, Status

_OUR_STATES = (Status.ACCEPTED, Status.SCHEDULED, Status.IN_PROGRESS, Status.RESOLVED, Status.CLOSED, Status.REOPENED)
_MOST_ROWS = 200


def _web_address(text: str) -> str:
    """An address that can be called. Raises ValidationError."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and not parts.username
    except ValueError:
        good = False
    if not good:
        raise forms.ValidationError(_("Write a whole address without a password, such as https://example.org/open311."))
    return text


class ConnectorForm(forms.ModelForm):
    """A partner. The secret is typed in and never shown."""

    secret = forms.CharField(
        label=gettext_lazy("API key, or signing secret"), required=False, max_length=500, strip=True,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Left empty, the present one stays. A webhook gets one that is shown once."),
    )  # fmt: skip

    class Meta:
        model = Connector
        fields = (
            "name", "kind", "enabled", "department", "services", "address", "secret", "jurisdiction_id", "form",
            "private_network", "knows_our_mark", "share_contact", "poll_minutes", "per_minute", "answer_days",
        )  # fmt: skip
        labels = {
            "name": gettext_lazy("Name"),
            "kind": gettext_lazy("How they are reached"),
            "enabled": gettext_lazy("Switched on"),
            "department": gettext_lazy("Requests of this department"),
            "services": gettext_lazy("Only these services"),
            "address": gettext_lazy("Address"),
            "jurisdiction_id": gettext_lazy("Their jurisdiction_id"),
            "form": gettext_lazy("Form of the answers"),
            "private_network": gettext_lazy("The address lies in the city's own network"),
            "knows_our_mark": gettext_lazy("They take the same client_request_id only once (another Openline does)"),
            "share_contact": gettext_lazy("They get the resident's contact, where the resident agreed"),
            "poll_minutes": gettext_lazy("Ask for news every so many minutes"),
            "per_minute": gettext_lazy("At most so many requests a minute"),
            "answer_days": gettext_lazy("Days until somebody should ask them"),
        }
        help_texts = {
            "address": gettext_lazy("Open311: the address before services.json. Mail: the mailbox. Webhook: where to."),
            "services": gettext_lazy("Without any, all of the department."),
        }  # fmt: skip
        widgets = {"services": forms.SelectMultiple(attrs={"size": 10})}

    def __init__(self, data: Any = None, *, instance: Any) -> None:
        super().__init__(data, instance=instance, label_suffix="")
        offered = Service.objects.filter(kind="request").order_by("name")
        self.fields["services"].queryset = offered  # type: ignore[attr-defined]
        self.fields["department"].queryset = Department.objects.order_by("name")  # type: ignore[attr-defined]
        for name in ("poll_minutes", "per_minute", "answer_days"):
            self.fields[name].min_value = 1  # type: ignore[attr-defined]
            self.fields[name].validators.append(_at_least_one)

    def clean(self) -> dict[str, Any]:
        """An address that fits the kind, and something to pass on."""
        given = super().clean() or {}
        address = given.get("address", "")
        try:
            (validate_email if given.get("kind") == Kind.EMAIL else _web_address)(address)
        except forms.ValidationError as error:
            self.add_error("address", error)
        if not given.get("department") and not given.get("services"):
            self.add_error("department", _("Choose a department or services."))
        return given


def _at_least_one(value: int) -> None:
    if not 1 <= value <= 10_000:
        raise forms.ValidationError(_("Write a number from 1 to 10000."))


class WebhookForm(forms.ModelForm):
    """A webhook."""

    events = forms.MultipleChoiceField(
        label=gettext_lazy("Tell it when"), choices=EventType.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Webhook
        fields = ("name", "address", "events", "services", "private_network", "enabled")
        labels = {
            "name": gettext_lazy("Name"),
            "address": gettext_lazy("Address"),
            "services": gettext_lazy("Only these services"),
            "private_network": gettext_lazy("The address lies in the city's own network"),
            "enabled": gettext_lazy("Switched on"),
        }
        help_texts = {"services": gettext_lazy("Without any: all public services.")}
        widgets = {"services": forms.SelectMultiple(attrs={"size": 10})}

    def __init__(self, data: Any = None, *, instance: Any) -> None:
        super().__init__(data, instance=instance, label_suffix="")
        self.fields["services"].queryset = Service.objects.filter(public=True, kind="request").order_by("name")  # type: ignore[attr-defined]

    def clean_address(self) -> str:
        """A web address."""
        return _web_address(self.cleaned_data["address"])


class MappingForm(forms.Form):
    """Their words and ours: one field for each of our services, lines for questions and states."""

    attributes = forms.CharField(
        label=gettext_lazy("Their questions"), required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One in each line: their service / their question = our question's code, or = \"fixed"
                               " words\". Without a service it holds for all. Such as: POLE/WHISPAWN = which_lights"),
    )  # fmt: skip
    statuses = forms.CharField(
        label=gettext_lazy("Their states"), required=False, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("One in each line: their word = our state, for closed with / and the outcome. Such as:"
                               " Work completed = resolved / done. “= person” asks somebody of us, “= nothing” is no"
                               " news. Common words are known already."),
    )  # fmt: skip

    def __init__(self, data: Any, connector: Connector, services: list[Service]) -> None:
        super().__init__(data, label_suffix="", initial={
            "attributes": "\n".join(map(_attribute_line, connector.attributes)),
            "statuses": "\n".join(_status_line(*item) for item in connector.statuses.items())})  # fmt: skip
        self.codes = {f"service-{service.pk}": service.code for service in services}
        theirs = [(row["code"], f"{row['name']} ({row['code']})") for row in connector.catalogue]
        rows: dict[str, forms.Field] = {}
        for service in services:
            kept = connector.service_codes.get(service.code, "")
            rows[f"service-{service.pk}"] = _their_service(service, kept, theirs)
        self.fields = rows | self.fields

    def values(self) -> dict[str, Any]:
        """What is kept. Only of a valid form."""
        codes = {code: self.cleaned_data[name] for name, code in self.codes.items() if self.cleaned_data[name]}
        return {"service_codes": codes, "attributes": self.cleaned_data["attributes"],
                "statuses": self.cleaned_data["statuses"]}  # fmt: skip

    def clean_attributes(self) -> list[dict[str, str]]:
        """Lines as they are kept."""
        return [_attribute(left, right) for left, right in _lines(self.cleaned_data["attributes"])]

    def clean_statuses(self) -> dict[str, dict[str, str]]:
        """Lines as they are kept."""
        return {left.casefold(): _status(right) for left, right in _lines(self.cleaned_data["statuses"])}


def _their_service(service: Service, kept: str, theirs: list[tuple[str, str]]) -> forms.Field:
    """A choice from their list, or a free field as long as the list was not read."""
    if not theirs:
        return forms.CharField(label=service.name, initial=kept, required=False, max_length=200)
    if kept and kept not in dict(theirs):
        theirs = [(kept, kept), *theirs]
    return forms.ChoiceField(label=service.name, initial=kept, required=False, choices=[("", "–"), *theirs])


def _lines(text: str) -> list[tuple[str, str]]:
    """Left and right of each line. Raises ValidationError naming the line."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines()[:_MOST_ROWS])):
        left, equals, right = line.partition("=")
        if not equals or not left.strip() or not right.strip():
            raise forms.ValidationError(_("“%(line)s” lacks one of its sides.") % {"line": line[:60]})
        found.append((left.strip(), right.strip()))
    return found


def _attribute(left: str, right: str) -> dict[str, str]:
    service, slash, code = left.partition("/")
    fixed = right[1:-1] if len(right) > 1 and right[0] == right[-1] == '"' else ""
    where = {"service": service.strip(), "code": code.strip()} if slash else {"service": "", "code": left}
    return where | {"from": "" if fixed else right, "fixed": fixed}


def _attribute_line(row: dict[str, str]) -> str:
    left = f"{row['service']}/{row['code']}" if row.get("service") else row["code"]
    return f"{left} = " + (f'"{row["fixed"]}"' if row.get("fixed") else row.get("from", ""))


def _status(right: str) -> dict[str, str]:
    state, _slash, outcome = (part.strip().casefold() for part in right.partition("/"))
    if state == "person":
        return {"person": _("Somebody has to look at it.")}
    if state == "nothing":
        return {}
    if state not in _OUR_STATES:
        raise forms.ValidationError(
            _("“%(word)s” is no state that they can set. Possible: %(words)s, person, nothing.")
            % {"word": state, "words": ", ".join(_OUR_STATES)}
        )
    if state == Status.CLOSED and outcome not in CLOSING_OUTCOMES:
        raise forms.ValidationError(
            _("Say how it was closed: closed / %(words)s.") % {"words": ", ".join(CLOSING_OUTCOMES)}
        )
    return {"status": state, "outcome": outcome or (Outcome.DONE if state == Status.RESOLVED else "")}


def _status_line(word: str, meant: dict[str, str]) -> str:
    right = "person" if meant.get("person") else meant.get("status") or "nothing"
    return f"{word} = {right}" + (f" / {meant['outcome']}" if meant.get("outcome") else "")
