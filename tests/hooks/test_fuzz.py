"""All addresses that networks call, tried with all sorts of calls: never a fault of ours, nothing forged is kept.

An answer is given within the second in which the call came because nothing slow is done for it: no socket is opened
here while a call is taken.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from openline.accounts.models import Account
from openline.channels.registry import channels
from openline.channels.sms.providers import twilio_signature
from openline.inbox.models import Heard
from openline.wsgi import application
from tests.hooks.description import DESCRIPTION
from tests.world import use_file_network

pytestmark = pytest.mark.django_db
SECRET = "a secret of the network's app"
EXAMPLES = settings(
    max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
CHECKS = [not_a_server_error, checks.status_code_conformance]
use_file_network()
NETWORKS = sorted(channels())
PATHS = ["/hooks/{network}/", "/hooks/{network}/{account}/"]
_LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20))


@pytest.fixture(autouse=True)
def calls_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every attempt to reach anybody; the database's library does not go by Python's sockets."""
    made: list[str] = []

    def forbidden(*told: object, **_more: object) -> None:
        made.append(repr(told[:3]))
        raise OSError("nobody is asked while a call is taken")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, forbidden)
    for name in ("create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, forbidden)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield made
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    assert not made


def accounts_of(network: str) -> list[Account]:
    """Two accounts of an installed network, with all the secrets that it may want."""
    found = []
    for handle, number in (("@one", "111"), ("@two", "222")):
        account = Account(network=network, handle=handle, server="https://network.example", name=handle)
        account.network_user_id = number
        provider = "twilio" if number == "111" else "kannel"
        account.settings = {"provider": provider, "sender": "+12155550100", "account_sid": "AC1", "user_id": number}
        names = {*channels()[network].secrets, "app_secret", "consumer_secret", "client_secret", "access_token"}
        account.credentials = dict.fromkeys(names, SECRET)
        account.save()
        found.append(account)
    return found


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", PATHS, ids=["shared", "own"])
@pytest.mark.parametrize("network", NETWORKS)
def test_what_is_forged_breaks_nothing_and_leaves_nothing(
    network: str, path: str, method: str, mode: GenerationMode
) -> None:
    one, _two = accounts_of(network)
    schema = schemathesis.openapi.from_dict(DESCRIPTION)
    schema.app = application
    strategy = schema[path][method].as_strategy(generation_mode=mode)

    @EXAMPLES
    @given(strategy)
    def tries(case: Any) -> None:
        case.path_parameters = {"network": network, "account": str(one.pk)}
        answer = case.call()
        case.validate_response(answer, checks=CHECKS)

    tries()
    assert not Heard.objects.exists()
    assert not Account.objects.exclude(speaking="ok").exists()


def meta(body: bytes, _url: str) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}


def x(body: bytes, _url: str) -> dict[str, str]:
    mac = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    return {"X-Twitter-Webhooks-Signature": f"sha256={mac}"}


def twilio(body: bytes, url: str) -> dict[str, str]:
    """A body that is no form is named in the address (`bodySHA256`)."""
    return {"X-Twilio-Signature": twilio_signature.sign(url, SECRET).decode()}


def file(_body: bytes, _url: str) -> dict[str, str]:
    return {"X-Secret": SECRET}


SIGNERS: dict[str, Callable[[bytes, str], dict[str, str]]] = {
    "facebook": meta, "instagram": meta, "threads": meta, "whatsapp": meta, "x": x, "sms": twilio, "file": file,
}  # fmt: skip
"""How the networks that are here sign; of others only what is forged is tried."""


def near(value: Any) -> st.SearchStrategy[Any]:
    """Values that are like `value`, but for anything at any place."""
    whole: st.SearchStrategy[Any] = st.just(value)
    if isinstance(value, dict) and value:
        parts = {name: near(part) for name, part in value.items()}
        whole = st.one_of(st.fixed_dictionaries(parts), st.fixed_dictionaries({}, optional=parts))
    if isinstance(value, list) and value:
        whole = st.lists(st.one_of([near(part) for part in value]), max_size=3)
    return st.one_of(whole, whole, whole, _LEAVES, st.just([]), st.just({}), st.just([value]))


