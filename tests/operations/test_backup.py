"""A backup holds everything but the key, and comes back whole, or not at all."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.utils import timezone
from psycopg import sql
from psycopg.conninfo import make_conninfo

from openline.accounts.models import Account
from openline.operations import backup
from openline.operations.backup import NotPossible
from openline.outbox.models import Delivery
from tests.apart import database_url

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def empty_database() -> Iterator[str]:
    """The address of an empty database on the tests' server."""
    url, name = database_url(), f"openline_backup_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield make_conninfo(url, dbname=name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def folder(at: Path, **files: str) -> Path:
    """A folder with files."""
    (at / "ab").mkdir(parents=True)
    for name, text in files.items():
        (at / "ab" / name).write_text(text)
    return at


def ask(url: str, question: str) -> object:
    """The answer of a database to a question with one answer."""
    with psycopg.connect(url) as connection:
        row = connection.execute(question.encode()).fetchone()
    return row and row[0]


def test_it_comes_back_whole(tmp_path: Path, empty_database: str) -> None:
    desk = Account.objects.create(network="mastodon", handle="@kept", server="https://social.example")
    now = timezone.now()
    Delivery.objects.create(account=desk, key="1", thread="1", outgoing={}, next_try_at=now, created_at=now)
    photos, to, var = folder(tmp_path / "photos", photo="JPEG"), tmp_path / "one.tar", tmp_path / "var"
    backup.save(to, database_url(), var, photos)
    key = (var / "secret.key").read_text().strip()
    assert key.encode() not in to.read_bytes() and to.stat().st_mode & 0o077 == 0
    about = backup.bring_back(to, empty_database, var, tmp_path / "back")
    assert about["same_key"] and (tmp_path / "back" / "ab" / "photo").read_text() == "JPEG"
    assert ask(empty_database, "SELECT handle FROM accounts_account") == "@kept"
    assert ask(empty_database, "SELECT state FROM outbox_delivery") == "unclear"  # it may have left since
    with pytest.raises(psycopg.Error), psycopg.connect(empty_database) as connection:  # the record stays append-only
        connection.execute("TRUNCATE records_record")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["back", "one.tar", "photos", "var"]


def test_another_key_is_noticed(tmp_path: Path, empty_database: str) -> None:
    to = tmp_path / "one.tar"
    backup.save(to, database_url(), tmp_path / "var", None)
    about = backup.bring_back(to, empty_database, tmp_path / "new", None)
    assert not about["same_key"] and not about["files"]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    to = tmp_path / "one.tar"
    to.write_text("yesterday's")
    with pytest.raises(NotPossible, match="there already"):
        backup.save(to, database_url(), tmp_path / "var", None)
    assert to.read_text() == "yesterday's"
    with tarfile.open(tmp_path / "two.tar", "w") as archive:
        (tmp_path / "openline.json").write_text('{"format": 1, "files": true, "key": ""}')
        archive.add(tmp_path / "openline.json", "openline.json")
    with pytest.raises(NotPossible, match="not empty"):
        backup.bring_back(tmp_path / "two.tar", database_url(), tmp_path / "var", None)


@pytest.mark.parametrize("content", [b"", b"no archive", b"\0" * 10240])
def test_what_is_no_backup_is_refused(tmp_path: Path, empty_database: str, content: bytes) -> None:
    (tmp_path / "one.tar").write_bytes(content)
    with pytest.raises(NotPossible, match="no backup"):
        backup.bring_back(tmp_path / "one.tar", empty_database, tmp_path / "var", None)


def test_a_database_that_does_not_answer_leaves_no_half_file(tmp_path: Path) -> None:
    with pytest.raises(NotPossible, match="pg_dump"):
        backup.save(tmp_path / "one.tar", "postgresql://127.0.0.1:9/none", tmp_path / "var", None)
    assert [one.name for one in tmp_path.iterdir()] == ["var"]
