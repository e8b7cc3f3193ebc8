"""What we ask of Twilio and what our stand-in answers, held against Twilio's own OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError

from openline.channels.base import ChannelError, Outgoing, OutgoingMedia
from openline.channels.sms.channel import SmsChannel
from tests.channels.nets.base import Memory
from tests.channels.nets.sms import resident
from tests.channels.nets.sms_twilio import standing
from tests.channels.openapi import Answered, Asked
from tests.channels.pushing import Hook
from tests.servers.twilio import ACCOUNT, SERVICE, TOKEN, Exchange, Twilio

CHANNEL = SmsChannel()


@pytest.fixture(scope="module")
def contract(shared: Path) -> OpenAPI:
    document = json.loads((shared / "contracts/twilio/twilio_api_v2010.json").read_text())
    wanted = ("Messages", "IncomingPhoneNumbers.json")
    document["paths"] = {path: item for path, item in document["paths"].items() if any(part in path for part in wanted)}
    return OpenAPI.from_dict(document, config=Config(spec_validator_cls=None))


@pytest.fixture
def standin() -> Iterator[tuple[Hook, Twilio]]:
    with standing() as found:
        yield found


def check(contract: OpenAPI, exchange: Exchange) -> None:
    asked = Asked(exchange, "https://api.twilio.com")
    contract.validate_request(asked)  # type: ignore[arg-type]
    assert exchange.headers["authorization"].startswith("Basic ")
    if exchange.status < 300:
        contract.validate_response(asked, Answered(exchange))  # type: ignore[arg-type]
    elif exchange.status >= 400:  # the document has no errors; Twilio's own are of this form
        assert set(json.loads(exchange.answer)) == {"code", "message", "more_info", "status"}


def use_all(hook: Hook, server: Twilio) -> None:
    """Every call that the channel knows."""
    ref = hook.account
    sid = server.receive(resident(1), "hello", [b"photo"])
    CHANNEL.connect({"provider": "twilio", "sender": server.number, "server": server.url, "account_sid": ACCOUNT,
                     "auth_token": TOKEN})  # fmt: skip
    CHANNEL.inspect(ref)
    CHANNEL.poll(ref, "")
    CHANNEL.fetch(ref, b"", hook.items[-1].media[0], 1000)
    CHANNEL.try_out(ref, "try", "k")
    mms = {**ref.settings, "mms": "yes"}
    photo = OutgoingMedia("p.jpg", "image/jpeg", url="https://city.example/p.jpg")
    for key, more in (("one", {}), ("two", {"messaging_service": SERVICE}), ("three", mms)):
        one = Outgoing(f"é {key}", in_reply_to_author=resident(1), media=(photo,) if key == "three" else ())
        account = type(ref)(ref.id, ref.handle, ref.server, ref.credentials, {**ref.settings, **more}, hook=ref.hook)
        CHANNEL.send(account, one, key, memory := Memory())
        memory.kept = {name: value for name, value in memory.kept.items() if name != "post"}
        assert CHANNEL.find_sent(account, one, key, memory, hook.items[0].posted_at)  # type: ignore[arg-type]
    server.opted_out.add(resident(2))
    with pytest.raises(ChannelError):
        CHANNEL.send(ref, Outgoing("x", to_handle=resident(2)), "k", Memory())
    assert sid


def test_every_request_of_ours_and_every_answer_of_the_stand_in_is_twilio_s(
    contract: OpenAPI, standin: tuple[Hook, Twilio]
) -> None:
    use_all(*standin)
    kinds = {(one.method, one.path.split(ACCOUNT)[1].split("/")[1].split(".")[0]) for one in standin[1].exchanges}
    assert kinds == {("POST", "Messages"), ("GET", "Messages"), ("GET", "IncomingPhoneNumbers")}
    asked = [one for one in standin[1].exchanges if "/Media/" not in one.path]
    assert len(asked) > 12
    for exchange in asked:
        check(contract, exchange)


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": b"From=%2B12155553110&Body=x"},
        {"path": "/2010-04-01/Accounts/AC1/Messages.json"},
        {"path": f"/2010-04-01/Accounts/{ACCOUNT}/Texts.json"},
        {"headers": {"content-type": "application/json", "authorization": "Basic x"}},
        {"answer": b'{"sid": 5}'},
        {"answer": b'{"sid": "SM1"}'},
    ],
    ids=str,
)
def test_the_contract_notices(contract: OpenAPI, standin: tuple[Hook, Twilio], wrong: dict[str, Any]) -> None:
    CHANNEL.send(standin[0].account, Outgoing("x", to_handle=resident(1)), "k", Memory())
    good = standin[1].exchanges[-1]
    check(contract, good)
    with pytest.raises(OpenAPIError):
        check(contract, Exchange(**{**vars(good), **wrong}))
