"""An outside party answers by the link of a mail: what they may say, and taking it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openline.files import attaching, uploading
from openline.files.pictures import Refused
from openline.partners import applying
from openline.partners.applying import Said
from openline.partners.models import Forwarding

MOST_ANSWERS = 50
WORDS = (
    ("accepted", gettext_lazy("We have it")),
    ("in progress", gettext_lazy("We are working on it")),
    ("done", gettext_lazy("It is done")),
    ("not_ours", gettext_lazy("It is not ours")),
    ("not_found", gettext_lazy("We cannot find it")),
    ("", gettext_lazy("Only a message")),
)
_NEED_WORDS = ("", "not_ours", "not_found")


class AnswerForm(forms.Form):
    """What the page asks."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)
    answer = forms.ChoiceField(
        choices=WORDS, required=False, widget=forms.RadioSelect, label=gettext_lazy("Your answer")
    )
    text = forms.CharField(
        max_length=4_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        label=gettext_lazy("What you want to say"),
        help_text=gettext_lazy("May be shown in public. Write no names or telephone numbers."),
    )
    their_id = forms.CharField(max_length=100, required=False, label=gettext_lazy("Your own number for it"))

    def clean(self) -> dict[str, object]:
        """Some answers say nothing without words."""
        given = super().clean() or {}
        if "answer" in self.data and given.get("answer") in _NEED_WORDS and not given.get("text"):
            self.add_error("text", _("Please write a few words."))
        if "answer" not in self.data:
            self.add_error("answer", _("Choose one."))
        return given


class TooMany(Exception):
    """The link was used more often than anybody needs."""


def answer(forwarding: Forwarding, form: AnswerForm, photos: Sequence[UploadedFile]) -> None:
    """Take a valid form with photos, all or nothing, once. Raises TooMany or Refused (of a photo)."""
    if forwarding.replies.count() >= MOST_ANSWERS:
        raise TooMany
    given = form.cleaned_data
    files = uploading.take(photos) if photos else []
    said = Said(
        _mark(forwarding, given["client_id"]), given["answer"], given["text"], timezone.now(), given["their_id"]
    )
    with transaction.atomic():
        if applying.take(forwarding.pk, said) and files:
            attaching.from_program(forwarding.request_id, files, actor=forwarding.connector.actor)


def _mark(forwarding: Forwarding, client_id: UUID) -> str:
    return f"answer:{forwarding.pk}:{client_id}"


__all__ = ["MOST_ANSWERS", "WORDS", "AnswerForm", "Refused", "TooMany", "answer"]
