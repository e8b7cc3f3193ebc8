"""Are the documents true? Every file, command and setting that they name exists, and every link leads somewhere."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"`openline ([a-z]+)")
_PATH = re.compile(r"`((?:src|tests|tools|docs|requirements)/[\w./-]*\w)`")
_SETTING = re.compile(r"`(OPENLINE_[A-Z_]+)`")


def documents() -> Iterator[Path]:
    """All documents for people."""
    yield from ROOT.glob("*.md")
    yield from (ROOT / "docs").rglob("*.md")


def problems() -> Iterator[str]:
    """What is not true."""
    from django.core.management import get_commands

    commands = set(get_commands())
    code = "\n".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    code += "\n".join(path.read_text() for path in (ROOT / "tools").glob("*.py")) + (ROOT / ".ci/run").read_text()
    code += "\n".join(path.read_text() for path in (ROOT / "tests").glob("*.py"))
    for document in documents():
        text, name = document.read_text(), document.relative_to(ROOT)
        for link in _LINK.findall(text):
            target = link.split("#")[0]
            if target and "://" not in target and not (document.parent / target).exists():
                yield f"{name}: the link to {link} leads nowhere"
        yield from (f"{name}: there is no command “openline {c}”" for c in _COMMAND.findall(text) if c not in commands)
        yield from (f"{name}: there is no {p}" for p in _PATH.findall(text) if not (ROOT / p).exists())
        yield from (f"{name}: no code reads {s}" for s in _SETTING.findall(text) if s not in code)


def main() -> None:
    """Print every problem; exit 1 if there is one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openline.settings")
    import django

    django.setup()
    found = sorted(set(problems()))
    print("\n".join(found) or "The documents name nothing that is not there.")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
