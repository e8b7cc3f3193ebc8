"""Compile ahead what the Python files below the given folders are and import, so that no process does it at its start.

    python tools/compile.py src [tests ...]

Libraries are imported, because compiling all that is installed would be 50 MB for nothing. Also where
PYTHONDONTWRITEBYTECODE is set, as containers often have it: without bytecode a start takes three times as long.
"""

from __future__ import annotations

import ast
import compileall
import importlib
import io
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

OURS = ("openline", "tests")


def main(folders: list[str]) -> int:
    """Compile; returns the exit status. What is not installed (extras) is left out."""
    sys.dont_write_bytecode = False
    warnings.simplefilter("ignore")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openline.settings")
    os.environ.setdefault("DATABASE_URL", "postgresql:///unused")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("check", stdout=io.StringIO())
    files = [file for folder in folders for file in Path(folder).rglob("*.py")]
    for name in sorted({name for file in files for name in imported(file)}):
        try:
            importlib.import_module(name)
        except Exception:  # an extra, or something that only works inside of another program
            continue
    done = [compileall.compile_dir(folder, quiet=1) for folder in folders]
    return 0 if all(done) else 1


def imported(file: Path) -> Iterator[str]:
    """The modules of others that the file imports, at its top or when they are needed."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        yield from (name for name in names if name.partition(".")[0] not in OURS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
