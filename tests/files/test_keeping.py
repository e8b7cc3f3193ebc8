"""Files are kept once, clean, where a city wants them."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from openline.files import settings as files_settings
from openline.files.keeping import keep, store
from openline.files.models import File
from openline.files.pictures import Refused
from openline.files.scanning import Scanner, ScannerDown, from_environment
from tests.conftest import need
from tests.files import samples

pytestmark = pytest.mark.django_db


def test_the_same_file_is_kept_once(folder: Path) -> None:
    first, second = keep(samples.photo(place=samples.CITY_HALL)), keep(samples.photo(place=samples.CITY_HALL))
    assert first.file == second.file and File.objects.count() == 1
    assert first.position == second.position == pytest.approx(samples.CITY_HALL, abs=1e-5)
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert len(kept) == 3 and all(path.stat().st_mode & 0o077 == 0 for path in kept)


def test_the_original_is_kept_as_it_came_and_nothing_says_where_it_was_taken() -> None:
    data = samples.photo(place=samples.CITY_HALL)
    file = keep(data).file
    assert store().open(file.original).read() == data
    row = File.objects.filter(pk=file.pk).values()[0]
    assert not {"latitude", "longitude"} & row.keys() and "39.95" not in str(row)


def test_a_document_has_no_pictures() -> None:
    file = keep(samples.PDF).file
    assert (file.content_type, file.is_picture, file.phash, file.width) == ("application/pdf", False, None, None)


def test_what_is_refused_leaves_nothing(folder: Path) -> None:
    with pytest.raises(Refused):
        keep(samples.SVG)
    assert not File.objects.exists() and not list(folder.rglob("*"))


def test_after_a_crash_between_storage_and_row_the_next_try_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(File.objects), "bulk_create", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        keep(samples.photo())
    monkeypatch.undo()
    assert not File.objects.exists()
    file = keep(samples.photo()).file
    assert store().open(file.original).read() == samples.photo() and not file.original.count("_")


# The virus scanner


@pytest.fixture
def scanner(settings: Settings) -> Iterator[Scanner]:
    """ClamAV's own daemon with one signature, the harmless test file, where it is installed."""
    need(shutil.which("clamd") is not None, "clamd (apt install clamav-daemon)")
    folder = Path("/tmp") / f"openline-clam-{os.getpid()}"  # a unix socket's path must be short
    folder.mkdir()
    (folder / "db").mkdir()
    (folder / "db" / "test.ndb").write_text(f"Openline.Test:0:*:{samples.EICAR.hex()}\n")
    config = f"DatabaseDirectory {folder}/db\nLocalSocket {folder}/s\nForeground yes\nStreamMaxLength 1M\nUser root\n"
    (folder / "clamd.conf").write_text(config if os.geteuid() == 0 else config.replace("User root\n", ""))
    process = subprocess.Popen(
        ["clamd", "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    found = Scanner(path=f"{folder}/s")
    until = time.monotonic() + 30
    while not found.answers() and time.monotonic() < until and process.poll() is None:
        time.sleep(0.1)
    assert found.answers(), "clamd did not start"
    settings.CLAMAV = found
    yield found
    process.terminate()
    process.wait(10)
    shutil.rmtree(folder)


def test_a_virus_is_found_by_clamav_and_nothing_of_it_is_kept(scanner: Scanner, folder: Path) -> None:
    assert scanner.scan(b"nothing bad" * 20_000) == ""
    assert scanner.scan(samples.EICAR).startswith("Openline.Test")
    with pytest.raises(Refused, match="virus scanner found “Openline.Test"):
        keep(samples.PDF.replace(b"%%EOF", samples.EICAR + b"\n%%EOF"))
    assert not File.objects.exists() and not list(folder.rglob("*"))
    keep(samples.photo())
    assert File.objects.get().scanned


def test_a_file_over_clamavs_own_limit_is_not_taken_for_clean(scanner: Scanner) -> None:
    with pytest.raises(ScannerDown):
        scanner.scan(b"x" * 3_000_000)


class SaidOnce:
    """A stand-in for clamd on TCP that reads a stream exactly as clamd does, then says one thing."""

    def __init__(self, answer: bytes) -> None:
        self.answer, self.got = answer, bytearray()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        line, _ = self._socket.accept()
        with line, line.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while length := struct.unpack(">I", stream.read(4))[0]:
                self.got += stream.read(length)
            line.sendall(self.answer)


def test_the_protocol_over_tcp() -> None:
    clean, data = SaidOnce(b"stream: OK\0"), os.urandom(200_000)
    assert Scanner(host="127.0.0.1", port=clean.port).scan(data) == "" and bytes(clean.got) == data
    bad = SaidOnce(b"stream: Win.Test FOUND\0")
    assert Scanner(host="127.0.0.1", port=bad.port).scan(b"x") == "Win.Test"
    for words in (b"INSTREAM size limit exceeded. ERROR\0", b"", b"nonsense\0"):
        with pytest.raises(ScannerDown):
            Scanner(host="127.0.0.1", port=SaidOnce(words).port).scan(b"x")


def test_without_an_answer_nothing_is_taken(settings: Settings, tmp_path: Path) -> None:
    settings.CLAMAV = Scanner(path=str(tmp_path / "nobody"))
    with pytest.raises(ScannerDown):
        keep(samples.photo())
    assert not File.objects.exists()


def test_where_the_scanner_is() -> None:
    assert from_environment({}) is None
    assert from_environment({"OPENLINE_CLAMAV": "unix:/run/clamav/clamd.ctl"}) == Scanner(path="/run/clamav/clamd.ctl")
    assert from_environment({"OPENLINE_CLAMAV": "tcp://scan.example:99"}) == Scanner(host="scan.example", port=99)
    for wrong in ("clamd", "http://x", "unix:relative", "tcp://"):
        with pytest.raises(ValueError, match="must look like"):
            from_environment({"OPENLINE_CLAMAV": wrong})


# The storage


@pytest.fixture
def bucket(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An S3 bucket of moto's server, with keys in the environment as on a city's machine."""
    boto3 = pytest.importorskip("boto3", reason="the extra s3 is not installed")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key-id",
        "AWS_SECRET_ACCESS_KEY": "s3-secret-words",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}")
    client.create_bucket(Bucket="city-files")
    given = {"OPENLINE_FILES": "s3://city-files/openline", "OPENLINE_S3_ENDPOINT": f"http://{host}:{port}"}
    settings.STORAGES = settings.STORAGES | {"files": files_settings.storage(given, Path("/nowhere"))}
    yield client
    server.stop()


def test_files_can_lie_in_an_s3_bucket(bucket: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    data = samples.photo(3)
    file = keep(data).file
    assert store().open(file.original).read() == data and store().open(file.thumbnail).read()[:4] == b"RIFF"
    keys = {item["Key"] for item in bucket.list_objects_v2(Bucket="city-files")["Contents"]}
    assert {key.split("/")[1] for key in keys} == {"original", "view", "thumbnail"} and len(keys) == 3
    openline = [record for record in caplog.records if record.name.startswith("openline")]
    assert "s3-secret-words" not in caplog.text and not openline
    assert keep(data).file == file and File.objects.count() == 1
    with pytest.raises(FileNotFoundError):
        store().open("original/none").read()


def test_where_files_are_kept(tmp_path: Path) -> None:
    here = files_settings.storage({}, tmp_path)
    assert here["OPTIONS"]["location"] == tmp_path / "files"
    named = files_settings.storage({"OPENLINE_FILES": str(tmp_path / "other")}, tmp_path)
    assert named["OPTIONS"]["location"] == tmp_path / "other"
    for wrong in ("s3://", "s3://key:secret@bucket"):
        with pytest.raises(ImproperlyConfigured, match="without keys") as caught:
            files_settings.storage({"OPENLINE_FILES": wrong}, tmp_path)
        assert "secret@" not in str(caught.value)
