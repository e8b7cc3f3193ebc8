"""The form of an account of staff."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from openline.console.permissions import ROLES
from openline.service_requests.models import Department

_LABELS = {
    "agent": _("Agent: answers residents, opens and moves requests"),
    "supervisor": _("Supervisor: also mends what was not sent, changes services, routing and texts"),
    "crew": _("Crew: works on the requests of the own departments; no inbox"),
    "communications": _("Communications: writes the city's posts, answers public conversations"),
    "official": _("Official: reads what is public and what belongs to their own account"),
    "records": _("Records: reads everything, searches the record and hands it out"),
    "administrator": _("Administrator: everything"),
}


class PersonForm(forms.Form):
    """Name, mail, roles and departments of a member of staff. A user name is given once."""

    username = forms.CharField(
        label=_("User name"), max_length=150, validators=[UnicodeUsernameValidator()],
        help_text=_("To sign in, and to be named with @ in notes. It stays as it is."),
    )  # fmt: skip
    first_name = forms.CharField(label=_("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=150, required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    roles = forms.MultipleChoiceField(
        label=_("What they may do"), choices=[(role, _LABELS[role]) for role in ROLES],
        widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Choose at least one.")},
    )  # fmt: skip
    departments = forms.ModelMultipleChoiceField(
        Department.objects.none(), label=_("Departments (for crews)"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def __init__(self, data: Any = None, *, person: User | None = None) -> None:
        self.person = person
        super().__init__(data, initial=_present(person) if person else None, label_suffix="")
        departments = self.fields["departments"]
        assert isinstance(departments, forms.ModelMultipleChoiceField)
        departments.queryset = Department.objects.order_by("name")
        if person:
            del self.fields["username"]

    def clean_username(self) -> str:
        """The user name, if nobody has it, in whatever case."""
        name = str(self.cleaned_data["username"]).strip()
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError(_("Somebody has this user name already."))
        return name

    def clean_email(self) -> str:
        """The address, if nobody else signs in with it."""
        email = str(self.cleaned_data["email"])
        others = User.objects.exclude(pk=self.person.pk) if self.person else User.objects.all()
        if email and others.filter(email__iexact=email).exists():
            raise forms.ValidationError(_("Somebody has this address already."))
        return email


def _present(person: User) -> dict[str, Any]:
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "roles": [group.name for group in person.groups.all()],
        "departments": person.departments.all(),
    }
