"""Forms of the liaison's room: what was seen on the spot, and what was found on a walk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from openline.channels.enclosing import Enclosed
from openline.community import looking
from openline.community.models import Found
from openline.files import keeping
from openline.files.models import File
from openline.files.pictures import Refused
from openline.files.scanning import ScannerDown
from openline.portal.contact.forms import LONGEST, PICTURES, FilesField, SeveralFiles
from openline.portal.stamped import StampedForm

ON_A_WALK = 6
"""So many problems one form of a walk takes."""


class PictureField(forms.FileField):
    """One picture; its value is the file as it was taken in (`files.keeping`), or None."""

    widget = forms.FileInput

    def clean(self, data: Any, initial: Any = None) -> File | None:
        """Take the picture in; says what is wrong with one that cannot be."""
        if not isinstance(data, UploadedFile):
            return None
        try:
            kept = keeping.keep(data.read()).file
        except Refused as error:
            raise forms.ValidationError(str(error)) from None
        except ScannerDown:
            raise forms.ValidationError(_("Photos cannot be taken at the moment. Please try again later.")) from None
        if not kept.is_picture:
            raise forms.ValidationError(_("Only pictures can be shown in public."))
        return kept


class LookForm(StampedForm):
    """What a liaison saw."""

    found = forms.ChoiceField(label=_("What did you see?"), choices=Found.choices, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("In words"), required=False, max_length=looking.LONGEST,
        help_text=_("Everybody reads it. Please no names and no numbers of houses but the problem's."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )  # fmt: skip
    picture = PictureField(
        label=_("Photo"), required=False, help_text=_("Everybody sees it. Please no faces and no license plates."),
        widget=forms.FileInput(attrs={"accept": PICTURES, "class": "openline-files"}),
    )  # fmt: skip


class WalkForm(StampedForm):
    """Several problems that were seen on a walk: place, words and photos of each."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        for number in range(1, ON_A_WALK + 1):
            self._add(number)

    def _add(self, number: int) -> None:
        self.fields[f"place{number}"] = forms.CharField(
            label=_("Where is it?"), max_length=300, required=False,
            widget=forms.TextInput(attrs={"dir": "auto", "class": "usa-input"}),
        )  # fmt: skip
        self.fields[f"text{number}"] = forms.CharField(
            label=_("What is it?"), max_length=LONGEST, required=False,
            widget=forms.Textarea(attrs={"rows": 2, "dir": "auto", "class": "usa-textarea"}),
        )  # fmt: skip
        self.fields[f"photos{number}"] = FilesField(
            label=_("Photos"), required=False,
            widget=SeveralFiles(attrs={"accept": PICTURES, "class": "openline-files"}),
        )  # fmt: skip

    @property
    def blocks(self) -> list[tuple[int, list[forms.BoundField]]]:
        """The fields of each problem."""
        return [(n, [self[f"{name}{n}"] for name in ("place", "text", "photos")]) for n in range(1, ON_A_WALK + 1)]

    def clean(self) -> dict[str, Any]:
        """A problem needs words; at least one is needed."""
        found = super().clean()
        for number in range(1, ON_A_WALK + 1):
            if not found.get(f"text{number}") and (found.get(f"place{number}") or found.get(f"photos{number}")):
                self.add_error(f"text{number}", _("Say in a few words what it is."))
        if not self.errors and not self.problems():
            raise forms.ValidationError(_("Write down at least one problem."))
        return found

    def problems(self) -> list[tuple[int, str, str, list[Enclosed]]]:
        """Number, place, words and photos of each that was filled in."""
        return [
            (n, self.typed(f"place{n}", 300), self.typed(f"text{n}", LONGEST), self.cleaned_data[f"photos{n}"])
            for n in range(1, ON_A_WALK + 1)
            if self.cleaned_data.get(f"text{n}")
        ]
