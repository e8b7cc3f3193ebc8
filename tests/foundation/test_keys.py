"""The installation's keys: made once, changed whole or not at all, in a file or in the environment."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from openline.foundation import keys, secrets


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENLINE_SECRET_KEY", raising=False)
    monkeypatch.delenv("OPENLINE_SECRET_KEY_OLD", raising=False)


def test_many_processes_at_the_first_use_make_one_key(tmp_path: Path) -> None:
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(keys.installation_keys(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len({tuple(one) for one in found}) == 1 and len(found[0][0]) == 64


def test_a_key_of_before_is_one_line_without_an_end(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("as it was")
    assert keys.installation_keys(tmp_path) == ["as it was"]


def test_a_new_key_stands_before_the_old_and_the_file_stays_private(tmp_path: Path) -> None:
    [old] = keys.installation_keys(tmp_path)
    new, *older = keys.begin(tmp_path)
    assert older == [old] and keys.installation_keys(tmp_path) == [new, old]
    assert [(one.name, one.stat().st_mode & 0o777) for one in tmp_path.iterdir()] == [("secret.key", 0o600)]
    assert keys.forget(tmp_path) == 1 and keys.installation_keys(tmp_path) == [new]
    assert keys.forget(tmp_path) == 0


def test_a_disk_that_fails_leaves_the_old_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = keys.installation_keys(tmp_path)

    def fail(_number: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("openline.foundation.keys.os.fsync", fail)
    with pytest.raises(OSError, match="space"):
        keys.begin(tmp_path)
    assert keys.installation_keys(tmp_path) == before and len(list(tmp_path.iterdir())) == 1


def test_keys_of_the_environment_count_and_are_not_ours_to_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENLINE_SECRET_KEY", "new")
    assert keys.installation_keys(tmp_path) == ["new"]
    monkeypatch.setenv("OPENLINE_SECRET_KEY_OLD", " older\noldest ")
    assert keys.installation_keys(tmp_path) == ["new", "older", "oldest"]
    for change in (keys.begin, keys.forget):
        with pytest.raises(keys.NotHere):
            change(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_secret_is_opened_by_any_of_the_keys() -> None:
    token = secrets.encrypt({"token": "abc"}, "old")
    assert secrets.decrypt(token, "new", "old") == {"token": "abc"}
    with pytest.raises(secrets.UnreadableSecret):
        secrets.decrypt(token, "new", "newer")
