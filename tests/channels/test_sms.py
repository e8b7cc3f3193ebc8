"""What SMS is whatever the provider: counting, signs, numbers, keywords, parts, and the texts that go out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openline.channels.base import AccountRef, Incoming, NotAllowed, Outgoing, OutgoingMedia, Rejected
from openline.channels.sms import gsm, writing
from openline.channels.sms.channel import SmsChannel
from openline.channels.sms.joining import Part, part_of
from openline.channels.sms.keywords import keyword
from openline.channels.sms.numbers import address, e164, is_toll_free
from openline.channels.sms.plain import plain
from tests.channels.nets.base import Memory

CITY = "+12155553110"
ACCOUNT = AccountRef("a", CITY, "http://127.0.0.1:9", {"password": "pw"}, {"provider": "kannel", "sender": CITY})
CHANNEL = SmsChannel()


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments", "left"),
    [
        ("", "GSM-7", 0, 1, 160),
        ("a" * 160, "GSM-7", 160, 1, 0),
        ("a" * 161, "GSM-7", 161, 2, 145),
        ("a" * 306, "GSM-7", 306, 2, 0),
        ("a" * 307, "GSM-7", 307, 3, 152),
        ("€" * 80, "GSM-7", 160, 1, 0),
        ("a" * 152 + "€" + "b" * 155, "GSM-7", 309, 3, 149),
        ("é à ñ ß Ω @ £ ¿", "GSM-7", 15, 1, 145),
        ("{}[]~\\|^€\f", "GSM-7", 20, 1, 140),
        ("á" * 70, "UCS-2", 70, 1, 0),
        ("á" * 71, "UCS-2", 71, 2, 63),
        ("😀" * 35, "UCS-2", 70, 1, 0),
        ("á" * 66 + "😀" * 3, "UCS-2", 72, 2, 61),
        ("`", "UCS-2", 1, 1, 69),
    ],
)
def test_segments_are_counted_as_the_networks_count(
    text: str, encoding: str, units: int, segments: int, left: int
) -> None:
    found = gsm.measure(text)
    assert (found.encoding, found.units, found.segments, found.left) == (encoding, units, segments, left)


def test_the_alphabet_is_that_of_the_standard() -> None:
    assert len(gsm.BASIC) == 127 and len(set(gsm.BASIC)) == 127  # the 128th is the escape
    assert len(set(gsm.EXTENSION)) == 10 and not set(gsm.BASIC) & set(gsm.EXTENSION)


@given(st.text(st.sampled_from("ab €{é\náñ😀漢"), max_size=700))
def test_length_grows_with_the_text_and_agrees_with_the_segments(text: str) -> None:
    found = gsm.measure(text)
    assert gsm.length(text + "a") >= gsm.length(text)
    if found.segments > 1:
        assert (found.segments - 1) * 153 < gsm.length(text) <= found.segments * 153


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“It’s mended” – thanks…" + "x" * 60, '"It\'s mended" - thanks...' + "x" * 60),
        ("“short”", "“short”"),
        ("“Größe” 漢字 – " + "x" * 60, "“Größe” 漢字 – " + "x" * 60),
    ],
)
def test_typographic_signs_are_made_plain_only_where_it_saves_a_message(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize(
    ("said", "like", "expected"),
    [
        ("+1 (215) 555-0100", "", "+12155550100"),
        ("2155550100", CITY, "+12155550100"),
        ("12155550100", CITY, "+12155550100"),
        ("12155550100", "", "+12155550100"),
        ("004915112345678", CITY, "+4915112345678"),
        ("4915112345678", "+4930123456", "+4915112345678"),
        ("nonsense", CITY, ""),
        ("", CITY, ""),
    ],
)
def test_numbers_become_e164(said: str, like: str, expected: str) -> None:
    assert e164(said, like) == expected


def test_short_codes_and_names_stay_what_they_are() -> None:
    assert address("31100") == ("31100", "short") and address("CityBank") == ("CityBank", "name")
    assert address("<script>")[1] == "" and address("A" * 12)[1] == "" and address("")[1] == ""
    assert is_toll_free("+18335550100") and not is_toll_free(CITY)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("STOP", "stop"), (" stop. ", "stop"), ("Stop!", "stop"), ("STOPALL", "stop"), ("stop all", "stop"),
        ("Unsubscribe", "stop"), ("CANCEL", "stop"), ("END", "stop"), ("Quit", "stop"), ("opt-out", "stop"),
        ("alto", "stop"), ("BAJA", "stop"), ("arrêt", "stop"), ("ARRET", "stop"), ("стоп", "stop"), ("停止", "stop"),
        ("START", "start"), ("unstop", "start"), ("Help", "help"), ("INFO", "help"), ("¿Ayuda?", "help"),
        ("información", "help"), ("aide", "help"), ("stop sign is broken", ""), ("help, a tree fell", ""),
        ("", ""), ("yes", ""), ("Huy", ""), ("I want to cancel my pickup", ""), ("stop " * 50, ""),
    ],
)  # fmt: skip
def test_keywords_count_only_alone(text: str, word: str) -> None:
    assert keyword(text) == word


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (b"\x05\x00\x03\x07\x02\x01", Part(7, 1, 2)),
        (b"\x06\x08\x04\x01\x07\x03\x02", Part(263, 2, 3)),
        (b"\x0b\x05\x04\x15\x81\x15\x81\x00\x03\x09\x02\x02", Part(9, 2, 2)),
        (b"\x06\x05\x04\x15\x81\x15\x81", None),
        (b"\x05\x00\x03\x07\x02\x03", None),
        (b"\x05\x00\x03\x07", None),
        (b"\xff", None),
        (b"", None),
    ],
)
def test_the_header_of_a_part_is_read(header: bytes, part: Part | None) -> None:
    assert part_of(header) == part


@given(st.binary(max_size=40))
def test_no_header_breaks_the_reading(header: bytes) -> None:
    part_of(header)


@given(st.binary(max_size=300) | st.sampled_from([b"kind=message&", b"kind=receipt&", b"{", b"at=1&mark=x\n"]))
def test_no_delivery_breaks_the_reading(raw: bytes) -> None:
    called = b"at=9&mark=m\nMessageSid=SM1&"
    starts = (b"", b"kind=message&id=1&from=2&udh=%05%00%03&text=", b"kind=receipt&mark=m&status=1&at=", b"{", called,
              called + b"MessageStatus=failed&ErrorCode=", called + b"From=1&NumMedia=9&MediaUrl0=")  # fmt: skip
    for start in starts:
        CHANNEL.parse(start + raw)


def bodies(text: str, account: AccountRef = ACCOUNT, **more: object) -> list[str]:
    return writing.bodies(account, Outgoing(text, to_handle="+12155551000", **more), media_go_along=False)  # type: ignore[arg-type]


@pytest.mark.parametrize("sentence", ["The road is closed until Friday. ", "La calle está cerrada hasta el viernes. "])
def test_a_long_text_becomes_numbered_messages_that_fit(sentence: str) -> None:
    three = replace(ACCOUNT, settings={**ACCOUNT.settings, "most_segments": "3"})
    found = bodies(sentence * 30, three)
    assert len(found) > 1 and all(gsm.measure(body).segments <= 3 for body in found)
    assert [body.rsplit(" ", 1)[1] for body in found] == [f"{n}/{len(found)}" for n in range(1, len(found) + 1)]
    assert sum(body.count(sentence.strip()) for body in found) == 30
    assert len(bodies("x" * 3 * 153, three)) == 1


@pytest.mark.parametrize(("setting", "segments"), [("", 6), ("1", 1), ("10", 10), ("99", 10), ("0", 1), ("x", 6)])
def test_the_longest_message_is_a_setting(setting: str, segments: int) -> None:
    assert writing.segments(replace(ACCOUNT, settings={"most_segments": setting})) == segments


def test_what_a_message_cannot_carry_goes_as_a_link() -> None:
    photo = OutgoingMedia("p.jpg", "image/jpeg", url="https://city.example/p.jpg")
    assert bodies("Done.", media=(photo,)) == ["Done. https://city.example/p.jpg"]
    assert bodies("Done.", media=(photo,), link="https://city.example/1") == ["Done. https://city.example/1"]
    with pytest.raises(Rejected) as raised:
        bodies("Done.", media=(OutgoingMedia("p.jpg", "image/jpeg"),))
    assert raised.value.field_name == "media"


@pytest.mark.parametrize("text", ["", "  ", "half \ud83d", "zero \x00"])
def test_what_cannot_be_said_is_rejected(text: str) -> None:
    with pytest.raises(Rejected):
        bodies(text)


def test_only_numbers_are_written_to() -> None:
    for to in ("", "CityBank", "nonsense!"):
        with pytest.raises(Rejected):
            CHANNEL.send(ACCOUNT, Outgoing("hello", to_handle=to), "k", Memory())


def test_nothing_is_taken_back() -> None:
    with pytest.raises(NotAllowed):
        CHANNEL.send(ACCOUNT, Outgoing("", action="delete", about="x"), "k", Memory())


def test_the_cost_is_told_in_words() -> None:
    assert CHANNEL.cost(ACCOUNT, "a" * 161) == "2 SMS"
    assert CHANNEL.cost(ACCOUNT, "á" * 71).startswith("2 SMS (")
    assert CHANNEL.cost(ACCOUNT, "“" * 71) == "1 SMS"
    assert CHANNEL.cost(replace(ACCOUNT, settings={"plain_signs": "no"}), "“" * 71).startswith("2 SMS (")


def said(provider: str, facts: dict[str, str], **settings: str) -> str:
    item = Incoming("post", "1", "1", b"", facts=facts)
    return CHANNEL.answer_at_once(replace(ACCOUNT, settings={"provider": provider, **settings}), item)


def test_stop_start_and_help_are_answered_by_the_city_or_its_provider() -> None:
    assert said("kannel", {"asks": "help"}, help_text="Ask us.") == "Ask us."
    assert "START" in said("kannel", {"opt_out": "yes"}) and "STOP" in said("kannel", {"opt_out": "no"})
    assert said("kannel", {}) == "" and said("twilio", {"opt_out": "yes"}) == ""
    assert said("kannel", {"asks": "help"}, answer_keywords="no") == ""
    assert said("twilio", {"asks": "help"}, answer_keywords="yes")
    assert said("twilio", {"asks": "help", "answered_by": "Twilio"}, answer_keywords="yes") == ""


def test_marks_are_the_same_for_every_try_and_no_other_message() -> None:
    found = {writing.mark(replace(ACCOUNT, id=one), key, n) for one in "ab" for key in "kl" for n in (0, 1)}
    assert len(found) == 8 and writing.mark(ACCOUNT, "k", 0) == writing.mark(ACCOUNT, "k", 0)


def test_an_account_without_a_provider_says_so() -> None:
    with pytest.raises(NotAllowed):
        CHANNEL.check(replace(ACCOUNT, settings={}))
    with pytest.raises(Rejected):
        CHANNEL.connect({"provider": "pigeon"})
