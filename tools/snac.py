"""Build snac2, a small ActivityPub server with Mastodon's client API, from the source package of Debian 13.

It stands in the tests for all servers that are like Mastodon but are not: written in C by others, federating, MIT
licence. The source comes from the mirror that this machine uses for Debian, its signature checked by apt; apt's own
files are left alone. Nothing is done where it is built already. Usage: python tools/snac.py
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SNAC = ROOT / ".venv" / "servers" / "snac2" / "snac"
"""The built server."""

_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
_SUITE = "trixie"
# Its queue sleeps three seconds whenever it was empty; tests do not wait so long. Nothing else is changed.
_SLEEP = "ts.tv_sec += 3;"
_SHORT_SLEEP = "ts.tv_nsec += 200000000; if (ts.tv_nsec > 999999999) { ts.tv_sec++; ts.tv_nsec -= 1000000000; }"


class CannotBuild(Exception):
    """It cannot be had on this machine; the message says why."""


def build() -> Path:
    """The server, built unless it is there. Raises CannotBuild."""
    if SNAC.exists():
        return SNAC
    for program in ("apt-get", "make", "cc", "tar"):
        if not shutil.which(program):
            raise CannotBuild(f"{program} is missing")
    SNAC.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="snac") as name:
        folder = Path(name)
        source = _source(folder)
        code = source / "httpd.c"
        code.write_text(code.read_text().replace(_SLEEP, _SHORT_SLEEP))
        _run(["make", "-j2"], source)
        shutil.copy2(source / "snac", SNAC)
    return SNAC


def _source(folder: Path) -> Path:
    """Debian's source package, downloaded and unpacked; returns its folder."""
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True)
    (folder / "sources.list").write_text(f"deb-src [signed-by={_KEYS}] {mirror()} {_SUITE} main\n")
    settings = {
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "",
    }
    (folder / "apt.conf").write_text("".join(f'{name} "{value}";\n' for name, value in settings.items()))
    apt = ["apt-get", "-qq", "-c", str(folder / "apt.conf")]
    _run([*apt, "update"], folder)
    _run([*apt, "source", "--download-only", "snac2"], folder)
    [archive] = folder.glob("snac2_*.orig.tar.*")
    _run(["tar", "xf", archive.name], folder)
    return next(path.parent for path in folder.glob("*/mastoapi.c"))


def mirror() -> str:
    """Where this machine gets Debian's packages from. Raises CannotBuild on another system."""
    facts = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    release = facts.get("VERSION_CODENAME", "").strip('"')
    if facts.get("ID", "").strip('"') != "debian" or not release:
        raise CannotBuild("this system is not Debian")
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = [line.split()[0] for line in said.splitlines() if line.split()[1:] == [release, "main"]]
    if not found:
        raise CannotBuild("apt has no source of packages")
    return found[0]


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBuild(f"{' '.join(command[:1])} failed: {(done.stderr or done.stdout)[-500:].strip()}")


def main() -> None:
    """Build it, or say why not."""
    try:
        build()
    except CannotBuild as error:
        print(f"snac2 is not built: the tests on it will not run ({error}).", file=sys.stderr)


if __name__ == "__main__":
    main()
