"""Forms of the public pages: how they look, and the stamp with the form's id, so that what is sent twice is done once.

Who is signed in sends Django's token against forms of other sites too; strangers' forms have a trap besides
(`contact.forms`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from openline.foundation.text import clean
from openline.portal.contact import guard

_CLASSES = {"Textarea": "usa-textarea", "Select": "usa-select", "SeveralFiles": "openline-files",
            "CheckboxInput": "usa-checkbox__input"}  # fmt: skip


class Styled(forms.Form):
    """A form as USWDS has it."""

    def __init__(self, data: Any = None, files: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, files, initial=initial, label_suffix="", use_required_attribute=False)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", _CLASSES.get(type(field.widget).__name__, "usa-input"))


class StampedForm(Styled):
    """A form with a stamp; filled in by a POST, empty for any other request or none."""

    stamp = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, request: HttpRequest | None = None, initial: dict[str, Any] | None = None) -> None:
        sent = request if request and request.method == "POST" else None
        data, files = (sent.POST, sent.FILES) if sent else (None, None)
        super().__init__(data, files, initial=initial)
        self._sent = sent
        self.stamped = guard.read(sent.POST.get("stamp", "")) if sent else None

    @property
    def form_id(self) -> UUID:
        """The id of the form; of one that is valid."""
        assert self.stamped
        return self.stamped.form

    def fresh_stamp(self) -> str:
        """A stamp for the form as it is shown now; of a form that is shown again, with its id."""
        return guard.stamp(self.stamped.form if self.stamped else None)

    def typed(self, name: str, limit: int) -> str:
        """What was typed into a field, as the database can hold it."""
        return clean(self.cleaned_data.get(name) or "", limit)

    def clean(self) -> dict[str, Any]:
        """Refuse a form without our stamp, or with an old one; its words keep what was typed."""
        found = super().clean() or {}
        if wrong := self.refusal(found):
            raise forms.ValidationError(wrong)
        if self._sent and not self.errors and not guard.may_send(self._sent, guard.WRITING):
            raise forms.ValidationError(_("A lot was sent from your connection. Please try again in some minutes."))
        return found

    def refusal(self, found: Mapping[str, Any]) -> str:
        """Why the form as a whole is not taken; "" if it is."""
        if self.stamped is None or self.stamped.late:
            return gettext("This form was open too long. Please send it once more.")
        return ""


def form_of(request: HttpRequest) -> UUID | None:
    """The id of the form of a button; None if the stamp is not ours."""
    found = guard.read(request.POST.get("stamp", ""))
    return found.form if found else None
