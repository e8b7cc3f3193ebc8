"""`openline demo --once --json`: the main job on real servers, from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def test_the_main_job_on_real_servers(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("PORT", "DATABASE_URL")}
    environment["OPENLINE_VAR"] = str(tmp_path / "var")
    run = subprocess.run(
        [sys.executable, "-m", "openline", "demo", "--once", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    steps = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    missed = [s for s in steps if not s["ok"]]
    assert not missed, missed
    assert run.returncode == 0, run.stderr[-2000:]
    assert {s["conversation"] for s in steps} == {
        "request on mastodon",
        "request on nostr",
        "place asked for",
        "question",
        "emergency",
        "chatter",
        "staff closes, resident reopens",
        "private message",
    }
