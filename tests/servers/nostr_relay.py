"""nostr-relay: a Nostr relay of another author than nostr-sdk's (PyPI `nostr-relay`, in SQLite)."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from openline.sandbox.servers import free_port
from tests.servers import pypi
from tests.servers.process import running

NAME, COMMAND = "nostr-relay", "nostr-relay"

CONFIG = """\
DEBUG: false
relay_name: unrelated relay
relay_description: a relay that somebody else wrote
storage:
  sqlalchemy.url: sqlite+aiosqlite:///nostr.sqlite3
  num_concurrent_reqs: 10
  num_concurrent_adds: 2
  validators:
    - nostr_relay.validators.is_not_too_large
    - nostr_relay.validators.is_signed
    - nostr_relay.validators.is_recent
    - nostr_relay.validators.is_not_hellthread
verification:
  nip05_verification: disabled
gunicorn:
  bind: 127.0.0.1:{port}
  workers: 1
  loglevel: warning
  reload: false
authentication:
  enabled: {authentication}
  valid_urls:
    - ws://127.0.0.1:{port}
  actions:
    save: a
    query: a
message_timeout: 1800
subscription_limit: 32
max_limit: 6000
hellthread_limit: 100
{more}
"""


def here() -> bool:
    """Is it installed, or can it be?"""
    return pypi.install(NAME, COMMAND)


@contextmanager
def serving(folder: Path, port: int = 0, *, authentication: bool = False, more: str = "") -> Iterator[str]:
    """The relay while the block runs; yields its address. What it holds stays in `folder`."""
    port = port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.yaml"
    config.write_text(CONFIG.format(port=port, authentication=str(authentication).lower(), more=more))
    command = [pypi.program(NAME, COMMAND), "-c", config, "serve"]

    def ready() -> bool:
        answer = httpx.get(f"http://127.0.0.1:{port}/", headers={"Accept": "application/nostr+json"}, timeout=2)
        return answer.is_success

    with running(command, folder, ready):
        yield f"ws://127.0.0.1:{port}"


def load(folder: Path, events: Iterable[str]) -> None:
    """Put signed events into the store of the relay in `folder`, which does not run."""
    (file := folder / "events.jsonl").write_text("\n".join(events) + "\n")
    command = [pypi.program(NAME, COMMAND), "-c", folder / "config.yaml", "load", file]
    subprocess.run([str(part) for part in command], cwd=folder, check=True, capture_output=True)
