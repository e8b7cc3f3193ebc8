"""Mentions on other sites: which pages take them, what counts as a link, and what becomes of a page that changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from openline.care.process import process
from openline.channels.base import Incoming, NotAllowed, Outgoing, Refused
from openline.channels.registry import channel_for
from openline.foundation.fetching import Answer, FetchFailed
from openline.inbox.models import Heard, Message
from openline.knowledge.models import Article
from openline.outbox.models import Delivery
from openline.portal.mentions import looking
from openline.service_requests.models import Service
from openline.service_requests.opening import NewRequest, open_request
from tests.open311.test_georeport import new

pytestmark = pytest.mark.usefixtures("philadelphia")
HOME = "https://311.city.example"
SOURCE = "https://blog.example/2026/potholes"


@pytest.fixture(autouse=True)
def _home(settings: Settings) -> None:
    settings.PUBLIC_URL = HOME


@pytest.fixture
def target() -> str:
    return f"{HOME}/requests/{new().number}/"


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What stands at the source's address; the fetching itself has its own tests."""

    def serve(body: str, status: int = 200, kind: str = "text/html; charset=utf-8", **headers: str) -> None:
        answer = Answer(status, body.encode(), {"content-type": kind, **headers})
        monkeypatch.setattr(looking, "exchange", lambda *a, **k: answer)

    return serve


def send(source: str = SOURCE, target: str = "") -> HttpResponse:
    return Client(enforce_csrf_checks=True).post("/webmention/", {"source": source, "target": target})


def entry(target: str, words: str = "They fixed it <b>fast</b>.", more: str = "", kind: str = "u-in-reply-to") -> str:
    return f"""<!doctype html><title>Blog</title><div class="h-entry"><a class="p-author h-card"
      href="https://blog.example/ana">Ana Blogger</a> <a class="{kind}" href="{target}">this</a>
      <div class="e-content"><p>{words}</p><script>evil()</script></div>
      <time class="dt-published" datetime="2026-11-20T10:00:00-05:00">then</time>{more}</div>"""


def test_public_pages_say_where_mentions_are_told(target: str) -> None:
    article = Article.objects.first()
    assert article
    for path in (target.removeprefix(HOME), f"/articles/{article.slug}/"):
        answer = Client().get(path)
        assert answer["Link"] == f'<{HOME}/webmention/>; rel="webmention"'
        assert '<link rel="webmention" href="/webmention/">' in answer.content.decode()
    hidden = open_request(NewRequest(Service.objects.create(code="HID", name="Hidden", public=False), "x", "", "web"))
    for path in (f"/requests/{hidden.number}/", "/", "/contact/"):
        answer = Client().get(path)
        assert "Link" not in answer and "webmention" not in answer.content.decode()


def test_a_mention_is_looked_at_by_a_job_once_however_often_it_is_told(target: str) -> None:
    assert [send(target=target).status_code for _time in range(3)] == [202] * 3
    [job] = ProcrastinateJob.objects.filter(task_name="openline.portal.tasks.look_at_mention")
    assert job.args == {"source": SOURCE, "target": target} and not Heard.objects.exists()


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("", "/requests/{}/"), ("ftp://blog.example/", "/requests/{}/"), ("javascript:x", "/requests/{}/"),
        ("https://u:p@blog.example/", "/requests/{}/"), ("https://blog.example/ x", "/requests/{}/"),
        ("https://blog.example/" + "x" * 1000, "/requests/{}/"), (SOURCE, "/requests/99-1/"), (SOURCE, "/"),
        (SOURCE, "/articles/none/"), (SOURCE, "/talk/x/"), (SOURCE, "@evil.example/requests/{}/"),
        (HOME + "/requests/{}/", "/requests/{}/"), (HOME + "/requests/{}/#x", "/requests/{}/"),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_at_is_refused_at_once(source: str, path: str, target: str) -> None:
    number = target.split("/")[-2]
    assert send(source.format(number), HOME + path.format(number)).status_code == 400
    assert not ProcrastinateJob.objects.filter(task_name="openline.portal.tasks.look_at_mention").exists()


def test_one_sender_cannot_tell_of_mentions_without_end(target: str) -> None:
    answers = [send(f"{SOURCE}/{n}", target).status_code for n in range(22)]
    assert answers == [202] * 20 + [429] * 2


