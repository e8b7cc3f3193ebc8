"""Connecting a site: by an application password, or by WordPress's own page that makes one; and trying it out."""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import httpx
from django.utils.translation import gettext_lazy as _

from openline.channels import http, reading
from openline.channels.accounts import Field
from openline.channels.base import (
    AccountRef,
    Authorizing,
    Connected,
    Connection,
    NetworkDown,
    NotAllowed,
    Rejected,
    TokenExpired,
    Unverified,
    Who,
)
from openline.channels.wordpress import writing
from openline.channels.wordpress.client import Site
from openline.channels.wordpress.reading import site_of

CONNECTION = Connection(
    fields=(
        Field("server", _("Address of the site"), _("As in https://news.city.example"), "url"),
        Field(
            "username",
            _("User name"),
            _("Only if you made an application password by hand; else leave this and the next empty."),
            required=False,
        ),
        Field("application_password", _("Application password"), kind="secret", required=False),
    ),
    guide=(
        _("In WordPress, make a user of its own for Openline, with the role Editor: Users, Add New."),
        _("Log in to WordPress as that user in this browser."),
        _("Give the site's address here. WordPress then asks you to allow Openline; it makes the password by itself."),
        _("Or make it by hand: Users, Profile, Application Passwords, name Openline; copy it here with the user name."),
    ),
    own_login=True,
)
NEEDED = (
    "moderate_comments",
    "publish_posts",
    "edit_others_posts",
    "upload_files",
    "publish_pages",
    "manage_categories",
)
"""What the role Editor may do and we need."""
_APP_ID = str(uuid.uuid5(uuid.NAMESPACE_URL, "https://openline.example/wordpress"))


def who(site: Site) -> Who:
    """Our user, as in what it writes."""
    me = site.me()
    return Who(f"{site_of(me)}#user:{reading.text(me, 'id')}", reading.text(me, "name"), reading.text(me, "name"))


def connect(values: Mapping[str, str]) -> Connected:
    """From a site's address, a user and an application password to an account that the site has accepted."""
    name = values.get("username", "").strip()
    secret = "".join(values.get("application_password", "").split())
    for field, given in (("username", name), ("application_password", secret)):
        if not given:
            raise Rejected("This is missing.", field)
    home, api, _index = discover(values.get("server", ""))
    return _accepted(home, api, name, secret)


def authorize(values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
    """WordPress's own page that asks its user to allow Openline (since 5.6)."""
    home, api, index = discover(values.get("server", ""))
    ways = reading.child(reading.child(index, "authentication"), "application-passwords")
    page = reading.web_address(reading.child(ways, "endpoints"), "authorization")
    if not page:
        raise Rejected(
            "This site allows no application passwords: it needs https, and no plugin that forbids them.", "server"
        )
    back = f"{return_to}{'&' if '?' in return_to else '?'}{urlencode({'state': state})}"
    asked = {"app_name": "Openline", "app_id": _APP_ID, "success_url": back}
    return Authorizing(
        f"{page}{'&' if '?' in page else '?'}{urlencode(asked)}", {"server": home, "api": api, "state": state}
    )


def authorized(kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
    """What WordPress's page sent the browser back with: the user's name and a new application password."""
    if not hmac.compare_digest(kept.get("state", "").encode(), query.get("state", "").encode()):
        raise Unverified("This answer belongs to no login that was begun here.")
    if query.get("success") == "false" or not query.get("password"):
        raise NotAllowed("Openline was not allowed on the site.")
    return _accepted(kept["server"], kept["api"], query.get("user_login", ""), query["password"])


def discover(server: str) -> tuple[str, str, dict[str, Any]]:
    """The site's own address, its API's root and what that says, from whatever address a person gives.

    Raises Rejected naming the field if there is no WordPress, or no encryption.
    """
    address = server.strip().rstrip("/")
    address = address if "://" in address else f"https://{address}"
    with http.client() as client:
        try:
            page = http.call(client, "GET", address)
            root = _linked_root(page) or f"{str(page.url.copy_with(query=None)).rstrip('/')}/wp-json/"
            index = reading.json_object(http.call(client, "GET", root).content)
        except (http.NotThere, reading.Unreadable, Rejected) as error:
            raise Rejected("No WordPress with its REST API answers at this address.", "server") from error
    home = (reading.web_address(index, "home") or reading.web_address(index, "url")).rstrip("/")
    if not home or "wp/v2" not in (index.get("namespaces") or ()):
        raise Rejected("No WordPress with its REST API answers at this address.", "server")
    if not encrypted(home):
        raise Rejected("The site has no https: a password would go over the line for all to read.", "server")
    return home, root, index


def encrypted(address: str) -> bool:
    """True for https, and for this very machine."""
    parts = urlsplit(address)
    try:
        return parts.scheme == "https" or ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"


def _linked_root(page: httpx.Response) -> str:
    """The API's root, as every page of WordPress names it in its header."""
    link = page.links.get("https://api.w.org/", {}).get("url", "")
    return urljoin(str(page.url), link) if link else ""


def _accepted(home: str, api: str, name: str, secret: str) -> Connected:
    credentials = {"username": name, "application_password": secret}
    settings = {} if api.rstrip("/") == f"{home}/wp-json" else {"api": api}
    parts = urlsplit(home)
    handle = f"{parts.hostname or home}{parts.path}"
    with Site(AccountRef("", handle, home, credentials, settings)) as site:
        try:
            found = who(site)
        except TokenExpired as error:
            raise Rejected(
                "The site does not accept this user name and application password. (Some web servers do not pass the "
                "Authorization header on to PHP; then ask the site's host.)",
                "application_password",
            ) from error
        missing = [what for what in NEEDED if not site.may(what)]
        if missing:
            raise Rejected(f"The user needs the role Editor; it lacks: {', '.join(missing)}.", "username")
        settings["user"] = reading.text(site.me(), "id")
    return Connected(found, handle, home, credentials, settings)


def try_out(site: Site, text: str, key: str) -> str:
    """A draft, which nobody else sees: saved, read back, and removed."""
    word = writing.mark(key)
    for _raw, old in site.items("posts", search=word, status="draft", context="edit", _fields="id,content.raw")[0]:
        if word in reading.text(reading.child(old, "content"), "raw"):
            site.delete(f"posts/{reading.text(old, 'id')}", force=True)
    body = f"{writing.html_of(text)}\n\n{writing.block(word, unfinished=True)}"
    draft = site.post("posts", {"title": writing.title_of(text), "content": body, "status": "draft"})
    path = f"posts/{reading.text(draft, 'id')}"
    try:
        seen = reading.child(site.object(path, context="edit"), "content")
        if word not in reading.text(seen, "raw"):
            raise NetworkDown("The draft was saved, but reads otherwise.")
    finally:
        site.delete(path, force=True)
    waiting = site.items("comments", status="hold", context="edit", per_page=1, _fields="id")[1]
    return f"A draft was saved, read back and removed again. Comments can be read; {waiting} wait for approval."
