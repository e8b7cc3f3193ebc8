"""Carrying out what a form asks for, once, however often it is sent; and showing what went wrong in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.console.models import Submission
from openline.foundation.bulk import insert_rows
from openline.foundation.text import clean
from openline.publishing import errors as publishing
from openline.service_requests import mentions
from openline.service_requests.actions import NotPossible
from openline.service_requests.publishing import PersonalFound

REMEMBER_FOR = timedelta(days=7)
_PUBLIC_FIELDS = frozenset({"text", "public_text"})
"""The fields whose words become public."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a form was not carried out. `form` names it on its page; `typed` is what the person had written.

    `confirm` is what the person has to look at before the same form can go through, `personal` the personal data
    that would become public: then `typed` holds the text without it. `mild`: nothing went wrong, the form is only given
    back.
    """

    form: str
    text: str
    typed: QueryDict
    confirm: str = ""
    personal: PersonalFound | None = None
    mild: bool = False


def attempt(request: HttpRequest, form: str, act: Callable[[], object]) -> Problem | None:
    """Run `act` for the form of this POST, unless it was done before. None if all is well."""
    try:
        once(identifier(request, "client_id"), staff(request), act)
    except PersonalFound as error:
        return Problem(form, str(error), _without(request.POST, error), personal=error)
    except (NotPossible, publishing.NotPossible) as error:
        return Problem(form, str(error), request.POST, getattr(error, "confirm", ""))
    return None


def _without(typed: QueryDict, error: PersonalFound) -> QueryDict:
    """The form with the masked text in the place of what was typed."""
    changed = typed.copy()
    for name in _PUBLIC_FIELDS & changed.keys():
        changed[name] = error.masked
    return changed


def to_publish(request: HttpRequest, name: str) -> tuple[str, str]:
    """What is to be published of the field `name`, and why personal data in it is to stay ("" to take it out)."""
    if request.POST.get("publish") == "as_it_is":
        return typed(request, "as_typed"), typed(request, "because", 200)
    return typed(request, name), ""


@transaction.atomic
def once(client_id: UUID, by: User, act: Callable[[], object]) -> bool:
    """Run `act` in a transaction with the mark that the form `client_id` is done; False if it was done before.

    A second copy that arrives meanwhile waits for the first; if that one fails, nothing stays marked.
    """
    columns = {"id": "uuid", "by_id": "int4", "at": "timestamptz"}
    new = insert_rows(
        "console_submission", columns, [(client_id, by.pk, timezone.now())], conflict="(id) DO NOTHING", returning="id"
    )
    if new:
        act()
    return bool(new)


def forget_old() -> int:
    """Drop the marks of forms that nobody can send any more."""
    return Submission.objects.filter(at__lt=timezone.now() - REMEMBER_FOR).delete()[0]


def staff(request: HttpRequest) -> User:
    """The signed-in member of staff; the views' guard has let nobody else through."""
    assert isinstance(request.user, User)
    return request.user


def typed(request: HttpRequest, name: str, limit: int = 10_000) -> str:
    """What was typed into the field `name`, as text that the database can hold."""
    return clean(request.POST.get(name, ""), limit)


def number(text: str) -> int | None:
    """The number that an address or a form names as a key; None for what is none, or larger than any key."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def of_note(note: str, said: str) -> str:
    """What is said after a note was kept: with the names in it that nobody has, for nobody was told."""
    strangers = mentions.nobodys(note)
    if not strangers:
        return said
    names = ", ".join(f"@{name}" for name in strangers[:5])
    return said + " " + _("No colleague has the user name %(names)s, so nobody was told there.") % {"names": names}


def identifier(request: HttpRequest, name: str) -> UUID:
    """The UUID in the field `name`; NotPossible if the form has none."""
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        raise NotPossible(_("The form is not complete. Load the page again, then send it once more.")) from None


def version(request: HttpRequest) -> int | None:
    """The version of the request that the person saw; None if the form names none."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
