"""Forms of members: each carries the stamp with its id, so that what is sent twice is done once.

Who sends one is signed in, so it carries Django's token against forms of other sites too.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from openline.foundation.text import clean
from openline.portal.contact import guard

_CLASSES = {"Textarea": "usa-textarea", "Select": "usa-select", "SeveralFiles": "openline-files"}


class StampedForm(forms.Form):
    """A form of a signed-in member."""

    stamp = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, request: HttpRequest, initial: dict[str, Any] | None = None, **more: Any) -> None:
        data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        super().__init__(data, files, initial=initial, label_suffix="", use_required_attribute=False, **more)
        self._request = request
        self.stamped = guard.read(request.POST.get("stamp", "")) if self.is_bound else None
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", _CLASSES.get(type(field.widget).__name__, "usa-input"))

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
        if self.stamped is None or self.stamped.late:
            raise forms.ValidationError(_("This form was open too long. Please send it once more."))
        if not self.errors and not guard.may_send(self._request, guard.WRITING):
            raise forms.ValidationError(_("A lot was sent from your connection. Please try again in some minutes."))
        return found


def form_of(request: HttpRequest) -> UUID | None:
    """The id of the form of a button; None if the stamp is not ours."""
    found = guard.read(request.POST.get("stamp", ""))
    return found.form if found else None
