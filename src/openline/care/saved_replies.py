"""Answers that are given often: written once, by a person for themselves or by the desk for all, and filled in."""

from __future__ import annotations

import re

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openline.care.models import Report, SavedReply
from openline.inbox.models import Conversation
from openline.records import log
from openline.records.models import Kind
from openline.service_requests.actions import NotPossible

MOST_TEXT, MOST_OWN = 5000, 200
PLACEHOLDERS = {
    "name": gettext_lazy("the resident's name"),
    "number": gettext_lazy("the number of the newest request of the conversation"),
    "place": gettext_lazy("its place"),
    "department": gettext_lazy("who works on it"),
}
UNKNOWN = "___"
"""What stands where nothing is known to fill in: nobody overlooks it, and no answer with it leaves."""
_HOLE = re.compile(r"\{(\w*)\}")


def of(user: User) -> QuerySet[SavedReply]:
    """Those that `user` can use: their own first, then everybody's."""
    return SavedReply.objects.filter(Q(owner=user) | Q(owner=None)).order_by(F("owner").asc(nulls_last=True), "name")


@transaction.atomic
def save(reply: SavedReply, *, by: User) -> None:
    """Keep a new or changed reply. Raises NotPossible for a placeholder that is none, or a name that is taken."""
    unknown = set(_HOLE.findall(reply.text)) - PLACEHOLDERS.keys()
    if unknown:
        raise NotPossible(
            _("{%(name)s} is no placeholder. There are: %(known)s.")
            % {"name": sorted(unknown)[0], "known": ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)}
        )
    others = SavedReply.objects.filter(owner=reply.owner).exclude(pk=reply.pk)
    if others.filter(name__iexact=reply.name).exists():
        raise NotPossible(_("There is a saved reply of this name already."))
    if others.count() >= MOST_OWN:
        raise NotPossible(_("There are %(n)d already. Delete one that nobody uses.") % {"n": MOST_OWN})
    reply.changed_at = timezone.now()
    reply.save()
    _record(reply, by, "saved reply kept", reply.text)


@transaction.atomic
def delete(reply: SavedReply, *, by: User) -> None:
    """Drop a reply; what was said with it stays said."""
    _record(reply, by, "saved reply deleted", "")
    reply.delete()


def fill(reply: SavedReply, conversation: Conversation) -> str:
    """The text for this conversation; what is not known stands as UNKNOWN."""
    newest = Report.objects.filter(conversation=conversation).order_by("-created_at")
    report = newest.select_related("request__department").first() if _HOLE.search(reply.text) else None
    request = report.request if report else None
    known = {
        "name": conversation.identity.name or conversation.identity.handle,
        "number": request.number if request else "",
        "place": request.place_name if request else "",
        "department": request.department.name if request else "",
    }
    return _HOLE.sub(lambda hole: known.get(hole[1]) or UNKNOWN, reply.text)


def check_filled(text: str) -> None:
    """Raise NotPossible if something was left to fill in."""
    if UNKNOWN in text:
        raise NotPossible(_("Something is left to fill in: “%(hole)s”. Write what belongs there.") % {"hole": UNKNOWN})


def _record(reply: SavedReply, by: User, what: str, text: str) -> None:
    body = {"what": what, "name": reply.name, "for": "all" if reply.owner_id is None else "oneself", "text": text}
    log.write([log.Entry(Kind.ADMINISTERED, by.get_username(), body=body)])
