"""What customer care does when a request changes: everyone who reported it is told, in their own thread."""

from __future__ import annotations

from openline.care import closing, joining, speaking, texts
from openline.care.models import Report
from openline.inbox.models import Attention, Status
from openline.service_requests import events, templates
from openline.service_requests.models import Update
from openline.service_requests.states import FINISHED_STATES
from openline.service_requests.states import Status as RequestStatus


@events.changed.subscribe
def tell_reporters(change: events.RequestChanged) -> None:
    """Put the news in every conversation that reported or follows the request, in its language."""
    if _by_a_resident(change.update):
        return  # who answered is answered where they wrote
    told = _template_texts(change)
    reports = Report.objects.filter(request=change.request, quiet=False).select_related(
        "conversation__account", "conversation__identity", "message__assessment"
    )
    for report in reports:
        language = speaking.language_of(report.message)
        with texts.speaking(language):
            text = _news(change, templates.text_in(told, language) if told else None)
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


@events.changed.subscribe
def ask_whether_it_is_fixed(change: events.RequestChanged) -> None:
    """Remember that the residents are asked."""
    if change.update.to_status == RequestStatus.RESOLVED:
        closing.asked(change.request)


def _by_a_resident(update: Update) -> bool:
    """True for a move that follows from what a resident wrote: opened again, or back to work after our question."""
    back = update.from_status == RequestStatus.WAITING and update.to_status == RequestStatus.IN_PROGRESS
    return update.by_id is None and not update.public_text and (back or update.to_status == RequestStatus.REOPENED)


def _template_texts(change: events.RequestChanged) -> dict[str, str]:
    """The texts of the closing in all languages, where staff left it to the template."""
    if change.update.to_status not in (RequestStatus.RESOLVED, RequestStatus.CLOSED):
        return {}
    return templates.told(change.request, change.update.outcome, change.update.public_text)


def _news(change: events.RequestChanged, text: str | None = None) -> str:
    if change.what == "joined" and change.request.duplicate_of:
        return texts.joined(change.request, change.request.duplicate_of)
    if change.what == "separated":
        return texts.separated(change.request)
    if change.what in ("service", "place"):
        return texts.corrected(change.request, change.what)
    return texts.changed(change.request, change.update, text)
