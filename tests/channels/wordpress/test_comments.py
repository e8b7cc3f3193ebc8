"""Comments in and out, hidden, waiting for approval; links from other sites."""

from __future__ import annotations

import uuid
from dataclasses import replace

import httpx
import pytest

from openline.channels.base import (
    NotAllowed,
    Outgoing,
    Rejected,
)
from tests.channels.nets.base import Memory
from tests.channels.nets.wordpress import WordPressNet
from tests.channels.wordpress.tools import LONG_AGO, another_blog, article, heard, news, picture, send, words


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
    [approved] = news(net, cursor, name)
    assert approved.kind == "edit" and approved.facts["moderation"] == "approved" and approved.text == item.text
    assert reply in net.page(page)


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
    assert [item.facts["moderation"] for item in news(net, cursor, name)] == ["hold"]
    assert net.channel.find_sent(net.account, hide, "k", Memory(), LONG_AGO)
    with pytest.raises(NotAllowed):
        send(net, replace(hide, about="post:1"))
    show = replace(hide, action="show")
    assert net.channel.find_sent(net.account, show, "k", Memory(), LONG_AGO) is None
    for _again in range(2):
        assert send(net, show).network_id == name
    assert net.channel.find_sent(net.account, show, "k", Memory(), LONG_AGO)
    assert text in net.page(f"{net.site.home}/?p=1")


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
