"""Films on YouTube: resumable uploads with breaks at any byte, what follows them, and what is refused before."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from structlog.testing import capture_logs

from openline.channels.base import (
    AccountRef,
    NetworkDown,
    NotAllowed,
    Outgoing,
    OutgoingMedia,
    RateLimited,
    Rejected,
    Unclear,
)
from openline.channels.emulation.serving import serving
from openline.channels.youtube import captions, posting, units, uploading, writing
from openline.channels.youtube.channel import YouTubeChannel
from openline.channels.youtube.emulator import Emulator
from tests.channels import faults
from tests.channels.faults import FaultProxy
from tests.channels.nets.base import Memory
from tests.channels.nets.youtube import account

CHANNEL = YouTubeChannel()
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FILM = b"\x00\x00\x00\x18ftypmp42" + random.Random(1).randbytes(1_500_000)
VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nGood morning.\n"
SRT = "1\n00:00:00,000 --> 00:00:02,000\nGood morning.\n"
STEP = 256 * 1024


def thumbnail() -> bytes:
    Image.new("RGB", (64, 36), (9, 90, 90)).save(buffer := BytesIO(), "JPEG")
    return buffer.getvalue()


def files() -> dict[str, bytes]:
    return {"film.mp4": FILM, "front.jpg": thumbnail()}


def film(**more: Any) -> OutgoingMedia:
    return replace(OutgoingMedia("film.mp4", "video/mp4", "film.mp4", seconds=9.0, captions=VTT), **more)


FRONT = OutgoingMedia("front.jpg", "image/jpeg", "front.jpg", "A crew at work", 64, 36)


def post(**more: Any) -> Outgoing:
    whole = Outgoing(
        "How we mend a road. From the call to the last roller.",
        media=(film(), FRONT),
        title="How we mend a road",
        tags=("roads", "public works"),
        language="en",
        place=(39.95, -75.16),
        options={"playlist": "Street works", "category": "27", "for_children": "no", "licence": "creativeCommon"},
    )
    return replace(whole, **more)


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "PIECE_BYTES", STEP)
    monkeypatch.setattr(posting, "_LOOK_EVERY_SECONDS", 0.05)


@pytest.fixture
def server() -> Iterator[Emulator]:
    found = Emulator()
    found.units = 10_000_000
    with serving(found):
        yield found


@pytest.fixture
def ref(server: Emulator) -> AccountRef:
    return account(server)


def test_a_film_stands_with_all_that_belongs_to_it(server: Emulator, ref: AccountRef) -> None:
    receipt = CHANNEL.send(ref, post(), "k", memory := Memory(files()))
    made = server.videos[receipt.network_id]
    assert (made.content, made.media_type, made.thumbnail) == (FILM, "video/mp4", thumbnail())
    snippet, status = made.about["snippet"], made.about["status"]
    assert (snippet["title"], snippet["categoryId"]) == ("How we mend a road", "27")
    assert snippet["tags"] == ["roads", "public works", writing.mark("k")]
    assert (snippet["defaultLanguage"], snippet["defaultAudioLanguage"]) == ("en", "en")
    assert (status["privacyStatus"], status["license"], status["selfDeclaredMadeForKids"]) == (
        "public",
        "creativeCommon",
        False,
    )
    assert made.about["recordingDetails"]["location"] == {"latitude": 39.95, "longitude": -75.16}
    (track,) = server.captions.values()
    assert (track.text.replace("\r\n", "\n"), track.language, track.video) == (VTT, "en", made.id)
    (playlist,) = server.playlists.values()
    assert (playlist.title, playlist.videos) == ("Street works", [made.id])
    assert receipt.url.endswith(made.id) and receipt.facts == {}
    assert CHANNEL.send(ref, post(), "k", memory) == receipt, "the same key again is nothing new"
    CHANNEL.send(ref, post(title="Another"), "k2", Memory(files()))
    assert len(server.playlists) == 1 and len(playlist.videos) == 2


def test_it_is_published_by_youtube_at_the_planned_time(server: Emulator, ref: AccountRef) -> None:
    at = datetime.now(UTC) + timedelta(days=1)
    receipt = CHANNEL.send(ref, post(publish_at=at), "k", Memory(files()))
    status = server.videos[receipt.network_id].about["status"]
    assert status["privacyStatus"] == "private"
    assert datetime.fromisoformat(status["publishAt"]) == at and status["publishAt"].endswith("Z")
    assert not server.is_public(server.videos[receipt.network_id]) and receipt.facts == {}


def test_an_upload_goes_on_from_the_byte_that_the_server_names(server: Emulator, ref: AccountRef) -> None:
    memory = Memory(files())
    with FaultProxy(int(server.url.rsplit(":", 1)[1]), lambda unit: b"content-range: bytes 5" in unit.lower()) as proxy:
        through = account(server, f"http://127.0.0.1:{proxy.port}")
        with proxy.striking(faults.CUT_BEFORE, 1), pytest.raises(NetworkDown):
            CHANNEL.send(through, post(), "k", memory)
        assert proxy.struck
        (upload,) = server.uploads.values()
        assert 0 < len(upload.came) < len(FILM) and upload.video == ""
        assert "upload_id=" in memory.kept["upload 0"]["address"]
        before = len(upload.came)
        asked = list[bytes]()
        proxy.choose = lambda unit: asked.append(unit[:2000])
        with capture_logs() as logs:
            receipt = CHANNEL.send(through, post(), "k", memory)
    ranges = [line for unit in asked for line in unit.split(b"\r\n") if line.lower().startswith(b"content-range:")]
    assert ranges[0].endswith(b"bytes */%d" % len(FILM)), "first it asks how far it is"
    assert f"bytes {before}-".encode() in ranges[1], "then it goes on from there"
    assert len(server.uploads) == 1 and server.videos[receipt.network_id].content == FILM
    done = [line["done"] for line in logs if line["event"] == "uploading"]
    assert done == sorted(done) and done[0] == before, "progress is in the log"


@pytest.mark.parametrize("fault", [faults.CUT_AFTER, faults.CUT_BEFORE], ids=lambda fault: fault.kind)
@pytest.mark.parametrize("nth", range(1, 14))
def test_whatever_is_cut_there_is_one_film(server: Emulator, ref: AccountRef, fault: faults.Fault, nth: int) -> None:
    """The opening, the question, six pieces, thumbnail, captions, playlist and what goes into it, each in its turn."""
    before, memory = len(server.videos), Memory(files())
    with FaultProxy(int(server.url.rsplit(":", 1)[1])) as proxy:
        through, receipt = account(server, f"http://127.0.0.1:{proxy.port}"), None
        with proxy.striking(fault, nth):
            for _try in range(3):
                try:
                    receipt = CHANNEL.send(through, post(), "k", memory)
                    break
                except NetworkDown:
                    continue
                except Unclear:
                    receipt = CHANNEL.find_sent(through, post(), "k", memory, LONG_AGO)
                    if receipt:
                        break
        assert bool(proxy.struck) == (nth < 13)
    assert receipt and len(server.videos) == before + 1
    made = server.videos[receipt.network_id]
    assert made.content == FILM and made.thumbnail
    assert len(server.captions) == 1 and [one.videos for one in server.playlists.values()] == [[made.id]]


def test_an_upload_that_youtube_has_ended_begins_anew(server: Emulator, ref: AccountRef) -> None:
    memory = Memory(files())
    memory.kept["upload 0"] = {"address": f"{server.url}/upload/youtube/v3/videos?upload_id=gone", "bytes": len(FILM)}
    receipt = CHANNEL.send(ref, post(), "k", memory)
    assert memory.kept["ended 0"] and server.videos[receipt.network_id].content == FILM


def test_an_upload_that_ended_after_the_film_was_there_is_found(server: Emulator, ref: AccountRef) -> None:
    """The last answer was lost and the address is gone: the film's mark tells, and no second one is made."""
    memory = Memory(files())
    first = CHANNEL.send(ref, post(), "k", memory)
    (upload,) = server.uploads.values()
    upload.ended = True
    again = Memory(files())
    again.kept["upload 0"] = memory.kept["upload 0"]
    assert CHANNEL.send(ref, post(), "k", again).network_id == first.network_id
    found = CHANNEL.find_sent(ref, post(), "k", Memory(files()), LONG_AGO)
    assert found and found.network_id == first.network_id
    assert CHANNEL.find_sent(ref, post(), "another", Memory(files()), LONG_AGO) is None
    assert len(server.playlists) == 1


