"""What we ask of YouTube and what our emulator answers, held against Google's discovery document; and Google's own
client for Python drives the emulator.

That every exchange of the conformance suite keeps to the document is seen there (`nets/youtube.py`).
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from openline.channels.base import Outgoing
from openline.channels.emulation.serving import serving
from openline.channels.youtube.emulator import Emulator
from openline.channels.youtube.emulator.methods import MEDIA, METHODS
from openline.channels.youtube.emulator.network import CITY
from tests.channels.nets.base import Memory
from tests.channels.nets.youtube import account
from tests.channels.recording import Exchange, Recorder
from tests.channels.youtube.contract import Discovery
from tests.channels.youtube.test_publishing import CHANNEL, FILM, VTT, files, post, thumbnail


@pytest.fixture(scope="module")
def discovery(shared: Path) -> Discovery:
    return Discovery(shared)


def use_all(server: Emulator) -> None:
    """Every call that the channel knows."""
    ref, memory = account(server), Memory(files())
    receipt = CHANNEL.send(ref, post(), "k", memory)
    CHANNEL.find_sent(ref, post(), "k", Memory(files()), datetime(2020, 1, 1, tzinfo=UTC))
    said = server.say(server.residents[0], "lovely", in_reply_to=receipt.network_id)
    CHANNEL.poll(ref, CHANNEL.poll(ref, "").cursor)
    under, beside = Outgoing("hello", in_reply_to=said), Outgoing("hello", in_reply_to=receipt.network_id)
    made = [CHANNEL.send(ref, one, "a", Memory()).network_id for one in (under, beside)]
    for one in (under, beside):
        CHANNEL.find_sent(ref, one, "a", Memory(), datetime(2020, 1, 1, tzinfo=UTC))
    CHANNEL.metrics(ref, [receipt.network_id])
    CHANNEL.check(ref)
    CHANNEL.inspect(ref)
    CHANNEL.try_out(ref, "x", "k")
    CHANNEL.send(ref, Outgoing("", action="hide", about=said), "h", Memory())
    for about in (*made, receipt.network_id):
        CHANNEL.send(ref, Outgoing("better", action="edit", about=about), "e", Memory())
        CHANNEL.send(ref, Outgoing("", action="delete", about=about), "d", Memory())


@pytest.fixture(scope="module")
def exchanges() -> list[Exchange]:
    recorder, server = Recorder(), Emulator()
    with serving(server, wrapped=recorder.wrap):
        use_all(server)
    return recorder.exchanges


def test_every_request_of_ours_and_every_answer_of_the_emulator_is_youtube_s(
    discovery: Discovery, exchanges: list[Exchange]
) -> None:
    for exchange in exchanges:
        discovery.check(exchange)
    asked = {(one.method, one.path.partition("/youtube/v3/")[2]) for one in exchanges}
    own = {("POST", "videos"), ("PUT", "videos"), ("POST", "thumbnails/set"), ("POST", "captions")}
    assert asked == METHODS.keys() - {("GET", "captions")} | own


def test_no_secret_stands_in_an_address(exchanges: list[Exchange]) -> None:
    secrets = account(Emulator()).credentials
    for exchange in exchanges:
        for name in ("access_token", "refresh_token", "client_secret"):
            assert secrets[name] not in f"{exchange.path} {exchange.query}"


@pytest.mark.parametrize("call", [*METHODS, *(("POST", path) for path in MEDIA)], ids=str)
def test_the_emulator_s_methods_are_youtube_s(discovery: Discovery, call: tuple[str, str]) -> None:
    told = discovery.methods[call[0], f"/youtube/v3/{call[1]}"]["parameters"]
    method = METHODS.get(call) or MEDIA[call[1]]
    assert {*method.params, *method.required} <= told.keys()
    assert {name for name, one in told.items() if one.get("required")} <= {*method.required}


@pytest.mark.parametrize(
    "change",
    [
        {"query": {"part": "snippet", "mine": "yes"}},
        {"query": {"mine": "true"}},
        {"query": {"part": "snippet", "colour": "red"}},
        {"query": {"part": "snippet", "maxResults": "51"}},
        {"path": "/youtube/v3/canals"},
        {"headers": {}},
        {"answer": b'{"items": [{"id": 5}]}'},
        {"answer": b'{"items": [{"status": {"privacyStatus": "secret"}}]}'},
        {"answer": b'{"things": []}'},
        {"status": 403, "answer": b'{"error": {"code": 400}}'},
    ],
    ids=str,
)
def test_the_contract_notices(discovery: Discovery, exchanges: list[Exchange], change: dict[str, Any]) -> None:
    good = next(one for one in exchanges if one.path.endswith("/channels"))
    discovery.check(good)
    with pytest.raises((AssertionError, KeyError, IndexError)):
        discovery.check(replace(good, **change))


@pytest.mark.parametrize(
    "body", [{"snippet": {"parent": "x"}}, {"snippet": {"textOriginal": 5}}, {"words": "x"}], ids=str
)
def test_the_contract_notices_a_wrong_body(
    discovery: Discovery, exchanges: list[Exchange], body: dict[str, Any]
) -> None:
    good = next(one for one in exchanges if (one.method, one.path) == ("POST", "/youtube/v3/comments"))
    discovery.check(good)
    with pytest.raises(AssertionError):
        discovery.check(replace(good, body=json.dumps(body).encode()))


@pytest.fixture
def google(discovery: Discovery) -> Iterator[tuple[Any, Emulator]]:
    """Google's own client, built of the discovery document, at our emulator; every exchange is checked as well."""
    client = pytest.importorskip("googleapiclient.discovery", reason="google-api-python-client is not here")
    credentials = pytest.importorskip("google.oauth2.credentials")
    recorder, server = Recorder(discovery.check), Emulator()
    with serving(server, wrapped=recorder.wrap):
        document = discovery.document | {"rootUrl": f"{server.url}/", "mtlsRootUrl": f"{server.url}/"}
        token = credentials.Credentials(server.city.credentials["access_token"])
        yield client.build_from_document(document, credentials=token), server
    assert not recorder.wrong, recorder.wrong


