"""The proxy with faults does what it says, or all that it proves is nothing."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from tests.channels import faults
from tests.channels.faults import FaultProxy


class Counting(BaseHTTPRequestHandler):
    """Counts what it is asked to change."""

    changes = 0

    def do_GET(self) -> None:
        self._say()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        Counting.changes += 1
        self._say()

    def _say(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "200")
        self.end_headers()
        self.wfile.write(b"x" * 200)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    Counting.changes = 0
    server = HTTPServer(("127.0.0.1", 0), Counting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with FaultProxy(server.server_port) as running:
        yield running
    server.shutdown()
    server.server_close()


def post(proxy: FaultProxy, seconds: float = 5.0) -> httpx.Response:
    return httpx.post(f"http://127.0.0.1:{proxy.port}/", content=b"body", timeout=seconds)


@pytest.mark.parametrize(("fault", "changes"), [(faults.CUT_BEFORE, 0), (faults.CUT_AFTER, 1), (faults.CUT_WITHIN, 1)])
def test_a_cut_line(proxy: FaultProxy, fault: faults.Fault, changes: int) -> None:
    with proxy.striking(fault), pytest.raises(httpx.TransportError):
        post(proxy)
    assert Counting.changes == changes and proxy.struck == [fault]
    assert post(proxy).status_code == 200


def test_answers_of_its_own_and_late_ones(proxy: FaultProxy) -> None:
    with proxy.striking(faults.too_many(7)):
        answer = post(proxy)
    assert (answer.status_code, answer.headers["retry-after"], Counting.changes) == (429, "7", 0)
    with proxy.striking(faults.BLACK_HOLE), pytest.raises(httpx.ReadTimeout):
        post(proxy, 0.3)
    began = time.monotonic()
    with proxy.striking(faults.delay(0.3)):
        assert post(proxy).status_code == 200
    assert time.monotonic() - began >= 0.3
    with proxy.striking(faults.drip(0.0001)):
        assert len(post(proxy).content) == 200


def test_only_changes_are_struck_and_only_the_one_meant(proxy: FaultProxy) -> None:
    with proxy.striking(faults.UNAVAILABLE, 2):
        assert httpx.get(f"http://127.0.0.1:{proxy.port}/").status_code == 200
        assert [post(proxy).status_code for _ in range(3)] == [200, 503, 200]


def test_nobody_listens_while_it_is_down(proxy: FaultProxy) -> None:
    with proxy.down(), pytest.raises(httpx.ConnectError):
        post(proxy)
    assert post(proxy).status_code == 200


def test_a_mail_is_cut_after_its_final_dot() -> None:
    got: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = listener.accept()
        with line, line.makefile("rwb") as file:
            for said in (b"220 hello\r\n", b"354 go on\r\n"):
                file.write(said)
                file.flush()
                if said.startswith(b"220"):
                    got.append(file.readline())
            while (part := file.readline()) != b".\r\n":
                got.append(part)
            file.write(b"250 taken\r\n")
            file.flush()

    threading.Thread(target=serve, daemon=True).start()
    with (
        FaultProxy(listener.getsockname()[1]) as proxy,
        proxy.striking(faults.CUT_AFTER),
        socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as line,
        line.makefile("rwb") as file,
    ):
        assert file.readline() == b"220 hello\r\n"
        file.write(b"DATA\r\n")
        file.flush()
        assert file.readline() == b"354 go on\r\n"
        file.write(b"Subject: x\r\n\r\nwords\r\n.\r\n")
        file.flush()
        with pytest.raises(ConnectionResetError):
            assert not file.readline()
            raise ConnectionResetError
    assert b"words\r\n" in got and len(proxy.struck) == 1