LINKS: list[tuple[str, str, bool]] = [
    ('<a href="{t}">x</a>', "a link", True),
    ("<a href='{t}'>x</a>", "single quotes", True),
    ("<A HREF={t}>x</a>", "no quotes, capitals", True),
    ('<p><b><a class="x" rel="nofollow" href=" {t} ">x', "spaces around, nothing closed", True),
    ('<img src="{t}">', "a picture", True),
    ('<video src="{t}"></video>', "a film", True),
    ('<a href="{e}">x</a>', "letters as entities", True),
    ("<p>see {t}</p>", "words only", False),
    ('<!-- <a href="{t}">x</a> -->', "in a comment", False),
    ('<script>"<a href=\\"{t}\\">"</script>', "in a script", False),
    ('<template><a href="{t}">x</a></template>', "in a template", False),
    ('<textarea><a href="{t}">x</a></textarea>', "in a field", False),
    ('<a data-href="{t}">x</a>', "another attribute", False),
    ('<a title="<a href={t}>">x</a>', "inside an attribute", False),
    ('<a href="{t}?x=1">x</a>', "more behind it", False),
    ('<a href="{t}other/">x</a>', "a longer path", False),
    ('<a href="https://evil.example/?{t}">x</a>', "inside another address", False),
    ("", "an empty page", False),
    ("<" * 50_000 + '<a href="{t}">', "broken without end", True),
    ("<div>" * 50_000 + '<a href="{t}">', "deeper than any page", False),
]


@pytest.mark.parametrize(("page", "what", "good"), LINKS, ids=[what for _page, what, _good in LINKS])
def test_what_counts_as_a_link(page: str, what: str, good: bool, target: str) -> None:
    entities = "".join(f"&#{ord(letter)};" for letter in target)
    body = page.replace("{t}", target).replace("{e}", entities).encode()
    assert looking.links_to(Answer(200, body, {"content-type": "text/html"}), SOURCE, target) is good


def test_links_in_other_kinds_of_pages(target: str) -> None:
    def found(body: str, kind: str) -> bool:
        return looking.links_to(Answer(200, body.encode(), {"content-type": kind}), SOURCE, target)

    assert found(f"see {target} there", "text/plain; charset=utf-8") and not found(f"see {target}x", "text/plain")
    assert not found(f'<a href="{target}">', "application/pdf") and found(
        f'<a href="{target}">', "application/xhtml+xml"
    )
    path = target.removeprefix(HOME)
    relative = Answer(200, f'<a href="{path}">'.encode(), {"content-type": "text/html"})
    assert looking.links_to(relative, HOME + "/blog/", target) and not looking.links_to(relative, SOURCE, target)


def test_a_mention_becomes_a_message_that_no_machine_answers(target: str, web: Callable[..., None]) -> None:
    web(entry(target, "There is a huge pothole at 13th and Market St"))
    assert looking.look(SOURCE, target, again=True) == "new"
    process()
    message = Message.objects.select_related("conversation__identity").get()
    assert message.text == "There is a huge pothole at 13th and Market St" and message.url == SOURCE
    identity = message.conversation.identity
    assert (identity.handle, identity.name) == ("blog.example/ana", "Ana Blogger")
    assert message.visibility == "public" and message.posted_at.isoformat() == "2026-11-20T15:00:00+00:00"
    assert message.details["facts"] == {"mentions": "reply", "target": target, "source": SOURCE}
    assert message.details["automatic"] and not Delivery.objects.exists()
    channel, ref = channel_for("web"), message.account.ref()
    with pytest.raises(NotAllowed, match="another site"):
        channel.send(ref, Outgoing("thanks", in_reply_to=message.network_id), "k", None)  # type: ignore[arg-type]


