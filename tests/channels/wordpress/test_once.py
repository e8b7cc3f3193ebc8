"""A post and its files are there once, whatever is lost on the way and whatever people do."""

from __future__ import annotations

import pytest

from openline.channels.base import (
    Outgoing,
    Rejected,
    Unclear,
)
from openline.channels.wordpress import writing
from tests.channels.nets.base import Memory
from tests.channels.nets.wordpress import WordPressNet
from tests.channels.wordpress.tools import (
    FILES,
    LONG_AGO,
    article,
    count,
    losing_answers,
    picture,
    send,
    stored,
    words,
)


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
