"""Posts, threads, files and deletions, on Bluesky's own servers."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image

from openline.channels.base import NotAllowed, Outgoing, OutgoingMedia, RateLimited, Rejected
from openline.channels.bluesky import media, names
from tests.channels.nets.base import Memory, answer_to
from tests.channels.nets.bluesky import BlueskyNet, Person, until

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
RICH = "👨‍👩‍👧‍👦 漢字 é: 参照 https://example.org/a/very/long/path/to/read?x=1&y=2, #Straße und @{name}!"


def sent(net: BlueskyNet, outgoing: Outgoing, key: str, memory: Memory | None = None) -> dict[str, Any]:
    """The record that the city's post became."""
    receipt = net.channel.send(net.account, outgoing, key, memory or Memory())
    return net.residents[0].record(receipt.network_id)["value"]


def test_facets_name_the_very_bytes_of_links_names_and_hashtags(net: BlueskyNet, words: str) -> None:
    maria = net.residents[0]
    record = sent(net, Outgoing(RICH.replace("{name}", maria.handle), language="zh-Hant"), words)
    said = record["text"].encode()
    found = {}
    for facet in record["facets"]:
        index, [feature] = facet["index"], facet["features"]
        found[said[index["byteStart"] : index["byteEnd"]].decode()] = {k: v for k, v in feature.items() if k != "$type"}
    assert found == {
        "example.org/a/very/long/p...": {"uri": "https://example.org/a/very/long/path/to/read?x=1&y=2"},
        "#Straße": {"tag": "Straße"},
        f"@{maria.handle}": {"did": maria.did},
    }
    assert record["langs"] == ["zh-Hant"]
    until(lambda: any(one["record"]["text"] == record["text"] for one in maria.notifications()))


@pytest.mark.parametrize("sign", ["x", "é", "漢", "👨‍👩‍👧‍👦", "🇺🇸", "नि", "e\u0301"])
def test_what_we_count_as_fitting_the_server_takes(net: BlueskyNet, words: str, sign: str) -> None:
    text = ""
    while net.channel.length(text + sign) <= 300:
        text += sign
    record = sent(net, Outgoing(text), words + sign)
    assert record["text"] == text and len(text.encode()) <= 3000


def test_an_answer_to_a_reply_keeps_the_root_of_the_thread(net: BlueskyNet, words: str) -> None:
    root = net.residents[0].post("nobody of the city is named here")
    reply = net.residents[0].post(f"a reply {words}", reply=net.reply_to(net.residents[0], root))
    question = net.residents[1].post(
        f"@{net.city.handle} {words}", reply=net.reply_to(net.residents[1], reply), facets=_naming(net)
    )
    until(lambda: any(one["uri"] == question for one in net.city.notifications()))
    item = net.heard(words)
    assert (item.in_reply_to, item.thread) == (reply, root)
    record = sent(net, answer_to(item, "here"), words)
    assert (record["reply"]["parent"]["uri"], record["reply"]["root"]["uri"]) == (question, root)


def _naming(net: BlueskyNet) -> list[dict[str, Any]]:
    feature = {"$type": "app.bsky.richtext.facet#mention", "did": net.city.did}
    return [{"index": {"byteStart": 0, "byteEnd": len(net.city.handle) + 1}, "features": [feature]}]


def test_a_repeated_send_is_one_record(net: BlueskyNet, words: str) -> None:
    first, *more = (net.channel.send(net.account, Outgoing(words), words, Memory()) for _ in range(3))
    assert more == [first, first]
    posts = net.city.ask("com.atproto.repo.listRecords", repo=net.city.did, collection=names.POST, limit=100)
    assert sum(post["value"]["text"] == words for post in posts["records"]) == 1


