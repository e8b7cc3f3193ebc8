"""What becomes of a checked request: opened, or kept until a person has looked; once, however often it comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from openline.foundation.bulk import append_rows, insert_rows, query
from openline.foundation.changes import request_changed
from openline.foundation.ids import uuid7
from openline.foundation.text import clean
from openline.open311 import media
from openline.open311.formats import Problem
from openline.open311.intake import Draft
from openline.open311.keys import Sender
from openline.open311.models import State, Submission
from openline.records import log
from openline.records.models import Kind
from openline.service_requests.actions import NotPossible
from openline.service_requests.opening import NewRequest, open_requests

SOURCE = "open311"
MOST_SHOWN = 50
_COLUMNS = {
    "id": "uuid", "key_id": "int8", "client_id": "text", "digest": "text", "state": "text", "service_id": "int8",
    "request_id": "uuid", "notice": "text", "content": "jsonb", "alarm": "bool", "at": "timestamptz", "reason": "text",
}  # fmt: skip

_CONTACT = ("name", "email", "phone", "device_id", "account_id")
_KNOWN = """SELECT s.id, CASE WHEN s.decided_at IS NULL THEN coalesce(r.number, '') ELSE '' END, s.notice, s.digest
FROM open311_submission s LEFT JOIN service_requests_servicerequest r ON r.id = s.request_id
WHERE s.key_id = %s AND s.client_id = %s"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender is told: the request's number, or the token of what waits for a person."""

    number: str
    token: str
    notice: str

    def content(self) -> list[dict[str, str]]:
        """As GeoReport v2 writes it. Nothing that the sender said of the resident is said back."""
        about = {"service_request_id": self.number} if self.number else {"token": self.token}
        return [about | {"service_notice": self.notice, "account_id": ""}]


def repeated(sender: Sender, client_id: str, digest: str) -> Answer | None:
    """The answer that the same POST got before; None if it is new. Raises Problem if the content was another."""
    known = query(_KNOWN, [sender.id, client_id]) if client_id else []
    return _again(known[0], digest) if known else None


@transaction.atomic
def submit(sender: Sender, draft: Draft, client_id: str, digest: str) -> Answer:
    """Open the request, or keep it for review; `client_id` is the sender's own mark ("" if there is none).

    Who sends the same at the same time waits for the first and gets the same answer. An emergency waits for nobody.
    """
    waits = sender.review and draft.urgency != "emergency"
    new = uuid7()
    state, content = (State.WAITING, _content(draft)) if waits else (State.OPENED, None)
    notice = draft.notice or (_("A person looks at it first. Ask for its number with the token.") if waits else "")
    row = (
        uuid7(), sender.id, client_id or None, digest, str(state), draft.service.pk, None if waits else new, notice,
        content, draft.urgency == "emergency", timezone.now(), "",
    )  # fmt: skip
    written = insert_rows(
        "open311_submission", _COLUMNS, [row], conflict="(key_id, client_id) DO NOTHING", returning="id"
    )
    if not written:
        return _again(query(_KNOWN, [sender.id, client_id])[0], digest)
    number = "" if waits else _open(draft, new, sender.actor)
    return Answer(number, str(row[0]) if waits else "", notice)


def _again(known: tuple[Any, ...], digest: str) -> Answer:
    """The first answer once more: a number if it was opened at once, else the token, also after the decision."""
    token, number, notice, its_digest = known
    if its_digest != digest:
        raise Problem(400, _("This Idempotency-Key or client_request_id was used before, for another content."))
    return Answer(number, "" if number else str(token), notice)


