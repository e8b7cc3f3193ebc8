"""The form in a post of WordPress, by oEmbed: a real site, asked as a reader asks it, shows what our live pages say."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
from bs4 import BeautifulSoup, Tag
from django.test import Client
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.console.conftest import _quick as _quick
from tests.console.conftest import login as login
from tests.console.conftest import staff as staff
from tests.servers.wordpress import WordPress, wordpress

pytestmark = [pytest.mark.usefixtures("philadelphia"), pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WordPress]:
    """A fresh site."""
    with wordpress(tmp_path_factory.mktemp("embeds")) as running:
        yield running


@pytest.fixture
def city(live_server: LiveServer, settings: Settings) -> str:
    """The address of our pages, as WordPress reaches them."""
    settings.PUBLIC_URL = str(live_server.url).replace("localhost", "127.0.0.1")
    return settings.PUBLIC_URL


@pytest.fixture
def provider(site: WordPress, city: str, login: Callable[[str], Client]) -> Iterator[None]:
    """The line of the console's page "Form on other sites", in a plugin of the site."""
    page = login("administrator").get("/console/form-on-other-sites/").content
    line = BeautifulSoup(page, "html.parser").select_one("textarea#oembed")
    assert line and city in line.text
    plugin = site.folder / "site" / "wp-content" / "mu-plugins" / "openline.php"
    plugin.write_text(f"<?php {line.text}")
    yield
    plugin.unlink()


def post_with(site: WordPress, address: str) -> Tag:
    """The content of a new post that has the address on a line of its own, as its readers get it."""
    code = """
        return get_permalink(wp_insert_post(['post_title' => 'Write to us', 'post_status' => 'publish',
            'post_author' => $user, 'post_content' => "Tell the city:\\n\\n$address\\n\\nThank you."]));
    """
    page = httpx.get(site.php(code, address=address, user=site.user), timeout=30).raise_for_status().text
    found = BeautifulSoup(page, "html.parser").select_one(".entry-content, .wp-block-post-content")
    assert found, page[-2000:]
    return found


def frame_of(content: Tag) -> Tag:
    frame = content.find("iframe")
    assert isinstance(frame, Tag), str(content)
    return frame


@pytest.mark.usefixtures("provider")
@pytest.mark.parametrize("asked", ["", "?about=question"])
def test_a_site_that_names_us_as_provider_shows_the_form(site: WordPress, city: str, asked: str) -> None:
    frame = frame_of(post_with(site, f"{city}/contact/{asked}"))
    assert frame["src"] == f"{city}/contact/embed/{asked}"
    assert not frame.has_attr("sandbox"), "in a sandbox no form can be sent"
    assert frame["title"] == "Write to Philadelphia" and int(str(frame["width"])) > 0
    shown = httpx.get(str(frame["src"]))
    assert 'name="stamp"' in shown.text and "frame-ancestors *" in shown.headers["content-security-policy"]


def test_a_site_that_does_not_know_us_finds_the_form_in_a_sandbox(site: WordPress, city: str) -> None:
    content = post_with(site, f"{city}/contact/")
    frame = frame_of(content)
    assert str(frame["src"]).startswith(f"{city}/contact/embed/")
    assert frame["sandbox"] == ["allow-scripts"] and frame["security"] == "restricted"
    link = content.select_one("blockquote a")
    assert link and link["href"] == f"{city}/contact/", "who sees no frame has a link"


def test_wordpress_says_to_its_editors_what_we_say(site: WordPress, city: str) -> None:
    """The editor's preview asks the site's own proxy."""
    asked = {"rest_route": "/oembed/1.0/proxy", "url": f"{city}/contact/"}
    answer = httpx.get(f"{site.home}/", params=asked, auth=("newsroom", site.password), timeout=30)
    found = answer.raise_for_status().json()
    assert found["type"] == "rich" and found["provider_name"] == "Philadelphia"
    assert f"{city}/contact/embed/" in found["html"]
