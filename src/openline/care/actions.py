"""What staff do with a conversation: answer it, open a request from it, put things right, call it handled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.care import answering, fetching, photos, saved_replies, showing, speaking, teamwork, texts
from openline.care.models import Intake, Report
from openline.foundation.changes import conversations_changed
from openline.inbox.models import Attention, Conversation, Message, Status
from openline.knowledge.queries import public as public_articles
from openline.records import log
from openline.records.models import Kind
from openline.service_requests import actions as request_actions
from openline.service_requests import seasons
from openline.service_requests.actions import NotPossible
from openline.service_requests.jurisdiction import public_numbers
from openline.service_requests.models import Service, ServiceRequest
from openline.service_requests.opening import NewRequest, open_request
from openline.service_requests.publishing import settle
from openline.service_requests.states import FINISHED_STATES
from openline.triage.models import Correction
from openline.triage.personal_data import public_text

__all__ = [
    "NotPossible",
    "answer",
    "correct_place",
    "correct_service",
    "fold",
    "mark_done",
    "open_from",
    "take_out",
]


@transaction.atomic
def answer(
    conversation: Conversation,
    text: str,
    *,
    by: User,
    client_id: UUID,
    because: str = "",
    done: bool = True,
    photo: showing.Shown | None = None,
    private: bool = False,
    seen: UUID | None = None,
) -> Message:
    """Answer in the thread as the city. `client_id` is made by the page: the same form sent twice is one answer.

    `seen` is the newest message that the writer saw; raises AnsweredMeanwhile if a colleague answered since. The answer
    leaves after `UNDO_SECONDS`, and can be taken back till then; at once to whom an emergency befell.

    In public, personal data needs a reason (`because`) that is kept; raises PersonalFound without. The resident
    spoken to may be named, and what an article says. `photo` goes out with it. `private`: only the resident reads it,
    though they wrote in public; raises NotPossible where the network has no such answers, or does not let us answer.
    """
    speaking.check_welcome(conversation)
    teamwork.check_meanwhile(conversation, seen, by)
    private = private or conversation.visibility == "private"
    if private and conversation.visibility != "private" and not conversation.account.capabilities.private_answers:
        raise NotPossible(_("On this network, what was said in public is answered in public."))
    answering.check(conversation, private=private)
    if not text.strip():
        raise NotPossible(_("Write the answer first."))
    saved_replies.check_filled(text)
    text, kept = text.strip(), ""
    if not private:
        public = settle(text, by=by, because=because, spoken_to=conversation.identity, known=_in_an_article)
        text, kept = public.text, public.kept
    media = (showing.outgoing(conversation, photo),) if photo else ()
    purpose, hold = f"staff:{client_id}", timedelta(seconds=settings.UNDO_SECONDS)
    hold = timedelta(0) if conversation.attention == Attention.EMERGENCY else hold
    message = speaking.say(conversation, text, purpose=purpose, by=by, media=media, private=private, hold=hold)
    assert message, "who is welcome gets a message"
    if photo:
        showing.keep(message, photo)
    answered = ServiceRequest.objects.filter(reports__conversation=conversation, first_answered_at=None)
    answered.update(first_answered_at=timezone.now())
    if kept:
        body = {"what": "published", "why": kept}
        log.write([log.Entry(Kind.DECIDED, by.get_username(), conversation.account_id, conversation.pk, message.pk,
                             body=body)])  # fmt: skip
    if done:
        mark_done(conversation, by=by, why=_("Answered by %(name)s") % {"name": by.get_username()})
    return message


def _in_an_article(part: str) -> bool:
    return public_articles().filter(body__icontains=part).exists()


@transaction.atomic
def open_from(
    message: Message, service: Service, place: dict[str, Any] | None, *, by: User, tell: bool = True
) -> ServiceRequest:
    """Open a request from a resident's message, link it with the conversation and tell the resident its number."""
    conversation = message.conversation
    if service.kind != "request":
        raise NotPossible(
            _("“%(service)s” belongs to somebody else: refer the resident instead.") % {"service": service.name}
        )
    if not seasons.in_season(service):
        raise NotPossible(
            _("“%(service)s” is offered %(season)s only.") % {"service": service.name, "season": seasons.when(service)}
        )
    if service.needs_place and not place:
        raise NotPossible(_("This service needs a place. Give one, or ask the resident."))
    private = message.visibility == "private"
    request = open_request(
        NewRequest(
            service,
            message.text,
            "" if private else public_text(message.text, public_numbers()),
            conversation.account.network,
            place=place,
            requested_at=message.posted_at,
            actor=by.get_username(),
        )
    )
    Report.objects.create(conversation=conversation, request=request, message=message, created_at=timezone.now())
    Intake.objects.filter(conversation=conversation).update(open=False)
    photos.follow([(conversation.pk, request.pk)])
    fetching.fetch_of(message)
    _learn(message, "service", service.code, by)
    if tell:
        with texts.speaking(speaking.language_of(message)):
            text = texts.opened(request)
        speaking.say(conversation, text, purpose=f"opened:{request.pk}", by=None)
    mark_done(conversation, by=by, why=_("Request %(number)s opened") % {"number": request.number})
    return request


