"""Signatures by RFC 5849's own examples, the login, and hearing where Flickr tells little."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import httpx
import orjson
import pytest
from oauthlib.oauth1 import Client

from openline.channels.base import Incoming, Refused, Rejected
from openline.channels.emulation.serving import serving
from openline.channels.flickr import hearing
from openline.channels.flickr.channel import FlickrChannel
from openline.channels.flickr.emulator import Emulator, signed
from openline.channels.flickr.emulator.network import APP_KEY, APP_SECRET, CITY
from openline.channels.flickr.signing import header
from tests.channels.nets.flickr import account

CHANNEL = FlickrChannel()


@pytest.fixture
def server() -> Iterator[Emulator]:
    found = Emulator()
    with serving(found):
        yield found


EXAMPLES = [
    # RFC 5849, 1.2: method, address, parameters in address or form, of the protocol, secrets, signature
    (
        "POST", "https://photos.example.net/initiate", {},
        {"oauth_consumer_key": "dpf43f3p2l4k3l03", "oauth_signature_method": "HMAC-SHA1",
         "oauth_timestamp": "137131200", "oauth_nonce": "wIjqoS",
         "oauth_callback": "http://printer.example.com/ready"},
        ("kd94hf93k423kf44", ""), "74KNZJeDHnMBp0EMJ9ZHt/XKycU=",
    ),
    (
        "POST", "https://photos.example.net/token", {},
        {"oauth_consumer_key": "dpf43f3p2l4k3l03", "oauth_token": "hh5s93j4hdidpola",
         "oauth_signature_method": "HMAC-SHA1", "oauth_timestamp": "137131201", "oauth_nonce": "walatlh",
         "oauth_verifier": "hfdp7dh39dks9884"},
        ("kd94hf93k423kf44", "hdhd0244k9j7ao03"), "gKgrFCywp7rO0OXSjdot/IHF7IU=",
    ),
    (
        "GET", "http://photos.example.net/photos", {"file": "vacation.jpg", "size": "original"},
        {"oauth_consumer_key": "dpf43f3p2l4k3l03", "oauth_token": "nnch734d00sl2jdk",
         "oauth_signature_method": "HMAC-SHA1", "oauth_timestamp": "137131202", "oauth_nonce": "chapoH"},
        ("kd94hf93k423kf44", "pfkkdhi9sl3r4s00"), "MdpQcU8iPSUjWoN/UDMsK2sui9I=",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("method", "url", "values", "oauth", "keys", "right"), EXAMPLES, ids=lambda one: str(one)[:8])
def test_the_emulator_signs_as_the_rfc_does(
    method: str, url: str, values: dict[str, str], oauth: dict[str, str], keys: tuple[str, str], right: str
) -> None:
    base = signed.base_string(method, url, [*values.items(), *oauth.items()])
    assert signed.signature(base, *keys) == right


@pytest.mark.parametrize(("method", "url", "values", "oauth", "keys", "right"), EXAMPLES, ids=lambda one: str(one)[:8])
def test_the_library_signs_as_the_rfc_does(
    method: str, url: str, values: dict[str, str], oauth: dict[str, str], keys: tuple[str, str], right: str
) -> None:
    client = Client(
        oauth["oauth_consumer_key"], keys[0], oauth.get("oauth_token"), keys[1] or None,
        callback_uri=oauth.get("oauth_callback"), verifier=oauth.get("oauth_verifier"),
        nonce=oauth["oauth_nonce"], timestamp=oauth["oauth_timestamp"],
    )  # fmt: skip
    # The examples leave oauth_version out, which the library always sends: it is optional (3.1).
    client.get_oauth_params = lambda request: list(oauth.items())
    address = f"{url}?{'&'.join(f'{name}={value}' for name, value in values.items())}" if values else url
    made = client.sign(address, method)[1]["Authorization"]
    assert signed.parameters(made)["oauth_signature"] == right


def test_the_base_string_is_the_rfc_s() -> None:
    """RFC 5849, 3.4.1.1."""
    pairs = [("b5", "=%3D"), ("a3", "a"), ("c@", ""), ("a2", "r b"), ("c2", ""), ("a3", "2 q"),
             ("oauth_consumer_key", "9djdj82h48djs9d2"), ("oauth_token", "kkk9d7dh3k39sjv7"),
             ("oauth_signature_method", "HMAC-SHA1"), ("oauth_timestamp", "137131201"),
             ("oauth_nonce", "7d8f3e4a")]  # fmt: skip
    assert signed.base_string("POST", "http://example.com/request", pairs) == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26"
        "c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26"
        "oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )


@pytest.mark.parametrize("words", ["é ü 漢字 🕳️", "a+b=c&d%20;~'()*!", "line one\nline two", ""])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_our_signatures_hold_for_any_words(method: str, words: str) -> None:
    url, values = "http://127.0.0.1:1/services/rest/", {"text": words, "a": "b"}
    made = header(method, url, values, ("key", "secret"), ("token", "other"))
    call = signed.check(method, url, made, [*values.items()], {"key": "secret"}, {"token": "other"}, set())
    assert call.token == "token"
    with pytest.raises(signed.Unsigned, match="signature_invalid"):
        signed.check(method, url, made, [*values.items()], {"key": "secret"}, {"token": "another"}, set())


def test_a_signature_counts_once() -> None:
    url, seen = "http://127.0.0.1:1/", set[tuple[str, str]]()
    made = header("GET", url, {}, ("key", "secret"))
    signed.check("GET", url, made, [], {"key": "secret"}, {}, seen)
    with pytest.raises(signed.Unsigned, match="nonce_used"):
        signed.check("GET", url, made, [], {"key": "secret"}, {}, seen)


def test_the_login_ends_in_a_token_that_works(server: Emulator) -> None:
    values = {"api_key": APP_KEY, "api_secret": APP_SECRET, "server": server.url}
    begun = CHANNEL.authorize(values, "https://city.example/back", state := secrets.token_urlsafe(8))
    assert begun.url.startswith(f"{server.url}/services/oauth/authorize?") and "perms=delete" in begun.url
    assert not any(secret in begun.url for secret in (APP_SECRET, begun.kept["token_secret"]))
    back = httpx.post(begun.url).headers["location"]
    query = dict(parse_qsl(urlsplit(back).query))
    assert back.startswith("https://city.example/back?") and query["state"] == state
    connected = CHANNEL.authorized(begun.kept, query)
    assert (connected.who.author_id, connected.handle) == (CITY.id, CITY.handle)
    assert connected.credentials.keys() == set(CHANNEL.secrets)
    with pytest.raises(Rejected, match="begin again"):
        CHANNEL.authorized(begun.kept, query | {"oauth_token": "another"})
    with pytest.raises(Rejected):
        CHANNEL.authorized(begun.kept, {"oauth_token": begun.kept["token"]})


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"api_key": APP_KEY}, "api_key"),
        ({"api_key": "wrong", "api_secret": "wrong"}, "api_key"),
        ({"api_key": APP_KEY, "api_secret": APP_SECRET, "server": "http://flickr.example"}, "server"),
    ],
    ids=str,
)
def test_wrong_values_are_named(server: Emulator, values: dict[str, str], field: str) -> None:
    with pytest.raises(Rejected) as raised:
        CHANNEL.authorize({"server": server.url} | values, "https://city.example/back", "s")
    assert raised.value.field_name == field


def test_an_hour_s_activity_shows_what_was_missed(server: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a comment does not count as a change of its photo, the list of all activity brings it, once an hour."""
    ref, photo = account(server.url), next(iter(server.photos.values()))
    cursor = CHANNEL.poll(ref, "").cursor
    said = server.say(server.residents[0], "unnoticed")
    photo.changed -= 10 * 86_400
    assert not CHANNEL.poll(ref, cursor).items
    monkeypatch.setattr(hearing, "ACTIVITY_EVERY_SECONDS", 0)
    found = CHANNEL.poll(ref, cursor)
    assert [item.network_id for item in found.items if isinstance(item, Incoming)] == [said]
    assert not CHANNEL.poll(ref, found.cursor).items


