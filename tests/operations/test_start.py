"""How processes start: what they load before they work, and that the web server serves from copies of itself."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.conf import LazySettings
from django.contrib.staticfiles.finders import get_finder
from django.db.migrations.loader import MigrationLoader

from openline.cities import sample
from openline.geography.models import GazetteerFile
from openline.operations import static_files
from openline.operations.common import migrations
from openline.operations.processes import wait_for
from openline.sandbox.servers import free_port
from tests.apart import database_url
from tests.operations.test_backup import ask, empty_database

__all__ = ["empty_database"]
FIRST_WHEN_USED = {
    "nostr_sdk": "only where a city has such an account",
    "mastodon": "only where a city has such an account",
    "openline.channels.email.channel": "only where a city has such an account",
    "holidays": "only where a calendar keeps the public holidays of a country",
    "shapely": "for loading a city",
    "openline.cities.reading": "for loading a city",
    "openline.urls": "pages are none of the worker's business",
    "django.contrib.auth.migrations": "the names of the files tell what is applied",
}
_LOADED = """
import sys, django
django.setup()
import openline.operations.management.commands.work
from openline.operations import static_files
from openline.operations.common import migrations
from openline.channels.registry import channel_for, channels
assert migrations() and "nostr" in channels() and channel_for("web").network == "web"
print(*sys.modules)
"""


def _loaded() -> set[str]:
    environment = os.environ | {"DATABASE_URL": "postgresql:///unused", "DJANGO_SETTINGS_MODULE": "openline.settings"}
    return set(subprocess.check_output([sys.executable, "-c", _LOADED], env=environment, text=True).split())


def test_a_worker_loads_what_it_needs_when_it_needs_it() -> None:
    loaded = _loaded()
    assert "openline.worker.main" in loaded and "openline.channels.web.channel" in loaded
    assert not {name: why for name, why in FIRST_WHEN_USED.items() if name in loaded}


def test_migrations_are_told_by_their_files_as_django_reads_them() -> None:
    assert migrations() == set(MigrationLoader(None).disk_migrations)


@pytest.mark.usefixtures("philadelphia")
def test_the_sample_city_is_loaded_again_only_if_its_gazetteer_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not sample.needed()
    monkeypatch.setattr("openline.geography.archive.FORMAT", 99)
    assert sample.needed()
    monkeypatch.undo()
    GazetteerFile.objects.create(data=b"nothing that we know")
    assert sample.needed()


@pytest.fixture
def server(philadelphia: None, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str, int]]:
    """`openline serve` with two processes on the test database; its address, and the port of the live events."""
    port, events = free_port(), free_port()
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "OPENLINE_VAR": str(tmp_path),
        "PORT": str(port),
        "OPENLINE_EVENTS_PORT": str(events),
    }
    command = [sys.executable, "-m", "openline", "serve", "--workers", "2"]
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        yield process, f"http://127.0.0.1:{port}", events
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_serving_answers_from_several_processes_and_ends_when_asked(
    server: tuple[subprocess.Popen[bytes], str, int],
) -> None:
    process, url, events = server
    assert wait_for(f"{url}/healthz", 60, lambda: process.poll() is not None)
    for page in ("/", "/requests/", "/open311/v2/services.json", "/accounts/login/"):
        assert httpx.get(url + page).status_code == 200
    assert wait_for(f"http://127.0.0.1:{events}/healthz", 60)
    process.terminate()
    assert process.wait(30) == 0
    for address in (url, f"http://127.0.0.1:{events}"):
        while _answers(address):
            time.sleep(0.05)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz").is_success
    except httpx.TransportError:
        return False


def test_static_files_are_collected_again_only_if_one_changed(tmp_path: Path, settings: LazySettings) -> None:
    source, root = tmp_path / "source", tmp_path / "collected"
    source.mkdir()
    (source / "one.css").write_text("a { color: red }")
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [source], root
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    get_finder.cache_clear()
    try:
        assert static_files.collect() and not static_files.collect()
        (source / "one.css").write_text("a { color: blue; background: white }")
        os.utime(source / "one.css", (time.time() + 60, time.time() + 60))  # Django copies what is newer, by the second
        assert static_files.collect() and (root / "one.css").read_text().startswith("a { color: blue")
        shutil.rmtree(root)
        assert static_files.collect() and (root / "one.css").is_file()
    finally:
        get_finder.cache_clear()


_READY = """
import sys, django
django.setup()
from openline.operations.common import ready
sys.stdin.readline()
ready()
"""


@pytest.mark.django_db(transaction=True)
def test_web_server_and_worker_that_start_together_bring_the_database_up_to_date_once(empty_database: str) -> None:
    environment = os.environ | {"DATABASE_URL": empty_database, "DJANGO_SETTINGS_MODULE": "openline.settings"}
    both = [
        subprocess.Popen([sys.executable, "-c", _READY], env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for _process in range(2)
    ]
    for process in both:
        assert process.stdin
        process.stdin.write(b"go\n")
        process.stdin.flush()
    assert [process.communicate()[1] for process in both] == [b"", b""]
    assert ask(empty_database, "SELECT count(*) FROM service_requests_jurisdiction") == 1
