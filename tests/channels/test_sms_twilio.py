"""SMS by Twilio's API, against the stand-in of ours: signatures, exactly once, fates, photos, the sweep."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from openline.channels.base import (
    AccountRef,
    Incoming,
    Media,
    NetworkDown,
    NotAllowed,
    Outgoing,
    OutgoingMedia,
    Pushed,
    RateLimited,
    Rejected,
    TokenExpired,
    Unclear,
    Unverified,
)
from openline.channels.sms.channel import SmsChannel
from openline.channels.sms.providers import twilio_api, twilio_signature, twilio_words
from tests.channels import faults
from tests.channels.faults import FaultProxy
from tests.channels.nets.base import Memory
from tests.channels.nets.sms import NUMBER, resident
from tests.channels.nets.sms_twilio import account, standing
from tests.channels.pushing import Hook
from tests.servers import twilio
from tests.servers.twilio import ACCOUNT, KEY, KEY_SECRET, SECOND_TOKEN, SERVICE, TOKEN, Twilio

CHANNEL = SmsChannel()
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PHOTO = OutgoingMedia("p.jpg", "image/jpeg", url="https://city.example/p.jpg")


class World:
    """The stand-in, and our hook."""

    def __init__(self, hook: Hook, server: Twilio) -> None:
        self.hook, self.server = hook, server

    @property
    def account(self) -> AccountRef:
        return self.hook.account

    def with_settings(self, **settings: str) -> AccountRef:
        return replace(self.account, settings={**self.account.settings, **settings})

    def send(self, text: str, ref: AccountRef | None = None, key: str = "k", **more: object) -> str:
        outgoing = Outgoing(text, "private", in_reply_to_author=resident(1), **more)  # type: ignore[arg-type]
        return CHANNEL.send(ref or self.account, outgoing, key, Memory()).network_id

    def asked(self) -> dict[str, list[str]]:
        """The form of the newest message that was sent."""
        return parse_qs([one for one in self.server.exchanges if one.method == "POST"][-1].body.decode())


@pytest.fixture
def world() -> Iterator[World]:
    with standing() as (hook, server):
        yield World(hook, server)


# Signatures

URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309",
        "To": "+18005551212"}  # fmt: skip


def signed(url: str, form: dict[str, str], signature: str, **headers: str) -> Pushed:
    known = {"x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded", **headers}
    return Pushed("POST", url, known, {}, urlencode(form).encode())


def test_the_vector_of_twilio_s_documentation() -> None:
    twilio_signature.verify(signed(URL, FORM, "RSOYDt4T1cUTdK1PDd93/VVr8B8="), [URL], ["12345"])


@given(
    st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=20), max_size=6),
    st.sampled_from(
        ["https://a.example/x", "https://a.example:8443/x?y=1", "http://a.example/", "https://a.example:443/x"]
    ),
)
def test_we_agree_with_twilio_s_own_validator(form: dict[str, str], url: str) -> None:
    signature = RequestValidator(TOKEN).compute_signature(url, form)
    assert RequestValidator(TOKEN).validate(url, form, signature)
    twilio_signature.verify(signed(url, form, signature), [url], [TOKEN])


@pytest.mark.parametrize(
    ("changed", "token"),
    [
        ({"url": URL + "&x=1"}, "12345"),
        ({"form": {**FORM, "Digits": "1235"}}, "12345"),
        ({"form": {**FORM, "New": "1"}}, "12345"),
        ({"signature": ""}, "12345"),
        ({"signature": "RSOYDt4T1cUTdK1PDd93/VVr8B9="}, "12345"),
        ({"signature": "ärger"}, "12345"),
        ({}, "54321"),
        ({}, ""),
    ],
)
def test_what_was_changed_on_the_way_is_refused(changed: dict[str, object], token: str) -> None:
    call = {"url": URL, "form": FORM, "signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=", **changed}
    pushed = signed(str(call["url"]), call["form"], str(call["signature"]))  # type: ignore[arg-type]
    with pytest.raises(Unverified):
        twilio_signature.verify(pushed, [str(call["url"])], [token])


def test_either_token_is_taken_while_tokens_are_changed() -> None:
    signature = RequestValidator(SECOND_TOKEN).compute_signature(URL, FORM)
    twilio_signature.verify(signed(URL, FORM, signature), [URL], [TOKEN, SECOND_TOKEN])


def test_repeated_parameters_and_the_newer_algorithm() -> None:
    body = b"b=2&a=1&a=0&a=1&c="
    pushed = Pushed("POST", URL, {"content-type": "application/x-www-form-urlencoded"}, {}, body)
    text = URL + "a0a1b2c"
    for algorithm, said in (("HMAC_SHA1", ""), ("HMAC_SHA256", "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256")):
        signature = twilio_signature.sign(text, TOKEN, algorithm).decode()
        headers = {**pushed.headers, "x-twilio-signature": signature, "x-twilio-webhooks-signature-settings": said}
        twilio_signature.verify(replace(pushed, headers=headers), [URL], [TOKEN])
    headers = {**headers, "x-twilio-webhooks-signature-settings": "algorithm=NONE"}
    with pytest.raises(Unverified):
        twilio_signature.verify(replace(pushed, headers=headers), [URL], [TOKEN])


def test_a_json_body_is_signed_by_its_hash_in_the_address() -> None:
    body = b'{"a": 1}'
    url = f"{URL}&bodySHA256={hashlib.sha256(body).hexdigest()}"
    signature = RequestValidator(TOKEN).compute_signature(url, {})
    headers = {"x-twilio-signature": signature, "content-type": "application/json"}
    twilio_signature.verify(Pushed("POST", url, headers, {}, body), [url], [TOKEN])
    assert RequestValidator(TOKEN).validate(url, body.decode(), signature)
    for address, content in ((url, b'{"a": 2}'), (URL, body)):
        with pytest.raises(Unverified):
            twilio_signature.verify(Pushed("POST", address, headers, {}, content), [address], [TOKEN])


def test_a_forged_call_brings_nothing(world: World) -> None:
    form = {"MessageSid": "SM1", "AccountSid": ACCOUNT, "From": resident(1), "To": NUMBER, "Body": "forged"}
    assert world.server.call(world.hook.account.hook, form, token="wrong") == 403
    assert world.server.call(world.hook.account.hook, {**form, "AccountSid": "ACother"}) == 400
    assert not world.hook.items


def test_the_address_that_twilio_knows_counts_whatever_a_proxy_made_of_it(world: World) -> None:
    form = {"MessageSid": "SM1", "AccountSid": ACCOUNT, "From": resident(1), "To": NUMBER, "Body": "hello"}
    url = world.account.hook
    pushed = signed(f"http://inside:8000/hooks/sms/{world.account.id}/", form, twilio.sign(url, form))
    assert len(CHANNEL.take(world.account, pushed).items) == 1


# In


def test_a_message_comes_with_all_that_twilio_tells(world: World) -> None:
    sid = world.server.receive(resident(1), "A pothole & more: 100% — ñ 😀")
    item = world.hook.items[-1]
    assert item.network_id == item.event_id == sid and item.text == "A pothole & more: 100% — ñ 😀"
    assert item.author_id == resident(1) and item.thread == f"{NUMBER}:{resident(1)}"
    assert item.posted_at and CHANNEL.parse(item.raw) == item


def test_a_repeated_call_is_the_same_delivery(world: World) -> None:
    world.server.receive(resident(1), "twice")
    world.server.bring(world.server.messages[-1])
    assert len(world.hook.items) == 2 and len({item.event_id for item in world.hook.items}) == 1


@pytest.mark.parametrize(
    ("text", "more", "facts"),
    [
        ("STOP", {}, {"opt_out": "yes"}),
        ("STOP", {"OptOutType": "STOP"}, {"opt_out": "yes", "answered_by": "Twilio"}),
        ("genug", {"OptOutType": "STOP"}, {"opt_out": "yes", "answered_by": "Twilio"}),
        ("START", {"OptOutType": "START"}, {"opt_out": "no", "answered_by": "Twilio"}),
        ("HELP", {"OptOutType": "HELP"}, {"asks": "help", "answered_by": "Twilio"}),
        ("a stop sign fell", {}, {}),
    ],
)
def test_opting_out_is_a_fact(world: World, text: str, more: dict[str, str], facts: dict[str, str]) -> None:
    world.server.receive(resident(1), text, **more)
    assert world.hook.items[-1].facts == facts


def test_a_photo_is_fetched_with_our_login_and_no_further(world: World) -> None:
    world.server.receive(resident(1), "look", [b"\xff\xd8 a photo"])
    item = world.hook.items[-1]
    assert [media.kind for media in item.media] == ["image"]
    assert CHANNEL.fetch(world.account, item.raw, item.media[0], 1000) == b"\xff\xd8 a photo"
    with pytest.raises(Rejected):
        CHANNEL.fetch(world.account, item.raw, item.media[0], 3)
    wrong = replace(world.account, credentials={"auth_token": "wrong"})
    with pytest.raises(TokenExpired):
        CHANNEL.fetch(wrong, item.raw, item.media[0], 1000)


@pytest.mark.parametrize("elsewhere", ["http://169.254.169.254/latest", "https://evil.example/x", "file:///etc/passwd"])
def test_a_photo_is_not_looked_for_elsewhere(world: World, elsewhere: str) -> None:
    world.server.receive(resident(1), "look", [b"photo"])
    item, asked = world.hook.items[-1], len(world.server.exchanges)
    with pytest.raises(Rejected):
        CHANNEL.fetch(world.account, item.raw, Media(elsewhere), 1000)
    assert len(world.server.exchanges) == asked
    world.server.media_elsewhere = elsewhere
    with pytest.raises(Rejected):
        CHANNEL.fetch(world.account, item.raw, item.media[0], 1000)


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://api.twilio.com/2010-04-01/x", True), ("https://api.dublin.ie1.twilio.com/x", True),
        ("http://api.twilio.com/x", False), ("https://api.twilio.com.evil.example/x", False),
        ("https://api.twilio.com@evil.example/x", False), ("https://eviltwilio.com/x", False),
        ("https://u:p@api.twilio.com/x", False), ("https://api.twilio.com:8443/x", False),
    ],
)  # fmt: skip
def test_our_token_goes_to_twilio_alone(url: str, own: bool) -> None:
    assert twilio_api.own_host(replace(account(), server=twilio_api.SERVER), url) == own


def test_the_sweep_finds_what_the_calls_missed_in_portions(world: World) -> None:
    world.server.hook = "http://127.0.0.1:9/"
    start = datetime.now(UTC) - timedelta(hours=1)
    for n in range(2300):
        item = world.server._keep(resident(1), NUMBER, f"missed {n}", "inbound", 0, "received")
        item["date_created"] = (start + timedelta(seconds=n)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    world.server._keep(NUMBER, resident(1), "ours", "outbound-api", 0, "sent")
    cursor, portions, seen = "", 0, list[str]()
    while (heard := CHANNEL.poll(world.account, cursor)).cursor != cursor:
        cursor, portions = heard.cursor, portions + 1
        seen += [item.event_id for item in heard.items if isinstance(item, Incoming)]
    assert portions == 3 and len(set(seen)) == 2300
    assert list(dict.fromkeys(seen)) == [item["sid"] for item in world.server.messages[:2300]]
    again = CHANNEL.poll(world.account, cursor)
    assert {item.event_id for item in again.items if isinstance(item, Incoming)} <= set(seen)


def test_what_the_sweep_finds_is_what_the_call_brings(world: World) -> None:
    world.server.receive(resident(1), "STOP it, look", [b"photo"])
    called, swept = world.hook.items[-1], CHANNEL.poll(world.account, "").items[-1]
    assert isinstance(swept, Incoming) and CHANNEL.parse(swept.raw) == swept
    assert swept.media == called.media or swept.media[0].url == called.media[0].url
    for name in ("event_id", "network_id", "text", "author_id", "thread", "facts", "visibility"):
        assert getattr(swept, name) == getattr(called, name)


# Out


def test_a_message_names_sender_receiver_and_where_to_report(world: World) -> None:
    sid = world.send("It is mended.")
    form = world.asked()
    assert form["To"] == [resident(1)] and form["From"] == [NUMBER] and form["Body"] == ["It is mended."]
    assert form["StatusCallback"][0].startswith(f"{world.account.hook}?mark=ol")
    report = world.hook.wait(lambda item: item.network_id == sid and item.status == "delivered")
    assert report.kind == "receipt" and CHANNEL.parse(report.raw) == report


def test_fates_come_in_any_order_and_sent_is_no_fate(world: World) -> None:
    world.server.fates = (("delivered", ""), ("sent", ""), ("queued", ""))
    sid = world.send("disorder")
    world.hook.wait(lambda item: item.event_id.endswith(":queued") and item.network_id == sid)
    told = [item.status for item in world.hook.items if item.network_id == sid]
    assert told == ["delivered", "", ""]


@pytest.mark.parametrize(
    ("state", "code", "words"),
    [("undelivered", "30006", "landline"), ("failed", "30034", "10DLC"), ("failed", "99999", "99999"),
     ("undelivered", "", "not delivered")],
)  # fmt: skip
def test_a_failure_says_why(world: World, state: str, code: str, words: str) -> None:
    world.server.fates = ((state, code),)
    sid = world.send("fails")
    report = world.hook.wait(lambda item: item.network_id == sid)
    assert report.status == "failed" and words in report.reason


def test_a_messaging_service_speaks_in_place_of_a_number(world: World) -> None:
    sid = world.send("by the service", ref := world.with_settings(messaging_service=SERVICE))
    form = world.asked()
    assert form["MessagingServiceSid"] == [SERVICE] and "From" not in form
    world.hook.ledger.patience = 0
    world.hook.items.clear()
    memory = Memory()
    memory.step("begin 0.0", dict)
    found = CHANNEL.find_sent(ref, Outgoing("by the service", in_reply_to_author=resident(1)), "x", memory, LONG_AGO)
    assert found and found.network_id == sid


def test_an_api_key_logs_in_in_place_of_the_account(world: World) -> None:
    by_key = replace(
        world.with_settings(api_key=KEY), credentials={"auth_token": "for signatures", "api_secret": KEY_SECRET}
    )
    assert CHANNEL.check(by_key).author_id == NUMBER and world.send("by key", by_key)
    with pytest.raises(TokenExpired):
        CHANNEL.check(replace(by_key, credentials={"auth_token": TOKEN, "api_secret": "wrong"}))


def test_photos_go_by_mms_where_the_number_can_and_as_a_link_where_not(world: World) -> None:
    world.send("Done.", ref := world.with_settings(mms="yes"), media=(PHOTO,))
    assert world.asked()["MediaUrl"] == [PHOTO.url] and world.asked()["Body"] == ["Done."]
    assert CHANNEL.capabilities_of(ref).media and CHANNEL.capabilities_of(ref).fetches_media
    world.send("Done.", key="k2", media=(PHOTO,))
    assert "MediaUrl" not in world.asked() and world.asked()["Body"] == [f"Done. {PHOTO.url}"]
    assert not CHANNEL.capabilities_of(world.account).media


def test_a_long_text_goes_as_numbered_messages(world: World) -> None:
    outgoing = Outgoing("The road is closed until Friday. " * 60, "private", in_reply_to_author=resident(1))
    receipt = CHANNEL.send(world.account, outgoing, "long", memory := Memory())
    bodies = [item["body"] for item in world.server.messages]
    assert len(bodies) == 3 == 1 + len(receipt.parts) and bodies[0].endswith("1/3")
    assert CHANNEL.send(world.account, outgoing, "long", memory) == receipt and len(world.server.messages) == 3


@pytest.mark.parametrize(
    ("to", "text", "error"),
    [("+12", "x", Rejected), ("+120", "x", Rejected)],
)
def test_a_number_that_is_none_is_rejected(world: World, to: str, text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        CHANNEL.send(world.account, Outgoing(text, to_handle=to), "k", Memory())
    assert not world.server.messages


def test_who_opted_out_at_twilio_gets_nothing(world: World) -> None:
    world.server.opted_out.add(resident(1))
    with pytest.raises(NotAllowed, match="STOP"):
        world.send("hello")


def test_too_many_is_a_wait(world: World) -> None:
    world.server.limited = True
    with pytest.raises(RateLimited) as raised:
        world.send("hello")
    assert timedelta(seconds=5) < raised.value.retry_at - datetime.now(UTC) <= timedelta(seconds=7)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [(400, 21610, NotAllowed), (400, 21211, Rejected), (400, 21617, Rejected), (400, 21611, RateLimited),
     (401, 20003, TokenExpired), (400, 21408, NotAllowed), (404, 20404, Rejected), (500, 20500, Unclear),
     (503, 20503, Unclear), (400, 12345, Rejected)],
)  # fmt: skip
def test_errors_mean_what_they_mean(world: World, status: int, code: int, error: type[Exception]) -> None:
    body = b'{"code": %d, "message": "no", "more_info": "", "status": %d}' % (code, status)
    answer = faults.Fault("answer", status=status, body=body)
    with FaultProxy(world.server.port) as proxy, proxy.striking(answer), pytest.raises(error):
        world.send("x", replace(world.account, server=f"http://127.0.0.1:{proxy.port}"))


def test_every_known_failure_has_words() -> None:
    assert all(twilio_words.fate(str(code)).endswith(f"({code})") for code in twilio_words._FATES)


# Exactly once


def lose_the_answer(world: World, text: str, key: str, memory: Memory) -> Outgoing:
    outgoing = Outgoing(text, "private", in_reply_to_author=resident(1))
    with FaultProxy(world.server.port) as proxy, proxy.striking(faults.CUT_AFTER), pytest.raises(Unclear):
        CHANNEL.send(replace(world.account, server=f"http://127.0.0.1:{proxy.port}"), outgoing, key, memory)
    return outgoing


def test_the_status_callback_tells_equal_texts_apart(world: World) -> None:
    """Two people of the city thank the same resident with the same words; the second answer's answer is lost."""
    first = world.send("Thank you!", key="one")
    outgoing = lose_the_answer(world, "Thank you!", "two", memory := Memory())
    found = CHANNEL.find_sent(world.account, outgoing, "two", memory, LONG_AGO)
    assert found and found.network_id != first
    assert found.network_id == world.server.messages[-1]["sid"]


