"""What is peculiar to WordPress, on a real site of Debian's WordPress."""

from __future__ import annotations

import html
import http.server
import re
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from openline.channels.base import (
    AccountRef,
    Article,
    Incoming,
    NetworkDown,
    NotAllowed,
    Outgoing,
    OutgoingMedia,
    Receipt,
    Refused,
    Rejected,
    TokenExpired,
    Unclear,
    Unverified,
)
from openline.channels.wordpress import hearing, writing
from openline.channels.wordpress.channel import WordPressChannel
from openline.channels.wordpress.client import Site
from openline.channels.wordpress.reading import site_of
from tests.channels.nets.base import Memory
from tests.channels.nets.wordpress import WordPressNet, start
from tests.channels.test_hostile import JSON, sane

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
VTT = "WEBVTT\n\n00:00.000 --> 00:01.000\nThe road is open.\n"


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WordPressNet]:
    with start(tmp_path_factory.mktemp("wordpress")) as running:
        running.position()
        yield running


def words() -> str:
    return f"words {uuid.uuid4()}"


def photo(width: int = 600) -> bytes:
    Image.new("RGB", (width, 400), (len(words()), 90, width % 255)).save(buffer := BytesIO(), "JPEG")
    return buffer.getvalue()


def picture(alt: str = "A mended road", **more: Any) -> OutgoingMedia:
    return OutgoingMedia("p.jpg", "image/jpeg", "Road.JPG", alt, **more)


FILES = {"p.jpg": photo(), "v.mp4": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 200}


def send(net: WordPressNet, outgoing: Outgoing, key: str = "", memory: Memory | None = None) -> Receipt:
    return net.channel.send(net.account, outgoing, key or words(), memory or Memory(FILES))


def article(title: str = "", **more: Any) -> Article:
    return Article(title or f"News {words()}", "<p>The <strong>pool</strong> opens.</p>", **more)


def stored(net: WordPressNet, receipt: Receipt) -> dict[str, Any]:
    """The post as the site has it."""
    code = """
        $post = get_post($id, ARRAY_A);
        $names = fn($kind) => array_map('html_entity_decode', wp_get_post_terms($id, $kind, ['fields' => 'names']));
        return $post + ['categories' => $names('category'), 'tags' => $names('post_tag'),
                        'image' => get_post_thumbnail_id($id),
                        'alt' => get_post_meta(get_post_thumbnail_id($id), '_wp_attachment_image_alt', true)];
    """
    found: dict[str, Any] = net.site.php(code, id=int(receipt.network_id.partition(":")[2]))
    return found | {name: html.unescape(found[name]) for name in ("post_title", "post_excerpt")}


def count(net: WordPressNet, kind: str, **like: str) -> int:
    """How many posts, pages or attachments of that kind hold these words, in whatever state."""
    [(column, text)] = like.items()
    code = 'global $wpdb; return (int) $wpdb->get_var($wpdb->prepare("SELECT count(*) FROM $wpdb->posts'
    code += f" WHERE post_type = %s AND {column} LIKE %s\", $kind, '%' . $text . '%'));"
    return int(net.site.php(code, kind=kind, text=text))


# Posts and pages


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
    outgoing, key = Outgoing("", article=article(publish_at=at)), words()
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


@pytest.mark.parametrize("state", ["publish", "draft", "private", "trash", "renamed"])
def test_whatever_people_do_with_a_post_it_is_not_sent_again(net: WordPressNet, state: str) -> None:
    outgoing, key = Outgoing("", article=article()), words()
    receipt = send(net, outgoing, key)
    change = {"post_status": state} if state != "renamed" else {"post_name": "else", "post_title": "Else"}
    do = "return wp_trash_post($id);" if state == "trash" else "return wp_update_post(['ID' => $id] + $change);"
    net.site.php(do, id=int(receipt.network_id[5:]), change=change)
    before = stored(net, receipt)
    found = net.channel.find_sent(net.account, outgoing, key, Memory(), LONG_AGO)
    assert found and found.network_id == receipt.network_id
    assert send(net, outgoing, key).network_id == receipt.network_id
    assert stored(net, receipt) == before and count(net, "post", post_content=writing.mark(key)) == 1


