"""The Nextdoor channel, unverified: posts of an agency to its neighbourhoods. Nothing comes in, nothing is changed.

Known from clients of others only (2026): POST /external/api/partner/v1/post/create/, GET .../me/profiles/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from openline.channels import http, oauth, reading
from openline.channels.base import (
    AccountRef,
    Authorizing,
    Capabilities,
    Channel,
    Connected,
    Connection,
    Field,
    Heard,
    Incoming,
    MediaRule,
    NetworkDown,
    NotAllowed,
    Outgoing,
    Progress,
    Receipt,
    Refused,
    Rejected,
    Unclear,
    Who,
)
from openline.channels.listening import polling

API, LOGIN, TOKENS = "https://nextdoor.com", "https://www.nextdoor.com", "https://auth.nextdoor.com"
TEXT_LIMIT, MOST_MEDIA = 8192, 10
SCOPES = "openid publish_api post:write post:read profile:read agency.boundary:read"
_PATH = "/external/api/partner/v1/"


class NextdoorChannel(Channel):
    """See `openline.channels.base.Channel`. All of it from others' clients of 2026."""

    network: ClassVar[str] = "nextdoor"
    label: ClassVar[str] = "Nextdoor (unverified)"
    secrets: ClassVar[tuple[str, ...]] = ("client_secret", "refresh_token")
    connection: ClassVar[Connection] = Connection(
        fields=(
            Field("client_id", _("Client ID"), _("Of the city's app in the Publish API.")),
            Field("client_secret", _("Secret of the app"), kind="secret"),
            Field(
                "group_ids",
                _("Areas"),
                _("Numbers of the agency's boundaries, with commas. Empty: all."),
                required=False,
            ),
            Field("server", _("Server"), API, kind="url", required=False, more=True),
        ),
        guide=(
            _("This channel was never tried on Nextdoor itself, and its API is described nowhere in public."),
            _("Nextdoor's Publish API is a closed beta: the agency has to be let in first."),
        ),
        own_login=True,
        by_hand=False,
        names_return=True,
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=TEXT_LIMIT,
        direct_messages=False,
        edit=False,
        delete=False,
        inbound="poll",
        idempotent_send=False,
        media=(MediaRule("image", ("image/jpeg", "image/png", "image/gif", "image/webp"), MOST_MEDIA, 10_000_000),),
        fetches_media=True,
    )

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Looks every ten minutes whether the login is good; nothing comes in."""
        return polling(self, account, cursor, stopping, 600.0)

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """Nothing: the API gives no answers of neighbours."""
        self.check(account)
        return Heard((), cursor)

    def parse(self, raw: bytes) -> Incoming | Refused:
        """There are no deliveries."""
        return Refused(raw, "Nextdoor delivers nothing.")

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Publish a post, in one call."""
        value = body(account, outgoing)
        progress.step("begin", lambda: True)
        return Receipt(**progress.step("post", lambda: _receipt(_call(account, "POST", "post/create/", value))))

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """Nextdoor lists no posts of ours: of a try whose answer was lost only a person can tell."""
        if known := progress.done("post"):
            return Receipt(**known)
        if not progress.done("begin"):
            return None
        raise Unclear(_t("Nextdoor does not tell what was posted: look there whether the post stands."))

    def length(self, text: str) -> int:
        """In characters."""
        return len(text)

    def check(self, account: AccountRef) -> Who:
        """Ask Nextdoor who we are."""
        said = _call(account, "GET", "me/")
        name = reading.text(said, "name")
        return Who(reading.text(said, "secure_profile_id") or reading.text(said, "id"), name, name)

    def authorize(self, values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
        """To the login page."""
        if not values.get("client_id") or not values.get("client_secret"):
            raise Rejected(_t("Fill in the app's ID and secret."), "client_id")
        names = ("client_id", "client_secret", "group_ids", "server")
        kept = {name: values.get(name, "") for name in names} | {"return_to": return_to, "state": state}
        asked = {"client_id": kept["client_id"], "redirect_uri": return_to, "response_type": "code", "state": state}
        page = _at(kept["server"], LOGIN) + "/v3/authorize/"
        return Authorizing(f"{page}?{urlencode(asked | {'scope': SCOPES})}", kept)

    def authorized(self, kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
        """Back from it, with a code."""
        if query.get("state") != kept["state"] or not query.get("code"):
            raise NotAllowed(query.get("error") or _t("This login was not begun here. Begin again."))
        form = {"grant_type": "authorization_code", "code": query["code"], "redirect_uri": kept["return_to"]}
        login = (kept["client_id"], kept["client_secret"])
        found = oauth.tokens(oauth.ask(_at(kept["server"], TOKENS) + "/v2/token", form, login))
        server = kept["server"].rstrip("/") or API
        credentials = found | {"client_secret": kept["client_secret"]}
        settings = {name: kept[name] for name in ("client_id", "group_ids") if kept.get(name)}
        who = self.check(AccountRef("", "", server, dict(credentials), settings))
        return Connected(who, who.handle, server, credentials, settings)


def body(account: AccountRef, outgoing: Outgoing) -> dict[str, Any]:
    """The call's JSON. Raises NotAllowed, Rejected."""
    if outgoing.action != "post" or outgoing.in_reply_to or outgoing.visibility == "private":
        raise NotAllowed(_t("On Nextdoor the city can only publish posts from here."))
    words = outgoing.text.strip()
    if not words or words.encode("utf-8", "replace").decode() != words or len(words) > TEXT_LIMIT:
        raise Rejected(_t("Nextdoor takes 1 to %d characters.") % TEXT_LIMIT, "text")
    files = [item.url for item in outgoing.media]
    if not all(files) or len(files) > MOST_MEDIA:
        raise Rejected(_t("Nextdoor takes up to %d pictures, each with a public address.") % MOST_MEDIA, "media")
    value: dict[str, Any] = {"body_text": words, "secure_profile_id": account.author_id}
    value |= {"media_attachments": files} if files else {}
    value |= {"smartlink_url": outgoing.link} if outgoing.link else {}
    areas = [int(one) for one in account.settings.get("group_ids", "").replace(" ", "").split(",") if one.isdecimal()]
    return value | ({"group_ids": areas} if areas else {})


def _call(account: AccountRef, method: str, path: str, value: Mapping[str, Any] | None = None) -> dict[str, Any]:
    token = oauth.access_token(account, lambda refresh: _renew(account, refresh))
    headers = {"Authorization": f"Bearer {token}"}
    more: dict[str, Any] = {"json": value} if value else {}
    with http.client(headers) as client:
        url = f"{account.server.rstrip('/') or API}{_PATH}{path}"
        answer = http.call(client, method, url, sending=method != "GET", **more)
    try:
        return reading.json_object(answer.content)
    except reading.Unreadable as error:
        raise (NetworkDown if method == "GET" else Unclear)(f"Nextdoor's answer makes no sense: {error}") from error


def _renew(account: AccountRef, refresh: str) -> dict[str, Any]:
    login = (account.settings.get("client_id", ""), account.credentials.get("client_secret", ""))
    form = {"grant_type": "refresh_token", "refresh_token": refresh}
    return oauth.ask(_at(account.server, TOKENS) + "/v2/token", form, login)


def _at(server: str, usual: str) -> str:
    """The network's several hosts; all of them the one that the account names, where it names another."""
    return usual if server.rstrip("/") in ("", API) else server.rstrip("/")


def _receipt(said: Mapping[str, Any]) -> dict[str, str]:
    link = reading.web_address(said, "share_link")
    if not link:
        raise Unclear(_t("Nextdoor's answer names no post."))
    return {"network_id": link, "url": link}