def test_a_photo_that_is_gone_takes_its_comments_with_it(server: Emulator) -> None:
    ref, photo = account(server.url), next(iter(server.photos))
    said = server.say(server.residents[0], "here")
    heard = CHANNEL.poll(ref, "")
    del server.photos[photo]
    (gone,) = CHANNEL.poll(ref, heard.cursor).items
    assert isinstance(gone, Incoming) and (gone.kind, gone.network_id) == ("delete", said)


def test_own_comments_are_not_heard_and_names_are_read(server: Emulator) -> None:
    server.say(CITY, "from the city's own hands")
    server.say(server.residents[1], "A & B <i>")
    (item,) = CHANNEL.poll(account(server.url), "").items
    assert isinstance(item, Incoming)
    assert (item.text, item.author_handle, item.author_name) == ("A & B <i>", "devon", "Devon")
    assert item.url.startswith("https://www.flickr.com/photos/") and item.subject == "City Hall"


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"comment": {}}', b'{"comment": {"id": "1"}}', b'{"gone": ""}'])
def test_what_makes_no_sense_is_refused(raw: bytes) -> None:
    assert isinstance(CHANNEL.parse(raw), Refused)


def test_odd_comments_are_read() -> None:
    raw = orjson.dumps({"comment": {"id": "1-2-3", "author": "x", "datecreate": "soon", "_content": 5}, "photo": 7})
    item = CHANNEL.parse(raw)
    assert isinstance(item, Incoming) and item.posted_at is None and item.text == "5"