def test_without_callbacks_the_list_tells_them_apart_by_what_is_known(world: World) -> None:
    world.hook.ledger.patience = 0
    world.server.fates = ()
    world.hook.ledger.known.add(world.send("Thank you!", key="one"))
    begun = Memory()
    begun.step("begin 0.0", dict)
    outgoing = Outgoing("Thank you!", "private", in_reply_to_author=resident(1))
    assert CHANNEL.find_sent(world.account, outgoing, "two", begun, LONG_AGO) is None
    lose_the_answer(world, "Thank you!", "two", memory := Memory())
    found = CHANNEL.find_sent(world.account, outgoing, "two", memory, LONG_AGO)
    assert found and found.network_id == world.server.messages[-1]["sid"]


def test_the_list_is_read_back_to_the_time_of_the_try_and_no_further(world: World) -> None:
    world.hook.ledger.patience = 0
    world.server.fates = ()
    world.send("Sent from your Twilio trial account - the same", key="other")
    outgoing, lately = Outgoing("the same", "private", in_reply_to_author=resident(1)), timedelta(minutes=1)

    def found() -> bool:
        memory = Memory()
        memory.step("begin 0.0", dict)
        return CHANNEL.find_sent(world.account, outgoing, "k", memory, datetime.now(UTC) - lately) is not None

    assert found()
    world.server.messages[-1]["date_created"] = "Fri, 27 Nov 2020 10:00:00 +0000"
    assert not found()


