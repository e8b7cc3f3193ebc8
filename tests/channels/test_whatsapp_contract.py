"""What we ask of WhatsApp and what the emulator answers, held against Meta's own OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from openline.channels.base import AccountRef, ChannelError, Incoming, Outgoing, OutgoingMedia, Pushed, Refused
from openline.channels.graph.signing import signature
from openline.channels.whatsapp.channel import WhatsAppChannel
from openline.channels.whatsapp.emulator import SECRET, Emulator
from tests.channels.nets.base import Memory
from tests.channels.nets.whatsapp import WhatsAppNet, standing
from tests.channels.recording import Exchange, Recorder
from tests.channels.whatsapp_contract import Contract

CHANNEL = WhatsAppChannel()


@pytest.fixture(scope="module")
def contract(shared: Path) -> Contract:
    return Contract(shared)


@pytest.fixture
def net(contract: Contract) -> Iterator[tuple[WhatsAppNet, Recorder]]:
    recorder = Recorder(contract.check)
    with standing(recorder.wrap) as found:
        yield found, recorder


def use_all(net: WhatsAppNet) -> None:
    """Every call that the channel knows."""
    ref = net.account
    CHANNEL.connect({"phone_number_id": "106540352242922", "server": ref.server, **ref.settings, **ref.credentials})
    CHANNEL.settle(ref)
    CHANNEL.inspect(ref)
    item = net.heard_of(net.post("hello", photos=(b"\xff\xd8photo",)))
    assert CHANNEL.fetch(ref, item.raw, item.media[0], 1000) == b"\xff\xd8photo"
    media = (
        OutgoingMedia("p", "image/jpeg", "p.jpg", "alt"), OutgoingMedia("d", "application/pdf", "d.pdf"),
        OutgoingMedia("v", "video/mp4"), OutgoingMedia("a", "audio/ogg"),
    )  # fmt: skip
    files = {one.file: b"bytes" for one in media}
    for n, (text, going) in enumerate((("words", ()), ("words", media), ("x https://city.example/ " * 400, ()))):
        outgoing = net.answer(item, text, media=going)
        memory = Memory(files)
        CHANNEL.send(ref, outgoing, f"k{n}", memory)
        memory.kept = {name: value for name, value in memory.kept.items() if not name.startswith("post")}
        assert CHANNEL.find_sent(ref, outgoing, f"k{n}", memory, item.posted_at)  # type: ignore[arg-type]
    late(net, item, "in the template")
    CHANNEL.find_sent(ref, net.answer(item, "never sent"), "none", Memory({}), datetime.now(UTC))
    lost = Memory()
    lost.kept = {"begin": (datetime.now(UTC) + timedelta(hours=1)).isoformat(), "plan": [{"text": "x"}]}
    assert CHANNEL.find_sent(ref, net.answer(item, "x"), "other", lost, datetime.now(UTC)) is None


def late(net: WhatsAppNet, item: Incoming, text: str) -> None:
    """Answer something that was said two days ago."""
    raw = json.loads(item.raw)
    raw["message"]["timestamp"] = str(int((datetime.now(UTC) - timedelta(days=2)).timestamp()))
    old = CHANNEL.parse(json.dumps(raw).encode())
    assert isinstance(old, Incoming)
    net.hook.items[:] = [old if one.event_id == old.event_id else one for one in net.hook.items]
    CHANNEL.send(net.account, net.answer(old, text), text, Memory())
    net.hook.items[:] = [item if one.event_id == old.event_id else one for one in net.hook.items]


def test_every_request_of_ours_and_every_answer_of_the_emulator_is_in_the_document(
    net: tuple[WhatsAppNet, Recorder],
) -> None:
    use_all(net[0])
    assert not net[1].wrong
    paths = {(one.method, one.path.rpartition("/")[2]) for one in net[1].exchanges}
    assert {("POST", "messages"), ("POST", "media"), ("GET", "message_history"), ("POST", "subscribed_apps")} <= paths
    kinds = {json.loads(one.body)["type"] for one in net[1].exchanges if one.path.endswith("/messages")}
    assert kinds == {"text", "image", "document", "video", "audio", "template"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": {"messaging_product": "whatsapp", "to": "1", "type": "text", "text": {"body": "x"}}},
        {"body": {"messaging_product": "whatsapp", "recipient_type": "x", "to": "1", "type": "text", "text": {}}},
        {"words": "x"},
        {"text": {"words": "x"}},
        {"answer": b'{"messages": {"id": 5}}'},
        {"path": "/v26.0/106540352242922/texts"},
    ],
    ids=str,
)
def test_the_contract_notices(contract: Contract, net: tuple[WhatsAppNet, Recorder], wrong: dict[str, Any]) -> None:
    item = net[0].heard_of(net[0].post("hello"))
    CHANNEL.send(net[0].account, net[0].answer(item, "x"), "k", Memory())
    good = net[1].exchanges[-1]
    contract.check(good)
    known = {name: wrong.pop(name) for name in ("answer", "path") if name in wrong}
    body = wrong.pop("body", None) or json.loads(good.body) | wrong
    with pytest.raises(AssertionError):
        contract.check(Exchange(**{**vars(good), "body": json.dumps(body).encode(), **known}))


def samples(shared: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted((shared / "contracts/whatsapp/webhook-samples").glob("*.json")):
        for name, said in json.loads(file.read_text()).items():
            if isinstance(said, dict) and said.get("entry"):
                yield f"{file.stem} {name}", said


def test_every_recorded_call_is_taken_and_read(shared: Path) -> None:
    """Recorded by pywa; nothing of what concerns messages is unreadable."""
    read: dict[str, Incoming | Refused] = {}
    for name, said in samples(shared):
        body = json.dumps(said).encode()
        call = Pushed("POST", "", {"x-hub-signature-256": signature(body, SECRET)}, {}, body)
        number = next(
            (c["value"].get("metadata", {}).get("phone_number_id") for e in said["entry"] for c in e["changes"]), ""
        )
        account = replace(standing_account(), author_id=number or "1")
        for items in CHANNEL.share([account], call).items.values():
            for item in items:
                read[name] = item
    refused = {name: item.reason for name, item in read.items() if isinstance(item, Refused)}
    assert not refused and len(read) > 35
    kinds = {item.kind for item in read.values() if isinstance(item, Incoming)}
    assert kinds == {"post", "edit", "delete", "receipt"}
    _as_expected({name: item for name, item in read.items() if isinstance(item, Incoming)})


def _as_expected(found: dict[str, Incoming]) -> None:
    place, voice = found["message chosen_location"], found["message voice"]
    sign, unsigned = found["message reaction"], found["message unreaction_empty"]
    edit, failed = found["edited_message image"], found["message_status failed"]
    assert found["message text"].text == "Body Text" and found["message text"].author_name == "Test Name"
    assert found["message reply"].in_reply_to == "wamid.xyzxyz=="
    assert place.latitude == 37.4611978 and "1 Hacker Way" in place.text
    assert "+1 555-555-5555" in found["message contacts"].text
    assert [one.kind for one in voice.media] == ["audio"] and voice.facts["voice"] == "yes"
    assert sign.in_reply_to == "wamid.yzxyzx=" and unsigned.kind == "delete"
    assert sign.network_id == unsigned.network_id
    assert edit.text == "Updated image caption" and edit.kind == "edit"
    assert found["deleted_message revoke"].network_id == "<ORIGINAL_WHATSAPP_MESSAGE_ID>"
    assert found["callback_selection description"].text == "title – description"
    assert failed.status == "failed" and "130472" in failed.reason
    assert found["message_status with_tracker"].uri == "whatsapp:some data"
    assert found["system phone_number_change"].automatic


def standing_account() -> AccountRef:
    return Emulator().city


def test_meta_s_own_examples_of_calls_are_taken(shared: Path, contract: Contract) -> None:
    """They fail their own schema, so that only our reading is held against them."""
    document = yaml.safe_load((shared / "contracts/whatsapp/business-messaging-api_v23.0.yaml").read_text())
    examples = document["paths"]["/whatsapp/webhooks"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    count = 0
    for example in examples.values():
        body = json.dumps(example["value"]).encode()
        call = Pushed("POST", "", {"x-hub-signature-256": signature(body, SECRET)}, {}, body)
        for entry in example["value"].get("entry", []):
            for change in entry["changes"]:
                number = change["value"].get("metadata", {}).get("phone_number_id", "1")
                items = CHANNEL.share([replace(standing_account(), author_id=number)], call).items
                assert all(isinstance(one, Incoming) for found in items.values() for one in found)
                count += sum(len(found) for found in items.values())
    assert count >= 10


def test_what_the_api_refuses_is_told_in_its_words(net: tuple[WhatsAppNet, Recorder]) -> None:
    item = net[0].heard_of(net[0].post("hello"))
    ref = replace(net[0].account, settings=net[0].account.settings | {"template": "unknown"})
    with pytest.raises(ChannelError, match="does not exist"):
        raw = json.loads(item.raw)
        raw["message"]["timestamp"] = "1700000000"
        old = CHANNEL.parse(json.dumps(raw).encode())
        assert isinstance(old, Incoming)
        net[0].hook.items.append(old)
        net[0].hook.items.remove(item)
        CHANNEL.send(ref, Outgoing("x", "private", item.network_id, item.author_id), "k", Memory())
