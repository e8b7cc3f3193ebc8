"""Personal data is found where it is and nowhere else, and never reaches the public text."""

from __future__ import annotations

import pytest

from openline.triage.personal_data import find, public_text, redact


def found(text: str) -> list[tuple[str, str]]:
    return [(item.kind, text[item.start : item.end]) for item in find(text)]


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("call me at 215-555-0134 please", "phone", "215-555-0134"),
        ("my cell is (267) 555 0199", "phone", "(267) 555 0199"),
        ("text 2675550147", "phone", "2675550147"),
        ("reach me +44 20 7946 0958", "phone", "+44 20 7946 0958"),
        ("llámame al 215.555.0134", "phone", "215.555.0134"),
        ("my number is 555-0147", "phone", "555-0147"),
        ("write to jane.doe+311@example.org", "email", "jane.doe+311@example.org"),
        ("jane.doe at gmail dot com", "email", "jane.doe at gmail dot com"),
        ("jane (at) example.com", "email", "jane (at) example.com"),
        ("card 4111 1111 1111 1111 was charged", "card", "4111 1111 1111 1111"),
        ("my ssn is 219-09-9999", "ssn", "219-09-9999"),
        ("social security 219099999", "ssn", "219099999"),
        ("My name is Jane Doe and the light is out", "name", "Jane Doe"),
        ("Hi, I'm Marcus Brown, my trash was missed", "name", "Marcus Brown"),
        ("This is Ana Ruiz from the block association", "name", "Ana Ruiz"),
        ("me llamo Carla Gómez", "name", "Carla Gómez"),
        ("light is out again. Thanks, Jane D.", "name", "Jane D."),
        ("I’m Jane Doe", "name", "Jane Doe"),
        ("ask Mr. Lopez next door", "name", "Lopez"),
        ("I live at 2741 N Croskey St and the hydrant leaks", "home_address", "2741 N Croskey St"),
        ("my address is 12 W Logan Street apt 3B", "home_address", "12 W Logan Street apt 3B"),
        ("vivo en 4512 N 5th St", "home_address", "4512 N 5th St"),
        ("grey Honda, license plate KZR-1234", "plate", "KZR-1234"),
        ("blue Ford tag lkv 2249 on the sidewalk", "plate", "lkv 2249"),
        ("my water account number is 003-41208-00512", "account", "003-41208-00512"),
        ("PGW acct #7741 200 915 shut off by mistake", "account", "7741 200 915"),
        ("mi cuenta es 9920041187", "account", "9920041187"),
        ("my PGW account 4512300098 has been charged twice", "account", "4512300098"),
        ("water account number 0012-3456-789", "account", "0012-3456-789"),
        ("acct # 001-23456-01234 is wrong", "account", "001-23456-01234"),
        ("mi cuenta es 88112233", "account", "88112233"),
        (
            "call two one five, five five five, oh one three four",
            "phone",
            "two one five, five five five, oh one three four",
        ),
        ("black Jeep ZZT-8812 blocks the ramp", "plate", "ZZT-8812"),
        ("dob 03/14/1962", "birth_date", "03/14/1962"),
        ("me llamo carlos y no hay luz", "name", "carlos"),
        ("меня зовут Игорь Петров. Фонарь не горит", "name", "Игорь Петров"),
        ("Tôi tên là Trần Minh ở gần chợ", "name", "Trần Minh"),
        ("我叫王丽，路灯坏了", "name", "王丽"),
        ("제 이름은 김민수입니다", "name", "김민수"),
        ("اسمي فاطمة حسن والشارع مظلم", "name", "فاطمة حسن"),
        ("手机号是267-555-0131，谢谢", "phone", "267-555-0131"),
        ("call 00 44 7700 900123", "phone", "00 44 7700 900123"),
        ("هاتف ٢٦٧٥٥٥٠١٤٤", "phone", "٢٦٧٥٥٥٠١٤٤"),
        ("tag X47-PDM", "plate", "X47-PDM"),
        ("я живу по адресу 9801 Bustleton Ave apt 12", "home_address", "9801 Bustleton Ave apt 12"),
        ("我住在1015 Race St，灯坏了", "home_address", "1015 Race St"),
    ],
)
def test_personal_data_is_found(text: str, kind: str, part: str) -> None:
    assert (kind, part) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "pothole at 5th and Lehigh",
        "1234 N Broad St has no light since 2019",
        "one two three go",
        "account for the 3 potholes at 1200 Market",
        "council member 2019 budget",
        "the meter at 1234 Market St is broken",
        "request 1012345678 is still open",
        "case #2155550134",
        "the city's twitter account 2019-2021 was better",
        "call PECO at 1-800-841-4141",
        "39.9526123, -75.1652456",
        "2024-05-12 10:30 no pickup",
        "it cost $1,234,567.89",
        "https://phila.example/status/1234567890123",
        "I'm Tired Of This",
        "I am From West Philly",
        "THIS IS MARKET STREET, FIX IT",
        "zip 19104-2345",
        "the tag on the wall at 22nd",
        "order number 4111111111111112",
        "我叫了三次都没人来",
        "меня зовут каждый раз, а толку нет",
        "my name is on the list already",
        "Mr. Softee truck is loud",
        "the hydrant tag 5512 is missing",
        "X47-PDM model of lamp",
        "police cleared the 2300 block of Ainger Place",
        "a public hydrant, out since May 2019",
    ],
)
def test_what_is_not_personal_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_redaction_marks_what_was_there() -> None:
    text = "My name is Jane Doe, call 215-555-0134"
    assert redact(text, find(text)) == "My name is [name removed], call [phone removed]"


@pytest.mark.parametrize(
    "text",
    [
        "@jane@mastodon.example light is out",
        "nostr:npub1abcdefghijk light is out",
        "light is out https://host.example/@jane/1",
        "light is out, mail jane@example.org",
        "light is out @jane_doe",
        "light is out, I'm Jane Doe, 215-555-0134",
        "see jane.example.com light is out",
    ],
)
def test_public_text_keeps_the_report_and_nobody(text: str) -> None:
    public = public_text(text)
    assert "light is out" in public
    assert "jane" not in public.lower()
    assert "npub" not in public
    assert "0134" not in public


@pytest.mark.parametrize(
    "text", ["", "\x00\ud800", "9" * 100_000, "(" * 20_000, "a@" * 5_000, "I'm " * 5_000, "1 " * 9_000]
)
def test_hostile_text_is_survived(text: str) -> None:
    for item in find(text):
        assert 0 <= item.start < item.end <= len(text)
    public_text(text)


def test_a_number_of_the_city_is_nobodys() -> None:
    text = "your office at 215-686-8686 does not answer, call me at 215-555-0186"
    assert [p.kind for p in find(text)] == ["phone", "phone"]
    assert [text[p.start : p.end] for p in find(text, ("215686",))] == ["215-555-0186"]
