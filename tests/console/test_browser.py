"""The console in a real browser: keys, live updates, what is typed is kept, no JavaScript, narrow screens."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from openline.foundation.bulk import notify
from openline.inbox.models import Attention, Conversation, Message
from tests.conftest import need
from tests.console import world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = os.environ.get("OPENLINE_CHROMIUM") or shutil.which("chromium") or ""
LOOKS = [(width, scheme) for width in (320, 360, 768, 1024, 1440) for scheme in ("light", "dark")]
FAULTS = (Path(__file__).parent / "faults.js").read_text().split("\n", 1)[1]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for all tests of this file."""
    need(bool(CHROMIUM), "Chromium")
    # Playwright keeps an event loop in this thread, for which Django would refuse the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def events_port(django_db_setup: None) -> Iterator[int]:
    """The server of live events, listening to the tests' database."""
    from django.conf import settings

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"DATABASE_URL": database_url(), "OPENLINE_SECRET_KEY": settings.SECRET_KEY}
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "asgi",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--no-ws",
            "--log-level",
            "warning",
            "openline.events_server:application",
        ],
        env=environment,
    )
    for _try in range(100):
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz")
            break
        except httpx.TransportError:
            time.sleep(0.1)
    yield port
    server.terminate()
    server.wait(10)


def database_url() -> str:
    """The tests' database as a libpq address."""
    facts = connection.settings_dict
    return (
        f"postgresql://{quote(facts['USER'])}:{quote(facts['PASSWORD'])}@/{facts['NAME']}"
        f"?host={quote(facts['HOST'], safe='')}&port={facts['PORT'] or 5432}"
    )


@pytest.fixture
def desk(chromium: Any, live_server: LiveServer, settings: Settings, events_port: int) -> Iterator[Any]:
    """A signed-in supervisor at the inbox, on a morning with one conversation in every state."""
    settings.EVENTS_PORT = events_port
    world.story()
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=live_server.url)
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    sign_in(page)
    yield page
    assert page.faults == []
    context.close()


