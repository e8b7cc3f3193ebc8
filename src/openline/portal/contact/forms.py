"""The fields of the form and of an answer on the private page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import get_language, get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from openline.channels.enclosing import Enclosed
from openline.files.pictures import Refused
from openline.foundation.text import clean
from openline.portal.contact import door
from openline.portal.stamped import StampedForm
from openline.service_requests.languages import LOCALES, short

LONGEST = 4_000
ABOUT = (("report", _("Something is broken, dirty or dangerous")), ("question", _("A question")),
         ("feedback", _("Praise, criticism or an idea")))  # fmt: skip
PICTURES = "image/jpeg,image/png,image/webp,image/gif"
_TAKEN = f"{PICTURES},application/pdf"


class SeveralFiles(forms.ClearableFileInput):
    """A field for any number of files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Its value is what `door.take` makes of the files that were chosen."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[Enclosed]:
        """The files, looked at."""
        given = [one for one in (data if isinstance(data, list) else [data]) if isinstance(one, UploadedFile)]
        try:
            return door.take(given)
        except Refused as error:
            raise forms.ValidationError(str(error)) from None


class _Guarded(StampedForm):
    """What every form that strangers send has: its stamp, the trap, and the count of its sender."""

    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"class": "usa-input", "tabindex": "-1", "autocomplete": "off"}),
    )

    text = forms.CharField(
        label=_("Your message"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"})
    )
    photos = FilesField(label=_("Photos"), required=False, widget=SeveralFiles(attrs={"accept": _TAKEN}),
                        help_text=_("At most 5 pictures or PDF files. Please no faces."))  # fmt: skip

    def clean_text(self) -> str:
        """The words, as the database can hold them."""
        text = clean(self.cleaned_data["text"], LONGEST)
        if not text:
            raise forms.ValidationError(self.fields["text"].error_messages["required"], code="required")
        return text

    def refusal(self, found: Mapping[str, Any]) -> str:
        """As elsewhere; also a form that a machine filled in. Its words keep what was typed: sent again it is taken."""
        if found.get("website"):
            return gettext("A field that has to stay empty was filled in. Please send it once more.")
        if self.stamped is None or self.stamped.early or self.stamped.late:
            return gettext("This form was open too long or too short. Please send it once more.")
        return ""


class _WithAnswer(_Guarded):
    """A form with which a conversation begins: where and in what language its answer is told."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("Only if you want to be told of our answer. We use it for nothing else."),
        max_length=254, required=False, widget=forms.EmailInput(attrs={"class": "usa-input", "autocomplete": "email"}),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Answer me in"), choices=[])

    def __init__(self, request: HttpRequest, initial: dict[str, Any] | None = None) -> None:
        super().__init__(request, {"language": short(get_language() or "")} | (initial or {}))
        self.fields["language"].choices = languages()  # type: ignore[attr-defined]


class ContactForm(_WithAnswer):
    """What somebody has to say to the city."""

    about = forms.ChoiceField(label=_("What is it about?"), choices=ABOUT, widget=forms.RadioSelect, initial="report")
    place = forms.CharField(
        label=_("Where is it?"),
        help_text=_("An address, a block or the nearest corner. You can leave it empty."),
        max_length=300, required=False, widget=forms.TextInput(attrs={"class": "usa-input", "dir": "auto"}),
    )  # fmt: skip
    field_order = ["about", "text", "place", "photos", "email", "language"]

    def __init__(self, request: HttpRequest) -> None:
        asked, place = request.GET.get("about", ""), clean(request.GET.get("place", ""), 300)
        start = {"place": place}
        if asked in dict(ABOUT):
            start["about"] = asked
        super().__init__(request, start)

    def clean_place(self) -> str:
        """The place, as the database can hold it."""
        return clean(self.cleaned_data["place"], 300)


class FollowForm(_WithAnswer):
    """Somebody has the same problem as a request that is open, and wants to hear how it ends."""

    field_order = ["text", "photos", "email", "language"]

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.fields["text"].required = False
        self.fields["text"].label = _("Anything to add?")

    def clean_text(self) -> str:
        """What was added; without a word, that it is the same here."""
        return clean(self.cleaned_data["text"], LONGEST) or gettext("I have this problem here too.")


class AnswerForm(_Guarded):
    """What the resident adds on the private page."""

    field_order = ["text", "photos"]


def languages() -> list[tuple[str, str]]:
    """The languages in which residents are answered, each by its own name."""
    return [(code, _name(locale)) for code, locale in LOCALES.items()]


def _name(locale: str) -> str:
    if locale == "ht":  # Django does not know it
        return "Kreyòl ayisyen"
    return str(get_language_info(locale)["name_local"]).capitalize()
