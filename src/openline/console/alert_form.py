"""The form of an alert: a template's fields, place and time, words in each language, accounts; and what it will say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from openline.accounts.models import Account
from openline.console.moments import for_field, moment
from openline.geography.models import Area
from openline.publishing import checks
from openline.publishing.alerts import issuing, places, spreading, texts, words
from openline.publishing.errors import NotPossible
from openline.publishing.fitting import Fitted
from openline.publishing.models import Alert, AlertEdition, AlertTemplate
from openline.service_requests.jurisdiction import jurisdiction

_AREA_KINDS = {
    "section": gettext_lazy("Parts of the city"),
    "neighborhood": gettext_lazy("Neighborhoods"),
    "zip": gettext_lazy("ZIP codes"),
    "council_district": gettext_lazy("Council districts"),
    "police_district": gettext_lazy("Police districts"),
}
PART_LABELS = {
    "headline": gettext_lazy("Headline"),
    "text": gettext_lazy("What happens"),
    "instruction": gettext_lazy("What to do"),
}
CODE_LABELS = {
    "category": gettext_lazy("Kind of event"),
    "urgency": gettext_lazy("How soon people must act"),
    "severity": gettext_lazy("How dangerous"),
    "certainty": gettext_lazy("How sure"),
    "response": gettext_lazy("What people should do"),
}


def language_name(code: str) -> str:
    """A language in its own words."""
    try:
        return str(get_language_info(code)["name_local"])
    except KeyError:
        return code


def languages(*known: dict[str, Any]) -> list[str]:
    """The languages of an alert: those in which staff work, and those that a template has."""
    return list(dict.fromkeys([*settings.STAFF_LANGUAGES, *(code for one in known for code in one)]))


def codes() -> dict[str, forms.ChoiceField]:
    """A field for each coded word of CAP, with plain explanations."""
    return {
        name: forms.ChoiceField(
            label=CODE_LABELS[name], choices=[(word, f"{word}: {meaning}") for word, meaning in known.items()]
        )
        for name, known in words.FIELDS.items()
    }


def wordings(languages: Iterable[str]) -> dict[str, forms.CharField]:
    """A field for each part of an alert's words in each language."""
    found = {}
    for code in languages:
        for part, label in PART_LABELS.items():
            widget = forms.TextInput() if part == "headline" else forms.Textarea(attrs={"rows": 3})
            widget.attrs |= {"lang": code, "dir": "auto"}
            found[f"{part}-{code}"] = forms.CharField(label=label, max_length=2000, required=False, widget=widget)
    return found


@dataclass(frozen=True, slots=True)
class Preview:
    """What one account will say, or (without an account) what the public pages will."""

    account: Account | None
    language: str
    fitted: Fitted | None
    said: dict[str, str]


