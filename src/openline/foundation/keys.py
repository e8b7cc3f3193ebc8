"""The keys of this installation: the one that is used, and older ones that are still readable.

They come from the environment (OPENLINE_SECRET_KEY; OPENLINE_SECRET_KEY_OLD holds older ones, with blanks between), or
from the file `secret.key` in OPENLINE_VAR, a key a line, the newest first. The file is made at the first use.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path


class NotHere(Exception):
    """The keys stand in the environment, so that only who sets it can change them."""


def installation_keys(var: Path) -> list[str]:
    """The keys, the one that is used first."""
    if given := os.environ.get("OPENLINE_SECRET_KEY"):
        return [given, *os.environ.get("OPENLINE_SECRET_KEY_OLD", "").split()]
    path = _path(var)
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # another process was quicker
            _write(path, [new_key()], put=os.link)
    return [line.strip() for line in path.read_text().splitlines() if line.strip()]


def new_key() -> str:
    """A new key: 384 bits by chance."""
    return secrets.token_urlsafe(48)


def in_environment() -> bool:
    """True if the keys are given by the environment, and the file does not count."""
    return bool(os.environ.get("OPENLINE_SECRET_KEY"))


def begin(var: Path) -> list[str]:
    """Put a new key before those in the file, and return all. Raises NotHere."""
    if in_environment():
        raise NotHere
    found = [new_key(), *installation_keys(var)]
    _write(_path(var), found)
    return found


def forget(var: Path) -> int:
    """Leave only the newest key in the file; how many were forgotten. Raises NotHere."""
    if in_environment():
        raise NotHere
    newest, *older = installation_keys(var)
    if older:
        _write(_path(var), [newest])
    return len(older)


def _path(var: Path) -> Path:
    return var / "secret.key"


def _write(path: Path, keys: Sequence[str], put: Callable[[Path, Path], None] = os.replace) -> None:
    """Whole or not at all, whatever happens meanwhile, for our own eyes only (mode 600)."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write("\n".join(keys) + "\n")
            file.flush()
            os.fsync(file.fileno())
        put(draft, path)
    finally:
        draft.unlink(missing_ok=True)