_COMMENT = {
    "from": {"id": "9", "name": "Maria", "username": "maria"}, "item": "comment", "verb": "add", "comment_id": "1_2",
    "post_id": "111_1", "parent_id": "111_1", "message": "pothole", "text": "pothole", "id": "2", "created_time": 1,
    "media": {"id": "3"}, "media_id": "3", "comment": "x",
}  # fmt: skip
_MESSAGE = {
    "sender": {"id": "9"}, "recipient": {"id": "111"}, "timestamp": 1700000000000,
    "message": {"mid": "m1", "text": "pothole", "reply_to": {"mid": "m0"}, "attachments": [
        {"type": "image", "payload": {"url": "https://cdn.example/1.jpg"}}]},
}  # fmt: skip
_WHATSAPP = {
    "messaging_product": "whatsapp",
    "metadata": {"display_phone_number": "12155550100", "phone_number_id": "111"},
    "contacts": [{"profile": {"name": "Maria"}, "wa_id": "12155550101"}],
    "messages": [
        {"from": "12155550101", "id": "wamid.1", "timestamp": "1700000000", "type": "text", "text": {"body": "hi"},
         "context": {"from": "1", "id": "wamid.0"}},
        {"from": "12155550101", "id": "wamid.2", "timestamp": "1700000000", "type": "image",
         "image": {"id": "77", "mime_type": "image/jpeg", "sha256": "x", "caption": "here"}},
        {"from": "12155550101", "id": "wamid.3", "timestamp": "1700000000", "type": "location",
         "location": {"latitude": 39.9, "longitude": -75.1, "name": "n", "address": "a"}},
        {"from": "12155550101", "id": "wamid.4", "timestamp": "1700000000", "type": "reaction",
         "reaction": {"message_id": "wamid.1", "emoji": "👍"}},
    ],
    "statuses": [{"id": "wamid.9", "status": "failed", "timestamp": "1700000000", "recipient_id": "12155550101",
                  "errors": [{"code": 131047, "title": "Re-engagement", "error_data": {"details": "d"}}]}],
}  # fmt: skip


def _meta_batch(kind: str, fields: list[str], value: Any) -> dict[str, Any]:
    changes = [{"field": name, "value": value} for name in fields]
    return {"object": kind, "entry": [{"id": "111", "time": 1700000000, "changes": changes, "messaging": [_MESSAGE]}]}


SAMPLES: dict[str, Any] = {
    "facebook": _meta_batch("page", ["feed", "mention", "messages"], _COMMENT),
    "instagram": _meta_batch("instagram", ["comments", "mentions", "messages"], _COMMENT),
    "threads": _meta_batch("threads", ["replies", "mentions"], _COMMENT),
    "whatsapp": _meta_batch("whatsapp_business_account", ["messages"], _WHATSAPP),
    "x": {"data": {"event_type": "post.mention.create", "filter": {"user_id": "111"}, "payload": {
        "id": "5", "text": "@one pothole https://t.co/a", "author_id": "9", "created_at": "2026-11-01T00:00:00.000Z",
        "display_text_range": [0, 12], "edit_history_tweet_ids": ["4", "5"], "attachments": {"media_keys": ["3_1"]},
        "referenced_tweets": [{"type": "quoted", "id": "3"}], "geo": {"coordinates": {"coordinates": [-75.1, 39.9]}},
        "entities": {"urls": [{"url": "https://t.co/a", "expanded_url": "https://city.example"}]}},
        "includes": {"users": [{"id": "9", "username": "maria", "name": "Maria"}],
                     "media": [{"media_key": "3_1", "type": "video", "variants": [
                         {"bit_rate": 1, "content_type": "video/mp4", "url": "https://video.example/1.mp4"}]}]}}},
    "file": {"entry": [{"account": "@one", "posts": [{"id": "1", "text": "pothole"}]}], "gone": [], "erase": False},
    "sms": {"From": "+12155550101"},
}  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=["shared", "own"])
@pytest.mark.parametrize("network", [name for name in NETWORKS if name in SIGNERS])
def test_nor_does_what_the_network_itself_signed(network: str, path: str) -> None:
    one, _two = accounts_of(network)

    @settings(EXAMPLES, max_examples=100)
    @given(st.one_of(near(SAMPLES[network]), near(SAMPLES[network]), st.binary(max_size=40)))
    def tries(said: Any) -> None:
        body = said if isinstance(said, bytes) else json.dumps(said).encode()  # numbers of any size
        address = path.format(network=network, account=one.pk) + f"?bodySHA256={hashlib.sha256(body).hexdigest()}"
        headers = SIGNERS[network](body, django.PUBLIC_URL.rstrip("/") + address)
        answer = Client(raise_request_exception=False).post(address, body, "application/json", headers=headers)
        assert answer.status_code < 500, body

    tries()
