"""What all emulators share: the residents' page, and the calls to us with their repeats and their log."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import httpx
import pytest
from starlette.routing import BaseRoute

from openline.channels.accounts import AccountRef
from openline.channels.emulation.base import NAMES, CannotDo, Emulator, Shown, Someone, now
from openline.channels.emulation.serving import serving


class Wall(Emulator):
    """A network of one wall."""

    network: ClassVar[str] = "wall"
    label: ClassVar[str] = "Wall"
    residents = tuple(Someone(str(n), handle, name) for n, (handle, name) in enumerate(NAMES))

    def __init__(self, hook: str = "") -> None:
        super().__init__(hook)
        self.posts: dict[str, Shown] = {}

    @property
    def city(self) -> AccountRef:
        return AccountRef("", "@city", self.url, {"token": "t"}, {"page": "7"}, author_id="7")

    def routes(self) -> Sequence[BaseRoute]:
        return []

    def say(
        self, who: Someone, text: str, *, in_reply_to: str = "", private: bool = False, photos: Sequence[bytes] = ()
    ) -> str:
        if "nothing" in text:
            raise CannotDo("The wall takes no nothing.")
        with self.lock:
            new = f"post/{len(self.posts)}"
            self.posts[new] = Shown(new, who, text, now(), in_reply_to=in_reply_to, private=private)
        self.calls.push(text.encode(), {"x-signature": "s"})
        return new

    def delete(self, post: str) -> None:
        del self.posts[post]

    def thread(self, post: str, who: Someone) -> list[Shown]:
        return [one for one in self.posts.values() if post in (one.id, one.in_reply_to)]

    def newest(self, who: Someone, limit: int = 30) -> list[Shown]:
        return list(self.posts.values())[::-1]


@pytest.fixture
def us() -> Iterator[tuple[str, list[bytes], list[int]]]:
    """Our side: its address, what it was called with, and the statuses that it answers with, one after the other."""
    bodies: list[bytes] = []
    answers: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(answers.pop(0) if answers else 200)
            self.end_headers()

        def log_message(self, *said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", bodies, answers
    server.shutdown()
    server.server_close()


def post(url: str, **fields: str) -> httpx.Response:
    return httpx.post(f"{url}/sandbox/post/", data={"as": "devon", **fields}, follow_redirects=True)


def test_residents_post_see_threads_and_take_back() -> None:
    with serving(Wall()) as url:
        page = post(url, text="A <b>pothole</b>")
        assert page.status_code == 200 and "A &lt;b&gt;pothole&lt;/b&gt;" in page.text and "<b>pothole" not in page.text
        assert "Answer" in post(url, text="Still there", in_reply_to="post/0").text
        index = httpx.get(f"{url}/sandbox/?as=devon")
        assert "Still there" in index.text and 'href="/sandbox/thread/post/1?as=devon"' in index.text
        assert "script" not in index.headers["content-security-policy"]
        gone = httpx.post(f"{url}/sandbox/change/", data={"as": "devon", "post": "post/0", "how": "delete"})
        assert gone.status_code == 303 and httpx.get(f"{url}/sandbox/thread/post/0").status_code == 200
        assert httpx.get(f"{url}/sandbox/thread/post/9").status_code == 404


def test_what_the_network_lacks_is_said() -> None:
    with serving(Wall()) as url:
        assert "The wall takes no nothing." in post(url, text="nothing").text
        assert "Write something first." in post(url, text=" ").text
        changed = httpx.post(f"{url}/sandbox/change/", data={"post": "post/0", "text": "x"}, follow_redirects=True)
        assert "The network has no edits." in changed.text


def test_the_sandbox_learns_the_citys_account() -> None:
    with serving(Wall()) as url:
        known = httpx.get(f"{url}/sandbox/account.json").json()
    assert known == {
        "handle": "@city", "server": url, "credentials": {"token": "t"}, "author_id": "7", "settings": {"page": "7"},
        "label": "Wall",
    }  # fmt: skip


def test_calls_are_made_in_order_repeated_and_logged(us: tuple[str, list[bytes], list[int]]) -> None:
    address, bodies, answers = us
    answers += [500, 200]
    wall = Wall(address)
    wall.calls.retry_seconds = 0.01
    with serving(wall) as url:
        post(url, text="one")
        post(url, text="two")
        assert wall.calls.settled()
        assert bodies == [b"one", b"one", b"two"]
        assert [call.answers for call in wall.calls.log] == [[500, 200], [200]]
        assert "500, 200" in httpx.get(f"{url}/sandbox/").text


def test_held_calls_are_handed_over_in_the_callers_order(us: tuple[str, list[bytes], list[int]]) -> None:
    address, bodies, _answers = us
    wall = Wall(address)
    wall.calls.held = True
    for text in ("one", "two"):
        wall.say(wall.residents[0], text)
    for body, headers in reversed(wall.calls.release()):
        wall.calls.push(body, headers)
    assert wall.calls.settled() and bodies == [b"two", b"one"]
