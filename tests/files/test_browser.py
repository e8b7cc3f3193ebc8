"""Photos in a real browser: added by htmx and without JavaScript, by keys alone, on every width in light and dark."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from openline.files import attaching
from openline.files.keeping import keep
from openline.files.models import Attachment
from openline.inbox.models import Conversation
from openline.service_requests.models import ServiceRequest
from tests.console import world
from tests.console.conftest import _quick as _quick
from tests.console.test_browser import FAULTS, each_look, sign_in
from tests.console.test_browser import chromium as chromium
from tests.files import samples

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOKS = [(width, scheme) for width in (360, 768, 1440) for scheme in ("light", "dark")]
PICTURES = os.environ.get("OPENLINE_PICTURES", "")
"""A folder for pictures of the pages, for who wants to look at them."""


@pytest.fixture
def told() -> tuple[Conversation, ServiceRequest]:
    """A conversation with three photos, one of them refused, and its request."""
    talk = world.story()["handled"]
    message = talk.messages.filter(direction="in").order_by("posted_at")[0]
    message.media = [{"url": f"https://social.example/{n}.jpg", "kind": "image", "alt": ""} for n in range(4)]
    message.save(update_fields=["media"])
    alt = "A deep hole in the right lane with water in it, a bent bicycle wheel beside it"
    attaching.to_message(message.pk, 0, keep(samples.photo(11)).file, alt=alt)
    attaching.to_message(message.pk, 1, keep(samples.photo(12, size=(600, 900))).file)
    attaching.to_message(message.pk, 2, None, problem="The server answered 404.")
    attaching.to_message(message.pk, 3, keep(samples.PDF).file)
    request = ServiceRequest.objects.get(reports__conversation=talk)
    attaching.from_messages({message.pk: request.pk})
    return talk, request


def page_of(chromium: Any, live_server: LiveServer, width: int = 1440, **options: Any) -> Any:
    context = chromium.new_context(viewport={"width": width, "height": 900}, base_url=live_server.url, **options)
    page = context.new_page()
    sign_in(page)
    return page


def files(tmp_path: Path, *data: bytes) -> list[str]:
    found = []
    for number, one in enumerate(data):
        path = tmp_path / f"after-{number}.jpg"
        path.write_bytes(one)
        found.append(str(path))
    return found


def picture(page: Any, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(exist_ok=True)
        page.wait_for_timeout(300)
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


@pytest.mark.parametrize("scripts", [True, False])
def test_photos_are_added_several_at_once_and_shown(
    chromium: Any, live_server: LiveServer, told: tuple[Conversation, ServiceRequest], tmp_path: Path, scripts: bool
) -> None:
    talk, request = told
    page = page_of(chromium, live_server, java_script_enabled=scripts)
    page.goto(f"/console/conversations/{talk.pk}/")
    page.get_by_text("Add photos or files").click()
    form = page.locator(f'form[action$="/{request.number}/photos/"]')
    form.locator("input[type=file]").set_input_files(files(tmp_path, samples.photo(21), samples.photo(22)))
    form.get_by_label("Description for who cannot see it").fill("The hole is filled")
    form.get_by_label("Show on the public page").check()
    form.get_by_role("button", name="Add").click()
    page.locator(f'#request-{request.number} img[alt="The hole is filled"]').nth(1).wait_for()
    assert Attachment.objects.filter(request_id=request.pk, kind="after", public=True).count() == 2
    page.get_by_text("Add photos or files").click()
    form.locator("input[type=file]").set_input_files(files(tmp_path, samples.SVG))
    form.get_by_role("button", name="Add").click()
    page.get_by_text("Only pictures (JPEG, PNG, WebP, GIF) and PDF files are taken").wait_for()
    page.context.close()


def test_by_keys_alone_a_photo_is_opened_and_shown_in_public(
    chromium: Any, live_server: LiveServer, told: tuple[Conversation, ServiceRequest]
) -> None:
    _talk, request = told
    page = page_of(chromium, live_server)
    page.goto(f"/console/requests/{request.number}/")
    thumb = page.locator(".thumb").first
    thumb.focus()
    assert thumb.locator("img").get_attribute("alt", timeout=1000).startswith("A deep hole")
    with page.context.expect_page() as opened:
        page.keyboard.press("Enter")
    opened.value.wait_for_load_state()
    assert opened.value.locator("img").count() == 1
    opened.value.close()
    item = page.locator(".request .photos > li").first
    item.locator("summary").focus()
    page.keyboard.press("Enter")
    item.get_by_label("Show on the public page").focus()
    page.keyboard.press("Space")
    item.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    page.locator(".request .photos > li").first.locator(".meta", has_text="public").wait_for()
    assert Attachment.objects.get(public=True).request_id == request.pk
    page.context.close()


def test_every_page_with_photos_fits_and_can_be_used(
    chromium: Any, live_server: LiveServer, told: tuple[Conversation, ServiceRequest]
) -> None:
    talk, request = told
    photo = Attachment.objects.filter(request_id=request.pk, file__phash__isnull=False).order_by("at")[0]
    attaching.change(photo, by=world.staff()["agent"], public=True, alt=photo.alt, kind="before")
    page = page_of(chromium, live_server)
    request_page = f"/console/requests/{request.number}/"
    pages = {"request": request_page, "conversation": f"/console/conversations/{talk.pk}/"}
    for name, path in {**pages, "public": f"/requests/{request.number}/"}.items():
        page.goto(path)
        picture(page, name)
        for summary in page.locator(".request details > summary").all()[:6]:
            summary.click()
        for width, scheme in each_look(page, LOOKS):
            picture(page, f"{name}-open-{width}-{scheme}")
            assert page.evaluate(FAULTS) == [], (name, width, scheme)
            broken = "() => [...document.images].filter(i => i.loading !== 'lazy' && !i.naturalWidth).map(i => i.src)"
            assert page.evaluate(broken) == []
    page.context.close()
