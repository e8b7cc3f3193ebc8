"""The Facebook channel: posts of a page out; comments, mentions, visitors' posts and messages in; answers to all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from openline.channels.base import (
    AccountRef,
    Answerable,
    Authorizing,
    Capabilities,
    Channel,
    Connected,
    Connection,
    Field,
    Finding,
    Heard,
    Incoming,
    NotAllowed,
    Outgoing,
    Progress,
    Pushed,
    Receipt,
    Refused,
    Room,
    Shared,
    Who,
)
from openline.channels.facebook import (
    answering,
    changing,
    connecting,
    filming,
    finding,
    inspecting,
    measuring,
    messaging,
    posting,
    pushing,
    reading,
    rules,
    sweeping,
    trying,
    writing,
)
from openline.channels.facebook.page import connected, page_of
from openline.channels.graph.client import Graph
from openline.channels.listening import polling

SWEEP_EVERY_SECONDS = 300.0


class FacebookChannel(Channel):
    """See `openline.channels.base.Channel`. Graph API v26.0, 2026."""

    network: ClassVar[str] = "facebook"
    label: ClassVar[str] = "Facebook"
    secrets: ClassVar[tuple[str, ...]] = ("access_token", "app_secret")
    connection: ClassVar[Connection] = connecting.CONNECTION
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=rules.TEXT_LIMIT,
        direct_messages=True,
        edit=True,
        delete=True,
        inbound="push",
        idempotent_send=False,
        finds_lost=("public", "private"),
        media=rules.MEDIA,
        alt_text_limit=rules.ALT_LIMIT,
        hide=True,
        scheduling=True,
        forms=("", "album", "video", "story"),
        title_limit=rules.TITLE_LIMIT,
        private_answers=True,
        answers=Room(rules.COMMENT_LIMIT, "reject"),
        messages=Room(rules.MESSAGE_LIMIT),
        metrics=measuring.NAMES,
    )

    # Hearing

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Every five minutes what Facebook's calls to us may have missed."""
        return polling(self, account, cursor, stopping, SWEEP_EVERY_SECONDS)

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """Comments, posts of visitors, mentions and messages since `cursor`."""
        with connected(account) as graph:
            raws, behind = sweeping.poll(graph, page_of(account), account.settings, cursor)
        return Heard(tuple(reading.parse(raw) for raw in raws), behind)

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one raw delivery."""
        return reading.parse(raw)

    def share(self, accounts: Sequence[AccountRef], pushed: Pushed) -> Shared:
        """One call of Facebook, for all pages of the app."""
        return pushing.share(accounts, pushed)

    # Speaking

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Post, answer in public or in private, or change what was said."""
        page = page_of(account)
        with connected(account) as graph:
            if outgoing.action != "post":
                return changing.change(graph, page, outgoing, progress)
            if outgoing.visibility == "private":
                return messaging.send(graph, page, outgoing, progress)
            if outgoing.in_reply_to:
                _must_be_public(outgoing)
                return posting.comment(graph, page, outgoing, progress)
            return _publish(graph, page, outgoing, progress)

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """Look on the page, below the post, or in the conversation, for what an earlier try said."""
        page = page_of(account)
        with connected(account) as graph:
            if outgoing.action != "post":
                return Receipt(outgoing.about) if changing.is_done(graph, page, outgoing) else None
            if outgoing.visibility == "private":
                return messaging.find_sent(graph, page, outgoing, progress, since)
            return _find(graph, page, outgoing, progress, since)

    def length(self, text: str) -> int:
        """Characters."""
        return writing.length(text)

    def capabilities_of_post(self, network_id: str, private: bool) -> Capabilities:
        """What was said in Messenger stays as it was said."""
        if private or writing.is_message(network_id):
            return replace(self.capabilities, edit=False, delete=False, hide=False)
        return self.capabilities

    def can_answer(self, account: AccountRef, raw: bytes, heard_at: datetime, private: bool) -> Answerable:
        """By Messenger's windows of 24 hours or 7 days, and the one private answer to a comment."""
        return answering.can_answer(account.settings, raw, heard_at, private)

    def options(self, account: AccountRef, form: str) -> tuple[Field, ...]:
        """A film as a video or a reel; the link that is shown as a card."""
        if form == "video":
            kinds = (("video", _("Video")), ("reel", _("Reel: upright, 3 to 90 seconds")))
            return (Field("as", _("Publish as"), kind="choice", choices=kinds, initial="video", required=False),)
        if form == "":
            words = _("Shown as a card below a post without pictures. Empty: the first link in the text.")
            return (Field("link", _("Link"), words, kind="url", required=False),)
        return ()

    def metrics(self, account: AccountRef, network_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Reactions, shares, comments and views, of 50 in a call."""
        with connected(account) as graph:
            return measuring.metrics(graph, page_of(account), network_ids)

    # The account

    def check(self, account: AccountRef) -> Who:
        """Ask Facebook who we are."""
        return connecting.who(account)

    def profile(self, account: AccountRef) -> str:
        """The page."""
        return f"https://www.facebook.com/{page_of(account)}"

    def inspect(self, account: AccountRef) -> tuple[Finding, ...]:
        """The token, the permissions, the webhooks."""
        return inspecting.inspect(account)

    def connect(self, values: Mapping[str, str]) -> Connected:
        """With a token that was made at Meta."""
        return connecting.connect(values)

    def authorize(self, values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
        """By Facebook Login."""
        return connecting.authorize(values, return_to, state)

    def authorized(self, kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
        """What the login brought back."""
        return connecting.authorized(kept, query)

    def settle(self, account: AccountRef) -> tuple[Finding, ...]:
        """Have Facebook call us for this page."""
        return connecting.settle(account)

    def try_out(self, account: AccountRef, text: str, key: str) -> str:
        """Make a draft, read it back and delete it."""
        with connected(account) as graph:
            return trying.try_out(graph, page_of(account), text)


def _must_be_public(outgoing: Outgoing) -> None:
    if writing.is_message(outgoing.in_reply_to):
        raise NotAllowed(_t("A private message is answered in private."))


def _publish(graph: Graph, page: str, outgoing: Outgoing, progress: Progress) -> Receipt:
    if film := writing.film(outgoing):
        return filming.publish(graph, page, outgoing, film, progress)
    if outgoing.form == "story":
        return posting.story(graph, page, outgoing, progress)
    return posting.publish(graph, page, outgoing, progress)


def _find(graph: Graph, page: str, outgoing: Outgoing, progress: Progress, since: datetime) -> Receipt | None:
    photos = [one for n in range(len(outgoing.media)) if (one := progress.done(f"photo {n}"))]
    if outgoing.in_reply_to:
        found = finding.comment(graph, page, outgoing, photos, since)
    elif writing.film(outgoing):
        return filming.find_sent(graph, page, progress)
    elif outgoing.form == "story":
        found = finding.story(graph, page, photos[0]) if photos else None
    else:
        planned = outgoing.publish_at is not None
        found = finding.post(graph, page, writing.post_text(outgoing), photos, planned=planned, since=since)
    return Receipt(**found) if found else None
