"""Two federating snac2 servers (tools/snac.py builds them), each behind nginx on a loopback address of its own.

Their host names are these addresses without a port, because a mention's host has none; so port 80 is needed there.
nginx stands before them because snac closes kept-alive connections without a word.
"""

from __future__ import annotations

import json
import random
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from tools.snac import SNAC

from openline.sandbox.servers import free_port
from tests.conftest import need
from tests.servers.process import end, run

_NGINX = shutil.which("nginx") or "/usr/sbin/nginx"


@dataclass
class Snac:
    """One server: `host` is its name in addresses and mentions, `port` leads to it on 127.0.0.1."""

    folder: Path
    host: str
    port: int = field(default_factory=free_port)
    inner_port: int = field(default_factory=free_port)
    passwords: dict[str, str] = field(default_factory=dict)
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The server's base address."""
        return f"http://{self.host}"

    def make(self, *users: str) -> None:
        """Make its storage, with these users."""
        answers = f"127.0.0.1\n{self.inner_port}\n{self.host}\n\n\n"
        self._snac("init", str(self.folder), said=answers)
        settings = self.folder / "server.json"
        settings.write_text(json.dumps(json.loads(settings.read_text()) | {"protocol": "http"}))
        for user in users:
            words = self._snac("adduser", str(self.folder), user, said="\n")
            self.passwords[user] = next(line for line in words.splitlines() if "password" in line).split()[-1]

    def start(self) -> None:
        """Start it, and nginx before it, and wait until both answer."""
        folder, instance = self.folder.parent, "/api/v1/instance"
        inner = f"http://127.0.0.1:{self.inner_port}{instance}"
        self._processes = [run([SNAC, "httpd", self.folder], folder, lambda: httpx.get(inner).is_success)]
        nginx = [_NGINX, "-p", self.folder, "-c", self._configuration(), "-g", "daemon off;"]
        self._processes.append(run(nginx, folder, lambda: httpx.get(self.url + instance).is_success))

    def stop(self) -> None:
        """End both; what the server holds stays in its folder."""
        for process in reversed(self._processes):
            end(process)
        self._processes = []

    def follow(self, user: str, whom: str) -> None:
        """Let `user` follow the profile at the address `whom`."""
        self._snac("follow", str(self.folder), user, whom, said="")

    def _snac(self, *arguments: str, said: str) -> str:
        done = subprocess.run([SNAC, *arguments], input=said, capture_output=True, text=True, check=True)
        return done.stdout

    def _configuration(self) -> Path:
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        path = self.folder / "nginx.conf"
        path.write_text(
            f"worker_processes 1; user root; pid {self.folder}/nginx.pid; error_log {self.folder}/nginx.log;\n"
            "events { worker_connections 256; }\nhttp { access_log off;\n"
            + "".join(f"{kind}_temp_path {self.folder}/nginx/{kind};\n" for kind in kinds)
            + f"server {{ listen {self.host}:80; listen 127.0.0.1:{self.port}; client_max_body_size 50m;\n"
            f"location / {{ proxy_pass http://127.0.0.1:{self.inner_port}; proxy_http_version 1.0;"
            f" proxy_set_header Host {self.host}; }} }} }}\n"
        )
        (self.folder / "nginx").mkdir(exist_ok=True)
        return path


@contextmanager
def pair(folder: Path, one: tuple[str, ...], other: tuple[str, ...]) -> Iterator[tuple[Snac, Snac]]:
    """Two servers that know nothing of each other yet, with these users."""
    need(SNAC.exists(), "snac2 (python tools/snac.py)")
    need(Path(_NGINX).exists(), "nginx (apt install nginx-light)")
    hosts = _free_hosts()
    need(len(hosts) == 2, "port 80 on a loopback address (it takes root)")
    servers = Snac(folder / "a", hosts[0]), Snac(folder / "b", hosts[1])
    with ExitStack() as stack:
        for server, users in zip(servers, (one, other), strict=True):
            server.make(*users)
            stack.callback(server.stop)
            server.start()
        yield servers


def _free_hosts() -> list[str]:
    """Two loopback addresses whose port 80 is free; fewer if that port may not be used."""
    found: list[str] = []
    for _try in range(20):
        host = f"127.{random.randint(2, 250)}.{random.randint(1, 250)}.{random.randint(2, 250)}"
        with suppress(OSError), socket.create_server((host, 80)):
            found.append(host)
        if len(found) == 2:
            break
    return found
