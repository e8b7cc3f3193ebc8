"""Servers from PyPI in virtual environments of their own, pinned: their needs never meet ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent.parent / ".venv" / "servers"


def program(name: str, command: str) -> Path:
    """Where `command` of the server `name` is, once it is installed."""
    return FOLDER / name / "bin" / command


def install(name: str, command: str) -> bool:
    """Install the server `name` by its pins (`<name>.txt` beside this file) if it is missing; true if it is there."""
    if program(name, command).exists():
        return True
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    folder = FOLDER / name
    made = subprocess.run([sys.executable, "-m", "venv", folder], check=False, **quiet)  # type: ignore[call-overload]
    if made.returncode:
        return False
    pip = [folder / "bin" / "python", "-m", "pip", "-q", "install", "--no-compile", "-r", HERE / f"{name}.txt"]
    subprocess.run(pip, check=False, **quiet)  # type: ignore[call-overload]
    return program(name, command).exists()
