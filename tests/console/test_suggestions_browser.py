"""A suggestion in a real browser: it appears by itself beside the message, and one click or key uses it."""

from __future__ import annotations

from typing import Any

import pytest

from openline.foundation.bulk import notify
from openline.inbox.models import Conversation
from openline.service_requests.models import ServiceRequest
from tests.console import world
from tests.console.test_browser import FAULTS, chromium, desk, events_port, live  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_it_appears_while_one_looks_and_takes_no_words_away(desk: Any) -> None:  # noqa: F811
    live(desk)
    talk = Conversation.objects.get(identity__name="Kwame Boateng")
    desk.goto(f"/console/conversations/{talk.pk}/")
    live(desk)
    desk.fill("#reply", "half a sent")
    assert not desk.is_visible(".suggestion")
    world.suggest(talk, "SR-ST01", "Street Defect", place="S 13TH ST & MARKET ST", urgency="emergency")
    notify("openline_changes", f"conversation:{talk.pk}")
    desk.wait_for_selector(".suggestion")
    assert desk.input_value("#reply") == "half a sent"
    assert desk.evaluate("document.activeElement.id") == "reply"
    desk.fill("#reply", "")


def use(page: Any, talk: Conversation) -> None:
    """Press the button of the suggestion by keyboard, twice, as people do."""
    page.goto(f"/console/conversations/{talk.pk}/")
    button = page.get_by_role("group", name="Suggestion of a language model").get_by_role("button")
    button.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_selector("#pane .notice")


def test_one_key_opens_the_request_once(desk: Any) -> None:  # noqa: F811
    world.service("SR-X1", "Noise", needs_place=False)
    talk, before = Conversation.objects.get(identity__name="Kwame Boateng"), ServiceRequest.objects.count()
    world.suggest(talk, "SR-X1", "Noise")
    use(desk, talk)
    assert "The request is open." in desk.inner_text("#pane .notice.good")
    assert ServiceRequest.objects.count() == before + 1
    assert talk.messages.filter(direction="out").count() == 1


def test_what_is_missing_is_asked_for_in_the_form(desk: Any) -> None:  # noqa: F811
    talk, before = Conversation.objects.get(identity__name="ليلى حداد"), ServiceRequest.objects.count()
    use(desk, talk)  # the corner of this small world is no place of a gazetteer
    assert ServiceRequest.objects.count() == before
    assert desk.input_value("#service-open") == "Street Defect"
    assert desk.evaluate(FAULTS) == []
