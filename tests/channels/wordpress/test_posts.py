"""Posts and pages: what stands on the site, changed and taken back."""

from __future__ import annotations

import html
import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from openline.channels.base import (
    Article,
    NotAllowed,
    Outgoing,
    OutgoingMedia,
    Rejected,
)
from openline.channels.wordpress import writing
from tests.channels.nets.base import Memory
from tests.channels.nets.wordpress import WordPressNet
from tests.channels.wordpress.tools import (
    LONG_AGO,
    VTT,
    article,
    count,
    picture,
    send,
    stored,
    words,
)


def test_an_article_goes_out_with_all_it_has(net: WordPressNet) -> None:
    title = f"Pools & <baths> {words()}"
    net.site.php("return wp_insert_term('Parks & Recreation', 'category', ['parent' => 1]);")
    news = article(title, excerpt="In <short>.", categories=("parks & recreation", "New"), tags=("Summer", "Summer"))
    receipt = send(net, Outgoing("", language="es-MX", media=(picture(caption="Main St"),), article=news))
    found = stored(net, receipt)
    assert (found["post_status"], found["post_title"], found["post_excerpt"]) == ("publish", title, "In <short>.")
    assert sorted(found["categories"]) == ["New", "Parks & Recreation"] and found["tags"] == ["Summer"]
    assert found["alt"] == "A mended road" and int(found["post_author"]) == net.site.user
    page = net.page(receipt.url)
    assert (
        html.escape(title) in page
        and '<div lang="es-MX">' in page
        and "<strong>pool</strong>" in page
        and "A mended road" in page
    )
    image = net.public(f"media/{found['image']}")
    assert image["caption"]["rendered"] == "<p>Main St</p>\n" and image["post"] == found["ID"]
    assert not image["slug"].startswith("road") or "ol" in image["slug"]


def test_nobody_sees_the_mark(net: WordPressNet) -> None:
    receipt = send(net, Outgoing("", article=article()), key := words())
    mark = writing.mark(key)
    number = receipt.network_id.removeprefix("post:")
    shown = net.page(receipt.url) + net.page(f"{net.site.home}/feed/") + str(net.public(f"posts/{number}"))
    assert mark in stored(net, receipt)["post_content"] and mark not in shown and "wp:openline" not in shown


def test_a_plain_text_becomes_a_post_with_a_title_of_its_first_words(net: WordPressNet) -> None:
    text = (
        "Main Street is closed between 1st & 5th until Friday evening because of works. See https://a.example/?x=1&y=2!"
    )
    found = stored(net, receipt := send(net, Outgoing(f"{text}\n\nThank you <all>.")))
    assert found["post_title"] == "Main Street is closed between 1st & 5th until Friday evening…"
    page = net.page(receipt.url)
    assert '<a href="https://a.example/?x=1&amp;y=2">' in page and "<p>Thank you &lt;all&gt;.</p>" in page


def test_a_page_of_the_site(net: WordPressNet) -> None:
    receipt = send(net, Outgoing("", article=article(page=True, slug=f"rules-{uuid.uuid4().hex[:6]}")))
    assert stored(net, receipt)["post_type"] == "page" and "/rules-" in receipt.url
    send(net, Outgoing("", action="delete", about=receipt.network_id))
    assert stored(net, receipt)["post_status"] == "trash"


def test_a_planned_post_is_published_by_wordpress_itself(net: WordPressNet) -> None:
    at = datetime.now(UTC) + timedelta(hours=30)
    outgoing, key = Outgoing("", article=article(), publish_at=at), words()
    receipt = send(net, outgoing, key)
    assert stored(net, receipt)["post_date_gmt"] == at.strftime("%Y-%m-%d %H:%M:%S")
    assert stored(net, receipt)["post_status"] == "future" and receipt.url
    assert net.channel.find_sent(net.account, outgoing, key, Memory(), LONG_AGO) == receipt
    net.site.php("wp_publish_post($id);", id=int(receipt.network_id[5:]))
    assert "opens" in net.page(receipt.url)


def test_films_files_and_captions_stand_in_the_text(net: WordPressNet) -> None:
    film = OutgoingMedia("v.mp4", "video/mp4", "Road works.mp4", "Workers <mend> a road", captions=VTT)
    receipt = send(net, Outgoing("", media=(picture(), film, picture("Second")), article=article()))
    page = net.page(receipt.url)
    assert re.search(
        r'<video controls src="[^"]+road-works-ol\w+\.mp4" aria-label="Workers &lt;mend&gt; a road">', page
    )
    track = re.search(r'<track kind="captions" src="([^"]+)"', page)
    assert track and net.page(track[1]) == VTT
    assert page.count('alt="Second"') == 1 and "srcset=" in page


def test_a_post_is_changed_and_taken_back(net: WordPressNet) -> None:
    receipt = send(net, Outgoing("", article=article("First")), key := words())
    better = Article("Better", "<p>It opens on Monday.</p>", tags=("Monday",))
    send(net, Outgoing("", action="edit", about=receipt.network_id, media=(picture(),), article=better))
    found = stored(net, receipt)
    assert found["post_title"] == "Better" and found["tags"] == ["Monday"] and found["alt"]
    assert writing.mark(key) in found["post_content"] and "Monday" in net.page(receipt.url)
    take_back = Outgoing("", action="delete", about=receipt.network_id)
    assert net.channel.find_sent(net.account, take_back, "k", Memory(), LONG_AGO) is None
    for _again in range(2):
        assert send(net, take_back).network_id == receipt.network_id
        assert stored(net, receipt)["post_status"] == "trash"
    assert net.channel.find_sent(net.account, take_back, "k", Memory(), LONG_AGO)
    net.site.php("return wp_delete_post($id, true);", id=int(receipt.network_id[5:]))
    assert send(net, take_back).network_id == receipt.network_id


def test_what_others_wrote_is_neither_changed_nor_deleted(net: WordPressNet) -> None:
    for action in ("edit", "delete"):
        for about in ("post:1", "comment:1"):
            with pytest.raises(NotAllowed):
                send(net, Outgoing("mine", action=action, about=about))  # type: ignore[arg-type]


def test_a_site_without_a_bin_deletes_for_good(net: WordPressNet) -> None:
    plugin = net.site.folder / "site/wp-content/mu-plugins/nobin.php"
    receipt = send(net, Outgoing("", article=article()))
    plugin.write_text("<?php add_filter('rest_post_trashable', '__return_false');")
    try:
        send(net, Outgoing("", action="delete", about=receipt.network_id))
    finally:
        plugin.unlink()
    assert count(net, "post", guid=f"?p={receipt.network_id[5:]}") == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (
            Outgoing("", media=(OutgoingMedia("p.jpg", "application/x-msdownload", "a.exe"),), article=article()),
            "media",
        ),
        (Outgoing("", article=article("half \ud83d")), "text"),
        (Outgoing("  "), "text"),
        (Outgoing("hello", in_reply_to="comment:999999"), "in_reply_to"),
        (Outgoing("hello", in_reply_to="nothing"), "in_reply_to"),
    ],
)
def test_what_the_site_refuses_names_the_part(net: WordPressNet, wrong: Outgoing, field: str) -> None:
    with pytest.raises(Rejected) as refused:
        send(net, wrong)
    assert refused.value.field_name == field
