"""The front-end files: locked without a registry's name, small, whole, and built once."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "src" / "openline" / "static" / "vendor"


@pytest.fixture(scope="module")
def tool() -> object:
    """tools/build_assets.py as a module."""
    spec = importlib.util.spec_from_file_location("build_assets", ROOT / "tools" / "build_assets.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_lock_names_what_is_fetched_but_not_from_where() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = [facts for name, facts in lock["packages"].items() if name]
    assert packages and all(facts["integrity"].startswith("sha512-") for facts in packages)
    assert not any("resolved" in facts for facts in packages)
    assert "://" not in (ROOT / "package.json").read_text() + (ROOT / ".npmrc").read_text()


def built() -> None:
    """Skip where the files were not fetched yet (`make install` does)."""
    if not VENDOR.is_dir():
        pytest.skip("the front-end files are not built")


def test_every_file_that_the_style_sheet_names_is_there() -> None:
    built()
    sheet = VENDOR / "uswds" / "css" / "uswds.min.css"
    for name in re.findall(r"url\(([^)]+)\)", sheet.read_text()):
        if not name.startswith(("data:", '"data:')):
            assert (sheet.parent / name).is_file(), name


def test_what_is_kept_is_small_and_named_by_templates() -> None:
    built()
    assert sum(path.stat().st_size for path in VENDOR.rglob("*")) < 6_000_000
    templates = "".join(path.read_text() for path in (ROOT / "src/openline/templates").rglob("*.html"))
    for name in re.findall(r"static '(vendor/[^']+)'", templates):
        assert (VENDOR.parent / name).is_file(), name


def test_the_second_run_does_nothing(tool: object) -> None:
    built()
    stamp = VENDOR / "built-from.txt"
    if stamp.read_text().strip() != tool.fingerprint():  # type: ignore[attr-defined]
        pytest.skip("the lock changed since the files were built")
    before = stamp.stat().st_mtime_ns
    done = subprocess.run([sys.executable, ROOT / "tools" / "build_assets.py"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, stamp.stat().st_mtime_ns) == (0, "", before)


def test_one_family_of_fonts_is_enough(tool: object) -> None:
    css = (
        '@font-face{font-family:"Roboto Mono Web";src:url(../fonts/r.woff2)}'
        '@font-face{font-family:"Source Sans Pro Web";src:url(../fonts/s.woff2)}'
        "h1{font-family:Merriweather Web,Georgia,Cambria,Times New Roman,Times,serif}"
    )
    slim = tool.slim(css)  # type: ignore[attr-defined]
    assert "r.woff2" not in slim and "s.woff2" in slim and "Merriweather" not in slim