def _open(draft: Draft, request_id: UUID, actor: str) -> str:
    """Open the request with its contact; its number."""
    [opened] = open_requests(
        [
            NewRequest(
                draft.service,
                draft.description,
                draft.public_text,
                SOURCE,
                place=draft.place,
                urgency=draft.urgency,
                actor=actor,
                id=request_id,
                answers=draft.answers,
            )  # fmt: skip
        ]
    )
    media.attach(request_id, draft.files, draft.media, actor=actor)
    if draft.contact:
        known = [draft.contact.get(field, "") for field in _CONTACT]
        row = (request_id, translation.get_language() or "", *known)
        append_rows("service_requests_contact", ("request_id", "language", *_CONTACT), [row])
    if draft.urgency == "emergency":
        request_changed(request_id)
    return opened.number


def _content(draft: Draft) -> str:
    kept = ("description", "public_text", "place", "answers", "contact", "media", "files", "urgency", "notice")
    return orjson.dumps({name: getattr(draft, name) for name in kept}).decode()


def draft_of(submission: Submission) -> Draft:
    """What was sent, as long as it waits."""
    return Draft(service=submission.service, **(submission.content or {}))


@transaction.atomic
def accept(submission_id: UUID, *, by: User) -> str:
    """Open what waits; the number of the new request. Raises NotPossible."""
    found = _waiting(submission_id)
    new = uuid7()
    number = _open(draft_of(found), new, by.get_username())
    _decide(found, State.OPENED, by, "", new)
    return number


@transaction.atomic
def refuse(submission_id: UUID, *, by: User, reason: str) -> None:
    """Refuse what waits, with a reason that the sender reads. Raises NotPossible."""
    reason = clean(reason, 300)
    if not reason:
        raise NotPossible(_("Say why: the sender reads it."))
    _decide(_waiting(submission_id), State.REFUSED, by, reason, None)


_STANDING = """(SELECT r.number, v.name, r.place_name FROM open311_submission s
  JOIN service_requests_servicerequest r ON r.id = s.request_id JOIN service_requests_service v ON v.id = r.service_id
  WHERE s.alarm AND r.status = 'received' ORDER BY s.at DESC LIMIT 20)
UNION ALL (SELECT '', '', '' FROM open311_submission WHERE state = 'waiting' LIMIT 1000)"""


class Alarm(NamedTuple):
    """A request of a program that reads like danger to life, and that nobody has taken on."""

    number: str
    service: str
    place: str


def standing() -> tuple[list[Alarm], int]:
    """The alarms, newest first, and how much waits for a person (1,000 means that or more). One query."""
    rows = [Alarm(*row) for row in query(_STANDING)]
    alarms = [row for row in rows if row.number]
    return alarms, len(rows) - len(alarms)


def waiting() -> tuple[list[tuple[Submission, Draft]], int]:
    """What waits for a person, oldest first, with what was sent; and how much more there is."""
    found = Submission.objects.filter(state=State.WAITING).select_related("key", "service").order_by("at")
    rows = [(one, draft_of(one)) for one in found[:MOST_SHOWN]]
    return rows, max(0, found.count() - MOST_SHOWN) if len(rows) == MOST_SHOWN else 0


def _waiting(submission_id: UUID) -> Submission:
    found = (
        Submission.objects.select_for_update(of=("self",))
        .select_related("service__department", "key")
        .filter(pk=submission_id)
        .first()
    )
    if found is None or found.state != State.WAITING:
        raise NotPossible(_("Somebody else has decided this already. Load the page again."))
    return found


def _decide(found: Submission, state: str, by: User, reason: str, request_id: UUID | None) -> None:
    """Write the decision down; what was sent, with its personal data, is not kept a second time."""
    found.state, found.decided_at, found.decided_by, found.reason = state, timezone.now(), by, reason
    found.request_id, found.content = request_id, None
    found.save(update_fields=["state", "decided_at", "decided_by", "reason", "request", "content"])
    body: dict[str, Any] = {"what": f"api submission {state}", "key": found.key.name, "token": str(found.pk)}
    log.write([log.Entry(Kind.DECIDED, by.get_username(), request_id=request_id, body=body | {"reason": reason})])
