"""What customer care does when a request changes: everyone who reported it is told, in their own thread."""

from __future__ import annotations

from openline.care import joining, speaking, texts
from openline.care.models import Report
from openline.inbox.models import Attention, Status
from openline.service_requests import events
from openline.service_requests.states import FINISHED_STATES
from openline.service_requests.states import Status as RequestStatus


@events.changed.subscribe
def tell_reporters(change: events.RequestChanged) -> None:
    """Put the news in every conversation that reported or follows the request, in its language."""
    reports = Report.objects.filter(request=change.request).select_related(
        "conversation__account", "conversation__identity", "message__assessment"
    )
    for report in reports:
        if change.update.to_status == RequestStatus.REOPENED and change.update.by is None:
            continue  # the resident who asked for it is answered where it was asked
        with texts.speaking(speaking.language_of(report.message)):
            text = _news(change)
            if not text:
                return
            conversation = report.conversation
            speaking.say(conversation, text, purpose=f"update:{change.update.pk}", by=change.update.by)
        if change.update.to_status in FINISHED_STATES and conversation.attention < Attention.ANSWER:
            conversation.status, conversation.attention = Status.DONE, Attention.NONE
            conversation.why = f"Request {change.request.number} is closed."
            conversation.save(update_fields=["status", "attention", "why"])


@events.changed.subscribe
def follow_the_other(change: events.RequestChanged) -> None:
    """Who reported a request that was joined to another follows that one; who was joined by mistake does so no more."""
    if change.what == "joined" and change.request.duplicate_of:
        joining.follow(change.request, change.request.duplicate_of)
    elif change.what == "separated" and change.was_same_as:
        joining.unfollow(change.request, change.was_same_as)


def _news(change: events.RequestChanged) -> str:
    if change.what == "joined" and change.request.duplicate_of:
        return texts.joined(change.request, change.request.duplicate_of)
    if change.what == "separated":
        return texts.separated(change.request)
    if change.what in ("service", "place"):
        return texts.corrected(change.request, change.what)
    return texts.changed(change.request, change.update)