def sign_in(page: Any, role: str = "supervisor") -> None:
    """Sign in by the form."""
    page.goto("/accounts/login/")
    page.fill("#id_login", role)
    page.fill("#id_password", world.PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/console/**")


def each_look(page: Any, looks: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Show the page as it is loaded in each of these widths and colour schemes, one after another.

    Style sheets alone decide what a width or scheme changes, so that no page need be loaded again for it.
    """
    for width, scheme in looks:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("document.getAnimations().forEach((one) => one.finish())")  # colours that change slowly
        yield width, scheme


def who(page: Any) -> list[str]:
    """The people in the list."""
    return page.locator("#list .who").all_inner_texts()


def live(page: Any) -> None:
    """Wait until live events arrive."""
    page.wait_for_selector("#live[data-state=live]")


def test_the_keys(desk: Any) -> None:
    desk.keyboard.press("j")
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("#conversation")
    assert desk.inner_text("#conversation-title") == "Kwame Boateng"
    assert desk.evaluate("document.activeElement.id") == "conversation-title"
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("#conversation-title:has-text('Maria Santos')")
    desk.keyboard.press("r")
    desk.keyboard.type("jk/e?")
    assert desk.input_value("#reply") == "jk/e?"
    desk.fill("#reply", "")
    desk.locator("#conversation-title").focus()
    desk.keyboard.press("/")
    assert desk.evaluate("document.activeElement.id") == "search"
    desk.locator("#conversation-title").focus()
    desk.keyboard.press("?")
    assert desk.is_visible("#help")
    desk.uncheck("#keys-on")
    desk.keyboard.press("Escape")
    desk.locator("#conversation-title").focus()
    desk.keyboard.press("/")
    assert desk.evaluate("document.activeElement.id") != "search"


def test_e_marks_as_handled(desk: Any) -> None:
    desk.click("#list .row:has-text('Maria Santos') > a")
    desk.wait_for_selector("#handled")
    desk.keyboard.press("e")
    desk.wait_for_selector(".notice.good")
    assert Conversation.objects.get(identity__name="Maria Santos").status == "done"
    assert "Handled." in desk.evaluate("document.activeElement.innerText")


def test_an_answer_with_one_click(desk: Any) -> None:
    world.Article.objects.filter(slug="block-party").delete()
    world.article()
    desk.click("#list .row:has-text('Maria Santos') > a")
    desk.click("text=Send this answer >> nth=0")
    desk.wait_for_selector(".message.out .delivery.waiting")
    assert Message.objects.filter(direction="out", conversation__identity__name="Maria Santos").count() == 1


def test_two_clicks_say_it_once(desk: Any) -> None:
    desk.click("#list .row:has-text('Maria Santos') > a")
    desk.fill("#reply", "Here is how.")
    desk.dblclick("#reply-form button.primary")
    desk.wait_for_selector(".message.out")
    desk.wait_for_timeout(500)
    assert Message.objects.filter(text="Here is how.").count() == 1


def test_what_others_do_appears_and_what_is_typed_stays(desk: Any) -> None:
    live(desk)
    desk.click("#list .row:has-text('Maria Santos') > a")
    desk.fill("#reply", "half a sent")
    desk.mouse.move(1000, 500)
    talk = Conversation.objects.get(identity__name="Maria Santos")
    world.message(talk, "And for July?")
    notify("openline_changes", f"conversation:{talk.pk}")
    desk.wait_for_selector("text=And for July?")
    assert desk.input_value("#reply") == "half a sent"
    assert desk.evaluate("document.activeElement.id") == "reply"
    desk.fill("#reply", "")


def test_the_list_follows_but_not_under_the_pointer(desk: Any) -> None:
    live(desk)
    desk.mouse.move(1000, 500)
    desk.evaluate("document.activeElement.blur()")
    new = world.conversation("Zoe Quinn", "Who picks up a dead raccoon?", minutes=1, attention=Attention.URGENT)
    notify("openline_changes", f"conversation:{new.pk}")
    desk.wait_for_selector("#list .row:has-text('Zoe Quinn')")
    desk.hover("#list .row:has-text('Maria Santos')")
    newer = world.conversation("Yusuf Demir", "Signal dark at 5th", minutes=0, attention=Attention.URGENT)
    notify("openline_changes", f"conversation:{newer.pk}")
    desk.wait_for_selector("#pill:visible")
    assert desk.inner_text("#pill") == "1 new: show it" and "Yusuf Demir" not in who(desk)
    desk.click("#pill")
    assert "Yusuf Demir" in who(desk)


def test_without_the_events_the_page_says_so_and_polls(desk: Any, settings: Settings) -> None:
    settings.EVENTS_PORT = 9
    desk.goto("/console/")
    desk.wait_for_selector("#live[data-state=polling]")


@pytest.mark.parametrize(("status", "said"), [(500, "the server has a fault"), (404, "not here any more")])
def test_a_fault_keeps_what_was_typed(desk: Any, status: int, said: str) -> None:
    desk.click("#list .row:has-text('Maria Santos') > a")
    desk.fill("#reply", "My words.")
    desk.route("**/answer/", lambda route: route.fulfill(status=status, body="<h1>Fault</h1>"))
    desk.click("#reply-form button.primary")
    desk.wait_for_selector("#trouble:visible")
    assert said in desk.inner_text("#trouble") and desk.input_value("#reply") == "My words."
    desk.unroute("**/answer/")
    desk.click("#reply-form button.primary")
    desk.wait_for_selector(".message.out")
    assert not desk.is_visible("#trouble")


def test_without_a_connection_what_was_typed_stays(desk: Any) -> None:
    desk.click("#list .row:has-text('Maria Santos') > a")
    desk.fill("#reply", "My words.")
    desk.route("**/answer/", lambda route: route.abort())
    desk.click("#reply-form button.primary")
    desk.wait_for_selector("#trouble:visible")
    assert "No connection" in desk.inner_text("#trouble") and desk.input_value("#reply") == "My words."
    desk.fill("#reply", "")


@pytest.mark.parametrize("width", [360, 1440])
def test_personal_data_is_shown_before_it_becomes_public(desk: Any, width: int) -> None:
    desk.set_viewport_size({"width": width, "height": 800})
    talk = Conversation.objects.get(identity__name="Maria Santos")
    desk.goto(f"/console/conversations/{talk.pk}/")
    desk.fill("#reply", "Ask Joe: 215-555-0142")
    desk.click("#reply-form button.primary")
    desk.wait_for_selector(".personal-found mark:has-text('215-555-0142')")
    assert desk.input_value("#reply") == "Ask Joe: [phone removed]"
    desk.click(".personal-found summary")
    assert desk.evaluate(FAULTS) == []
    desk.fill(".personal-found input[type=text]", "his own wish")
    desk.click("text=Publish as it is >> nth=-1")
    desk.wait_for_selector("text=Your answer is on its way.")
    assert Message.objects.get(conversation=talk, direction="out").text == "Ask Joe: 215-555-0142"


def test_a_refused_form_outlives_a_live_update(desk: Any) -> None:
    live(desk)
    desk.click("#list .row:has-text('Maria Santos') > a")
    desk.fill("#reply", "Ask Joe: 215-555-0142")
    desk.click("#reply-form button.primary")
    desk.wait_for_selector(".personal-found")
    talk = Conversation.objects.get(identity__name="Maria Santos")
    world.message(talk, "And for July?")
    notify("openline_changes", f"conversation:{talk.pk}")
    desk.wait_for_selector("text=And for July?")
    assert desk.is_visible(".personal-found") and desk.input_value("#reply") == "Ask Joe: [phone removed]"
    desk.fill("#reply", "")


def test_the_word_that_it_is_done_outlives_a_live_update(desk: Any) -> None:
    live(desk)
    desk.click("#list .row:has-text('Maria Santos') > a")
    desk.click("#handled")
    desk.wait_for_selector("#said .notice.good")
    talk = Conversation.objects.get(identity__name="Maria Santos")
    world.message(talk, "And for July?")
    notify("openline_changes", f"conversation:{talk.pk}")
    desk.wait_for_selector("text=And for July?")
    assert "Handled." in desk.evaluate("document.activeElement.innerText")


def test_an_answer_that_was_begun_is_there_again(desk: Any) -> None:
    desk.click("#list .row:has-text('Maria Santos') > a")
    desk.fill("#reply", "Half an answer")
    desk.click("#list .row:has-text('Kwame Boateng') > a")
    desk.wait_for_selector("#conversation-title:has-text('Kwame Boateng')")
    assert desk.input_value("#reply") == ""
    desk.click("#list .row:has-text('Maria Santos') > a")
    desk.wait_for_selector("#draft-kept:visible")
    assert desk.input_value("#reply") == "Half an answer"
    desk.reload()
    desk.wait_for_selector("#draft-kept:visible")
    assert desk.input_value("#reply") == "Half an answer"
    desk.click("#reply-form button.primary")
    desk.wait_for_selector(".message.out")
    desk.reload()
    desk.wait_for_selector("#reply")
    assert desk.input_value("#reply") == ""


def test_who_was_signed_out_keeps_the_words_and_sends_them_after_signing_in(desk: Any) -> None:
    desk.click("#list .row:has-text('Maria Santos') > a")
    desk.fill("#reply", "Written before the session ended")
    cookies = [one for one in desk.context.cookies() if one["name"] != "sessionid"]
    desk.context.clear_cookies()
    desk.context.add_cookies(cookies)
    desk.click("#reply-form button.primary")
    desk.wait_for_selector("#trouble:has-text('You are signed out'):visible")
    other = desk.context.new_page()
    sign_in(other)
    other.close()
    assert desk.input_value("#reply") == "Written before the session ended"
    desk.click("#reply-form button.primary")
    desk.wait_for_selector(".message.out:has-text('Written before the session ended')")


def test_a_colleague_sees_at_once_that_somebody_writes(desk: Any, chromium: Any, live_server: LiveServer) -> None:
    talk = Conversation.objects.get(identity__name="Maria Santos")
    desk.goto(f"/console/conversations/{talk.pk}/")
    with desk.expect_response("**/here/"):
        desk.type("#reply", "I")
    context = chromium.new_context(base_url=live_server.url)
    page = context.new_page()
    sign_in(page, "agent")
    page.goto(f"/console/conversations/{talk.pk}/")
    page.wait_for_selector("#others:has-text('Demo supervisor is writing here just now.')")
    context.close()
    desk.fill("#reply", "")


def test_a_conflict_is_shown_in_place_with_the_words(desk: Any) -> None:
    from openline.service_requests.models import ServiceRequest

    desk.click("#list .row:has-text('Rosa Delgado') > a")
    desk.click(".request summary:has-text('Close')")
    desk.select_option("select[name=outcome]", "done")
    desk.fill("textarea[name=public_text] >> nth=0", "All safe now.")
    ServiceRequest.objects.update(version=7)
    desk.click("text=Close and tell the resident")
    desk.wait_for_selector("#pane .notice.bad")
    assert "Somebody else changed this request" in desk.inner_text("#pane .notice.bad")
    assert desk.input_value("textarea[name=public_text] >> nth=0") == "All safe now."


def test_everything_works_without_javascript(chromium: Any, live_server: LiveServer) -> None:
    world.story()
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    page = context.new_page()
    sign_in(page)
    page.click("#list .row:has-text('Maria Santos') > a")
    page.fill("#reply", "Here is how, without scripts.")
    page.click("#reply-form button.primary")
    assert "Here is how, without scripts." in page.inner_text(".message.out")
    page.goto("/console/catalogue/services/SR-ST01/")
    page.fill("#id_promise_days", "12")
    page.click("text=Look at what it does")
    page.fill("#why", "Without scripts")
    page.click("main form.card button.primary")
    assert "Saved as a new version" in page.inner_text("main")
    page.goto("/console/?view=done")
    page.click("#list .row:has-text('Lee Nguyen') > a")
    page.click(".request button[value=in_progress]")
    assert "In progress" in page.inner_text(".request .state")
    context.close()


@pytest.mark.usefixtures("philadelphia")
def test_a_call_is_taken_in_by_keys_alone(desk: Any) -> None:
    world.ServiceRequest.objects.update(closed_at=None)
    desk.goto("/console/intake/")
    assert desk.evaluate("document.activeElement.id") == "id_said"
    desk.keyboard.type("Deep pothole in the road")
    desk.focus("#id_service")
    desk.keyboard.type("Street Defect")
    desk.keyboard.press("Tab")
    desk.keyboard.type("13th & market")
    desk.wait_for_selector("#intake-places button")
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("#near-title")
    assert "Market St" in desk.input_value("#id_place") and desk.evaluate("document.activeElement.id") == "id_place"
    assert desk.evaluate(FAULTS) == []
    before = world.ServiceRequest.objects.count()
    desk.focus("button[name=open]")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/intake/done/**")
    assert world.ServiceRequest.objects.count() == before + 1
    assert "Next caller" in desk.evaluate("document.activeElement.innerText")
    assert desk.is_visible(".receipt .code svg") and desk.is_visible("[data-print]")


def set_up_pages() -> list[str]:
    """The pages of catalogue and routing, with something on each."""
    rule = world.routing_draft()
    if not world.Service.objects.filter(attributes__code="smell").exists():
        world.question(world.service())
    of = "catalogue/services/SR-ST01/"
    pages = [
        "catalogue/",
        "catalogue/new/",
        of,
        f"{of}questions/",
        f"{of}questions/smell/",
        "catalogue/import/",
        "catalogue/group/?group=Streets+and+sidewalks",
        "catalogue/versions/",
        "routing/",
        "routing/draft/rule/",
        f"routing/draft/rule/{rule}/",
        "routing/draft/trial/",
        "routing/misroutes/",
        "teams/",
        "teams/new/",
    ]
    return [f"/console/{page}" for page in pages]


def closing_pages(talk: Any) -> list[str]:
    """The pages around closing, with something on each; and the one on which a resident says how it was."""
    from openline.care import surveys

    survey = surveys.answered(surveys.of(world.request_from(talk)), True)
    surveys.ask(survey, talk.pk)
    surveys.rate(survey, 4)
    edit = "/console/closing-texts/edit/?outcome=done&language=es&service="
    return ["/console/closing-texts/", edit, "/console/satisfaction/", f"/how-was-it/{surveys.token(survey)}/"]


def partner_pages() -> list[str]:
    """The pages of partners and webhooks, with something on each."""
    from openline.partners.models import Connector, Forwarding, HookDelivery, Webhook

    listed = [{"code": "POLE", "name": "Street light out", "group": "Lights", "metadata": True}]
    peco = Connector.objects.create(
        name="PECO",
        kind="open311",
        address="https://peco.example",
        catalogue=listed,
        department=world.department(),
        health="down",
        health_error="No answer.",
    )
    hook = Webhook.objects.create(name="Board", address="https://board.example", events=["request.opened"])
    now, first = timezone.now(), world.ServiceRequest.objects.all()[0]
    HookDelivery.objects.create(
        webhook=hook,
        request=first,
        event="request.opened",
        state="failed",
        attempts=9,
        at=now,
        answer_code=500,
        error="They answered 500.",
        duration_ms=12,
        digest="a" * 64,
    )
    Forwarding.objects.create(
        request=first,
        connector=peco,
        state="stuck",
        created_at=now,
        unclear_at=now,
        error="It is not known whether they took it.",
    )
    pages = ["", "new/", f"{peco.pk}/", f"{peco.pk}/mapping/"]
    return [
        *(f"/console/partners/{page}" for page in pages),
        "/console/webhooks/new/",
        f"/console/webhooks/{hook.pk}/",
        f"/console/requests/{first.number}/",
    ]


def every_page(talks: dict[str, Conversation]) -> list[str]:
    """The addresses of the console's pages, with something on each."""
    pages = [
        "/console/?view=look",
        "/console/requests/",
        "/console/requests/round/",
        "/console/unsent/",
        "/console/unread/",
        "/console/learnt/",
    ]
    pages += ["/console/intake/", f"/console/intake/done/{world.ServiceRequest.objects.all()[0].number}/"]
    pages += partner_pages()
    pages += ["/console/calendars/", "/console/calendars/new/", "/console/promises/"]
    pages += ["/console/staff/", "/console/staff/new/", "/console/saved-replies/new/", "/console/workload/"]
    pages += [f"/console/conversations/{talks['question'].pk}/history/"]
    pages += world.program_pages()
    pages += [f"/console/conversations/{talk.pk}/" for talk in talks.values()]
    pages += set_up_pages() + closing_pages(talks["arabic"])
    return pages + world.result_pages()


def test_every_page_fits_and_can_be_used(chromium: Any, live_server: LiveServer) -> None:
    talks = world.story()
    context = chromium.new_context(base_url=live_server.url)
    page = context.new_page()
    page.goto("/accounts/login/")
    for look in each_look(page, LOOKS):
        assert page.evaluate(FAULTS) == [], look
    sign_in(page, "administrator")
    for address in every_page(talks):
        page.goto(address)
        page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
        for look in each_look(page, LOOKS):
            assert page.evaluate(FAULTS) == [], (address, look)
    context.close()


def test_two_people_see_each_other_without_loading_again(chromium: Any, live_server: LiveServer) -> None:
    request = world.request_from(world.story()["waiting"])
    pages = []
    for role in ("agent", "supervisor"):
        page = chromium.new_context(base_url=live_server.url).new_page()
        sign_in(page, role)
        page.goto(f"/console/requests/{request.number}/")
        pages.append(page)
    first, second = pages
    second.wait_for_selector(".others:has-text('Demo agent looks at this too')")
    first.click("text=Update or note")
    first.fill("textarea[name=note]", "I am on it")
    first.evaluate("htmx.trigger('.others', 'load')")
    first.wait_for_selector(".others:has-text('Demo supervisor')")
    second.evaluate("htmx.trigger('.others', 'load')")
    second.wait_for_selector(".others:has-text('Demo agent is writing here')")
    assert first.is_hidden("#trouble") and second.is_hidden("#trouble")
