"""The Reddit channel, unverified: answers to who writes to the city's account, posts in the city's own subreddit."""

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
from openline.channels.reddit import hearing, reading, sending
from openline.channels.reddit.client import API, LOGIN, Reddit, token_url

SWEEP_EVERY_SECONDS = 120.0
SCOPES = "identity read submit edit privatemessages history"


class RedditChannel(Channel):
    """See `openline.channels.base.Channel`. Limits from memory of 2026, not proved (docs/channels/unverified.md)."""

    network: ClassVar[str] = "reddit"
    label: ClassVar[str] = "Reddit (unverified)"
    secrets: ClassVar[tuple[str, ...]] = ("client_secret", "refresh_token")
    connection: ClassVar[Connection] = Connection(
        fields=(
            Field("client_id", _("Client ID"), _("Of the app that Reddit has approved, at reddit.com/prefs/apps.")),
            Field("client_secret", _("Secret of the app"), kind="secret"),
            Field(
                "subreddit",
                _("The city's subreddit"),
                _("Where it posts. Empty: it only answers."),
                required=False,
            ),
            Field("contact", _("Contact"), _("A Reddit name that Reddit can write to, such as u/cityhall.")),
            Field("server", _("Server"), API, kind="url", required=False, more=True),
        ),
        guide=(
            _("This channel was never tried on Reddit itself: try it with a test account first."),
            _("Reddit lets no app use its API before it has approved it (Responsible Builder Policy, November 2025)."),
            _("Make an app of the type web app, with this site's address of return, and fill in its ID and secret."),
        ),
        own_login=True,
        by_hand=False,
        names_return=True,
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=sending.TEXT_LIMIT,
        direct_messages=True,
        edit=True,
        delete=True,
        inbound="poll",
        idempotent_send=False,
        too_long="link",
    )

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Every two minutes."""
        return polling(self, account, cursor, stopping, SWEEP_EVERY_SECONDS)

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """The inbox, and what was changed of what came before."""
        with Reddit(account) as reddit:
            return hearing.poll(reddit, cursor)

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one raw delivery."""
        return reading.parse(raw)

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Answer, post, or change."""
        with Reddit(account) as reddit:
            return sending.send(reddit, outgoing, progress)

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """Among our newest."""
        if outgoing.action != "post":
            return None  # done again, it changes nothing
        with Reddit(account) as reddit:
            return sending.find(reddit, outgoing, progress, since)

    def length(self, text: str) -> int:
        """In characters."""
        return len(text)

    def check(self, account: AccountRef) -> Who:
        """Ask Reddit who we are."""
        with Reddit(account) as reddit:
            said = reddit.get("api/v1/me")
        return Who(f"t2_{text(said, 'id')}", f"u/{text(said, 'name')}", text(said, "name"))

    def profile(self, account: AccountRef) -> str:
        """The account's page."""
        return f"https://www.reddit.com/user/{account.handle.removeprefix('u/')}"

    def authorize(self, values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
        """To the login page."""
        if not values.get("client_id") or not values.get("client_secret"):
            raise Rejected(_t("Fill in the app's ID and secret."), "client_id")
        asked = {"client_id": values["client_id"], "response_type": "code", "state": state, "redirect_uri": return_to}
        server = values.get("server", "").rstrip("/")
        page = f"{LOGIN if server in ('', API) else server}/api/v1/authorize"
        names = ("client_id", "client_secret", "subreddit", "contact", "server")
        kept = {name: values.get(name, "") for name in names} | {"return_to": return_to, "state": state}
        return Authorizing(f"{page}?{urlencode(asked | {'duration': 'permanent', 'scope': SCOPES})}", kept)

    def authorized(self, kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
        """Back from it, with a code."""
        if query.get("state") != kept["state"] or not query.get("code"):
            raise NotAllowed(query.get("error") or _t("This login was not begun here. Begin again."))
        server = kept.get("server", "").rstrip("/") or API
        form = {"grant_type": "authorization_code", "code": query["code"], "redirect_uri": kept["return_to"]}
        found = oauth.tokens(oauth.ask(token_url(server), form, (kept["client_id"], kept["client_secret"])))
        credentials = found | {"client_secret": kept["client_secret"]}
        settings = {name: kept[name] for name in ("client_id", "subreddit", "contact") if kept.get(name)}
        who = self.check(AccountRef("", "", server, dict(credentials), settings))
        return Connected(who, who.handle, server, credentials, settings)
