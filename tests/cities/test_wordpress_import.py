"""Importing from a real WordPress site: by its REST API, and by the export file that it writes itself."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from openline.cities.articles import taking
from openline.cities.articles.columns import known
from openline.cities.articles.reading import read_address, read_data
from openline.cities.tables import Refused
from openline.knowledge.models import Article
from tests.servers.wordpress import WordPress, wordpress

_SECOND = "Do it within six hours after the snow ends."
pytestmark = pytest.mark.usefixtures("philadelphia")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WordPress]:
    """A fresh site with a post, a page, and what is nobody's business."""
    with wordpress(tmp_path_factory.mktemp("import")) as running:
        for title, status, kind, password in (
            ("Snow & ice", "publish", "post", ""),
            ("Trash day", "publish", "page", ""),
            ("Planned", "draft", "post", ""),
            ("Locked", "publish", "post", "secret"),
            ("Inner", "private", "post", ""),
        ):
            running.php(
                "return wp_insert_post(['post_title' => $title, 'post_status' => $status, 'post_type' => $kind,"
                "'post_password' => $password, 'post_author' => $user, 'tags_input' => ['winter'], 'post_content' =>"
                "'<!-- wp:paragraph --><p>Clear the <a href=\"/walk/\">walk</a> in front of your house. "
                "Do it within six hours after the snow ends.</p>"
                "<!-- /wp:paragraph --><!-- wp:list --><ul><li>Salt</li></ul><!-- /wp:list -->']);",
                title=title, status=status, kind=kind, password=password, user=running.user,
            )  # fmt: skip
        yield running


def test_a_site_is_taken_over_by_its_api_and_by_its_export_file_alike(site: WordPress) -> None:
    refused: list[Refused] = []
    found = read_address(site.home, refused, wordpress=True, own=site.home)
    mine = [one for one in found if one.values["title"] in ("Snow & ice", "Trash day")]
    assert not refused and len(mine) == 2
    assert not {"Planned", "Locked", "Inner"} & {str(one.values["title"]) for one in found}
    snow = next(one for one in mine if one.values["title"] == "Snow & ice")
    assert snow.values["body"] == f"Clear the [walk]({site.home}/walk/) in front of your house. {_SECOND}\n\n- Salt"
    assert snow.values["keywords"] == "winter" and snow.values["language"] == "en"
    assert taking.take(taking.plan(mine), by=None, source="api")["new"] == 2
    again = read_data(exported(site), "export.xml", known(), refused)
    assert not refused
    titles = {str(one.values["title"]) for one in again}
    assert {"Snow & ice", "Trash day", "Planned"} <= titles and not {"Locked", "Inner"} & titles
    same = [one for one in taking.plan(again) if one.found.values["title"] in ("Snow & ice", "Trash day")]
    assert [one.what for one in same] == ["same", "same"]
    assert Article.objects.filter(title="Snow & ice").count() == 1


def exported(site: WordPress) -> bytes:
    """The file that Tools, Export gives."""
    code = (
        "require_once ABSPATH . 'wp-admin/includes/export.php'; ob_start(); export_wp(['content' => 'all']);"
        "$xml = ob_get_clean(); header_remove(); return $xml;"
    )
    text = str(site.php(code))
    return text.encode()


def test_a_post_is_read_as_a_page_too(site: WordPress) -> None:
    address = str(site.php("return get_permalink(get_page_by_path('trash-day'));"))
    assert httpx.get(address, timeout=30).status_code == 200
    refused: list[Refused] = []
    found = read_address(address, refused, own=site.home)
    assert not refused and found[0].values["title"] == "Trash day"
    body = str(found[0].values["body"])
    assert "Clear the [walk]" in body and "- Salt" in body and "Proudly powered" not in body


def test_a_site_in_a_private_network_is_not_asked_unless_the_city_names_it(site: WordPress) -> None:
    refused: list[Refused] = []
    assert not read_address(site.home, refused, wordpress=True)
    assert "private network" in refused[0].reason