def test_a_next_page_that_leads_away_is_not_followed(world: World) -> None:
    with pytest.raises(NetworkDown):
        twilio_api._further(world.account, "https://evil.example/2010-04-01/x")


# The account


def test_the_second_token_takes_the_first_one_s_place(world: World) -> None:
    world.server.tokens = {SECOND_TOKEN}
    both = replace(world.account, credentials={"auth_token": TOKEN, "secondary_token": SECOND_TOKEN})
    assert world.send("with the second token", both)
    world.server.tokens = set()
    with pytest.raises(TokenExpired):
        CHANNEL.check(both)


VALUES = {"provider": "twilio", "sender": "(215) 555-3110", "account_sid": ACCOUNT, "auth_token": TOKEN}


def test_connecting_asks_twilio(world: World) -> None:
    found = CHANNEL.connect({**VALUES, "sender": NUMBER, "server": world.server.url, "help_text": "Ask us."})
    assert found.handle == NUMBER == found.who.author_id
    assert found.settings["mms"] == "yes" and found.settings["help_text"] == "Ask us."
    assert found.credentials == {"auth_token": TOKEN} and TOKEN not in repr(found)


@pytest.mark.parametrize(
    ("field", "value"),
    [("account_sid", "AC1"), ("account_sid", ""), ("auth_token", ""), ("sender", "?"), ("sender", "+12155559999"),
     ("api_key", "SK1"), ("messaging_service", "x")],
)  # fmt: skip
def test_connecting_names_the_field_that_is_wrong(world: World, field: str, value: str) -> None:
    with pytest.raises(Rejected) as raised:
        CHANNEL.connect({**VALUES, "sender": NUMBER, "server": world.server.url, field: value})
    assert raised.value.field_name == field


def test_inspecting_tells_what_is_missing(world: World) -> None:
    public = replace(world.account, hook="https://city.example/hooks/sms/7e11/")
    world.server.hook = public.hook
    assert all(finding.good for finding in CHANNEL.inspect(public))
    assert any("10DLC" in finding.words for finding in CHANNEL.inspect(public))
    world.server.hook, world.server.sms = "https://elsewhere.example/", False
    wrong = [finding.words for finding in CHANNEL.inspect(public) if not finding.good]
    assert len(wrong) == 2 and any(public.hook in words for words in wrong)
    assert not CHANNEL.inspect(world.account)[0].good


def test_trying_out_says_what_has_become_of_it(world: World) -> None:
    words = CHANNEL.try_out(world.account, "Openline says hello", f"try {time.monotonic()}")
    assert "delivered" in words and resident(9) in words
    assert world.server.messages[-1]["to"] == resident(9)
