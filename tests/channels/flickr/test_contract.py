"""What we ask of Flickr and what our emulator answers, held against `flickr.reflection`.

That every exchange of the conformance suite keeps to it is seen there (`nets/flickr.py`).
"""

from __future__ import annotations

import inspect
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest

from openline.channels.base import Outgoing
from openline.channels.emulation.serving import serving
from openline.channels.flickr.emulator import Emulator
from openline.channels.flickr.emulator.methods import METHODS
from tests.channels.flickr.contract import Reflection, shape
from tests.channels.flickr.test_publishing import CHANNEL, album_post, files
from tests.channels.nets.base import Memory
from tests.channels.nets.flickr import account
from tests.channels.recording import Exchange, Recorder


@pytest.fixture(scope="module")
def reflection(shared: Path) -> Reflection:
    return Reflection(shared)


@pytest.mark.parametrize("name", sorted(METHODS))
def test_the_emulator_s_methods_are_flickr_s(reflection: Reflection, name: str) -> None:
    """Arguments and rights."""
    method, (required, known) = METHODS[name], reflection.arguments(name)
    assert {"api_key", *method.required} == required
    assert set(method.optional) <= known
    assert method.perms == reflection.perms(name)


def use_all(server: Emulator) -> None:
    """Every call that the channel knows."""
    ref, memory, post = account(server.url), Memory(files()), album_post()
    receipt = CHANNEL.send(ref, post, "k", memory)
    CHANNEL.find_sent(ref, post, "k", Memory(files()), datetime(2020, 1, 1, tzinfo=UTC))
    server.say(server.residents[0], "lovely", in_reply_to=receipt.network_id)
    CHANNEL.poll(ref, "")
    answer = Outgoing("thank you", in_reply_to=receipt.network_id)
    comment = CHANNEL.send(ref, answer, "a", Memory())
    CHANNEL.find_sent(ref, answer, "a", Memory(), datetime(2020, 1, 1, tzinfo=UTC))
    CHANNEL.metrics(ref, [receipt.network_id, comment.network_id])
    CHANNEL.check(ref)
    CHANNEL.inspect(ref)
    CHANNEL.try_out(ref, "x", "k")
    for about in (comment.network_id, receipt.network_id):
        CHANNEL.send(ref, Outgoing("better", action="edit", about=about), "e", Memory())
        CHANNEL.send(ref, Outgoing("", action="delete", about=about), "d", Memory())
        CHANNEL.find_sent(ref, Outgoing("", action="delete", about=about), "d", Memory(), datetime.now(UTC))


@pytest.fixture(scope="module")
def exchanges() -> list[Exchange]:
    recorder, server = Recorder(), Emulator()
    with serving(server, wrapped=recorder.wrap):
        use_all(server)
    return recorder.exchanges


def test_every_request_of_ours_and_every_answer_of_the_emulator_is_flickr_s(
    reflection: Reflection, exchanges: list[Exchange]
) -> None:
    assert [wrong for one in exchanges for wrong in reflection.wrong(one)] == []
    asked = {one.values.get("method", one.path) for one in exchanges}
    not_asked = {"flickr.photos.licenses.getInfo", "flickr.photos.setTags", "flickr.photosets.getPhotos",
                 "flickr.photos.upload.checkTickets"}  # fmt: skip
    assert asked == METHODS.keys() - not_asked | {"/services/upload/"}


def test_no_secret_stands_in_an_address(exchanges: list[Exchange]) -> None:
    for exchange in exchanges:
        for name, secret in account("").credentials.items():
            assert name == "api_key" or secret not in f"{exchange.path}?{exchange.query}", name


ADD = "flickr.photos.comments.addComment"


@pytest.mark.parametrize(
    "change",
    [
        {"comment_text": None},
        {"text": "x"},
        {"method": "flickr.photos.comments.add"},
    ],
    ids=str,
)
def test_the_contract_notices_a_wrong_request(
    reflection: Reflection, exchanges: list[Exchange], change: dict[str, str | None]
) -> None:
    good = next(one for one in exchanges if one.values.get("method") == ADD)
    changed = {name: value for name, value in (good.values | change).items() if value is not None}
    assert reflection.wrong(good) == []
    assert reflection.wrong(replace(good, body=urlencode(changed).encode()))


@pytest.mark.parametrize(
    "answer",
    [
        {"stat": "fail", "code": 44, "message": "?"},
        {"stat": "ok", "comment": {"id": "1", "colour": "red"}},
        {"stat": "ok", "comments": {}},
    ],
    ids=str,
)
def test_the_contract_notices_a_wrong_answer(
    reflection: Reflection, exchanges: list[Exchange], answer: dict[str, object]
) -> None:
    good = next(one for one in exchanges if one.values.get("method") == ADD)
    assert reflection.wrong(replace(good, answer=json.dumps(answer).encode()))


def test_errors_of_the_emulator_are_flickr_s(reflection: Reflection) -> None:
    """Each refusal that a method's code names stands in the method's list, with Flickr's words."""
    for name, method in METHODS.items():
        known = reflection.errors(name)
        for code, words in re.findall(r'Fail\((\d+), "([^"]+)"\)', inspect.getsource(method.handler)):
            assert int(code) in known, (name, code)
            assert words.rstrip(".").startswith(known[int(code)].rstrip(".")[:9]), (name, words, known[int(code)])


def test_shape_reads_samples(reflection: Reflection) -> None:
    sample = reflection.sample("flickr.photos.comments.getList")
    assert sample is not None and shape({"photo_id": "1", "comment": [{"id": "1", "x": 1}]}, sample) == [
        "comment has no x"
    ]
