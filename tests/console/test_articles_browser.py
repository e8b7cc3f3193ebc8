"""The pages of articles in a real browser, editors' and residents': axe-core, widths, live preview, no script."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from openline.files.keeping import keep
from openline.knowledge import writing
from openline.knowledge.models import Article
from tests.console import world
from tests.console.test_browser import chromium, each_look, sign_in  # noqa: F401
from tests.console.test_publish_browser import faults
from tests.files.samples import photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOKS = ((360, "light"), (768, "dark"), (1440, "light"))


def library() -> Article:
    """An article with all that one can have, in two languages, the second one out of date."""
    world.staff()
    world.service("SR-ST01", "Street Defect", description="Holes in the street.")
    media = [{"file": str(keep(photo(5)).file.pk), "alt": "A pothole", "caption": "Before", "captions": ""}]
    article = writing.create(
        {
            "title": "Report a pothole",
            "body": "Tell us **where**.\n\n1. Street\n2. Corner\n\n## And then?\n\n"
            "| Day | What |\n| --- | --- |\n| 1 | a |",
            "who": "Everybody",
            "cost": "Free",
            "service_code": "SR-ST01",
            "links": [{"label": "Map", "url": "https://city.example/"}],
            "media": media,
            "review_on": "2020-01-01",
        },
        by=None,
    )
    article = writing.publish(article.pk, by=None, seen=1)
    arabic = writing.translate(article.pk, {"title": "حفرة في الشارع", "body": "أين؟", "language": "ar"}, by=None)
    writing.publish(arabic.pk, by=None, seen=1)
    return writing.change(article.pk, {"when": "Any time"}, by=None, seen=2, note="When")


def test_every_page_of_articles_can_be_used_by_all(chromium: Any, live_server: LiveServer) -> None:  # noqa: F811
    article = library()
    arabic = article.translations.get()
    context = chromium.new_context(base_url=live_server.url)
    page = context.new_page()
    sign_in(page, "communications")
    one = f"{article.pk}/"
    inside = ("", "new/", f"new/?of={article.pk}", one, f"{arabic.pk}/", f"{one}history/", "import/")
    for address in [*(f"/console/knowledge/{path}" for path in inside), "/articles/", f"/articles/{article.slug}/"]:
        page.goto(address)
        page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
        for look in each_look(page, LOOKS):
            assert faults(page) == [], (address, look)
    page.goto(f"/articles/{arabic.slug}/")
    for look in each_look(page, LOOKS):
        assert faults(page) == [], look
    context.close()


@pytest.mark.parametrize("script", [True, False])
def test_an_article_is_written_looked_at_and_published(
    chromium: Any,  # noqa: F811
    live_server: LiveServer,
    script: bool,
) -> None:
    world.staff()
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=script)
    page = context.new_page()
    sign_in(page, "communications")
    page.goto("/console/knowledge/new/")
    page.fill("#id_title", "Clear snow")
    page.locator("#id_body").press_sequentially("Clear **your** walk.")
    if not script:
        page.click("button[name=preview]")
    page.wait_for_selector("#preview strong")
    assert page.inner_text("#preview") == "Clear your walk." and not Article.objects.exists()
    page.click("main form button.primary")
    page.click("text=Publish as it was saved")
    page.click("text=Public page")
    assert page.inner_text("article h1") == "Clear snow" and page.inner_text("article strong") == "your"
    context.close()
