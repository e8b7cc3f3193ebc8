"""The form of an appointment."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openline.community import living
from openline.community.liaisons import Terms
from openline.community.models import Liaison
from openline.service_requests.jurisdiction import today


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), **more)


class LiaisonForm(forms.Form):
    """Where, from when until when, and what the training was for."""

    area = forms.ChoiceField(label=_("Neighborhood"))
    since = _day(_("From"))
    until = _day(
        _("Until"), required=False,
        help_text=_("The last day. Rights end with it by themselves; the liaison is reminded before."),
    )  # fmt: skip
    trained_for = forms.CharField(label=_("Trained for"), max_length=200, required=False)
    trained_until = _day(_("Training holds until"), required=False)

    def __init__(self, data: Any = None, *, liaison: Liaison | None = None, area: str = "") -> None:
        names = ("since", "until", "trained_for", "trained_until")
        start = {name: getattr(liaison, name) for name in names} if liaison else {"since": today(), "area": area}
        super().__init__(data, initial=start, label_suffix="")
        self._liaison = liaison
        if liaison:
            del self.fields["area"]
            return
        field = self.fields["area"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Choose")), *living.names().items()]

    def terms(self) -> Terms:
        """What was filled in, of a valid form."""
        got = self.cleaned_data
        area = self._liaison.area if self._liaison else got["area"]
        return Terms(area, got["since"], got["until"], got["trained_for"], got["trained_until"])