def test_a_page_that_changes_is_a_revision_and_one_that_is_gone_a_deletion(
    target: str, web: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    web(entry(target, "First words"))
    assert looking.look(SOURCE, target, again=True) == "new"
    assert looking.look(SOURCE, target, again=True) == "It was there already."
    process()
    web(entry(target, "Other words"))
    assert looking.look(SOURCE, target, again=True) == "changed"
    process()
    message = Message.objects.get()
    assert message.text == "Other words" and [one.text for one in message.revisions.all()] == ["First words"]
    web("Gone", status=410)
    assert looking.look(SOURCE, target, again=True) == "gone"
    process()
    message.refresh_from_db()
    assert message.deleted_at and not Heard.objects.filter(state="refused").exists()


def test_a_page_that_links_no_more_takes_its_mention_back(target: str, web: Callable[..., None]) -> None:
    web(entry(target))
    looking.look(SOURCE, target, again=True)
    process()
    web(entry("https://elsewhere.example/"))
    assert looking.look(SOURCE, target, again=True) == "gone"
    process()
    assert Message.objects.get().deleted_at


@pytest.mark.parametrize(
    ("status", "words"), [(200, "does not link"), (404, "does not link"), (403, "403"), (302, "302")]
)
def test_what_is_no_mention_leaves_nothing(status: int, words: str, target: str, web: Callable[..., None]) -> None:
    web("<p>nothing here", status=status)
    assert words in looking.look(SOURCE, target, again=True) and not Heard.objects.exists()


def test_a_server_in_trouble_is_asked_again_and_given_up_at_last(
    target: str, web: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    web("", status=503)
    with pytest.raises(looking.TryAgain):
        looking.look(SOURCE, target, again=True)
    assert "503" in looking.look(SOURCE, target, again=False)

    def down(*args: Any, **more: Any) -> Answer:
        raise FetchFailed("The server cannot be reached.", passing=True)

    monkeypatch.setattr(looking, "exchange", down)
    with pytest.raises(looking.TryAgain):
        looking.look(SOURCE, target, again=True)


def test_redirects_are_followed_a_few_times_and_private_networks_never(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def exchange(method: str, address: str, **more: Any) -> Answer:
        asked.append(address)
        return Answer(301, b"", {"location": f"/{len(asked)}"})

    monkeypatch.setattr(looking, "exchange", exchange)
    assert "ever other addresses" in looking.look(SOURCE, target, again=False) and len(asked) == 6
    assert asked[1] == "https://blog.example/1"
    monkeypatch.undo()


def test_a_private_network_is_never_looked_at(target: str) -> None:
    for source in ("http://127.0.0.1:1/", "http://[::1]/", "http://10.0.0.1/"):
        assert "private network" in looking.look(source, target, again=False)


AUTHORS: list[tuple[str, str, str]] = [
    ('<a class="p-author h-card" href="https://blog.example/ana">Ana</a>', "https://blog.example/ana", "Ana"),
    ('<a class="p-author h-card" href="https://mayor.example/">The Mayor</a>', "https://blog.example/", "The Mayor"),
    ('<span class="p-author">Ana</span>', "https://blog.example/", "Ana"),
    ('<a class="u-author" href="https://mayor.example/"></a>', "https://blog.example/", ""),
    ("", "https://blog.example/", ""),
]


@pytest.mark.parametrize(("author", "known", "name"), AUTHORS)
def test_an_author_elsewhere_is_not_believed(
    author: str, known: str, name: str, target: str, web: Callable[..., None]
) -> None:
    web(f'<div class="h-entry">{author}<a href="{target}">x</a><p class="p-name">words</p></div>')
    looking.look(SOURCE, target, again=True)
    found = channel_for("web").parse(bytes(Heard.objects.get().raw))
    assert isinstance(found, Incoming) and (found.author_id, found.author_name) == (known, name)


@pytest.mark.parametrize(
    ("kind", "what"),
    [("u-like-of", "like"), ("u-repost-of", "repost"), ("u-bookmark-of", "bookmark"), ("u-x", "mention")],
)
def test_how_it_mentions(kind: str, what: str, target: str, web: Callable[..., None]) -> None:
    web(entry(target, kind=kind))
    looking.look(SOURCE, target, again=True)
    found = channel_for("web").parse(bytes(Heard.objects.get().raw))
    assert isinstance(found, Incoming) and found.facts["mentions"] == what
    assert "fast" in found.text and "evil" not in found.text and "<b>" not in found.text


@pytest.mark.parametrize("page", ["", "<" * 100_000, "<div>" * 50_000, '<div class="h-entry">' * 3_000, "\x00\xff&#0;"])
def test_no_page_breaks_the_reader(page: str, target: str, web: Callable[..., None]) -> None:
    web(f'{page}<a href="{target}">x</a>')
    looking.look(SOURCE, target, again=True)
    for one in Heard.objects.all():
        assert not isinstance(channel_for("web").parse(bytes(one.raw)), Refused)
    process()
    assert not Heard.objects.filter(state="waiting").exists()


def test_the_same_page_tomorrow_is_looked_at_anew(target: str, web: Callable[..., None], monkeypatch: Any) -> None:
    web(entry(target))
    looking.look(SOURCE, target, again=True)
    process()
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(looking.timezone, "now", lambda: tomorrow)
    assert looking.look(SOURCE, target, again=True) == "changed"