class AlertForm(forms.Form):
    """An alert to be issued, or an update of `edition`."""

    named = forms.CharField(
        label=gettext_lazy("Where, in words"), max_length=300, required=False,
        help_text=gettext_lazy("A corner, address or landmark. Empty: the chosen areas, or the city."))  # fmt: skip
    areas = forms.MultipleChoiceField(
        label=gettext_lazy("Areas"), required=False, widget=forms.SelectMultiple(attrs={"size": 8}))  # fmt: skip
    drawn = forms.CharField(
        label=gettext_lazy("Corners of an area"), max_length=4000, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Click on the map, or write each corner as latitude,longitude."))  # fmt: skip
    onset = forms.CharField(
        label=gettext_lazy("Begins (empty: now)"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))  # fmt: skip
    expires_at = forms.CharField(
        label=gettext_lazy("Ends"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))  # fmt: skip
    event = forms.CharField(label=gettext_lazy("Event, in a word or two"), max_length=200)
    targets = forms.MultipleChoiceField(
        label=gettext_lazy("Accounts"), required=False, widget=forms.CheckboxSelectMultiple)  # fmt: skip
    drill = forms.BooleanField(label=gettext_lazy("This is an exercise"), required=False)
    drill_everywhere = forms.BooleanField(
        label=gettext_lazy("Post the exercise on real accounts too"), required=False)  # fmt: skip

    def __init__(
        self, data: QueryDict | None, *, template: AlertTemplate | None, edition: AlertEdition | None = None
    ) -> None:
        self.template, self.edition = template, edition
        self.tellers, self.silent = ([], []) if edition else spreading.tellers()
        said = texts.unmarked(edition.texts) if edition else template.texts if template else {}
        self.languages = languages(said)
        super().__init__(data, initial=self._initial(said), label_suffix="")
        self.fields["areas"].choices = _areas()  # type: ignore[attr-defined]
        self.fields |= codes()
        for name, words_ in self._value_fields():
            self.fields[name] = forms.CharField(label=words_, max_length=300, required=False)
        self.fields |= wordings(self.languages)
        self.fields["targets"].choices = self._targets()  # type: ignore[attr-defined]
        if edition:
            for name in ("targets", "drill", "drill_everywhere"):
                del self.fields[name]

    def _initial(self, said: texts.Texts) -> dict[str, Any]:
        words_ = {f"{part}-{code}": one.get(part, "") for code, one in said.items() for part in texts.PARTS}
        source: Any = self.edition or self.template
        coded = {name: getattr(source, name) for name in words.FIELDS if hasattr(source, name)}
        if self.edition:
            one = self.edition
            return words_ | coded | {
                "category": one.alert.category, "event": one.alert.event, "named": one.area, "areas": one.areas,
                "drawn": places.corners(one.polygon), "onset": for_field(one.onset),
                "expires_at": for_field(one.expires_at),
            }  # fmt: skip
        until = timezone.now() + timedelta(hours=self.template.hours if self.template else 24)
        return words_ | coded | {
            "event": self.template.event if self.template else "", "expires_at": for_field(until),
            "targets": [key for key, _label in self._targets()],
        }  # fmt: skip

    def _value_fields(self) -> Iterator[tuple[str, str]]:
        """A field of the template for each language; an update has the words already."""
        for one in self.template.fields if self.template and not self.edition else []:
            for code in self.languages:
                yield f"value-{one['name']}:{code}", f"{one['label']} ({language_name(code)})"

    def _targets(self) -> list[tuple[str, str]]:
        return [
            (f"{account.pk}|{code}", f"{spreading.network_label(account)} {account.handle}: {language_name(code)}")
            for account in self.tellers
            for code in self.languages
        ]

    # --- as the page shows it ---

    def group(self, *names: str) -> list[forms.BoundField]:
        """Some of the fields, those that are there."""
        return [self[name] for name in names if name in self.fields]

    def place_fields(self) -> list[forms.BoundField]:
        """Where and when."""
        return self.group("named", "areas", "drawn", "onset", "expires_at")

    def value_fields(self) -> list[forms.BoundField]:
        """What the template asks for."""
        return [self[name] for name in self.fields if name.startswith("value-")]

    def word_fields(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """The words of each language."""
        return [
            (code, language_name(code), self.group(*(f"{part}-{code}" for part in PART_LABELS)))
            for code in self.languages
        ]

    def code_fields(self) -> list[forms.BoundField]:
        """The coded words."""
        return self.group("event", *words.FIELDS)

    def not_told(self) -> str:
        """The networks that the alert cannot go to, by name."""
        return ", ".join(dict.fromkeys(spreading.network_label(account) for account in self.silent))

    def target_fields(self) -> list[forms.BoundField]:
        """Where it goes."""
        return self.group("targets", "drill", "drill_everywhere")

    # --- as an action takes it ---

    def draft(self) -> issuing.Draft:
        """What was typed. Raises NotPossible."""
        given = self.cleaned_data
        until = moment(given["expires_at"], "expires_at")
        if until is None:
            raise NotPossible(_("Choose when it ends."), "expires_at")
        said = {code: {part: given[f"{part}-{code}"].strip() for part in texts.PARTS} for code in self.languages}
        alert: Alert | None = self.edition.alert if self.edition else None
        return issuing.Draft(
            texts={code: one for code, one in said.items() if any(one.values())},
            where=places.where(given["named"], given["areas"], given["drawn"], jurisdiction().name),
            expires_at=until,
            onset=moment(given["onset"], "onset"),
            event=given["event"],
            values=self._values(),
            targets=tuple(_target(key) for key in given.get("targets", ())),
            template=self.template,
            drill=alert.drill if alert else given["drill"],
            drill_everywhere=given.get("drill_everywhere", False),
            **{name: given[name] for name in words.FIELDS},
        )

    def _values(self) -> dict[str, str]:
        """What was filled in, by name and language; the first language's words also by the name alone."""
        found: dict[str, str] = {}
        for name, text in self.cleaned_data.items():
            if name.startswith("value-") and text.strip():
                found[name.removeprefix("value-")] = text.strip()
                found.setdefault(name.removeprefix("value-").partition(":")[0], text.strip())
        return found


def previews(draft: issuing.Draft, *, update: bool) -> list[Preview]:
    """What the pages and each account will say. Raises NotPossible."""
    issuing.check(draft)
    said = issuing.filled(draft, words.UPDATE if update else None)
    targets = draft.targets if not draft.drill or draft.drill_everywhere else spreading.rehearsal(draft.targets)
    made, fitted = spreading.content(said, targets, spreading.address(UUID(int=0)))
    if wrong := checks.errors(made) if targets else ():  # said now, not when it is to go out
        raise NotPossible(wrong[0].words, wrong[0].field)
    accounts = {str(account.pk): account for account in spreading.accounts()}
    found = [Preview(None, code, None, one) for code, one in said.items()]
    for form, fit in zip(made.forms, fitted, strict=True):
        found.append(Preview(accounts[form.account], form.language, fit, said[form.language]))
    return found


def _target(key: str) -> issuing.Target:
    account, _bar, language = key.partition("|")
    return UUID(account), language


def _areas() -> list[tuple[str, list[tuple[str, str]]]]:
    """The areas by kind, the large ones first."""
    groups: dict[str, list[tuple[str, str]]] = {kind: [] for kind in _AREA_KINDS}
    for code, name, kind in Area.objects.order_by("name").values_list("code", "name", "kind"):
        groups.setdefault(kind, []).append((code, name))
    return [(str(_AREA_KINDS.get(kind, kind)), rows) for kind, rows in groups.items() if rows]
