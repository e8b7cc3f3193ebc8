"""What one click does with a language model's suggestion: the forms that staff have anyway, filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from openline.care.models import Report
from openline.console.permissions import allowed
from openline.inbox.models import Message
from openline.language_model.models import Suggestion
from openline.service_requests.queries import services_to_choose
from openline.service_requests.states import FINISHED_STATES


@dataclass(frozen=True, slots=True)
class Use:
    """A form to send: where to, and its hidden fields. `number` is the request whose service it puts right, or ""."""

    address: str
    fields: dict[str, Any]
    number: str = ""


def use_of(request: HttpRequest, message: Message | None, panels: Sequence[dict[str, Any]]) -> Use | None:
    """What can be done with the suggestion for `message`, if anything: put right its request, else open one."""
    suggestion: Suggestion | None = getattr(message, "suggestion", None)
    if message is None or not suggestion or not suggestion.current or not allowed(request.user, "triage"):
        return None
    if not services_to_choose().filter(code=suggestion.service).exists():
        return None  # none suggested, or one that belongs to somebody else
    reported = Report.objects.filter(message=message).values_list("request_id", flat=True)
    opened = [panel["request"] for panel in panels if panel["request"].pk in set(reported)]
    if not opened:
        return _open(suggestion, message)
    found = opened[0]
    if found.status in FINISHED_STATES or found.service.code == suggestion.service:
        return None
    fields = {"other_service": suggestion.service_name, "version": found.version}
    return Use(reverse("console:service", args=[found.number]), fields, found.number)


def _open(suggestion: Suggestion, message: Message) -> Use:
    # The name goes into the field where one types: if the place is missing, the form opens with the service in it.
    fields = {
        "message": message.pk,
        "other_service": suggestion.service_name,
        "place": suggestion.place_name,
        "tell": "1",
    }
    return Use(reverse("console:open_request", args=[message.conversation_id]), fields)
