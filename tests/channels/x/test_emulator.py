"""The emulated X keeps X's rules, whoever asks: no mirror of our channel."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from openline.channels.emulation.base import CannotDo
from openline.channels.x.emulator import Emulator
from openline.channels.x.emulator.state import BEARER_TOKEN, CLIENT_ID, CLIENT_SECRET
from tests.channels.x.conftest import City


def ask(city: City, method: str, path: str, app: bool = False, **more: Any) -> httpx.Response:
    token = BEARER_TOKEN if app else city.account.credentials["access_token"]
    answer = httpx.request(method, city.x.url + path, headers={"Authorization": f"Bearer {token}"}, **more)
    city.contract.broken.clear()  # requests here are wrong on purpose
    return answer


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"text": "a" * 281}, 403, "too long"),
        ({"text": "字" * 141}, 403, "too long"),
        ({"text": "a", "status": "b"}, 400, "not defined"),
        ({}, 400, "required"),
        ({"text": "a", "reply": {"in_reply_to_tweet_id": "5"}}, 403, "deleted"),
        ({"text": "a", "media": {"media_ids": ["5"]}}, 400, "media IDs"),
        ({"text": "$ABC $DEF"}, 400, "not allowed"),
        ([], 400, "JSON object"),
    ],
)
def test_what_x_refuses_to_post(city: City, body: Any, status: int, words: str) -> None:
    answer = ask(city, "POST", "/2/tweets", json=body)
    assert answer.status_code == status and words in answer.text and not city.x.state.posts
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_only_its_own_spelling_is_taken(city: City) -> None:
    path = f"/2/users/{city.x.ours.id}/mentions"
    for posts, good, bad in ((False, "tweet.fields", "post.fields"), (True, "post.fields", "tweet.fields")):
        city.x.shapes.posts = posts
        assert ask(city, "GET", path, params={good: "lang"}).status_code == 200
        assert ask(city, "GET", path, params={bad: "lang"}).status_code == 400
        assert ask(city, "GET", path, params={"max_results": "101"}).status_code == 400


def test_who_asks_without_a_good_token_gets_nothing(city: City) -> None:
    assert httpx.get(city.x.url + "/2/users/me").status_code == 401
    assert ask(city, "GET", "/2/users/me", app=True).status_code == 401
    assert ask(city, "GET", "/2/webhooks").status_code == 401
    city.x.state.logins[-1].until = 0
    assert ask(city, "GET", "/2/users/me").status_code == 401
    city.contract.broken.clear()


@pytest.mark.parametrize("url", ["http://city.example/hooks/x/", "https://city.example:8443/hooks/x/", "ftp://a"])
def test_webhooks_are_https_without_a_port(city: City, url: str) -> None:
    answer = ask(city, "POST", "/2/webhooks", app=True, json={"url": url})
    assert answer.status_code == 400 and "UrlValidationFailed" in answer.text


def test_a_webhook_is_made_once(city: City) -> None:
    for status in (200, 400):
        assert ask(city, "POST", "/2/webhooks", app=True, json={"url": city.hook.shared_url}).status_code == status


def test_an_upload_that_does_not_add_up_is_refused(city: City) -> None:
    begin = {"media_category": "tweet_image", "media_type": "image/png", "total_bytes": 10}
    media = ask(city, "POST", "/2/media/upload/initialize", json=begin).json()["data"]["id"]
    part = {"media": ("p", b"12345", "application/octet-stream")}
    append = f"/2/media/upload/{media}/append"
    assert ask(city, "POST", append, data={"segment_index": "0"}, files=part).status_code == 200
    assert ask(city, "POST", f"/2/media/upload/{media}/finalize").status_code == 400
    assert ask(city, "POST", append, json={"media": "MTIzNDU=", "segment_index": 1}).status_code == 200
    assert ask(city, "POST", f"/2/media/upload/{media}/finalize").status_code == 200
    too_large = begin | {"total_bytes": 6_000_000}
    assert ask(city, "POST", "/2/media/upload/initialize", json=too_large).status_code == 400


def test_a_code_is_good_for_half_a_minute(city: City) -> None:
    form = {"client_id": CLIENT_ID, "redirect_uri": "https://a/", "scope": "tweet.read", "state": "s",
            "code_challenge": "c"}  # fmt: skip
    back = httpx.post(city.x.url + "/i/oauth2/authorize", data=form).headers["location"]
    code = back.rpartition("code=")[2]
    city.x.state.codes[code]["at"] -= 31
    sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://a/", "code_verifier": "v"}
    answer = httpx.post(city.x.url + "/2/oauth2/token", data=sent, auth=(CLIENT_ID, CLIENT_SECRET))
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_request"
    assert httpx.post(city.x.url + "/2/oauth2/token", data=sent).status_code == 401


def test_the_page_shows_what_a_resident_sees(city: City) -> None:
    maria, devon = city.x.residents[:2]
    post = city.x.say(maria, "the light is out")
    city.x.say(maria, "only for you", private=True)
    page = httpx.get(city.x.url + "/sandbox/", params={"as": "maria"}).text
    assert "@philly311 the light is out" in page and "only for you" in page
    assert "only for you" not in httpx.get(city.x.url + "/sandbox/", params={"as": "devon"}).text
    changed = {"as": "maria", "post": post, "text": "the light is on", "how": "edit"}
    httpx.post(city.x.url + "/sandbox/change/", data=changed)
    thread = city.x.thread(post, devon)
    assert [one.text for one in thread] == ["@philly311 the light is on"]
    httpx.post(city.x.url + "/sandbox/change/", data={"as": "maria", "post": thread[0].id, "how": "delete"})
    assert not city.x.thread(post, devon) and httpx.get(f"{city.x.url}/sandbox/thread/{post}").status_code == 404
    for call in (
        lambda: city.x.edit(post, "x"),
        lambda: city.x.delete(post),
        lambda: city.x.say(maria, "x", in_reply_to=post),
    ):
        with pytest.raises(CannotDo):
            call()


def test_the_sandbox_gets_an_account_that_works(city: City) -> None:
    known = httpx.get(city.x.url + "/sandbox/account.json").json()
    token = known["credentials"]["access_token"]
    answer = httpx.get(city.x.url + "/2/users/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["data"]["username"] == known["handle"].removeprefix("@") == "philly311"
    assert set(known["credentials"]) <= set(city.channel.secrets)


def test_with_an_address_from_the_beginning_it_calls_there(city: City) -> None:
    x = Emulator(city.hook.shared_url)
    x.say(x.residents[0], "hello")
    assert x.calls.settled() and [call.answers for call in x.calls.log] == [[200]]
    assert json.loads(x.calls.log[0].body)["data"]["event_type"] == "post.mention.create"
