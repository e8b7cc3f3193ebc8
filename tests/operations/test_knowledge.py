"""`openline knowledge`: in, out, and what is due."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from openline.knowledge.models import Article
from openline.knowledge.reminding import remind
from openline.records.models import Record

pytestmark = pytest.mark.usefixtures("philadelphia")


def run(*arguments: str, **options: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("knowledge", *arguments, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_files_come_in_all_or_none_and_go_out(tmp_path: Path) -> None:
    rows = tmp_path / "a.csv"
    rows.write_text("title,body,expires\nZebra one,Text,\nZebra two,Text,soon\n")
    with pytest.raises(CommandError, match="1 refused. Nothing was kept"):
        run("import", str(rows))
    assert not Article.objects.filter(title__startswith="Zebra").exists()
    out, err = run("import", str(rows), skip_refused=True, dry_run=True)
    assert "new      Zebra one" in out and "Nothing was kept." in out and "expires" in err
    assert "1 new" in run("import", str(rows), skip_refused=True)[0]
    assert Article.objects.get(title="Zebra one").state == "draft"
    run("export", str(tmp_path / "folder"))
    assert (tmp_path / "folder" / "zebra-one.md").read_text().startswith("---\nslug: zebra-one\n")
    assert "zebra-one,Zebra one,en" in run("export", "-")[0]
    out, _err = run("import", str(tmp_path / "folder" / "zebra-one.md"))
    assert out.startswith("same     Zebra one")
    for place in (str(tmp_path / "none"), "http://127.0.0.1:1/"):
        with pytest.raises(CommandError, match="refused"):
            run("import", place)
    with pytest.raises(CommandError, match="Name a file"):
        run("import")


def test_what_is_due_is_listed_and_once_a_day_on_the_record() -> None:
    Article.objects.update(review_on=None)
    assert remind() == 0 and not Record.objects.filter(body__what="articles due").exists()
    Article.objects.filter(slug="potholes").update(review_on="2026-01-01", owner="streets")
    assert "review    potholes" in run("due")[0]
    assert remind() == 1
    assert Record.objects.get(body__what="articles due").body["review"] == ["potholes (streets)"]
    Article.objects.filter(slug="potholes").update(expires_on=timezone.localdate())
    assert run("due")[0].startswith("expired")