def test_a_long_text_is_a_thread_and_goes_on_where_it_stopped(
    net: BlueskyNet, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = net.heard(net.post(words) and words)
    outgoing, memory = answer_to(item, "Every word counts here. " * 30), Memory()
    from openline.channels.bluesky.client import Session

    put, calls = Session.post, list[str]()

    def fail_second(session: Session, method: str, *args: Any, **more: Any) -> Any:
        calls.append(method)
        if calls.count("com.atproto.repo.putRecord") == 2:
            raise ConnectionAbortedError
        return put(session, method, *args, **more)

    monkeypatch.setattr(Session, "post", fail_second)
    with pytest.raises(ConnectionAbortedError):
        net.channel.send(net.account, outgoing, words, memory)
    monkeypatch.setattr(Session, "post", put)
    assert net.channel.find_sent(net.account, outgoing, words, memory, LONG_AGO) is None
    receipt = net.channel.send(net.account, outgoing, words, memory)
    assert len(receipt.parts) == 2
    records = [net.residents[0].record(uri)["value"] for uri in (receipt.network_id, *receipt.parts)]
    assert [one["text"][-3:] for one in records] == ["1/3", "2/3", "3/3"]
    assert [one["reply"]["parent"]["uri"] for one in records] == [item.network_id, receipt.network_id, receipt.parts[0]]
    assert {one["reply"]["root"]["uri"] for one in records} == {item.network_id}
    assert net.channel.find_sent(net.account, outgoing, words, Memory(), LONG_AGO) == receipt


def test_a_thread_of_our_own_hangs_on_its_first_post(net: BlueskyNet, words: str) -> None:
    receipt = net.channel.send(net.account, Outgoing("Every word counts here. " * 30), words, Memory())
    last = net.residents[0].record(receipt.parts[-1])["value"]["reply"]
    assert (last["root"]["uri"], last["parent"]["uri"]) == (receipt.network_id, receipt.parts[-2])


def test_a_deleted_parent_is_said_in_words(net: BlueskyNet, words: str) -> None:
    item = net.heard(net.post(words) and words)
    net.delete(item.network_id)
    with pytest.raises(Rejected, match="deleted") as raised:
        net.channel.send(net.account, answer_to(item, "too late"), words, Memory())
    assert raised.value.field_name == "in_reply_to"


def test_who_blocks_us_or_closes_the_thread_or_leaves_is_not_answered(net: BlueskyNet, words: str) -> None:
    resident = Person(net.servers, "blocker")
    net.residents.append(resident)
    try:
        items = [net.heard(net.post(f"{words} {n}", who=-1) and f"{words} {n}") for n in range(2)]
    finally:
        net.residents.remove(resident)
    gate = {
        "$type": "app.bsky.feed.threadgate",
        "post": items[0].network_id,
        "allow": [],
        "createdAt": "2026-01-01T00:00:00Z",
    }
    key = items[0].network_id.rsplit("/", 1)[1]
    where = {"repo": resident.did, "collection": "app.bsky.feed.threadgate", "rkey": key}
    resident.ask("com.atproto.repo.putRecord", {**where, "record": gate})
    _refused(net, items[0], words, "certain people")
    block = {"$type": "app.bsky.graph.block", "subject": net.city.did, "createdAt": "2026-01-01T00:00:00Z"}
    resident.ask("com.atproto.repo.createRecord", {"repo": resident.did, "collection": block["$type"], "record": block})
    _refused(net, items[1], words, "blocked")
    left = Person(net.servers, "leaver")
    net.residents.append(left)
    item = net.heard(net.post(f"{words} bye", who=-1) and f"{words} bye")
    net.residents.remove(left)
    left.ask("com.atproto.server.deactivateAccount", {})
    until(lambda: not net.city.ask("app.bsky.feed.getPosts", uris=[item.network_id])["posts"])
    with pytest.raises((NotAllowed, Rejected)):
        net.channel.send(net.account, answer_to(item, "hello?"), words + "left", Memory())


def _refused(net: BlueskyNet, item: Any, words: str, why: str) -> None:
    from openline.channels.bluesky import hearing, posting
    from openline.channels.bluesky.client import Session

    def place() -> bool:
        with Session(net.account) as session:
            try:
                posting.place(session, answer_to(item, "x"))
            except NotAllowed as error:
                return why in error.reason
        return False

    assert hearing
    until(place)
    with pytest.raises(NotAllowed, match=why):
        net.channel.send(net.account, answer_to(item, "hello?"), words + why, Memory())


def test_our_post_is_taken_back_and_only_ours(net: BlueskyNet, words: str) -> None:
    receipt = net.channel.send(net.account, Outgoing(words), words, Memory())
    wanted = Outgoing("", action="delete", about=receipt.network_id)
    assert net.channel.find_sent(net.account, wanted, words + "d", Memory(), LONG_AGO) is None
    for _again in range(2):
        assert net.channel.send(net.account, wanted, words + "d", Memory()).network_id == receipt.network_id
    assert net.channel.find_sent(net.account, wanted, words + "d", Memory(), LONG_AGO)
    theirs = net.post(words)
    with pytest.raises(NotAllowed):
        net.channel.send(net.account, replace(wanted, about=theirs), words + "e", Memory())
    with pytest.raises(NotAllowed, match="no edits"):
        net.channel.send(net.account, Outgoing("x", action="edit", about=receipt.network_id), words + "f", Memory())


def test_a_reply_in_our_thread_is_hidden_for_everybody_and_others_are_not_ours_to_hide(
    net: BlueskyNet, words: str
) -> None:
    ours = net.channel.send(net.account, Outgoing(words), words, Memory()).network_id
    replies = [net.post(f"{words} {n}", in_reply_to=ours) for n in range(2)]
    for reply in (*replies, replies[0]):
        wanted = Outgoing("", action="hide", about=reply)
        receipt = net.channel.send(net.account, wanted, words + reply, Memory())
        assert (
            receipt.network_id
            == reply
            == net.channel.find_sent(net.account, wanted, "k", Memory(), LONG_AGO).network_id
        )  # type: ignore[union-attr]
    gate = net.residents[0].record(ours.replace("feed.post", "feed.threadgate"))["value"]
    assert gate["hiddenReplies"] == replies and "allow" not in gate
    show = Outgoing("", action="show", about=replies[0])
    assert net.channel.find_sent(net.account, show, "k", Memory(), LONG_AGO) is None
    for again in "12":
        net.channel.send(net.account, show, words + again, Memory())
    assert net.channel.find_sent(net.account, show, "k", Memory(), LONG_AGO)
    gate = net.residents[0].record(ours.replace("feed.post", "feed.threadgate"))["value"]
    assert gate["hiddenReplies"] == replies[1:] and "allow" not in gate
    root = net.post(f"{words} root")
    with pytest.raises(NotAllowed, match="our own"):
        net.channel.send(net.account, Outgoing("", action="hide", about=root), words, Memory())


def picture(width: int, height: int, noise: bool = False, kind: str = "PNG") -> bytes:
    image = (
        Image.effect_noise((width, height), 90).convert("RGB") if noise else Image.new("RGB", (width, height), "red")
    )
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def test_pictures_go_out_with_descriptions_and_large_ones_are_made_smaller(net: BlueskyNet, words: str) -> None:
    files = {"a": picture(40, 30), "b": picture(2500, 2000, noise=True)}
    assert len(files["b"]) > 2_000_000
    shown = tuple(OutgoingMedia(name, "image/png", alt=f"photo {name}") for name in files)
    record = sent(net, Outgoing(words, media=shown), words, Memory(files))
    first, second = record["embed"]["images"]
    assert (first["alt"], second["alt"]) == ("photo a", "photo b")
    assert first["aspectRatio"] == {"width": 40, "height": 30} and first["image"]["mimeType"] == "image/png"
    assert second["image"]["mimeType"] == "image/jpeg" and second["image"]["size"] <= 2_000_000


def test_a_video_goes_out_with_description_and_captions(net: BlueskyNet, words: str) -> None:
    film = OutgoingMedia("v", "video/mp4", alt="a film", width=16, height=9, seconds=2, captions="WEBVTT\n\n")
    content = b"\0\0\0\x18ftypmp42" + bytes(5_000_000)
    record = sent(net, Outgoing(words, media=(film,), language="es"), words, Memory({"v": content}))
    assert record["embed"]["alt"] == "a film" and record["embed"]["captions"][0]["lang"] == "es"
    assert record["embed"]["video"]["size"] == len(content)
    assert record["embed"]["captions"][0]["file"]["mimeType"] == "text/vtt"


def test_files_that_were_thrown_away_meanwhile_are_uploaded_again(net: BlueskyNet, words: str) -> None:
    photo = OutgoingMedia("a", "image/png", alt="a photo")
    memory = Memory({"a": picture(31, 17)})
    gone = {"$type": "blob", "ref": {"$link": "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"}}
    memory.kept["file 0"] = {"blob": {**gone, "mimeType": "image/png", "size": 5}, "width": 31, "height": 17}
    record = sent(net, Outgoing(words, media=(photo,)), words, memory)
    assert record["embed"]["images"][0]["image"]["ref"] != gone["ref"]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ((OutgoingMedia("a", "image/png"),) * 5, "at most 4"),
        ((OutgoingMedia("a", "image/png"), OutgoingMedia("v", "video/mp4")), "pictures or one video"),
        ((OutgoingMedia("a", "application/pdf"),), "no other files"),
        ((OutgoingMedia("a", "image/tiff"),), "image/tiff"),
        ((OutgoingMedia("v", "video/mp4", seconds=181),), "180 seconds"),
    ],
)
def test_files_that_a_post_cannot_carry(files: tuple[OutgoingMedia, ...], why: str) -> None:
    with pytest.raises(Rejected, match=why):
        media.check(files)


