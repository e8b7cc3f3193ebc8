"""Drills: a written day (or storm) of resident posts, replayed on the sandbox's networks at a chosen speed."""

from __future__ import annotations

import csv
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog
from django.db import connection

from openline.accounts.models import Account
from openline.sandbox import people
from openline.sandbox.cast import RESIDENTS, Person, resident

logger = structlog.get_logger("openline.sandbox")
_FOLDER = Path(__file__).resolve().parent.parent / "cities/philadelphia"
DRILLS = {"day": _FOLDER / "drill.csv", "storm": _FOLDER / "storm.csv"}
_running = threading.Lock()


@dataclass(frozen=True, slots=True)
class Line:
    """One post of a drill: when (seconds from its start), where, by whom, in answer to which other line."""

    id: str
    offset_seconds: float
    network: str
    resident: str
    text: str
    reply_to: str = ""


def read(path: Path) -> list[Line]:
    """The lines of a drill in order of time; raises ValueError naming a bad line."""
    lines = []
    with path.open(newline="", encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            try:
                lines.append(
                    Line(
                        row["id"],
                        float(row["offset_seconds"]),
                        row["network"],
                        row["resident"],
                        row["text"],
                        row.get("reply_to") or "",
                    )
                )
            except (KeyError, ValueError) as error:
                raise ValueError(f"{path.name}:{number}: {error!r}") from None
    return sorted(lines, key=lambda line: line.offset_seconds)


def replay(lines: list[Line], speed: float, stopping: Callable[[], bool] = lambda: False) -> Iterator[Line]:
    """Post the lines at `speed` times real time; yields each line once it is posted."""
    accounts = {a.network: a for a in Account.objects.filter(enabled=True).order_by("-created_at")}
    posted: dict[str, str] = {}
    began = time.monotonic()
    for line in lines:
        wait = line.offset_seconds / speed - (time.monotonic() - began)
        while wait > 0 and not stopping():
            time.sleep(min(wait, 0.5))
            wait = line.offset_seconds / speed - (time.monotonic() - began)
        if stopping():
            return
        account = accounts.get(line.network)
        if account is None:
            continue
        posted[line.id] = people.post(
            account, _person(line.resident), line.text, in_reply_to=posted.get(line.reply_to, "")
        )
        yield line


def _person(name: str) -> Person:
    """The resident of that name; a drill may name more people than the sandbox has."""
    try:
        return resident(name)
    except LookupError:
        return RESIDENTS[sum(name.encode()) % len(RESIDENTS)]


def start_in_background(name: str, speed: float) -> bool:
    """Run a drill in a thread of this process; False if one is running."""
    if not _running.acquire(blocking=False):
        return False

    def run() -> None:
        try:
            for _line in replay(read(DRILLS[name]), speed):
                pass
        except Exception:
            logger.exception("drill_failed", drill=name)
        finally:
            connection.close()
            _running.release()

    threading.Thread(target=run, name=f"drill-{name}", daemon=True).start()
    return True
