"""The networks on this machine: they start, say why if they cannot, and never stay behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from openline.sandbox.cast import CITY, RESIDENTS
from openline.sandbox.servers import CannotStart, SandboxServers, free_port


def test_a_port_in_use_is_told_by_its_number(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=str(port)):
            SandboxServers(tmp_path, port, free_port(), in_memory=True).start()


def test_if_one_cannot_start_the_other_does_not_stay(tmp_path: Path) -> None:
    mastodon_port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CannotStart):
        SandboxServers(tmp_path, mastodon_port, taken.getsockname()[1], in_memory=True).start()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{mastodon_port}/api/v1/instance")


def test_everybody_has_an_account_of_their_own(servers: SandboxServers) -> None:
    names = []
    for person in (*CITY, *RESIDENTS):
        login = {"Authorization": f"Bearer {person.token}"}
        me = httpx.get(f"{servers.mastodon_url}/api/v1/accounts/verify_credentials", headers=login).json()
        names.append(me["username"])
    assert names == [person.username for person in (*CITY, *RESIDENTS)]
    assert len({person.public_key for person in (*CITY, *RESIDENTS)}) == len(names)


def test_servers_end_with_their_parent_even_if_it_is_killed(tmp_path: Path) -> None:
    port = free_port()
    program = (
        "import sys, pathlib; from openline.sandbox.servers import *;"
        f"s = SandboxServers(pathlib.Path({str(tmp_path)!r}), {port}, free_port(), in_memory=True);"
        "s.start_nostr(); print('up', flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout and parent.stdout.readline() == b"up\n"
    [child] = [int(pid) for pid in _children(parent.pid)]
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait(5)
    until = time.monotonic() + 8
    while time.monotonic() < until and _runs(child):
        time.sleep(0.1)
    assert not _runs(child)


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False
