"""The forms of accounts: what a network asks for, and what the city says of the account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from openline.accounts.connecting import About
from openline.accounts.models import Mandate
from openline.channels.accounts import Field

_KEEPS = gettext_lazy("Left empty, the present one stays.")


class AboutForm(forms.Form):
    """What the city says of an account."""

    name = forms.CharField(label=gettext_lazy("Name for staff"), max_length=200, required=False)
    owner = forms.CharField(
        label=gettext_lazy("Whose it is"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("The department or the official that it belongs to."),
    )
    mandate = forms.ChoiceField(
        label=gettext_lazy("What it is for"), choices=Mandate.choices, initial=Mandate.SERVICE_DESK
    )

    def about(self) -> About:
        """What was filled in."""
        return About(self.cleaned_data["name"], self.cleaned_data["owner"], self.cleaned_data["mandate"])


class AccountForm(AboutForm):
    """The same of an account that is there, with what it may do by itself."""

    answers_by_itself = forms.BooleanField(
        label=gettext_lazy("Answer questions by itself"),
        required=False,
        help_text=gettext_lazy(
            "Only from articles that are marked as safe, only where it is very sure, always marked as automatic, with"
            " the way to a person."
        ),
    )

    def about(self) -> About:
        """What was filled in."""
        return replace(super().about(), answers_by_itself=self.cleaned_data["answers_by_itself"])


class ConnectForm(AboutForm):
    """What the network asks for, then what the city says. `login`: the network's own page asks for the secrets."""

    field_order: tuple[str, ...] = ()

    def __init__(
        self,
        asked: Sequence[Field],
        data: Mapping[str, Any] | None = None,
        *,
        login: bool = False,
        known: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data)
        self.asked = asked
        for field in asked:
            self.fields[field.name] = _form_field(field, login, known)
        self.order_fields([*(field.name for field in asked), "name", "owner", "mandate"])
        if known is not None:
            for name in ("name", "owner", "mandate"):
                del self.fields[name]

    def usual(self) -> list[tuple[forms.BoundField, str]]:
        """The fields that are mostly needed, each with the condition under which it is asked ("provider=twilio")."""
        return [self._with_condition(name) for name in self.fields if not self._folded(name)]

    def seldom(self) -> list[tuple[forms.BoundField, str]]:
        """The others, which are folded away."""
        return [self._with_condition(name) for name in self.fields if self._folded(name)]

    def _folded(self, name: str) -> bool:
        field = self._asked(name)
        return field is not None and field.more

    def _with_condition(self, name: str) -> tuple[forms.BoundField, str]:
        field = self._asked(name)
        return self[name], "=".join(field.where) if field and field.where[0] else ""

    def _asked(self, name: str) -> Field | None:
        return next((field for field in self.asked if field.name == name), None)

    def values(self) -> dict[str, str]:
        """What was filled in for the network, as text."""
        found = {field.name: self.cleaned_data.get(field.name) for field in self.asked}
        return {
            name: ("yes" if value else "") if isinstance(value, bool) else str(value or "")
            for name, value in found.items()
        }


def _form_field(field: Field, login: bool, known: Mapping[str, str] | None) -> forms.Field:
    """`known`: what the account has already, where it is connected again."""
    secret = field.kind == "secret"
    options: dict[str, Any] = {
        "label": field.label,
        "help_text": _KEEPS if secret and known is not None and not field.required else field.help,
        "required": field.required and not (secret and login),
        "initial": (known or {}).get(field.name, field.initial),
    }
    if field.kind == "yes_no":
        return forms.BooleanField(**options | {"required": False, "initial": options["initial"] == "yes"})
    if field.kind == "choice":
        return forms.ChoiceField(choices=field.choices, **options)
    if field.kind == "number":
        return forms.IntegerField(min_value=0, **options)
    if secret:
        # A key may have several lines; a browser must not offer to remember it.
        widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"})
        return forms.CharField(widget=widget, max_length=10_000, strip=True, **options)
    makers: dict[str, type[forms.CharField]] = {"email": forms.EmailField}
    return makers.get(field.kind, forms.CharField)(max_length=1000, **options)
