"""Photos, films and albums on Flickr, with faults between; and what the network refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image

from openline.channels.base import AccountRef, NotAllowed, Outgoing, OutgoingMedia, Rejected, TokenExpired, Unclear
from openline.channels.emulation.serving import serving
from openline.channels.flickr import posting
from openline.channels.flickr.channel import FlickrChannel
from openline.channels.flickr.emulator import Emulator
from openline.channels.flickr.emulator.network import CITY, TOKEN, Token
from tests.channels import faults
from tests.channels.faults import FaultProxy
from tests.channels.nets.base import Memory
from tests.channels.nets.flickr import account

CHANNEL = FlickrChannel()
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FILM = b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 2000


def photo(red: int) -> bytes:
    Image.new("RGB", (64, 48), (red, 90, 90)).save(buffer := BytesIO(), "JPEG")
    return buffer.getvalue()


def files() -> dict[str, bytes]:
    return {"one.jpg": photo(1), "two.jpg": photo(2), "film.mp4": FILM}


def picture(name: str = "one.jpg", alt: str = "A mended road") -> OutgoingMedia:
    return OutgoingMedia(name, "image/jpeg", name, alt, 64, 48)


def film(seconds: float = 9.0) -> OutgoingMedia:
    return OutgoingMedia("film.mp4", "video/mp4", "film.mp4", seconds=seconds)


def album_post() -> Outgoing:
    return Outgoing(
        "The road at 5th & Main is open <again>. Thank you for waiting.",
        media=(picture(), picture("two.jpg", "Workers with a roller")),
        tags=("Roads", "5th and Main", "#Phila"),
        place=(39.95, -75.16),
        options={"licence": "4", "safety": "1"},
    )


@pytest.fixture
def server() -> Iterator[Emulator]:
    found = Emulator()
    with serving(found):
        yield found


@pytest.fixture
def ref(server: Emulator) -> AccountRef:
    return account(server.url)


def test_an_album_stands_as_it_was_written(server: Emulator, ref: AccountRef) -> None:
    before = set(server.photos)
    receipt = CHANNEL.send(ref, album_post(), "k", memory := Memory(files()))
    one, two = (server.photos[id] for id in (receipt.network_id, *receipt.parts))
    assert {one.id, two.id} == set(server.photos) - before
    assert one.title == "The road at 5th & Main is open <again>."
    assert one.description.startswith("The road at 5th & Main is open &lt;again&gt;.")
    assert one.description.endswith("Image description: A mended road")
    assert two.description == "Image description: Workers with a roller"
    assert one.tags[:3] == ["Roads", "5th and Main", "Phila"] and len(one.machine_tags) == 1
    assert (one.licence, one.place, one.content) == ("4", (39.95, -75.16), files()["one.jpg"])
    (album,) = server.albums.values()
    assert album.photos == [one.id, two.id] and album.title == one.title
    assert receipt.facts["album"].endswith(f"/albums/{album.id}/") and one.id in receipt.url
    assert CHANNEL.send(ref, album_post(), "k", memory) == receipt, "the same key again is nothing new"
    assert len(server.photos) == len(before) + 2


def test_a_named_album_is_used_and_made_once(server: Emulator, ref: AccountRef) -> None:
    for n in range(2):
        post = replace(album_post(), media=(picture(),), options={"album": "Street works"})
        CHANNEL.send(ref, post, f"k{n}", Memory(files()))
    (album,) = server.albums.values()
    assert album.title == "Street works" and len(album.photos) == 2


def test_a_film_is_waited_for(server: Emulator, ref: AccountRef) -> None:
    receipt = CHANNEL.send(ref, Outgoing("How we mend roads", media=(film(),)), "k", Memory(files()))
    assert server.photos[receipt.network_id].media == "video" and len(server.tickets) == 1


def test_a_film_that_flickr_cannot_read_is_rejected(server: Emulator, ref: AccountRef) -> None:
    memory = Memory(files())
    memory.kept["upload 0"] = {"ticketid": "gone"}
    with pytest.raises(Rejected, match="could not"):
        CHANNEL.send(ref, Outgoing("x", media=(film(),)), "k", memory)


@pytest.mark.parametrize("fault", [faults.CUT_AFTER, faults.CUT_BEFORE], ids=lambda fault: fault.kind)
@pytest.mark.parametrize("nth", range(1, 10))
def test_whatever_is_cut_there_is_one_album_of_two_photos(
    server: Emulator, ref: AccountRef, fault: faults.Fault, nth: int
) -> None:
    """Each change in its turn: two uploads, two licences, two places, the album and what goes into it."""
    before, memory = len(server.photos), Memory(files())
    since = datetime.now(UTC) - timedelta(minutes=5)
    with FaultProxy(int(server.url.rsplit(":", 1)[1])) as proxy:
        through = account(f"http://127.0.0.1:{proxy.port}")
        with proxy.striking(fault, nth), pytest.raises(Unclear):
            CHANNEL.send(through, album_post(), "k", memory)
        assert proxy.struck
    found = CHANNEL.find_sent(ref, album_post(), "k", memory, since)
    receipt = found or CHANNEL.send(ref, album_post(), "k", memory)
    assert len(server.photos) == before + 2 and len(server.albums) == 1
    (album,) = server.albums.values()
    assert [receipt.network_id, *receipt.parts] == album.photos
    assert all(server.photos[id].licence == "4" and server.photos[id].place for id in album.photos)


def test_two_posts_with_the_same_words_are_two(server: Emulator, ref: AccountRef) -> None:
    """Lesson of others: the same text is no proof that it is the same post; the mark is."""
    CHANNEL.send(ref, album_post(), "first", Memory(files()))
    assert CHANNEL.find_sent(ref, album_post(), "second", Memory(files()), LONG_AGO) is None


def test_what_cannot_be_published_is_refused_before(server: Emulator, ref: AccountRef) -> None:
    before = len(server.photos)
    with pytest.raises(Rejected, match="add one") as raised:
        CHANNEL.send(ref, Outgoing("only words"), "k", Memory())
    assert raised.value.field_name == "media"
    server.most_bytes["photo"] = 100
    with pytest.raises(Rejected, match="takes 100 from this account"):
        CHANNEL.send(ref, album_post(), "k", Memory(files()))
    with pytest.raises(Rejected, match="600 from this account"):
        CHANNEL.send(ref, Outgoing("x", media=(film(700),)), "k", Memory(files()))
    with pytest.raises(Rejected, match="title"):
        CHANNEL.send(ref, Outgoing("x", media=(film(),), title="t" * 256), "k", Memory(files()))
    with pytest.raises(NotAllowed):
        CHANNEL.send(ref, Outgoing("x", "private", in_reply_to=next(iter(server.photos))), "k", Memory())
    with pytest.raises(NotAllowed):
        CHANNEL.send(ref, Outgoing("", action="hide", about="1-2-3"), "k", Memory())
    assert len(server.photos) == before


def test_a_file_of_another_kind_is_refused_by_flickr(server: Emulator, ref: AccountRef) -> None:
    with pytest.raises(Rejected, match="Filetype") as raised:
        CHANNEL.send(ref, Outgoing("x", media=(picture(),)), "k", Memory({"one.jpg": b"no picture"}))
    assert raised.value.field_name == "media"


def test_places_need_a_setting_that_only_a_person_can_make(server: Emulator, ref: AccountRef) -> None:
    server.place_viewers_set = False
    with pytest.raises(Rejected, match="default viewing settings"):
        CHANNEL.send(ref, album_post(), "k", Memory(files()))


def test_photos_and_comments_are_changed_and_taken_back(server: Emulator, ref: AccountRef) -> None:
    id = CHANNEL.send(ref, Outgoing("Old words", media=(picture(),)), "k", Memory(files())).network_id
    CHANNEL.send(ref, Outgoing("New words. And more", action="edit", about=id), "e", Memory())
    assert (server.photos[id].title, server.photos[id].description) == ("New words.", "New words. And more")
    asked = server.say(server.residents[0], "when?", in_reply_to=id)
    answer = Outgoing("on Friday", in_reply_to=asked, in_reply_to_author=server.residents[0].id)
    comment = CHANNEL.send(ref, answer, "a", Memory()).network_id
    written = server.photos[id].comments[-1].text
    assert written == f"[https://www.flickr.com/photos/{server.residents[0].id}/]\non Friday"
    CHANNEL.send(ref, Outgoing("on Monday", action="edit", about=comment), "e2", Memory())
    assert server.photos[id].comments[-1].text == written.replace("Friday", "Monday")
    for about in (asked, comment):
        outgoing = Outgoing("x", action="edit", about=about)
        if about == asked:
            with pytest.raises(NotAllowed):
                CHANNEL.send(ref, outgoing, "e3", Memory())
            with pytest.raises(NotAllowed):
                CHANNEL.send(ref, replace(outgoing, action="delete"), "d", Memory())
    for about in (comment, id):
        gone = Outgoing("", action="delete", about=about)
        assert CHANNEL.find_sent(ref, gone, "d", Memory(), LONG_AGO) is None
        CHANNEL.send(ref, gone, "d", Memory())
        assert CHANNEL.find_sent(ref, gone, "d", Memory(), LONG_AGO)
        CHANNEL.send(ref, gone, "d", Memory())
    assert id not in server.photos


def test_what_came_of_it(server: Emulator, ref: AccountRef) -> None:
    id = next(iter(server.photos))
    server.photos[id].views = 12
    server.say(server.residents[0], "hello")
    assert CHANNEL.metrics(ref, [id, "53999999999"]) == {id: {"views": 12, "replies": 1}}


def test_a_token_that_may_not_delete_says_so(server: Emulator, ref: AccountRef) -> None:
    server.tokens[TOKEN] = Token(server.tokens[TOKEN].secret, CITY, 2)
    findings = CHANNEL.inspect(ref)
    assert not findings[0].good and "only write" in findings[0].words
    with pytest.raises(TokenExpired):
        CHANNEL.send(ref, Outgoing("", action="delete", about=next(iter(server.photos))), "d", Memory())
    with pytest.raises(Rejected, match="only write"):
        CHANNEL.try_out(ref, "x", "k")


def test_the_same_words_said_twice_are_told_apart(server: Emulator, ref: AccountRef) -> None:
    """The second of two equal answers is not taken for the first."""

    class Ours:
        def ours(self, network_id: str) -> bool:
            return network_id == first

    id = next(iter(server.photos))
    outgoing = Outgoing("thank you", in_reply_to=id)
    first = CHANNEL.send(ref, outgoing, "a", Memory()).network_id
    knowing = replace(ref, ledger=Ours())  # type: ignore[arg-type]
    assert CHANNEL.find_sent(knowing, outgoing, "b", Memory(), LONG_AGO) is None
    second = CHANNEL.send(ref, outgoing, "b", Memory()).network_id
    found = CHANNEL.find_sent(knowing, outgoing, "b", Memory(), LONG_AGO)
    assert found and found.network_id == second


def test_a_film_that_takes_longer_is_looked_for_again(
    server: Emulator, ref: AccountRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    from openline.channels.base import RateLimited

    monkeypatch.setattr(posting, "WAIT_SECONDS", 0.0)
    server.film_seconds, memory = 0.3, Memory(files())
    with pytest.raises(RateLimited, match="preparing"):
        CHANNEL.send(ref, Outgoing("x", media=(film(),)), "k", memory)
    monkeypatch.setattr(posting, "WAIT_SECONDS", 10.0)
    CHANNEL.send(ref, Outgoing("x", media=(film(),)), "k", memory)
    assert len(server.tickets) == 1
