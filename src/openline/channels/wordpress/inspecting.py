"""What else to look at on a site, for `openline doctor`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from openline.channels import http, reading
from openline.channels.base import AccountRef, ChannelError, Finding
from openline.channels.wordpress.client import PAGE, Site
from openline.channels.wordpress.connecting import NEEDED, encrypted

_LATE = timedelta(minutes=15)


def inspect(account: AccountRef, site: Site) -> tuple[Finding, ...]:
    """What else to look at on the site."""
    findings = [
        Finding(True, "The site uses https.")
        if encrypted(account.server)
        else Finding(False, "The site does not use https: its password and residents' words can be read on the way.")
    ]
    try:
        index = site.get("/")
    except ChannelError as error:
        return (*findings, Finding(False, f"The REST API does not answer: {error.reason}"))
    findings.append(Finding(True, "The REST API answers."))
    for look in (_passwords, _rights, _clock, _pingbacks, _discussion):
        try:
            findings += look(site, index)
        except ChannelError as error:
            findings.append(Finding(False, f"Could not be looked at: {error.reason}"))
    return tuple(findings)


def _passwords(site: Site, index: httpx.Response) -> list[Finding]:
    said = reading.child(reading.json_object(index.content), "authentication")
    if "application-passwords" in said:
        return [Finding(True, "Application passwords are allowed.")]
    return [Finding(False, "The site allows no new application passwords: https is missing, or a plugin forbids them.")]


def _rights(site: Site, index: httpx.Response) -> list[Finding]:
    missing = [what for what in NEEDED if not site.may(what)]
    if missing:
        return [Finding(False, f"The user needs the role Editor; it lacks: {', '.join(missing)}.")]
    return [Finding(True, "The user may publish, upload and moderate comments.")]


def _clock(site: Site, index: httpx.Response) -> list[Finding]:
    """Planned posts that should be out by now, by the site's own clock."""
    try:
        now = parsedate_to_datetime(index.headers.get("date", ""))
    except ValueError:
        now = datetime.now(UTC)
    late = 0
    for kind in ("posts", "pages"):
        for _raw, post in site.items(kind, status="future", context="edit", per_page=PAGE, _fields="id,date_gmt")[0]:
            at = reading.moment(reading.text(post, "date_gmt"))
            late += at is not None and at < now - _LATE
    if late:
        how = "let the server call wp-cron.php every five minutes"
        return [
            Finding(False, f"{late} planned posts should be out by now: WordPress's clock (WP-Cron) stands; {how}.")
        ]
    return [Finding(True, "No planned post is late.")]


def _newest(site: Site) -> dict[str, Any]:
    found, _total = site.items("posts", orderby="id", per_page=1, _fields="id,link,ping_status,comment_status")
    return found[0][1] if found else {}


def _pingbacks(site: Site, index: httpx.Response) -> list[Finding]:
    """Whether other sites can tell us that they link to us."""
    post, home = _newest(site), reading.web_address(reading.json_object(index.content), "url").rstrip("/")
    ask = b'<?xml version="1.0"?><methodCall><methodName>system.listMethods</methodName></methodCall>'
    try:
        with http.client() as client:
            said = http.call(client, "POST", f"{home}/xmlrpc.php", content=ask, headers={"Content-Type": "text/xml"})
        on = "pingback.ping" in said.text
    except ChannelError:
        on = False
    if not on:
        return [Finding(False, "Pingbacks are off (XML-RPC is closed): links from other sites are not heard.")]
    if post and post.get("ping_status") != "open":
        return [Finding(False, "The newest post takes no pingbacks: Settings, Discussion, Allow link notifications.")]
    return [Finding(True, "Links from other sites are heard as pingbacks.")]


def _discussion(site: Site, index: httpx.Response) -> list[Finding]:
    post = _newest(site)
    if post and post.get("comment_status") != "open":
        return [Finding(False, "Comments are closed under the newest post: residents cannot answer there.")]
    return [Finding(True, "Comments are open.")]
