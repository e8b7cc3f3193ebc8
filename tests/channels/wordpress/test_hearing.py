"""What changes among comments is noticed; nothing is lost by clocks, deletions and long backlogs."""

from __future__ import annotations

import pytest

from openline.channels.base import (
    Incoming,
)
from openline.channels.wordpress import hearing
from tests.channels.nets.wordpress import WordPressNet
from tests.channels.wordpress.tools import heard, news, words


@pytest.mark.parametrize("how", ["spam", "trash", "deleted"])
def test_what_becomes_of_a_comment_is_noticed_even_over_a_restart(net: WordPressNet, how: str) -> None:
    name = net.post(text := words())
    item, cursor = heard(net, text), net.position()
    do = {"spam": "wp_spam_comment($id)", "trash": "wp_trash_comment($id)", "deleted": "wp_delete_comment($id, true)"}
    net.site.php(f"return {do[how]};", id=int(name[8:]))
    [gone] = news(net, cursor, name)
    assert (gone.kind, gone.network_id, gone.reason) == ("delete", name, how)
    assert net.channel.parse(gone.raw) == gone
    if how == "deleted":
        return
    cursor = net.position()
    net.site.php(f"return wp_un{how}_comment($id);", id=int(name[8:]))
    [back] = news(net, cursor, name)
    assert back.kind == "edit" and back.text == item.text and back.facts["moderation"] == "approved"


def test_an_edit_there_and_back_and_there_again_is_three_edits(net: WordPressNet) -> None:
    name, events = net.post(first := words()), set()
    heard(net, first)
    for text in (second := words(), first, second):
        cursor = net.position()
        net.edit(name, text)
        [edit] = news(net, cursor, name)
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
    [item] = news(net, cursor, f"comment:{number}")
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
    heard_now = [item.network_id for item in net.hearing(cursor=cursor) if item.kind == "post"]
    assert heard_now == [f"comment:{number}" for number in ids]


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
    cursor, found = net.position(), list[Incoming]()
    net.edit(names[40], text := words())
    net.site.php("return wp_set_comment_status($id, 'approve');", id=spam)
    for turn in range(6):
        monkeypatch.setattr(hearing, "_turn", lambda turn=turn: turn)
        heard_now = net.channel.poll(net.account, cursor)
        found += [item for item in heard_now.items if isinstance(item, Incoming)]
        cursor = heard_now.cursor
    assert sorted((item.kind, item.network_id, item.text) for item in found) == [
        ("edit", names[40], text),
        ("post", f"comment:{spam}", "rescued"),
    ]
