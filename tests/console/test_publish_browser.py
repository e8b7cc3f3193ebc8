"""The pages of publishing in a real browser: axe-core, three widths, without JavaScript, by keys alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import NoReverseMatch, reverse
from pytest_django.live_server_helper import LiveServer

from openline.publishing import content as contents
from openline.publishing import writing
from openline.publishing.content import Content, Form, Item, Words
from openline.publishing.models import Post, Variant
from openline.publishing.states import VariantState
from tests.console import world
from tests.console.test_browser import FAULTS, chromium, each_look, sign_in  # noqa: F401
from tests.console.test_composer import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
COLOURS = AXE | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""All that axe-core has on colours: a dark scheme changes nothing else of a page that was looked at in the light."""
LOOKS = [(width, scheme) for scheme in ("light", "dark") for width in (360, 768, 1440)]
PLACES = ("posts", "post_new", "post_calendar", "approvals", "crisis", "results", "question_hours", "articles")


def faults(page: Any, options: dict[str, Any] = AXE) -> list[str]:
    """What axe-core and our own measures find on the page."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=options).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]] + page.evaluate(FAULTS)


def newsroom() -> Post:
    """People, two accounts, and a post with a picture in two languages that went wrong on one of them."""
    from openline.files.keeping import keep

    people = world.staff()
    one, two = world.account(), world.account("npub1philly", "nostr")
    file = keep(picture().read()).file
    content = Content(
        texts={"en": Words("CLOSED TODAY: the pool. #recyclingcenter"), "es": Words("La piscina está cerrada.")},
        media=(Item(str(file.pk), {"en": "A pool"}),),
        forms=(Form(str(one.pk)), Form(str(two.pk), "es"), Form(str(two.pk), "en", text="Only here.")),
        link="https://city.example/pool",
        campaign="summer",
        poll={"options": ["Yes", "No"], "seconds": 3600, "multiple": False},
        warning="Chlorine",
        topics=("swimming pool",),
    )
    post = writing.create(content, by=people["communications"])
    Variant.objects.filter(post=post, account=one).update(state=VariantState.FAILED, reason="The token is refused.")
    return post


@pytest.fixture
def page(chromium: Any, live_server: LiveServer) -> Iterator[Any]:  # noqa: F811
    """Signed in as communications."""
    world.staff()
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=live_server.url)
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    sign_in(page, "communications")
    yield page
    assert broken == []
    context.close()


def test_every_page_of_publishing_can_be_used_by_all(chromium: Any, live_server: LiveServer) -> None:  # noqa: F811
    post = newsroom()
    context = chromium.new_context(base_url=live_server.url)
    page = context.new_page()
    sign_in(page, "administrator")
    addresses = [address for name in PLACES if (address := place(name))]
    addresses += [f"/console/posts/{post.pk}/", f"/console/posts/{post.pk}/edit/", "/console/posts/?view=trouble"]
    for address in addresses:
        page.goto(address)
        page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
        for width, scheme in each_look(page, LOOKS):
            assert faults(page, AXE if scheme == "light" else COLOURS) == [], (address, width, scheme)
    context.close()


def place(name: str) -> str:
    """The address of a page, "" where it is not built in."""
    try:
        return reverse(f"console:{name}")
    except NoReverseMatch:
        return ""


def test_the_preview_follows_and_the_draft_keeps_itself(page: Any) -> None:
    world.account()
    page.goto("/console/posts/new/")
    page.fill("#text-en", "Trash day moves to Saturday, July 5. #trashday")
    page.check("input[name=form]")
    page.wait_for_selector("#preview .on-network .text:has-text('Trash day moves')")
    page.wait_for_selector("#preview .count:has-text('46 of 500')")
    page.wait_for_selector("#count-said:has-text('46 of 500')", state="attached")
    page.wait_for_selector("#preview .findings:has-text('Give each word of a hashtag a capital')")
    page.fill("#topics", "trash day")
    with page.expect_response("**/autosave/"):
        page.click("#preview [data-tag='#TrashDay']")
        assert page.input_value("#text-en").endswith("#TrashDay")
    page.wait_for_selector("#kept:has-text('Draft kept.')")
    assert contents.read(Post.objects.get()).first.text.endswith("#TrashDay")
    page.click(".own summary")
    page.check("[data-own]")
    assert page.input_value("textarea[data-base]").startswith("Trash day moves")
    page.click("button[value=hand_in]:visible")
    page.wait_for_selector("text=On its way.")
    assert Variant.objects.get().state == VariantState.PLANNED


def test_a_post_is_written_by_keys_alone(page: Any) -> None:
    world.account()
    page.goto("/console/posts/new/")
    page.focus("#text-en")
    page.keyboard.type("Trash day moves to Saturday, July 5.")
    page.focus("input[name=form]")
    page.keyboard.press("Space")
    page.wait_for_selector("#preview .on-network")
    page.focus("button[value=hand_in]")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=On its way.")
    assert Variant.objects.get().state == VariantState.PLANNED


def test_the_focus_point_is_set_by_a_click_and_by_keys(page: Any) -> None:
    post = newsroom()
    Variant.objects.update(state=VariantState.DRAFT)
    page.goto(f"/console/posts/{post.pk}/edit/")
    picture = page.locator("[data-focus]")
    box = picture.bounding_box()
    picture.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.25})
    for name in ("focus_x", "focus_y"):
        assert abs(int(page.input_value(f"input[name^={name}]")) - 50) <= 5
        page.fill(f"input[name^={name}]", "50")
    page.focus("input[name^=focus_y]")
    page.keyboard.press("ArrowUp")
    assert page.input_value("input[name^=focus_y]") == "55"
    assert page.get_attribute(".aim circle", "cx") == "75"
    page.click("button[value=save]:visible")
    page.wait_for_selector("text=Draft saved.")
    item = contents.read(Post.objects.get()).media[0]
    assert (item.focus_x, item.focus_y) == (0.5, 0.55)


def test_a_conflict_is_told_while_one_writes(page: Any) -> None:
    post = newsroom()
    page.goto(f"/console/posts/{post.pk}/edit/")
    theirs = contents.read(post)
    writing.change(post.pk, Content(texts={"en": Words("Theirs.")}, forms=theirs.forms), by=post.written_by, seen=1)
    page.fill("#text-en", "Mine.")
    page.wait_for_selector("#kept.bad-text:has-text('Somebody else saved')")
    page.click("button[value=save]:visible")
    page.wait_for_selector("#problem")
    assert "Theirs." in page.inner_text(".theirs") and page.input_value("#text-en") == "Mine."


def test_who_is_signed_out_while_writing_loses_nothing_and_goes_on_after_signing_in(page: Any) -> None:
    world.account()
    page.goto("/console/posts/new/")
    page.fill("#text-en", "Before.")
    page.check("input[name=form]")
    page.wait_for_selector("#kept:has-text('Draft kept.')")
    assert page.url.endswith("/edit/")
    page.context.clear_cookies(name="sessionid")
    page.fill("#text-en", "After the session ended.")
    page.wait_for_selector("#trouble:has-text('You are signed out')")
    page.wait_for_selector("#kept.bad-text:has-text('Not kept')")
    page.click("button[value=save]:visible")
    assert page.input_value("#text-en") == "After the session ended."
    again = page.context.new_page()
    sign_in(again, "communications")
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.wait_for_selector("#kept:has-text('Draft kept.')")
    page.wait_for_selector("#trouble", state="hidden")
    page.click("button[value=save]:visible")
    page.wait_for_selector("text=Draft saved.")
    assert contents.read(Post.objects.get()).first.text == "After the session ended."


def test_a_post_is_written_without_javascript(chromium: Any, live_server: LiveServer) -> None:  # noqa: F811
    world.staff()
    world.account()
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    page = context.new_page()
    sign_in(page, "communications")
    page.goto("/console/posts/new/")
    page.fill("#text-en", "Trash day moves to Saturday, July 5. #trashday")
    page.fill("#topics", "trash day")
    page.check("input[name=form]")
    page.set_input_files("#files", {"name": "bins.png", "mimeType": "image/png", "buffer": picture().read()})
    page.click("button[value=add]")
    page.fill("textarea[name^=alt-]", "Bins at the kerb")
    page.click("button[value=tags]")
    assert page.input_value("#text-en").endswith("#TrashDay")
    assert "46 of 500" in page.inner_text("#preview .count")
    page.click("button[value=hand_in]:visible")
    assert "On its way." in page.inner_text("main")
    context.close()
