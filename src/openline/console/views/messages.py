"""Changing a message on its network: correct, take back, hide, show. Reading it again stays with the conversation."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from openline.care import correcting
from openline.community import moderation
from openline.community.models import NETWORK
from openline.console.once import attempt, identifier, staff, typed
from openline.console.permissions import needs, visible_conversations
from openline.console.views.inbox import show_after
from openline.inbox.models import Message


@require_POST
@needs("answer")
def correct(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Give one of our messages another text."""
    found = _message(request, message_id)
    return _after(
        request,
        found,
        _("The correction is on its way."),
        lambda key: correcting.correct(found, typed(request, "text"), by=staff(request), key=key),
    )


@require_POST
@needs("answer")
def delete(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Take one of our messages back."""
    found = _message(request, message_id)
    return _after(
        request,
        found,
        _("It is being taken back."),
        lambda key: correcting.take_back(found, typed(request, "reason", 300), by=staff(request), key=key),
    )


@require_POST
@needs("answer")
def hide(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Hide a resident's comment; in the city's own discussions by one of their published rules."""
    found = _message(request, message_id)
    if found.conversation.account.network == NETWORK:
        rule = typed(request, "rule", 60)
        return _after(request, found, _("It is hidden."),
                      lambda key: moderation.hide(found.pk, rule, by=staff(request), key=key))  # fmt: skip
    return _after(
        request,
        found,
        _("It is being hidden."),
        lambda key: correcting.hide(found, typed(request, "reason", 300), by=staff(request), key=key),
    )


@require_POST
@needs("answer")
def show(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Show a hidden comment again."""
    found = _message(request, message_id)
    if found.conversation.account.network == NETWORK:
        return _after(request, found, _("It is shown again."), lambda key: moderation.show(found.pk, by=staff(request)))
    return _after(
        request,
        found,
        _("It is being shown again."),
        lambda key: correcting.show(found, typed(request, "reason", 300), by=staff(request), key=key),
    )


def _message(request: HttpRequest, message_id: UUID) -> Message:
    seen = Message.objects.filter(conversation__in=visible_conversations(request.user))
    return get_object_or_404(seen.select_related("conversation__account", "conversation__identity"), pk=message_id)


def _after(request: HttpRequest, found: Message, said: str, act: Callable[[str], None]) -> HttpResponse:
    problem = attempt(request, str(found.pk), lambda: act(str(identifier(request, "client_id"))))
    return show_after(request, found.conversation_id, problem, said)