def test_a_lost_answer_at_any_step_leaves_one_post_and_one_image(net: WordPressNet) -> None:
    """Every change that a send makes is done by the site, its answer lost; the send goes on with what it knows."""
    title, key, memory = f"Lost {words()}", words(), Memory(FILES)
    outgoing = Outgoing("", media=(picture(),), article=article(title, tags=(words(),)))
    found = None
    with losing_answers() as lost:
        while not found:
            try:
                if lost:
                    found = net.channel.find_sent(net.account, outgoing, key, memory, LONG_AGO)
                found = found or net.channel.send(net.account, outgoing, key, memory)
            except Unclear:
                assert len(lost) < 20
    assert [path.rpartition("/")[2].rstrip("0123456789") for path in lost] == ["posts", "media", "", "tags", "", ""]
    assert count(net, "post", post_title=title) == 1
    assert count(net, "attachment", guid=writing.mark(key, "file 0")) == 1
    assert stored(net, found)["post_status"] == "publish" and stored(net, found)["alt"] == "A mended road"


@contextmanager
def losing_answers(most: int = 100) -> Iterator[list[str]]:
    """Lets the site do what it is asked; the line breaks instead of the first answer to every change, `most` times."""
    lost, asked = list[str](), set[bytes]()
    real = httpx.HTTPTransport.handle_request

    def lossy(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        answer = real(transport, request)
        change = request.url.raw_path + (request.content if "json" in request.headers["content-type"] else b"")
        if change not in asked and len(lost) < most:
            asked.add(change)
            lost.append(request.url.path)
            answer.read()
            raise httpx.ReadError("cut")
        return answer

    def handle(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        return (real if request.method == "GET" else lossy)(transport, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx.HTTPTransport, "handle_request", handle)
        yield lost


@pytest.mark.parametrize("steps", range(1, 5))
def test_what_is_forgotten_here_is_found_on_the_site(net: WordPressNet, steps: int) -> None:
    """The worker's memory is lost in the middle: the draft and the image of the first try are used again."""
    outgoing, key = Outgoing("", media=(picture(),), article=article()), words()
    with losing_answers(steps):
        memory = Memory(FILES)
        for _try in range(steps):
            with pytest.raises(Unclear):
                net.channel.send(net.account, outgoing, key, memory)
    receipt = send(net, outgoing, key)
    assert count(net, "post", post_content=writing.mark(key)) == 1
    assert count(net, "attachment", guid=writing.mark(key, "file 0")) == 1
    assert stored(net, receipt)["post_status"] == "publish" and stored(net, receipt)["alt"] == "A mended road"


def test_a_plugin_that_answers_the_search_hides_nothing_of_ours(net: WordPressNet) -> None:
    plugin = net.site.folder / "site/wp-content/mu-plugins/search.php"
    plugin.write_text("<?php add_filter('posts_search', fn($sql) => $sql ? ' AND 1=0 ' : '');")
    outgoing, key = Outgoing("", media=(picture(),), article=article()), words()
    try:
        with losing_answers(2):
            for _try in range(2):
                with pytest.raises(Unclear):
                    net.channel.send(net.account, outgoing, key, Memory(FILES))
        send(net, outgoing, key)
    finally:
        plugin.unlink()
    assert count(net, "post", post_content=writing.mark(key)) == 1
    assert count(net, "attachment", guid=writing.mark(key, "file 0")) == 1


def test_a_draft_that_a_person_put_away_is_not_published(net: WordPressNet) -> None:
    outgoing, key, memory = Outgoing("", article=article()), words(), Memory()
    with losing_answers(), pytest.raises(Unclear):
        net.channel.send(net.account, outgoing, key, memory)
    assert net.channel.find_sent(net.account, outgoing, key, memory, LONG_AGO) is None
    net.site.php("return wp_trash_post($id);", id=memory.kept["draft"]["id"])
    with pytest.raises(Rejected, match="bin"):
        net.channel.send(net.account, outgoing, key, memory)


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


# Comments


def heard(net: WordPressNet, text: str) -> Incoming:
    return net.heard(text)


def test_a_comment_tells_who_where_and_under_what(net: WordPressNet) -> None:
    receipt = send(net, Outgoing("", article=article(title := f"Pool & bath {words()}")))
    name = net.post(text := words(), under=int(receipt.network_id[5:]))
    item = heard(net, text)
    assert (item.network_id, item.in_reply_to, item.subject) == (name, receipt.network_id, title)
    net.post(deeper := words(), in_reply_to=name, under=int(receipt.network_id[5:]))
    assert heard(net, deeper).in_reply_to == name and heard(net, deeper).thread == item.thread == receipt.network_id
    assert item.author_name == "Maria Lopez" and item.facts == {"moderation": "approved"}
    assert item.url.endswith("#" + name.replace(":", "-")) and not item.automatic
    plain = str([getattr(item, field) for field in item.__slots__ if field != "raw"])
    assert "residents.example" not in plain and "127.0.0.1'" not in plain and b"maria@residents.example" in item.raw


def test_people_are_known_by_user_or_mail_address(net: WordPressNet) -> None:
    for who, text in ((0, one := words()), (0, two := words()), (1, three := words())):
        net.post(text, who=who)
    maria, again, john = (heard(net, text).author_id for text in (one, two, three))
    assert maria == again != john and "#mail:" in maria
    code = "return wp_insert_comment(['comment_post_ID' => 1, 'comment_content' => $text, 'user_id' => 1]);"
    net.site.php(code, text=(four := words()))
    assert heard(net, four).author_id.endswith("#user:1")


def test_a_comment_that_waits_is_heard_and_its_answer_is_shown_with_it(net: WordPressNet) -> None:
    net.site.php("update_option('comment_moderation', '1');")
    try:
        name = net.post(text := words())
    finally:
        net.site.php("update_option('comment_moderation', '0');")
    item = heard(net, text)
    assert item.facts["moderation"] == "hold"
    send(net, net.answer(item, reply := f"thanks {words()}"))
    page = f"{net.site.home}/?p=1"
    assert reply not in net.page(page)
    cursor = net.position()
    net.site.php("return wp_set_comment_status($id, 'approve');", id=int(name[8:]))
    [approved] = net.hearing(cursor=cursor)
    assert approved.kind == "edit" and approved.facts["moderation"] == "approved" and approved.text == item.text
    assert reply in net.page(page)


@pytest.mark.parametrize("how", ["spam", "trash", "deleted"])
def test_what_becomes_of_a_comment_is_noticed_even_over_a_restart(net: WordPressNet, how: str) -> None:
    name = net.post(text := words())
    item, cursor = heard(net, text), net.position()
    do = {"spam": "wp_spam_comment($id)", "trash": "wp_trash_comment($id)", "deleted": "wp_delete_comment($id, true)"}
    net.site.php(f"return {do[how]};", id=int(name[8:]))
    [gone] = net.hearing(cursor=cursor)
    assert (gone.kind, gone.network_id, gone.reason) == ("delete", name, how)
    assert net.channel.parse(gone.raw) == gone
    if how == "deleted":
        return
    cursor = net.position()
    net.site.php(f"return wp_un{how}_comment($id);", id=int(name[8:]))
    [back] = net.hearing(cursor=cursor)
    assert back.kind == "edit" and back.text == item.text and back.facts["moderation"] == "approved"


def test_an_edit_there_and_back_and_there_again_is_three_edits(net: WordPressNet) -> None:
    name, events = net.post(first := words()), set()
    heard(net, first)
    for text in (second := words(), first, second):
        cursor = net.position()
        net.edit(name, text)
        [edit] = net.hearing(cursor=cursor)
        assert edit.kind == "edit" and edit.text == text
        events.add(edit.event_id)
    assert len(events) == 3


def test_what_comes_back_from_the_spam_is_heard(net: WordPressNet) -> None:
    code = """return wp_insert_comment(['comment_post_ID' => 1, 'comment_content' => $text,
                                        'comment_approved' => 'spam', 'comment_author' => 'Ana']);"""
    number = net.site.php(code, text=(text := words()))
    net.post(later := words())
    heard(net, later)
    cursor = net.position()
    net.site.php("return wp_set_comment_status($id, 'approve');", id=number)
    [item] = net.hearing(cursor=cursor)
    assert (item.kind, item.text, item.author_id.rpartition("#")[2]) == ("post", text, "name:ana")


def test_equal_times_and_wrong_clocks_lose_nothing(net: WordPressNet) -> None:
    cursor = net.position()
    code = """
        foreach (['2020-01-01 00:00:00', '2026-11-01 01:30:00', '2026-11-01 01:30:00', '2099-01-01 00:00:00'] as $at)
            $ids[] = wp_insert_comment(['comment_post_ID' => 1, 'comment_content' => "$text $at", 'comment_date' => $at,
                                        'comment_author' => 'Ana', 'comment_date_gmt' => get_gmt_from_date($at)]);
        return $ids;
    """
    ids = net.site.php(code, text=words())
    assert [item.network_id for item in net.hearing(cursor=cursor)] == [f"comment:{number}" for number in ids]


def test_a_backlog_is_heard_oldest_first_though_earlier_comments_were_deleted(net: WordPressNet) -> None:
    first = net.backlog(260)
    while net.hearing(cursor=net.position()):
        pass
    cursor = net.position()
    net.site.php("foreach ($ids as $id) wp_delete_comment($id, true);", ids=[int(name[8:]) for name in first[:150]])
    wanted = net.backlog(620)
    items, portions = list[Incoming](), 0
    while len([item for item in items if item.kind == "post"]) < len(wanted):
        portion = net.channel.poll(net.account, cursor)
        cursor, portions = portion.cursor, portions + 1
        items += [item for item in portion.items if isinstance(item, Incoming)]
        assert len(portion.items) <= 500 and portions < 10
    assert [item.network_id for item in items if item.kind == "post"] == wanted and portions > 1


def test_older_comments_take_turns_at_being_looked_at(net: WordPressNet, monkeypatch: pytest.MonkeyPatch) -> None:
    code = """return wp_insert_comment(['comment_post_ID' => 1, 'comment_content' => 'rescued',
                                        'comment_approved' => 'spam', 'comment_author' => 'Ana']);"""
    net.backlog(10)
    spam, names = net.site.php(code), net.backlog(160)
    net.position()
    net.edit(names[40], text := words())
    net.site.php("return wp_set_comment_status($id, 'approve');", id=spam)
    cursor, found = net.position(), list[Incoming]()
    for turn in range(6):
        monkeypatch.setattr(hearing, "_turn", lambda turn=turn: turn)
        heard_now = net.channel.poll(net.account, cursor)
        found += [item for item in heard_now.items if isinstance(item, Incoming)]
        cursor = heard_now.cursor
    assert sorted((item.kind, item.network_id, item.text) for item in found) == [
        ("edit", names[40], text),
        ("post", f"comment:{spam}", "rescued"),
    ]


def test_an_answer_is_ours_to_change_and_take_back(net: WordPressNet) -> None:
    net.post(text := words())
    item = heard(net, text)
    receipt = send(net, net.answer(item, words()))
    send(net, Outgoing(better := f"a & b <c> {words()}", action="edit", about=receipt.network_id))
    assert better in net.seen(item.network_id, better).text
    take_back = Outgoing("", action="delete", about=receipt.network_id)
    for _again in range(2):
        assert send(net, take_back).network_id == receipt.network_id
    assert net.channel.find_sent(net.account, take_back, "k", Memory(), LONG_AGO)
    assert not [said for said in net.thread(item.network_id) if said.by_city]


def test_a_person_hides_a_comment_and_nothing_is_lost(net: WordPressNet) -> None:
    name = net.post(text := words())
    heard(net, text)
    hide, cursor = Outgoing("", action="hide", about=name), net.position()
    assert net.channel.find_sent(net.account, hide, "k", Memory(), LONG_AGO) is None
    for _again in range(2):
        assert send(net, hide).network_id == name
    assert text not in net.page(f"{net.site.home}/?p=1")
    assert [item.facts["moderation"] for item in net.hearing(cursor=cursor)] == ["hold"]
    assert net.channel.find_sent(net.account, hide, "k", Memory(), LONG_AGO)
    with pytest.raises(NotAllowed):
        send(net, replace(hide, about="post:1"))


def test_the_same_words_by_another_message_are_refused_and_told(net: WordPressNet) -> None:
    net.post(text := words())
    item = heard(net, text)
    first = send(net, net.answer(item, same := words()), "key one")
    with pytest.raises(Rejected, match="already"):
        send(net, net.answer(item, same), "key two")
    assert send(net, net.answer(item, same), "key one").network_id == first.network_id


def test_closed_comments_and_private_answers_are_not_allowed(net: WordPressNet) -> None:
    code = (
        "return wp_insert_post(['post_title' => 'Closed', 'post_status' => 'publish', 'comment_status' => 'closed']);"
    )
    with pytest.raises(NotAllowed):
        send(net, Outgoing("hello", in_reply_to=f"post:{net.site.php(code)}"))
    with pytest.raises(NotAllowed):
        send(net, Outgoing("hello", "private", in_reply_to="comment:1"))


def test_pictures_in_comments_are_links_where_the_site_allows_no_more(net: WordPressNet) -> None:
    net.post(text := words())
    item = heard(net, text)
    net.site.php("get_role('editor')->remove_cap('unfiltered_html');")
    try:
        send(net, net.answer(item, reply := words(), media=(picture("The mended road"),)))
    finally:
        net.site.php("get_role('editor')->add_cap('unfiltered_html');")
    said = net.seen(item.network_id, reply)
    assert "The mended road" in said.text and not said.alts


# Links from other sites


@contextmanager
def another_blog(page: str) -> Iterator[str]:
    """A page of another site, at its address."""

    class Blog(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        do_HEAD = do_GET

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Blog)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/essay"
    finally:
        server.shutdown()


def test_a_pingback_tells_who_links_to_us(net: WordPressNet) -> None:
    receipt = send(net, Outgoing("", article=article()))
    mark = uuid.uuid4().hex
    essay = f"<title>Essay {mark}</title><p>What <a href='{receipt.url}'>the city writes on {mark}</a> about pools.</p>"
    call = "<methodCall><methodName>pingback.ping</methodName><params>{}</params></methodCall>"
    with another_blog(essay) as source:
        values = "".join(f"<param><value><string>{one}</string></value></param>" for one in (source, receipt.url))
        said = httpx.post(f"{net.site.home}/xmlrpc.php", content=call.format(values), timeout=20)
        assert "Keep the web talking" in said.text, said.text
    item = heard(net, mark)
    assert item.url == source and item.automatic and item.facts["kind"] == "pingback"
    assert item.author_handle == "127.0.0.1" and item.author_name == f"Essay {mark}"
    assert item.in_reply_to == receipt.network_id and "the city writes" in item.text


def test_a_webmention_is_read_alike(net: WordPressNet) -> None:
    """As WordPress's webmention plugin keeps it (its receiver registers this meta for the REST API)."""
    plugin = net.site.folder / "site/wp-content/mu-plugins/webmention.php"
    plugin.write_text(
        "<?php register_meta('comment', 'webmention_source_url',"
        " ['type' => 'string', 'single' => true, 'show_in_rest' => true]);"
    )
    code = """
        return wp_insert_comment(['comment_post_ID' => 1, 'comment_content' => $text, 'comment_type' => $type,
            'comment_author' => 'Ana', 'comment_author_url' => 'https://ana.example/',
            'comment_meta' => ['webmention_source_url' => 'https://ana.example/note/1']]);
    """
    try:
        net.site.php(code, text=(liked := words()), type="like")
        net.site.php(code, text=(text := words()), type="webmention")
        item = heard(net, text)
    finally:
        plugin.unlink()
    assert item.url == "https://ana.example/note/1" and item.automatic and item.author_handle == "ana.example"
    assert not [one for one in net.hearing() if liked in one.text]


# Deliveries that nobody sane would send

COMMENT: dict[str, Any] = {
    "id": 5,
    "post": 1,
    "parent": 4,
    "author": 0,
    "author_name": "Ana",
    "author_email": "ana@residents.example",
    "author_url": "https://ana.example/",
    "date_gmt": "2026-11-27T10:00:00",
    "content": {"raw": "a &amp; b", "rendered": "<p>a &amp; b</p>"},
    "link": "https://city.example/x/#comment-5",
    "status": "approved",
    "type": "pingback",
    "meta": {"webmention_source_url": "https://ana.example/1"},
    "_links": {"self": [{"href": "https://city.example/wp-json/wp/v2/comments/5"}]},
}


@settings(max_examples=120, deadline=None)
@given(key=st.sampled_from([*COMMENT, "change", "gone", "how", "about", "title"]), value=JSON)
def test_any_value_in_any_field(key: str, value: Any) -> None:
    whole = {"comment": COMMENT | {key: value}, "about": {"title": "A"}} | ({} if key in COMMENT else {key: value})
    raw = orjson.dumps(whole)
    sane(WordPressChannel().parse(raw), raw)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"comment":{}}', b'{"gone":{}}', b'{"comment":[]}', b"[" * 9999])
def test_what_is_no_comment_is_refused(raw: bytes) -> None:
    assert isinstance(sane(WordPressChannel().parse(raw), raw), Refused)


@pytest.mark.parametrize(
    "address",
    [
        "https://city.example/wp-json/wp/v2/comments/5",
        "https://city.example/index.php?rest_route=/wp/v2/comments/5",
        "https://city.example/?rest_route=/wp/v2/comments/5",
    ],
)
def test_a_site_is_the_same_however_its_addresses_are_written(address: str) -> None:
    assert site_of({"_links": {"self": [{"href": address}]}}) == "https://city.example"


@pytest.mark.parametrize(
    "cursor", ["x", "[]", "7", '{"last":1}', '{"last":1,"before":2,"known":[]}', '{"known":{"a":1}}']
)
def test_a_cursor_that_makes_no_sense_is_the_beginning(cursor: str) -> None:
    assert hearing.Cursor.read(cursor) == hearing.Cursor()


# The account


def test_connecting_by_an_application_password(net: WordPressNet) -> None:
    spaced = " ".join(re.findall("....", net.site.password))
    given = {"server": f"{net.site.home}/hello-world/", "username": "newsroom", "application_password": spaced}
    found = net.channel.connect(given)
    assert found.server == net.site.home and found.who == net.channel.check(net.account)
    assert found.settings == {"user": str(net.site.user)} and set(found.credentials) == set(net.channel.secrets)
    assert found.who.author_id.endswith(f"#user:{net.site.user}") and found.who.name == "City Newsroom"
    for wrong, field in (
        ({"application_password": "wrong"}, "application_password"),
        ({"username": ""}, "username"),
        ({"server": f"{net.site.home}/wp-includes/images/blank.gif"}, "server"),
    ):
        with pytest.raises(Rejected) as refused:
            net.channel.connect(given | wrong)
        assert refused.value.field_name == field


def test_a_user_with_too_few_rights_is_not_connected(net: WordPressNet) -> None:
    code = """$id = wp_insert_user(['user_login' => 'small', 'user_pass' => 'x', 'role' => 'author']);
              return WP_Application_Passwords::create_new_application_password($id, ['name' => 't'])[0];"""
    values = {"server": net.site.home, "username": "small", "application_password": net.site.php(code)}
    with pytest.raises(Rejected, match="moderate_comments"):
        net.channel.connect(values)


def test_connecting_by_wordpress_s_own_page(net: WordPressNet) -> None:
    begun = net.channel.authorize({"server": net.site.home}, "http://127.0.0.1:9/back", "s-1")
    with httpx.Client(follow_redirects=True, timeout=20) as browser:
        login = {"log": "newsroom", "pwd": "newsroom", "redirect_to": begun.url, "testcookie": "1"}
        browser.cookies.set("wordpress_test_cookie", "WP Cookie check")
        page = browser.post(f"{net.site.home}/wp-login.php", data=login).text
        assert "Openline" in page
        fields = dict(
            re.findall(r"<input type=[\"']hidden[\"'] [^>]*name=[\"']([^\"']+)[\"'] value=[\"']([^\"']*)", page)
        )
        fields |= {"app_name": "Openline", "approve": "1"}
        form = {name: value.replace("&#038;", "&").replace("&amp;", "&") for name, value in fields.items()}
        target = f"{net.site.home}/wp-admin/authorize-application.php"
        back = browser.post(target, data=form, follow_redirects=False).headers["location"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    found = net.channel.authorized(begun.kept, query)
    assert found.credentials["username"] == "newsroom" and net.channel.check(
        replace(net.account, credentials=found.credentials)
    )
    with pytest.raises(Unverified):
        net.channel.authorized(begun.kept, query | {"state": "s-2"})
    with pytest.raises(NotAllowed):
        net.channel.authorized(begun.kept, {"state": "s-1", "success": "false"})


def test_a_site_without_pretty_permalinks_is_connected_and_used(net: WordPressNet) -> None:
    net.site.php("update_option('permalink_structure', '');")
    try:
        given = {"server": net.site.home, "username": "newsroom", "application_password": net.site.password}
        found = net.channel.connect(given)
        account = replace(net.account, settings=found.settings)
        assert "rest_route" in found.settings["api"] and found.who == net.channel.check(net.account)
        net.post(text := words())
        items = net.hearing(account, net.position())
        assert net.channel.send(account, Outgoing(words(), in_reply_to="comment:1"), words(), Memory()).network_id
        assert text in {item.text for item in (*items, *net._collected)}
    finally:
        net.site.php("update_option('permalink_structure', '/%postname%/');")


def test_a_password_never_goes_over_an_open_line(net: WordPressNet, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NetworkDown):
        net.channel.connect({"server": "http://127.0.0.1:9", "username": "a", "application_password": "b"})
    monkeypatch.setattr(
        "openline.channels.wordpress.connecting.ip_address", lambda host: (_ for _ in ()).throw(ValueError)
    )
    with pytest.raises(Rejected, match="https"):
        net.channel.connect({"server": net.site.home, "username": "a", "application_password": "b"})


def test_trying_out_leaves_nothing_behind(net: WordPressNet) -> None:
    said = net.channel.try_out(net.account, text := words(), "try")
    assert "removed" in said and count(net, "post", post_content=text) == 0
    for refused in (lambda: net.channel.try_out(net.refused(), text, "try"), lambda: _send_as(net, net.refused())):
        with pytest.raises(TokenExpired):
            refused()


def _send_as(net: WordPressNet, account: AccountRef) -> Receipt:
    return net.channel.send(account, Outgoing(words()), words(), Memory())


def test_what_a_site_lacks_is_told(net: WordPressNet) -> None:
    assert all(finding.good for finding in net.channel.inspect(net.account))
    code = """
        global $wpdb;
        $id = wp_insert_post(['post_title' => 'Late', 'post_status' => 'publish', 'comment_status' => 'closed',
                              'ping_status' => 'closed', 'post_date' => '2098-01-01 00:00:00']);
        $late = ['post_status' => 'future', 'post_date_gmt' => '2024-01-01 00:00:00'];
        $wpdb->update($wpdb->posts, $late, ['ID' => $id]);
        return wp_insert_post(['post_title' => 'Closed', 'post_status' => 'publish', 'comment_status' => 'closed',
                               'ping_status' => 'closed']);
    """
    net.site.php(code)
    net.site.php("get_role('editor')->remove_cap('upload_files');")
    try:
        bad = " ".join(finding.words for finding in net.channel.inspect(net.account) if not finding.good)
    finally:
        net.site.php("get_role('editor')->add_cap('upload_files');")
    assert all(word in bad for word in ("1 planned posts", "upload_files", "pingbacks", "Comments are closed"))


def test_a_site_that_is_no_wordpress_any_more_is_down(net: WordPressNet) -> None:
    with another_blog("<title>Parked</title>") as address, pytest.raises(NetworkDown):
        net.channel.poll(replace(net.account, server=address.removesuffix("/essay")), "")
    began = time.monotonic()
    with pytest.raises(TokenExpired), Site(replace(net.account, credentials={})):
        pass
    assert time.monotonic() - began < 5