def test_a_token_goes_to_no_other_host(server: Emulator, ref: AccountRef) -> None:
    memory = Memory(files())
    memory.kept["upload 0"] = {"address": "http://127.0.0.1:9/upload?upload_id=x", "bytes": len(FILM)}
    receipt = CHANNEL.send(ref, post(), "k", memory)
    assert memory.kept["ended 0"] and receipt.network_id in server.videos


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"media": ()}, "media", "add one"),
        ({"media": (FRONT,)}, "media", "add one"),
        ({"media": (film(), film())}, "media", "one film"),
        ({"title": "t" * 101}, "title", "101 characters; 100"),
        ({"title": "a <b> c"}, "title", "< and >"),
        ({"text": "é" * 2501}, "text", "5,002 bytes"),
        ({"text": "1 < 2"}, "text", "< and >"),
        ({"tags": ("word " * 20,) * 1 + tuple(f"a tag of words {n}" for n in range(30))}, "tags", "500"),
        ({"media": (film(captions="no captions"),)}, "captions", "neither"),
        ({"media": (film(), replace(FRONT, media_type="image/gif"))}, "media", "JPEG or PNG"),
        ({"text": "", "title": ""}, "title", "title"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_youtube_would_refuse_is_refused_before(
    server: Emulator, ref: AccountRef, more: dict[str, Any], field: str, words: str
) -> None:
    used = dict(server.used)
    with pytest.raises(Rejected, match=words) as raised:
        CHANNEL.send(ref, post(**more), "k", Memory(files()))
    assert raised.value.field_name == field
    assert server.used == used, "it cost nothing"


def test_texts_are_counted_as_youtube_counts(ref: AccountRef) -> None:
    assert CHANNEL.length("é 🕳️") == len("é 🕳️".encode()) and CHANNEL.capabilities.text_limit == 5000
    assert writing.description(Outgoing("é" * 2500)) == "é" * 2500
    long = "Every word of this very long first sentence is meant to be read by everybody in the city and beyond it"
    assert len(writing.title(Outgoing(long))) <= 100 and writing.title(Outgoing(long)).endswith("…")


def test_captions_are_read_strictly() -> None:
    assert captions.webvtt(VTT) == VTT
    assert captions.webvtt(SRT).startswith("WEBVTT") and "Good morning." in captions.webvtt(SRT)
    for wrong in ("", "WEBVTT\n", "WEBVTT\n\n00:05.000 --> 00:02.000\nx\n", "1\n00:00:00,000 -> 1\nx"):
        with pytest.raises(Rejected) as raised:
            captions.webvtt(wrong)
        assert raised.value.field_name == "captions"


def test_nothing_that_follows_the_film_fails_the_post(server: Emulator, ref: AccountRef) -> None:
    """Lesson of others: what breaks after the film is out must not have it sent again."""
    server.verified = False
    receipt = CHANNEL.send(ref, post(), "k", Memory(files()))
    assert "permissions" in receipt.facts["thumbnail"] and server.captions
    assert len(server.videos) == 2


def test_a_film_locked_as_private_is_told(server: Emulator, ref: AccountRef) -> None:
    server.audited = False
    receipt = CHANNEL.send(ref, post(), "k", Memory(files()))
    assert "private" in receipt.facts["privacy"] and "audited" in receipt.facts["privacy"]


def test_a_film_that_takes_longer_is_told(server: Emulator, ref: AccountRef, monkeypatch: pytest.MonkeyPatch) -> None:
    server.film_seconds = 600
    monkeypatch.setattr(posting, "WAIT_SECONDS", 0.1)
    assert "preparing" in CHANNEL.send(ref, post(), "k", Memory(files())).facts["state"]


def test_a_film_that_youtube_rejects_is_told(server: Emulator, ref: AccountRef) -> None:
    memory = Memory(files())
    id = CHANNEL.send(ref, post(), "k", memory).network_id
    server.videos[id].failed = "duplicate"
    del memory.kept["ready"]
    assert "duplicate" in CHANNEL.send(ref, post(), "k", memory).facts["state"]


def test_uploads_have_a_bucket_of_their_own(server: Emulator, ref: AccountRef) -> None:
    ref.keeper.spend("uploads", 100, 100, units.day_ends())
    with pytest.raises(RateLimited, match="uploads"):
        CHANNEL.send(ref, post(), "k", Memory(files()))
    CHANNEL.check(ref)


def test_films_and_comments_are_changed_taken_back_and_hidden(server: Emulator, ref: AccountRef) -> None:
    id = CHANNEL.send(ref, post(), "k", Memory(files())).network_id
    CHANNEL.send(ref, post(text="New words.", title="New title", action="edit", about=id, media=()), "e", Memory())
    snippet = server.videos[id].about["snippet"]
    assert (snippet["title"], snippet["description"], snippet["categoryId"]) == ("New title", "New words.", "27")
    assert snippet["tags"][:2] == ["roads", "public works"], "an update keeps what it does not change"
    asked = server.say(server.residents[0], "when?", in_reply_to=id)
    reply = server.say(server.residents[1], "yes, when?", in_reply_to=asked)
    answer = Outgoing("on Friday", in_reply_to=reply, in_reply_to_author=server.residents[1].id, to_handle="@devon")
    mine = CHANNEL.send(ref, answer, "a", Memory()).network_id
    assert server.comments[mine].text == "@devon on Friday" and server.comments[mine].parent == asked
    CHANNEL.send(ref, Outgoing("on Monday", action="edit", about=mine), "e2", Memory())
    assert server.comments[mine].text == "on Monday"
    for action in ("edit", "delete"):
        with pytest.raises(NotAllowed):
            CHANNEL.send(ref, Outgoing("x", action=action, about=asked), "e3", Memory())  # type: ignore[arg-type]
    hide = Outgoing("", action="hide", about=asked)
    assert CHANNEL.find_sent(ref, hide, "h", Memory(), LONG_AGO) is None
    CHANNEL.send(ref, hide, "h", Memory())
    assert server.comments[asked].moderation == "heldForReview"
    show = replace(hide, action="show")
    assert CHANNEL.find_sent(ref, show, "s", Memory(), LONG_AGO) is None
    CHANNEL.send(ref, show, "s", Memory())
    assert CHANNEL.find_sent(ref, show, "s", Memory(), LONG_AGO)
    assert server.comments[asked].moderation == "published"
    with pytest.raises(NotAllowed):
        CHANNEL.send(ref, replace(hide, about=id), "h2", Memory())
    for about in (mine, id):
        gone = Outgoing("", action="delete", about=about)
        assert CHANNEL.find_sent(ref, gone, "d", Memory(), LONG_AGO) is None
        CHANNEL.send(ref, gone, "d", Memory())
        assert CHANNEL.find_sent(ref, gone, "d", Memory(), LONG_AGO)
        CHANNEL.send(ref, gone, "d", Memory())
    assert id not in server.videos


def test_a_comment_under_a_film_itself_is_said_once(server: Emulator, ref: AccountRef) -> None:
    id = next(iter(server.videos))
    outgoing = Outgoing("Questions? Ask here.", in_reply_to=id)
    assert CHANNEL.find_sent(ref, outgoing, "a", Memory(), LONG_AGO) is None
    said = CHANNEL.send(ref, outgoing, "a", Memory())
    found = CHANNEL.find_sent(ref, outgoing, "a", Memory(), LONG_AGO)
    assert found == said and said.url.endswith(f"watch?v={id}&lc={said.network_id}")


def test_closed_comments_and_private_words_are_not_allowed(server: Emulator, ref: AccountRef) -> None:
    one = next(iter(server.videos.values()))
    one.comments_open = False
    with pytest.raises(NotAllowed, match="turned off"):
        CHANNEL.send(ref, Outgoing("x", in_reply_to=one.id), "k", Memory())
    with pytest.raises(NotAllowed):
        CHANNEL.send(ref, Outgoing("x", "private", in_reply_to=one.id), "k", Memory())
    with pytest.raises(Rejected):
        CHANNEL.send(ref, Outgoing("x", in_reply_to="UgNotThereAnyMoreAtAll", media=()), "k", Memory())


def test_what_came_of_it(server: Emulator, ref: AccountRef) -> None:
    one = next(iter(server.videos.values()))
    one.views, one.likes = 120, 7
    server.say(server.residents[0], "hello")
    assert CHANNEL.metrics(ref, [one.id, "abcdefghijk"]) == {one.id: {"views": 120, "likes": 7, "replies": 1}}
