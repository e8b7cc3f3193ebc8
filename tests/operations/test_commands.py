"""The command line from outside: what goes in, what comes out, and what is said when it cannot be."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from openline.accounts.models import Account
from openline.sandbox.cast import CITY
from openline.sandbox.servers import SandboxServers, free_port
from openline.triage.models import ServiceModelFile
from tests.apart import database_url

pytestmark = pytest.mark.usefixtures("philadelphia")


class Standard:
    """Standard input or output made of bytes."""

    def __init__(self, content: bytes = b"") -> None:
        self.buffer = io.BytesIO(content)
        self._lines = io.StringIO(content.decode("utf-8", "replace"))

    def readline(self) -> str:
        return self._lines.readline()

    def isatty(self) -> bool:
        return False


def run(monkeypatch: pytest.MonkeyPatch, *command: str, given: bytes = b"") -> list[dict[str, Any]]:
    """The JSON lines that a command prints for what it is given on standard input."""
    out = Standard()
    monkeypatch.setattr(sys, "stdin", Standard(given))
    monkeypatch.setattr(sys, "stdout", out)
    try:
        call_command(*command)
    finally:
        monkeypatch.undo()
    return [json.loads(line) for line in out.buffer.getvalue().splitlines()]


def test_triage_reads_json_lines_and_goes_on_after_a_bad_one(monkeypatch: pytest.MonkeyPatch) -> None:
    given = b'{"id": "1", "text": "pothole at 13th & Market"}\nnonsense\n{"id": "3", "text": "\\u0000"}\n'
    first, bad, odd = run(monkeypatch, "triage", "-", given=given)
    assert set(first) == {"id", "intent", "urgency", "services", "place", "language", "personal_data", "reasons"}
    assert first["services"][0]["name"] == "Street Defect"
    assert set(first["place"]) == {"kind", "name", "lat", "lon", "confidence", "span"}
    assert "line 2" in bad["error"]
    assert odd["id"] == "3"


def test_geocode_answers_every_line(monkeypatch: pytest.MonkeyPatch) -> None:
    found, nothing = run(monkeypatch, "geocode", "-", given=b"13th and Market\nthe moon\n")
    assert found["kind"] == "intersection" and found["lat"] and found["query"] == "13th and Market"
    assert nothing == {"query": "the moon", "kind": None, "name": None, "lat": None, "lon": None, "confidence": None}


def test_a_missing_file_is_told() -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("triage", "/nowhere/posts.jsonl")


@pytest.mark.usefixtures("few_services")
def test_training_uses_a_model_only_if_it_is_better(tmp_path: Path) -> None:
    rows = [
        json.dumps({"text": f"{words} number {n} by the corner shop", "service": service})
        for words, service in (
            ("the zibble is wobbling", "Street Defect"),
            ("a grommet fell off", "Graffiti Removal"),
            ("flarn everywhere", "Illegal Dumping"),
        )
        for n in range(60)
    ]
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join([*rows, "nonsense", json.dumps({"text": "x", "service": "No such service"})]))
    before = ServiceModelFile.objects.count()
    out = io.StringIO()
    call_command("train", str(file), "--dry-run", stdout=out)
    assert ServiceModelFile.objects.count() == before
    assert "No such service" in out.getvalue()
    call_command("train", str(file), stdout=out)
    assert "now in use" in out.getvalue()
    assert ServiceModelFile.objects.count() == before + 1


def test_too_little_to_learn_from_is_told(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"text": "x", "service": "Street Defect"}\n')
    with pytest.raises(CommandError):
        call_command("train", str(tmp_path / "rows.jsonl"))


def test_an_account_is_connected_only_if_the_network_knows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with SandboxServers(tmp_path, free_port(), free_port(), in_memory=True) as servers:
        command = ["account", "add", "mastodon", "@philly311", servers.mastodon_url]
        monkeypatch.setattr(sys, "stdin", Standard(b"wrong\n"))
        with pytest.raises(CommandError, match="Nothing was kept"):
            call_command(*command)
        assert not Account.objects.exists()
        monkeypatch.setattr(sys, "stdin", Standard(CITY[0].token.encode() + b"\n"))
        call_command(*command)
        account = Account.objects.get()
        assert account.credentials == {"access_token": CITY[0].token}
        assert CITY[0].token.encode() not in bytes(account.credentials_encrypted)
        out = io.StringIO()
        call_command("doctor", stdout=out)
        assert "token accepted" in out.getvalue()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=out)
    assert "MEND" in out.getvalue()


def test_a_user_gets_a_role_and_a_good_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Standard(b"short\n"))
    with pytest.raises(CommandError):
        call_command("user", "add", "ana", "--role", "agent")
    monkeypatch.setattr(sys, "stdin", Standard(b"a long and good one\n"))
    call_command("user", "add", "ana", "--role", "agent", "--department", "streets")
    ana = User.objects.get(username="ana")
    assert ana.check_password("a long and good one")
    assert [g.name for g in ana.groups.all()] == ["agent"]


def test_an_account_is_listed_gets_a_password_and_is_switched_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, role in (("root", "administrator"), ("ana", "agent")):
        monkeypatch.setattr(sys, "stdin", Standard(b"a long and good one\n"))
        call_command("user", "add", name, "--role", role)
    monkeypatch.setattr(sys, "stdin", Standard(b"another long and good one\n"))
    call_command("user", "password", "ana")
    assert User.objects.get(username="ana").check_password("another long and good one")
    call_command("user", "off", "ana")
    call_command("user", "list")
    assert "ana: agent (switched off)" in capsys.readouterr().out
    for wrong in (["off", "root"], ["off", "nobody"], ["off"], ["add", "eva"]):
        with pytest.raises(CommandError):
            call_command("user", *wrong)
    assert User.objects.get(username="root").is_active


@pytest.mark.django_db(transaction=True)
def test_a_broken_pipe_ends_quietly() -> None:
    lines = b'{"id": "1", "text": "hello"}\n' * 2000
    command = f"{sys.executable} -m openline triage - | head -1"
    environment = os.environ | {"DATABASE_URL": database_url()}
    run_ = subprocess.run(command, shell=True, input=lines, capture_output=True, check=False, env=environment)
    assert json.loads(run_.stdout)["id"] == "1"
    assert b"Traceback" not in run_.stderr
