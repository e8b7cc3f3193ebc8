"""The sandbox's page at its door: who may be spoken as, to whom, and where one is sent back to."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import RequestFactory

from openline.accounts.models import Account
from openline.sandbox import people, views

pytestmark = pytest.mark.usefixtures("philadelphia")


@pytest.fixture
def account(philadelphia: None) -> Account:
    made = Account(network="mastodon", handle="@philly311", server="http://127.0.0.1:1", name="Philly311")
    made.save()
    return made


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was posted, instead of posting it."""
    heard: list[str] = []
    monkeypatch.setattr(people, "post", lambda account, person, text, **_: heard.append(f"{person.username}: {text}"))
    monkeypatch.setattr(views.messages, "success", lambda *_: None)
    monkeypatch.setattr(views.messages, "error", lambda *_: None)
    monkeypatch.setattr(views, "reverse", lambda _name: "/sandbox/")
    return heard


def post(**given: Any) -> Any:
    return views.post(RequestFactory().post("/sandbox/post/", given))


def test_a_post_is_made_as_the_chosen_resident(account: Account, said: list[str]) -> None:
    response = post(account=account.pk, resident="maria", text="hello")
    assert said == ["maria: hello"]
    assert response.url.startswith("/sandbox/?as=maria")


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"])
def test_nobody_is_sent_elsewhere(account: Account, said: list[str], back: str) -> None:
    assert post(account=account.pk, resident="maria", text="hello", next=back).url.startswith("/sandbox/")


@pytest.mark.parametrize(
    "given", [{"account": "x"}, {"account": ""}, {"account": str(uuid4())}, {"resident": "nobody"}]
)
def test_what_is_not_there_is_404(account: Account, said: list[str], given: dict[str, str]) -> None:
    from django.http import Http404

    with pytest.raises(Http404):
        post(**({"account": account.pk, "resident": "maria", "text": "hello"} | given))
    assert not said


def test_nothing_said_is_nothing_posted(account: Account, said: list[str]) -> None:
    post(account=account.pk, resident="maria", text="  ")
    assert not said
