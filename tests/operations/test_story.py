"""What the demo shows when it opens."""

from __future__ import annotations

import pytest
from django.test import Client

from openline.community.models import Liaison
from openline.console.permissions import create_demo_users
from openline.operations import newsroom, story
from openline.service_requests.models import ServiceRequest


@pytest.mark.usefixtures("philadelphia")
@pytest.mark.django_db
def test_a_demo_opens_with_requests_neighbors_and_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story, "replay", lambda *_arguments, **_more: iter(()))  # its networks do not run here
    monkeypatch.setattr(newsroom, "tell", lambda: None)  # has tests of its own
    create_demo_users("open the line")
    assert "Nothing is counted yet" in Client().get("/figures/").content.decode()
    story.tell()
    assert ServiceRequest.objects.count() == 100 and Liaison.objects.exists()
    page = Client().get("/figures/").content.decode()
    assert "Nothing is counted yet" not in page and "<svg" in page