@pytest.mark.parametrize("content", [b"", b"no picture", picture(10, 10)[:40]])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(Rejected):
        media.fitting(io.BytesIO(content), "image/png")


def test_a_small_limit_still_gives_a_picture() -> None:
    small, media_type, width, height = media.fitting(io.BytesIO(picture(1600, 1200, noise=True)), "image/png", 100_000)
    assert len(small) <= 100_000 and media_type == "image/jpeg"
    assert Image.open(io.BytesIO(small)).size == (width, height)


def test_a_rate_limit_keeps_its_time(net: BlueskyNet, words: str) -> None:
    noted: list[Any] = []
    keeper = net.account.keeper
    account = replace(net.account, keeper=_Noting(keeper, noted))
    net.channel.send(account, Outgoing(words), words, Memory())
    assert any(one.what == "write" and 0 < one.remaining < one.limit for one in noted)
    with net.limited(), pytest.raises(RateLimited) as raised:
        net.channel.send(account, Outgoing(words), words + "2", Memory())
    assert 60 < (raised.value.retry_at - datetime.now(UTC)).total_seconds() <= 3601
    assert noted[-1].remaining == 0


class _Noting:
    def __init__(self, keeper: Any, noted: list[Any]) -> None:
        self.renew, self.note_budget = keeper.renew, noted.append
