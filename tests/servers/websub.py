"""A WebSub hub that we did not write: Flask-WebSub, on this machine alone, its queue done at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from openline.sandbox.servers import free_port
from tests.conftest import need
from tests.servers.process import running

PACKAGES = ("flask-websub==0.4.1", "celery==5.5.3")
PLACE = Path(sys.prefix) / "servers" / "websub"
_SERVER = """
import sys
sys.path.insert(0, sys.argv[1])
from celery import Celery
from flask import Flask
from flask_websub.hub import Hub, SQLite3HubStorage
app = Flask("hub")
app.config["PUBLISH_SUPPORTED"] = True
queue = Celery("hub", broker="memory://")
queue.conf.update(task_always_eager=True, task_eager_propagates=True)
hub = Hub(SQLite3HubStorage("hub.sqlite3"), queue, MAX_ATTEMPTS=1)
app.register_blueprint(hub.build_blueprint(url_prefix="/hub"))
app.run("127.0.0.1", int(sys.argv[2]), threaded=True)
"""


@contextmanager
def hub(folder: Path) -> Iterator[str]:
    """The hub's address, while the block runs."""
    need(install(), "the WebSub hub (pip install flask-websub celery)")
    port = free_port()
    (folder / "hub.py").write_text(_SERVER)
    command = [sys.executable, folder / "hub.py", PLACE, str(port)]
    # It refuses a GET, which shows that it answers.
    with running(command, folder, lambda: httpx.get(f"http://127.0.0.1:{port}/hub").status_code == 405):
        yield f"http://127.0.0.1:{port}/hub"


def install() -> bool:
    """Install the hub beside the tests' own packages, once. True if it is there."""
    if not (PLACE / "flask_websub").is_dir():
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", "install", "--target", str(PLACE)]
        subprocess.run([*pip, *PACKAGES], check=False, capture_output=True, timeout=300)
    return (PLACE / "flask_websub").is_dir()
