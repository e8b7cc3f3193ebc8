"""What liaisons put before staff: that a request can be closed, that two are one, a question; and settling it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.community import liaisons
from openline.community.models import Liaison, Member, Proposal, ProposalKind
from openline.foundation.text import clean
from openline.records import log
from openline.records.models import Kind
from openline.service_requests import actions, assigning, joining, publishing, queries
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import ServiceRequest
from openline.service_requests.states import FINISHED_STATES, Outcome, Status

ASK_AGAIN_AFTER = timedelta(days=14)
LONGEST = 500
_MOST_TOLD = 15


@transaction.atomic
def same(request_id: UUID, other_number: str, words: str, *, by: Member) -> Proposal:
    """Propose that a request is the same as another open one. Raises NotPossible, saying what to do."""
    request = _of_liaison(request_id)
    liaison = liaisons.needed(by, request.areas)
    other = ServiceRequest.objects.filter(public=True, number=clean(other_number, 20)).first()
    if other is None or other.pk == request.pk:
        raise NotPossible(_("Give the number of the other request."))
    for one in (request, other):
        if one.status in FINISHED_STATES:
            raise NotPossible(_("Request %(number)s is closed.") % {"number": one.number})
    return propose(request, liaison, ProposalKind.SAME, words, other)


@transaction.atomic
def ask(request_id: UUID, words: str, *, by: Member) -> Proposal:
    """Ask the department about an overdue request: it reads the question in its list, and so do the supervisors.

    Once for each request and 14 days, whoever asks. Raises NotPossible.
    """
    request = _of_liaison(request_id)
    liaison = liaisons.needed(by, request.areas)
    words = publishing.of_request(request, clean(words, LONGEST), by=None).text[:LONGEST]
    if not words.strip():
        raise NotPossible(_("Write what you want to know."))
    if not queries.is_overdue(request):
        raise NotPossible(_("You can ask about a request that is overdue. This one is not."))
    since = timezone.now() - ASK_AGAIN_AFTER
    if Proposal.objects.filter(kind=ProposalKind.ASK, request=request, at__gt=since).exists():
        raise NotPossible(_("The department was asked about it within the last 14 days."))
    asked = propose(request, liaison, ProposalKind.ASK, words)
    names = " ".join(f"@{user.get_username()}" for user in _told_of(request))
    told = _("A neighborhood liaison (%(name)s) asks: %(words)s") % {"name": by.name, "words": words}
    actions.add_update(request.pk, by=None, note=f"{told}\n{names}".strip(), actor="liaison")
    return asked


def _of_liaison(request_id: UUID) -> ServiceRequest:
    """The request, locked; one that is not public does not exist for liaisons."""
    request = actions.locked(request_id, None)
    if not request.public:
        raise NotPossible(_("There is no such request."))
    return request


def _told_of(request: ServiceRequest) -> list[User]:
    """Who works on it, and the supervisors, under whose "Mentions me" it stands then."""
    people = [request.assigned_to] if request.assigned_to else assigning.colleagues(request)[:_MOST_TOLD]
    return list(dict.fromkeys([*filter(None, people), *assigning.supervisors()]))


def propose(
    request: ServiceRequest, liaison: Liaison, kind: ProposalKind, words: str, other: ServiceRequest | None = None
) -> Proposal:
    """Put it before staff; what waits already stays as it is."""
    waiting = Proposal.objects.filter(kind=kind, request=request, other=other, settled_at=None)
    if found := waiting.first():
        return found
    made = Proposal.objects.create(
        kind=kind, request=request, other=other, liaison=liaison, words=clean(words, LONGEST), at=timezone.now()
    )
    _record(made, "liaison", "proposed")
    return made


@transaction.atomic
def agree(pk: int, *, by: User, answer: str = "", because: str = "") -> Proposal:
    """Do what was proposed, or answer the question for everybody to read. Raises NotPossible or PersonalFound."""
    found = _locked(pk)
    if found.kind == ProposalKind.ASK:
        if not answer.strip():
            raise NotPossible(_("Write the answer."))
        told = actions.add_update(found.request_id, by=by, public_text=answer, because=because)
        found.answer = told.updates.latest("at").public_text
    _settle(found, True, by)  # before the request is finished, which ends what else waits about it
    if found.kind == ProposalKind.SAME:
        assert found.other_id
        joining.join(found.request_id, found.other_id, by=by)
    elif found.kind == ProposalKind.CLOSE:
        actions.move(found.request_id, Status.CLOSED, by=by, outcome=Outcome.NO_ACTION_NEEDED, note=_words(found))
    return found


@transaction.atomic
def decline(pk: int, *, by: User) -> Proposal:
    """Leave it as it is; of two requests it is remembered that they are not the same."""
    found = _locked(pk)
    if found.kind == ProposalKind.SAME:
        assert found.other_id
        joining.keep_apart(found.request_id, found.other_id, by=by)
    return _settle(found, False, by)


def _words(found: Proposal) -> str:
    words = _("A neighborhood liaison saw that it is gone.")
    return f"{words} {found.words}".strip()


def _locked(pk: int) -> Proposal:
    found = Proposal.objects.select_for_update(of=("self",)).select_related("request", "liaison__member").get(pk=pk)
    if found.settled_at:
        raise NotPossible(_("Somebody has settled this already."))
    return found


def _settle(found: Proposal, agreed: bool, by: User) -> Proposal:
    found.agreed, found.settled_at, found.settled_by = agreed, timezone.now(), by
    found.save(update_fields=["agreed", "settled_at", "settled_by", "answer"])
    _record(found, by.get_username(), "agreed" if agreed else "declined")
    return found


def _record(found: Proposal, actor: str, what: str) -> None:
    body = {"what": f"proposal {what}", "kind": found.kind, "liaison": found.liaison_id, "other": found.other_id,
            "words": found.words}  # fmt: skip
    log.write([log.Entry(Kind.DECIDED, actor, request_id=found.request_id, body=body)])


def finished(request_id: UUID) -> None:
    """The request is finished: what still waits about it is settled by that."""
    now = timezone.now()
    Proposal.objects.filter(request=request_id, settled_at=None).update(settled_at=now)
    Proposal.objects.filter(other=request_id, kind=ProposalKind.SAME, settled_at=None).update(settled_at=now)


def waiting(visible: QuerySet[ServiceRequest]) -> QuerySet[Proposal]:
    """What waits for staff about requests that the person may see, oldest first."""
    found = Proposal.objects.filter(settled_at=None, request__in=visible).order_by("at", "id")
    return found.select_related("request__service", "other__service", "liaison__member")


def asked(request: ServiceRequest) -> list[Proposal]:
    """The questions about a request with their answers, newest first, for everybody."""
    return list(Proposal.objects.filter(request=request, kind=ProposalKind.ASK).order_by("-at")[:20])
