"""The TikTok channel, unverified: films of the city. No comments and no messages: the API has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import ClassVar
from urllib.parse import urlencode

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from openline.channels import oauth
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
    NotAllowed,
    Outgoing,
    Progress,
    Receipt,
    Refused,
    Rejected,
    Who,
)
from openline.channels.listening import polling
from openline.channels.reading import text
from openline.channels.tiktok import publishing
from openline.channels.tiktok.client import API, LOGIN, call

SCOPES = "user.info.basic,video.publish"
_LEVELS = (
    ("PUBLIC_TO_EVERYONE", _("Everybody")),
    ("FOLLOWER_OF_CREATOR", _("Followers")),
    ("MUTUAL_FOLLOW_FRIENDS", _("Friends")),
    ("SELF_ONLY", _("Nobody but the account itself")),
)
_OPTIONS = (Field("privacy_level", _("Who sees it"), kind="choice", choices=_LEVELS, initial=_LEVELS[0][0]),)


class TikTokChannel(Channel):
    """See `openline.channels.base.Channel`. By TikTok's pages of 2026, tried on no server of theirs."""

    network: ClassVar[str] = "tiktok"
    label: ClassVar[str] = "TikTok (unverified)"
    secrets: ClassVar[tuple[str, ...]] = ("client_secret", "refresh_token")
    connection: ClassVar[Connection] = Connection(
        fields=(
            Field("client_key", _("Client key"), _("Of the city's app at developers.tiktok.com.")),
            Field("client_secret", _("Client secret"), kind="secret"),
            Field("server", _("Server"), API, kind="url", required=False, more=True),
        ),
        guide=(
            _("This channel was never tried on TikTok itself: try it with a test account first."),
            _("Make an app with the product Content Posting API, and enter this site's address of return."),
            _("Until TikTok has audited the app, only five accounts a day can post, and nobody else sees it."),
        ),
        own_login=True,
        by_hand=False,
        names_return=True,
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=publishing.CAPTION_LIMIT,
        direct_messages=False,
        edit=False,
        delete=False,
        inbound="poll",
        idempotent_send=False,
        media=(MediaRule("video", ("video/mp4", "video/quicktime", "video/webm"), 1, 500_000_000, 600.0),),
    )

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Looks every ten minutes whether the login is good; nothing comes in."""
        return polling(self, account, cursor, stopping, 600.0)

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """Nothing: the API gives neither comments nor messages."""
        self.check(account)
        return Heard((), cursor)

    def parse(self, raw: bytes) -> Incoming | Refused:
        """There are no deliveries."""
        return Refused(raw, "TikTok delivers nothing.")

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Publish a film."""
        return publishing.publish(account, outgoing, progress)

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """By the number that TikTok gave to the film."""
        return publishing.find(account, progress)

    def length(self, text: str) -> int:
        """In UTF-16 units."""
        return publishing.length(text)

    def options(self, account: AccountRef, form: str) -> tuple[Field, ...]:
        """Who sees it; TikTok wants this chosen for each film."""
        return _OPTIONS

    def check(self, account: AccountRef) -> Who:
        """Ask TikTok who we are, and what we may."""
        said = call(account, "post/publish/creator_info/query/", {})
        name = text(said, "creator_username")
        return Who(account.settings.get("open_id", "") or name, f"@{name}", text(said, "creator_nickname"))

    def profile(self, account: AccountRef) -> str:
        """The account's page."""
        return f"{LOGIN}/{account.handle}"

    def authorize(self, values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
        """To the login page."""
        if not values.get("client_key") or not values.get("client_secret"):
            raise Rejected(_t("Fill in the app's key and secret."), "client_key")
        names = ("client_key", "client_secret", "server")
        kept = {name: values.get(name, "") for name in names} | {"return_to": return_to, "state": state}
        asked = {"client_key": kept["client_key"], "scope": SCOPES, "response_type": "code", "redirect_uri": return_to}
        return Authorizing(f"{LOGIN}/v2/auth/authorize/?{urlencode(asked | {'state': state})}", kept)

    def authorized(self, kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
        """Back from it, with a code."""
        if query.get("state") != kept["state"] or not query.get("code"):
            raise NotAllowed(query.get("error_description") or _t("This login was not begun here. Begin again."))
        server = kept["server"].rstrip("/") or API
        app = {"client_key": kept["client_key"], "client_secret": kept["client_secret"]}
        form = app | {"code": query["code"], "grant_type": "authorization_code", "redirect_uri": kept["return_to"]}
        said = oauth.ask(f"{server}/v2/oauth/token/", form)
        credentials = oauth.tokens(said) | {"client_secret": kept["client_secret"]}
        settings = {"client_key": kept["client_key"], "open_id": text(said, "open_id")}
        who = self.check(AccountRef("", "", server, dict(credentials), settings))
        return Connected(who, who.handle, server, credentials, settings)
