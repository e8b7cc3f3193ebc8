"""What a member sends in a discussion. Each form has an id of its own: sent twice, it is done once."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy

from openline.channels.enclosing import Enclosed
from openline.community import moderation_rules, saying
from openline.foundation.text import clean
from openline.portal.contact.forms import PICTURES, FilesField, SeveralFiles
from openline.portal.stamped import StampedForm


class SayForm(StampedForm):
    """Words, and photos."""

    text = forms.CharField(
        label=gettext_lazy("Your comment"), max_length=saying.LONGEST,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto", "class": "usa-textarea"}),
    )  # fmt: skip
    photos = FilesField(
        label=gettext_lazy("Photos"), required=False,
        help_text=gettext_lazy("At most 4 pictures. Staff look at them first. Please no faces and no license plates."),
        widget=SeveralFiles(attrs={"accept": PICTURES, "class": "openline-files"}),
    )  # fmt: skip

    def clean_text(self) -> str:
        """The words, as the database can hold them."""
        text = clean(self.cleaned_data["text"], saying.LONGEST).strip()
        if not text:
            raise forms.ValidationError(self.fields["text"].error_messages["required"], code="required")
        return text

    def clean_photos(self) -> list[Enclosed]:
        """Pictures alone: nobody opens a stranger's document."""
        found: list[Enclosed] = self.cleaned_data["photos"]
        if len(found) > saying.MOST_FILES or any(not one.media_type.startswith("image/") for one in found):
            words = gettext("Choose at most %(number)d pictures.") % {"number": saying.MOST_FILES}
            raise forms.ValidationError(words)
        return found


class ChangeForm(SayForm):
    """Other words in the place of one's own; the pictures stay."""

    photos = None  # type: ignore[assignment]

    def clean_photos(self) -> list[Enclosed]:
        """None."""
        return []


class FlagForm(StampedForm):
    """Which published rule somebody's words break."""

    rule = forms.ChoiceField(label=gettext_lazy("Which rule does it break?"), choices=[], widget=forms.RadioSelect)

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.fields["rule"].choices = moderation_rules.choices()  # type: ignore[attr-defined]


class AppealForm(StampedForm):
    """Why hidden words should be read again."""

    words = forms.CharField(
        label=gettext_lazy("Why do you see it differently?"), max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto", "class": "usa-textarea"}),
    )  # fmt: skip
