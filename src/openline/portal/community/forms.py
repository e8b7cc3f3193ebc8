"""The fields of the pages for joining, and of a member's own page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from openline.community import living, naming
from openline.community.joining import normal
from openline.community.models import Member
from openline.foundation.text import clean
from openline.portal.contact.forms import languages
from openline.portal.stamped import Styled
from openline.service_requests.languages import short


class AddressForm(Styled):
    """Whose mailbox is asked."""

    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"), max_length=254,
        help_text=gettext_lazy("We send you a link. Nobody sees the address."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )  # fmt: skip

    def clean_email(self) -> str:
        """The address as it is kept."""
        return normal(clean(self.cleaned_data["email"], 254))


class CodeForm(Styled):
    """The six digits of the mail."""

    code = forms.CharField(
        label=gettext_lazy("The six digits of the mail"), max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "dir": "ltr"}),
    )  # fmt: skip

    def clean_code(self) -> str:
        """The digits, of whichever script, without what was typed between them."""
        return "".join(str(int(one)) for one in self.cleaned_data["code"] if one.isdecimal())


class ProfileForm(Styled):
    """What a member says of themselves; the street address chooses the neighborhood, and is not kept."""

    name = forms.CharField(
        label=gettext_lazy("Your public name"), max_length=naming.LONGEST,
        help_text=gettext_lazy("Everybody reads it with what you write. It need not be your real name."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname", "dir": "auto"}),
    )  # fmt: skip
    street = forms.CharField(
        label=gettext_lazy("Your street address"), max_length=300, required=False,
        help_text=gettext_lazy("It finds your neighborhood, and is not kept. Or choose from the list."),
        widget=forms.TextInput(attrs={"autocomplete": "street-address", "dir": "auto"}),
    )  # fmt: skip
    area = forms.ChoiceField(label=gettext_lazy("Your neighborhood"), choices=[], required=False)
    language = forms.ChoiceField(label=gettext_lazy("Write to me in"), choices=[])
    digest = forms.BooleanField(
        label=gettext_lazy("Send me news of what I follow by e-mail, at most once a day"), required=False
    )

    def __init__(self, data: Any = None, *, member: Member | None = None) -> None:
        start: dict[str, Any] = {"language": short(get_language() or "")}
        if member:
            start = {"name": member.name, "area": member.area, "language": member.language, "digest": member.digest}
        super().__init__(data, initial=start)
        self.fields["area"].choices = [("", _("None, or I do not say")), *living.names().items()]  # type: ignore[attr-defined]
        self.fields["language"].choices = languages()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The neighborhood of the address, where one was typed."""
        found = super().clean() or {}
        typed = clean(found.pop("street", ""), 300)
        if typed:
            area = living.area_of(typed)
            if not area:
                self.add_error("street", _("We could not find that place. Choose your neighborhood from the list."))
            found["area"] = area or found.get("area", "")
        return found


class JoiningForm(ProfileForm):
    """The same for who joins: they agree to the rules."""

    rules = forms.BooleanField(label=gettext_lazy("I keep to the rules of the house"))