def test_google_s_client_publishes_and_talks_at_our_emulator(google: tuple[Any, Emulator]) -> None:
    youtube, server = google
    from googleapiclient.http import MediaIoBaseUpload

    body = {"snippet": {"title": "By another client", "categoryId": "25"}, "status": {"privacyStatus": "unlisted"}}
    media = MediaIoBaseUpload(io.BytesIO(FILM), "video/mp4", chunksize=512 * 1024, resumable=True)
    request, answer, seen = youtube.videos().insert(part="snippet,status", body=body, media_body=media), None, []
    while answer is None:
        progress, answer = request.next_chunk()
        seen.append(progress.resumable_progress if progress else len(FILM))
    assert seen == [524_288, 1_048_576, len(FILM)]
    id = answer["id"]
    assert server.videos[id].content == FILM and answer["status"]["privacyStatus"] == "unlisted"
    youtube.thumbnails().set(videoId=id, media_body=MediaIoBaseUpload(io.BytesIO(thumbnail()), "image/jpeg")).execute()
    about = {"snippet": {"videoId": id, "language": "en", "name": ""}}
    track = MediaIoBaseUpload(io.BytesIO(VTT.encode()), "text/vtt")
    youtube.captions().insert(part="snippet", body=about, media_body=track).execute()
    (caption,) = youtube.captions().list(part="snippet", videoId=id).execute()["items"]
    assert caption["snippet"]["language"] == "en" and server.videos[id].thumbnail == thumbnail()
    said = server.say(server.residents[0], "hello from a resident", in_reply_to=id)
    (thread,) = youtube.commentThreads().list(part="snippet,replies", videoId=id).execute()["items"]
    assert thread["id"] == said and thread["snippet"]["topLevelComment"]["snippet"]["authorDisplayName"] == "@maria"
    reply = {"snippet": {"parentId": said, "textOriginal": "hello from the city"}}
    made = youtube.comments().insert(part="snippet", body=reply).execute()
    assert youtube.comments().list(part="snippet", parentId=said).execute()["items"][0]["id"] == made["id"]
    youtube.comments().setModerationStatus(id=said, moderationStatus="rejected").execute()
    assert youtube.commentThreads().list(part="snippet", videoId=id).execute()["items"] == []
    youtube.comments().delete(id=made["id"]).execute()
    youtube.videos().delete(id=id).execute()
    assert id not in server.videos


def test_google_s_client_understands_our_refusals(google: tuple[Any, Emulator]) -> None:
    youtube, server = google
    from googleapiclient.errors import HttpError

    with pytest.raises(HttpError) as raised:
        youtube.comments().insert(part="snippet", body={"snippet": {"parentId": "x", "textOriginal": "y"}}).execute()
    assert (raised.value.status_code, raised.value.error_details[0]["reason"]) == (404, "parentCommentNotFound")
    server.units = 0
    with pytest.raises(HttpError) as raised:
        youtube.channels().list(part="snippet", mine=True).execute()
    assert (raised.value.status_code, raised.value.error_details[0]["reason"]) == (403, "quotaExceeded")


def test_google_s_client_reads_who_we_are(google: tuple[Any, Emulator]) -> None:
    youtube, _server = google
    (mine,) = youtube.channels().list(part="snippet,contentDetails", mine=True).execute()["items"]
    assert mine["id"] == CITY.id and mine["contentDetails"]["relatedPlaylists"]["uploads"].startswith("UU")