@transaction.atomic
def fold(message: Message, request: ServiceRequest, *, by: User) -> None:
    """Let the resident who wrote `message` follow an open `request` instead of opening another; they are told once."""
    conversation = message.conversation
    if request.status in FINISHED_STATES:
        raise NotPossible(_("Request %(number)s is closed. Choose an open one.") % {"number": request.number})
    _report, new = Report.objects.get_or_create(
        conversation=conversation,
        request=request,
        defaults={"message": message, "created_at": timezone.now(), "folded": True},
    )
    if not new:
        raise NotPossible(_("This conversation follows request %(number)s already.") % {"number": request.number})
    Intake.objects.filter(conversation=conversation).update(open=False)
    with texts.speaking(speaking.language_of(message)):
        text = texts.folded(request.number)
    speaking.say(conversation, text, purpose=f"folded:{request.pk}", by=None)
    mark_done(conversation, by=by, why=_("Follows request %(number)s") % {"number": request.number})


@transaction.atomic
def take_out(report: Report, *, by: User) -> None:
    """A resident does not follow this request after all: the conversation waits for a person again."""
    if not report.folded:
        raise NotPossible(_("The request was opened in this conversation. Close or correct the request instead."))
    conversation, number = report.conversation, report.request.number
    report.delete()
    why = _("Taken out of request %(number)s: is it something else?") % {"number": number}
    conversation.status, conversation.attention, conversation.why = Status.OPEN, Attention.LOOK, why
    conversation.save(update_fields=["status", "attention", "why"])
    body = {"what": "taken out", "request": number}
    log.write([log.Entry(Kind.DECIDED, by.get_username(), conversation.account_id, conversation.pk, body=body)])
    conversations_changed(conversation.pk)


@transaction.atomic
def correct_service(request: ServiceRequest, service: Service, *, by: User, version: int | None = None) -> None:
    """Correct the service of a request and keep the correction for the next training."""
    before = request.service.code
    request_actions.correct_service(request.pk, service, by=by, version=version)
    for report in request.reports.filter(folded=False).select_related("message"):
        _learn(report.message, "service", service.code, by, before)


@transaction.atomic
def correct_place(request: ServiceRequest, place: dict[str, Any], *, by: User, version: int | None = None) -> None:
    """Correct the place of a request and keep the correction."""
    before = request.place_name
    request_actions.correct_place(request.pk, place, by=by, version=version)
    for report in request.reports.filter(folded=False).select_related("message"):
        _learn(report.message, "place", place["name"], by, before)


@transaction.atomic
def mark_done(conversation: Conversation, *, by: User | None, why: str) -> None:
    """Nobody has to do anything here now; the next message of the resident opens it again."""
    conversation.status, conversation.attention, conversation.why = Status.DONE, Attention.NONE, why[:300]
    conversation.unread, conversation.put_off_until = False, None
    conversation.save(update_fields=["status", "attention", "why", "unread", "put_off_until"])
    log.write(
        [
            log.Entry(
                Kind.DECIDED,
                by.get_username() if by else "openline",
                conversation.account_id,
                conversation.pk,
                body={"what": "handled", "why": why},
            )
        ]
    )
    conversations_changed(conversation.pk)


def _learn(message: Message, field: str, after: str, by: User, before: str = "") -> None:
    """Keep what a person put right."""
    if before != after:
        Correction.objects.create(message=message, field=field, before=before[:300], after=after[:300], by=by)
        log.write(
            [
                log.Entry(
                    Kind.CORRECTED,
                    by.get_username(),
                    message.account_id,
                    message.conversation_id,
                    message.pk,
                    body={"field": field, "before": before, "after": after},
                )
            ]
        )
