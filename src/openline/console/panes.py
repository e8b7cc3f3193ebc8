"""What the panes of the console show, gathered in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import Prefetch
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from openline.accounts import health
from openline.care import saved_replies
from openline.care.answering import answerable
from openline.care.models import Report
from openline.care.speaking import room_for
from openline.channels.registry import channels
from openline.community import queue
from openline.community import waiting as neighbors
from openline.console import discussed, menu, narrowing, publish_menu, reply_pane
from openline.console.among_staff import among_staff, answered_by_person
from openline.console.once import Problem, staff
from openline.console.permissions import allowed, capabilities, visible_conversations, visible_requests
from openline.console.photos import of_requests, with_photos
from openline.console.suggestions import use_of
from openline.files.models import Attachment, Kind
from openline.foundation.text import clean
from openline.inbox import queries as inbox
from openline.inbox.models import Conversation, Direction, Message
from openline.knowledge.proposals import propose
from openline.open311 import submitting
from openline.partners import queries as partners
from openline.partners import words
from openline.publishing import pausing
from openline.service_requests import assigning, linking
from openline.service_requests import queries as requests
from openline.service_requests.callers import to_call
from openline.service_requests.models import Service, ServiceRequest
from openline.service_requests.models.routing import ReturnReason
from openline.service_requests.states import CLOSING_OUTCOMES, FINISHED_STATES, REASONS, Status
from openline.service_requests.states import allowed as may_follow
from openline.web import events_origin

EVENTS_SALT = "openline.events"
_SUGGEST_FROM = 0.05
"""A service less likely than this is no suggestion."""


def frame(request: HttpRequest) -> dict[str, Any]:
    """What every page of the console needs: what the person may do, and where live events come from."""
    token = signing.dumps(staff(request).pk, salt=EVENTS_SALT)
    may = capabilities(request.user)
    return {
        "may": may,
        "set_up": menu.entries(may),
        "pause": pausing.current(),
        "publish_places": publish_menu.places(may, request.path),
        "account_alerts": health.in_need() if "administer" in may else 0,
        "partner_alerts": partners.alerts() if "partners" in may else 0,
        "events_url": f"{events_origin(request)}/events?token={token}",
        "section": _section(request.path),
        "shown_view": "",
    }


def _section(path: str) -> str:
    """Which entry of the main menu is marked; none on the pages that are set up."""
    rest = path.removeprefix(reverse("console:inbox"))
    if rest.startswith("requests/"):
        return "requests"
    if rest.startswith(publish_menu.PREFIXES):
        return "publish"
    return "inbox" if not rest or rest.startswith(("conversations/", "unsent/")) else ""


def sidebar(request: HttpRequest) -> dict[str, Any]:
    """The views of the inbox with their counts."""
    counted = inbox.counts(visible_conversations(request.user), staff(request))
    return {
        "views": [(view, counted.get(view.key)) for view in inbox.VIEWS],
        "personal": [(view, counted.get(view.key)) for view in inbox.PERSONAL],
        "counted": counted,
        "count_limit": inbox.COUNT_LIMIT,
        "neighbors_waiting": neighbors.count() if allowed(request.user, "moderate_topics") else 0,
        **programs(request),
    }


def programs(request: HttpRequest) -> dict[str, Any]:
    """What other programs sent that the desk has to look at: danger to life, and what waits for review."""
    if not allowed(request.user, "triage"):
        return {}
    alarms, waiting = submitting.standing()
    return {"alarms": alarms, "programs_waiting": waiting, "discussions_waiting": queue.count()}


def conversation_list(request: HttpRequest, asked: QueryDict) -> dict[str, Any]:
    """The middle pane: emergencies on top, then one page of the view that is asked for."""
    view = inbox.view_named(asked.get("view", ""))
    search, before = clean(asked.get("q", ""), 200), asked.get("before", "")
    visible = visible_conversations(request.user)
    wanted = narrowing.narrowed(request)
    pool = wanted.of(inbox.of_person(visible, view, staff(request)))
    if search:
        view = inbox.view_named("all")
    rows, following = inbox.page(pool, view, before, search)
    pinned = [] if search or before or view.key == "emergencies" else inbox.pinned(visible)
    above = {conversation.pk for conversation in pinned}
    rows = [conversation for conversation in rows if conversation.pk not in above]
    return {
        "view": view,
        "shown_view": "" if search else view.key,
        "search": search,
        "before": before,
        "following": following,
        **narrowing.choices(wanted),
        "pinned": with_numbers(pinned),
        "conversations": with_numbers(rows),
    }


def with_numbers(conversations: Sequence[Conversation]) -> list[dict[str, Any]]:
    """Each conversation with the numbers of its requests, in one query."""
    numbers: dict[UUID, list[str]] = {}
    found = Report.objects.filter(conversation__in=conversations).order_by("created_at")
    for conversation_id, number in found.values_list("conversation_id", "request__number"):
        numbers.setdefault(conversation_id, []).append(number)
    return [{"conversation": c, "numbers": numbers.get(c.pk, [])} for c in conversations]


def conversation_pane(
    request: HttpRequest, conversation: Conversation, problem: Problem | None = None, done: str = ""
) -> dict[str, Any]:
    """The right pane: the thread, its requests, and what can be done."""
    messages = with_photos(inbox.thread(conversation))
    heard = [message for message in messages if message.direction == Direction.IN]
    newest = heard[-1] if heard else None
    panels = request_panels(request, conversation)
    return {
        "conversation": conversation,
        **among_staff(request, conversation, messages),
        "answered": reply_pane.answered(request, conversation),
        "cut": len(messages) == inbox.MOST_MESSAGES,
        "newest": newest,
        "suggested": suggested(newest),
        "suggested_place": (getattr(newest, "assessment", None) and newest.assessment.place or {}).get("name", "")
        if newest
        else "",
        "panels": panels,
        "use": use_of(request, newest, panels),
        "proposals": [] if answered_by_person(messages) else proposals(request, newest),
        **can_say(conversation),
        **discussed.of_conversation(conversation, newest),
        "saved": saved_replies.of(staff(request)) if allowed(request.user, "answer") else (),
        "problem": problem,
        "done": done,
        **choices(request),
    }


def request_panels(request: HttpRequest, conversation: Conversation) -> list[dict[str, Any]]:
    """The requests that were reported in the conversation, newest first, as far as the person may see them."""
    found = requests.with_history(visible_requests(request.user)).filter(reports__conversation=conversation)
    rows = list(found.order_by("-requested_at"))
    photos = of_requests(request.user, [item.pk for item in rows])
    return [panel(item, photos) for item in rows]


OWN_FORM: dict[str, str] = {
    Status.CLOSED: "close",
    Status.WAITING: "ask",
    Status.REFERRED: "refer",
    Status.REJECTED: "reject",
    Status.REOPENED: "reopen",
}
"""States that have a form of their own on the page, since they need a reason or an outcome."""


def panel(item: ServiceRequest, photos: dict[UUID, list[Attachment]]) -> dict[str, Any]:
    """One request with its photos and the states that may follow; closing has a form of its own."""
    following = [(state, Status(state).label) for state in may_follow(item.status)]
    return {
        "request": item,
        "photos": photos.get(item.pk, []),
        "moves": [move for move in following if move[0] not in (*OWN_FORM, Status.DUPLICATE, Status.RESOLVED)],
        "plans": item.status == Status.SCHEDULED or Status.SCHEDULED in dict(following),
        "may_close": Status.CLOSED in dict(following),
        "asking": [
            (state, form, words, REASONS[state]) for state, form, words in _asking_forms() if state in dict(following)
        ],
        "reopens": item.status in FINISHED_STATES,
        "reopen_reasons": REASONS[Status.REOPENED],
    }


def choices(request: HttpRequest) -> dict[str, Any]:
    """What the forms offer; lazy, so that who may not correct anything costs no query."""
    return {
        "services": requests.services_to_choose() if allowed(request.user, "triage") else Service.objects.none(),
        "departments": requests.departments(),
        "outcomes": [(outcome.value, outcome.label) for outcome in CLOSING_OUTCOMES],
        "return_reasons": ReturnReason.choices,
        "photo_kinds": Kind.choices,
    }


def around(request: HttpRequest, item: ServiceRequest) -> dict[str, Any]:
    """What stands around one request: who may work on it, its parts, what it is linked with, who looks at it too."""
    passed = [(one, words.for_staff(one)) for one in partners.of_request(item.pk)]
    if not allowed(request.user, "move_request"):
        return {"passed": passed}
    visible = visible_requests(request.user)
    return {
        "passed": passed,
        "partners": partners.connectors_for(item) if allowed(request.user, "partners") and not item.closed_at else [],
        "colleagues": assigning.colleagues(item),
        "teams": item.department.teams.all(),
        "parts": visible.filter(parent=item).select_related("service", "department").order_by("number"),
        "whole": visible.filter(pk=item.parent_id).first() if item.parent_id else None,
        "callers": to_call(item),
        "linked": linking.linked(item).filter(pk__in=visible),
    }


def _asking_forms() -> list[tuple[Status, str, str]]:
    return [
        (Status.WAITING, OWN_FORM[Status.WAITING], _("Ask the resident")),
        (Status.REFERRED, OWN_FORM[Status.REFERRED], _("Refer outside")),
        (Status.REJECTED, OWN_FORM[Status.REJECTED], _("Reject")),
    ]


def suggested(message: Message | None) -> list[dict[str, Any]]:
    """The services that triage found likely for `message`, best first."""
    assessment = getattr(message, "assessment", None)
    found = assessment.services if assessment else []
    return [service for service in found if service.get("confidence", 0) >= _SUGGEST_FROM]


def proposals(request: HttpRequest, message: Message | None) -> list[Any]:
    """Articles that answer `message`, if it is a question and the person may answer."""
    assessment = getattr(message, "assessment", None)
    if message is None or assessment is None or not allowed(request.user, "answer"):
        return []
    if assessment.intent != "question" and assessment.decision != "answer":
        return []
    return propose(message.text, assessment.language, [s["code"] for s in suggested(message)[:1]])


def can_say(conversation: Conversation) -> dict[str, Any]:
    """What an answer may be on the conversation's network: how many characters, whether more become several posts,
    and whether a photo goes with it. The limit is the network's less the handle that it puts in front."""
    channel = channels().get(conversation.account.network)
    if channel is None:
        return {}
    can, private = conversation.account.capabilities, conversation.visibility == "private"
    also_private = can.private_answers and not private  # what was said in public may be answered in private
    room = room_for(conversation, private)
    ways = answerable(conversation, private, *([True] if also_private else []))
    return {
        "limit": room.text_limit,
        "in_parts": room.too_long == "thread",
        "takes_photos": any(rule.kind == "image" for rule in can.media) and (can.answer_photos or private),
        "has_cost": bool(channel.cost(conversation.account.public_ref(), "a")),
        "answerable": ways[0],
        "answerable_private": ways[1] if also_private else None,
        "can_hide": can.hide and not private,
    }


def find_request(request: HttpRequest, number: str) -> ServiceRequest | None:
    """The request `number` with its history and the conversations that reported it, if the person may see it."""
    conversations = visible_conversations(request.user).select_related("identity", "account")
    reports = (
        Report.objects.filter(conversation__in=conversations)
        .select_related("conversation__identity", "conversation__account", "message")
        .order_by("created_at")
    )
    found = requests.with_history(visible_requests(request.user))
    return found.prefetch_related(Prefetch("reports", reports, to_attr="seen_reports")).filter(number=number).first()
