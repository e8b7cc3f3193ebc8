"""In a browser, against the running demo: a resident reports, is asked for a place, staff work, it reopens."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from openline.operations.management.commands.demo import PASSWORD
from tests.conftest import need

pytestmark = pytest.mark.browser
CHROMIUM = os.environ.get("OPENLINE_CHROMIUM") or shutil.which("chromium") or ""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 20_000
START_SECONDS = 240
STOP_SECONDS = 60


def free_ports(count: int) -> int:
    """The first of `count` free ports in a row."""
    for first in range(18_311, 19_000, count):
        probes = [socket.socket() for _ in range(count)]
        try:
            for offset, probe in enumerate(probes):
                probe.bind(("127.0.0.1", first + offset))
            return first
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()
    raise OSError("no free ports")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo with everything that belongs to it; its address."""
    need(bool(CHROMIUM), "Chromium")
    port = free_ports(4)
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    environment |= {"OPENLINE_VAR": str(tmp_path_factory.mktemp("demo") / "var"), "PORT": str(port)}
    said = tmp_path_factory.mktemp("demo") / "said"
    with open(said, "w") as words:  # no pipe that nobody reads; it ends with us, killed too: standard input closes then
        command = [sys.executable, "-m", "openline.sandbox.child", "openline", "demo"]
        process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=words, text=True)
    try:
        until = time.monotonic() + START_SECONDS
        while "Ctrl-C" not in said.read_text():
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"the demo did not start: {said.read_text()[-2000:]}")
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)
    with pytest.raises(httpx.HTTPError):  # nothing stays behind
        httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2)


def stop(process: subprocess.Popen[str]) -> None:
    """End the demo as Ctrl-C does; if it hangs, kill it: all that it started ends then too."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def page(demo: str) -> Iterator[Any]:
    """A page in Chromium that fails the test at any script error."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        opened = browser.new_page(viewport={"width": 1280, "height": 900})
        opened.set_default_timeout(PATIENCE_MS)
        faults: list[str] = []
        opened.on("pageerror", lambda error: faults.append(str(error)))
        yield opened
        browser.close()
    assert not faults


def say(page: Any, demo: str, who: str, text: str) -> None:
    """Post on the sandbox's page as a resident, and open the thread."""
    page.goto(f"{demo}/sandbox/")
    page.select_option("#resident", who)
    page.select_option(
        "#account",
        label=next(o for o in page.locator("#account option").all_inner_texts() if "Mastodon: Philly311" in o),
    )
    page.fill("#text", text)
    page.get_by_role("button", name="Post", exact=True).click()
    thread = page.locator("#thread-list article", has_text=text.split(",")[0])
    thread.first.get_by_role("link", name="Open and answer").click()


def reply(page: Any, text: str) -> None:
    """Answer in the open thread."""
    page.fill("#text", text)
    page.get_by_role("button", name="Answer", exact=True).click()


def see(page: Any, pattern: str) -> str:
    """Wait until the page shows `pattern` without being loaded again; the text that fits."""
    until = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < until:
        if found := re.search(pattern, page.inner_text("main")):
            return found.group(0)
        page.wait_for_timeout(200)
    raise AssertionError(f"{pattern!r} did not appear in: {page.inner_text('main')[-1500:]}")


def test_a_report_gets_its_number_and_page(page: Any, demo: str) -> None:
    """Point 2."""
    say(page, demo, "maria", "huge pothole at 13th & Market, bent my rim")
    number = see(page, r"\d\d-\d{6}")
    page.goto(f"{demo}/requests/{number}/")
    text = page.inner_text("main")
    assert "Street Defect" in text and "13th St & Market St" in text and "Streets Department" in text
    assert "maria" not in text.lower()


def test_the_place_is_asked_for_and_completes_the_request(page: Any, demo: str) -> None:
    """Point 3."""
    say(page, demo, "linh", "the street light by me is out again!")
    see(page, r"Where is it\?")
    reply(page, "2300 block of Aspen St")
    see(page, r"\d\d-\d{6}: Street Light Outage at 2300 block of Aspen St")


def test_staff_correct_and_close_and_the_resident_reopens(page: Any, demo: str, tmp_path: Path) -> None:
    """Point 7."""
    say(page, demo, "grace", "pothole at Broad and Snyder, it swallowed my hubcap")
    number = see(page, r"\d\d-\d{6}")
    thread = page.url
    page.goto(f"{demo}/accounts/login/?next=/console/requests/{number}/")
    page.fill("input[name=login]", "agent")
    page.fill("input[name=password]", PASSWORD)
    page.locator("form:has(input[name=password]) button[type=submit]").click()
    page.get_by_text("Correct the service").click()
    page.fill(f"#service-{number}", "Street Paving")
    page.get_by_role("button", name="Save the service").click()
    see(page, "→ Street Paving")
    page.get_by_text("Correct the place").click()
    page.fill(f"#place-{number}", "1500 Snyder Ave")
    page.get_by_role("button", name="Save the place").click()
    see(page, "→ 1500 Snyder Ave")
    page.locator("summary", has_text=re.compile("^Close$")).click()
    page.select_option(f"#outcome-{number}", "done")
    page.fill(f"#close-text-{number}", "The hole is filled.")
    page.get_by_role("button", name="Close and tell the resident").click()
    see(page, "Resolved")
    page.goto(thread)
    see(page, "The hole is filled")
    reply(page, "still not fixed!")
    see(page, f"opened request {number} again")
    page.goto(f"{demo}/requests/{number}/")
    assert "Reopened" in page.inner_text("main")
