"""Residents who joined the public pages, the liaisons among them, and what people talk about and organise.

What anybody writes is a message like any other: heard by the network `community`, kept, read and moderated in the
inbox. Here stands only what no network has: who is a member, what a topic is, who supports it. An area is named by its
code (geography.models.Area): the rows of areas are made anew with every load of a city's files.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openline.files.models import Attachment
from openline.foundation.ids import uuid7
from openline.inbox.models import Message
from openline.service_requests.models import ServiceRequest

NETWORK = "community"


class Member(models.Model):
    """A resident who joined with an e-mail address. Never a user of the staff's room: a table of its own keeps it so.

    `email` (lower case) is personal data, shown to nobody and emptied when the member leaves; `name` is what everybody
    reads, `name_key` how it looks (`naming.key`): no two members look alike. `version` is part of every sign-in: a new
    one ends them all. `told_at`: news up to then were in a digest.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.CharField(max_length=254, blank=True)
    name = models.CharField(max_length=60)
    name_key = models.CharField(max_length=120, blank=True)
    area = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=20, blank=True)
    digest = models.BooleanField(default=False)
    version = models.IntegerField(default=1)
    joined_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["email"], name="member_once", condition=~models.Q(email="")),
            models.UniqueConstraint(fields=["name_key"], name="member_name_once", condition=~models.Q(name_key="")),
        ]
        indexes = [models.Index(fields=["id"], name="member_with_digest", condition=models.Q(digest=True))]

    def __str__(self) -> str:
        return f"member {self.id}"

    @property
    def author(self) -> str:
        """Who writes, as the network `community` names people."""
        return f"{NETWORK}:{self.id.hex}"


class SignIn(models.Model):
    """Somebody asked to come in by a mail to `email`, which is emptied once it is over. Works once.

    `code` is a digest of the six digits that the mail names; only the browser that asked may type them, which keeps the
    id in its session. `next`: the page of ours from which they came.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.CharField(max_length=254, blank=True)
    code = models.CharField(max_length=64)
    tries = models.SmallIntegerField(default=0)
    next = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["asked_at"], name="sign_in_kept", condition=~models.Q(email=""))]

    def __str__(self) -> str:
        return f"sign-in {self.id}"


class Follow(models.Model):
    """A member wants to hear of a request, or of all in an area."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, models.CASCADE, related_name="follows", db_index=False)
    request = models.ForeignKey(ServiceRequest, models.PROTECT, null=True, blank=True, related_name="follows")
    area = models.CharField(max_length=100, blank=True)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "request", "area"], name="follow_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=models.Q(models.Q(request=None), ~models.Q(area=""))
                | models.Q(models.Q(request__isnull=False), models.Q(area="")),
                name="follow_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} follows {self.request_id or self.area}"


class Liaison(models.Model):
    """A member whom the city trained and appointed to speak for an area, from `since` through `until`, or until ended.

    `trained_for` says in what, `trained_until` when the training has to be renewed. Whether it is in force is decided
    in one place, `liaisons.in_force`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="appointments")
    area = models.CharField(max_length=100)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    trained_for = models.CharField(max_length=200, blank=True, default="", db_default="")
    trained_until = models.DateField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True)
    appointed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    why_ended = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "area"], name="liaison_once", condition=models.Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return f"liaison {self.member_id} for {self.area}"


class TopicKind(models.TextChoices):
    """What a topic is for."""

    DISCUSSION = "discussion", _("Discussion")
    IDEA = "idea", _("Idea")
    EVENT = "event", _("Event")


class TopicState(models.TextChoices):
    """How far a topic is."""

    WAITING = "waiting", _("Waits for a look")
    SHOWN = "shown", _("Public")
    REFUSED = "refused", _("Not published")
    CLOSED = "closed", _("Closed")


class Progress(models.TextChoices):
    """What became of an idea."""

    ANSWERED = "answered", _("Answered")
    UNDER_WAY = "under_way", _("Under way")
    DONE = "done", _("Done")
    NOT_POSSIBLE = "not_possible", _("Not possible")


PUBLIC_STATES = (TopicState.SHOWN, TopicState.CLOSED)
"""In these everybody reads a topic."""


class Topic(models.Model):
    """Something that neighbors talk about, ask the city for, or meet for. Its words are messages of its thread.

    `answer` is the city's official word on an idea, `progress` what became of it. An event has a time and a place;
    `version` counts its changes, as calendars want it. `rule` names the published rule of moderation by which it was
    refused, `why` is said with it; `appeal` is what its writer answered to that. `supporters` is kept with `Support`.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=12, choices=TopicKind.choices)
    state = models.CharField(max_length=10, choices=TopicState.choices, default=TopicState.WAITING)
    title = models.CharField(max_length=120)
    by = models.ForeignKey(Member, models.PROTECT, related_name="topics")
    area = models.CharField(max_length=100, blank=True)
    request = models.ForeignKey(ServiceRequest, models.PROTECT, null=True, blank=True, related_name="topics")
    form = models.UUIDField(unique=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    place_name = models.CharField(max_length=300, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    rule = models.CharField(max_length=60, blank=True)
    why = models.CharField(max_length=300, blank=True, default="", db_default="")
    appeal = models.CharField(max_length=500, blank=True, default="", db_default="")
    appealed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=0, db_default=0)
    supporters = models.IntegerField(default=0, db_default=0)
    progress = models.CharField(max_length=12, choices=Progress.choices, blank=True, default="", db_default="")
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["state", "-opened_at", "-id"], name="topic_newest"),
            models.Index(fields=["area", "state", "-opened_at"], name="topic_of_area"),
            models.Index(fields=["starts_at"], name="topic_by_start", condition=models.Q(kind="event", state="shown")),
            models.Index(fields=["-supporters", "-id"], name="idea_by_support", condition=models.Q(kind="idea")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def thread(self) -> str:
        """The thread of its discussion on the network `community`."""
        return f"topic:{self.id}"


class Support(models.Model):
    """A member supports an idea, or comes to an event."""

    id = models.BigAutoField(primary_key=True)
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="supports", db_index=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "member"], name="support_once")]

    def __str__(self) -> str:
        return f"{self.member_id} supports {self.topic_id}"


class Flag(models.Model):
    """A member says that somebody's words break a published rule. Staff look, and settle it."""

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, models.PROTECT, related_name="flags", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    rule = models.CharField(max_length=60)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "member"], name="flag_once")]
        indexes = [models.Index(fields=["at"], name="flag_unsettled", condition=models.Q(settled_at=None))]

    def __str__(self) -> str:
        return f"flag on {self.message_id}"


class Found(models.TextChoices):
    """What a liaison saw on the spot."""

    STILL = "still", _("It is still there")
    GONE = "gone", _("It is gone")
    OTHER = "other", _("It is not as described")


class Look(models.Model):
    """A liaison went there and looked."""

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="looks", db_index=False)
    liaison = models.ForeignKey(Liaison, models.PROTECT, related_name="looks")
    found = models.CharField(max_length=10, choices=Found.choices)
    words = models.CharField(max_length=500, blank=True)
    photo = models.ForeignKey(Attachment, models.SET_NULL, null=True, related_name="+")
    form = models.UUIDField(unique=True, null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["request", "-at"], name="look_newest")]

    def __str__(self) -> str:
        return f"{self.found} at {self.request_id}"


class ProposalKind(models.TextChoices):
    """What a liaison puts before the city's staff."""

    CLOSE = "close", _("It can be closed")
    SAME = "same", _("Same problem")
    ASK = "ask", _("A question to the department")


class Proposal(models.Model):
    """What a liaison proposes or asks about a request, until staff have settled it. `agreed`: they did so."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=10, choices=ProposalKind.choices)
    request = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="proposals", db_index=False)
    other = models.ForeignKey(ServiceRequest, models.PROTECT, null=True, related_name="+", db_index=False)
    liaison = models.ForeignKey(Liaison, models.PROTECT, related_name="proposals")
    words = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    answer = models.TextField(blank=True)
    agreed = models.BooleanField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "request", "other"],
                name="proposal_waits_once",
                condition=models.Q(settled_at=None),
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(fields=["request", "at"], name="proposal_in_order"),
            models.Index(fields=["at", "id"], name="proposal_waiting", condition=models.Q(settled_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.request_id}"


class Walk(models.Model):
    """A problem that a liaison saw and reported for neighbors: `id` is that of its form and of its conversation."""

    id = models.UUIDField(primary_key=True)
    liaison = models.ForeignKey(Liaison, models.PROTECT, related_name="reported")
    place = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["liaison", "-at"], name="walk_newest")]

    def __str__(self) -> str:
        return f"reported by {self.liaison_id}"


class Help(models.Model):
    """A member offers to help with a request. Who organises something there sees who and what."""

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(ServiceRequest, models.CASCADE, related_name="helps", db_index=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    words = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "member"], name="help_once")]

    def __str__(self) -> str:
        return f"{self.member_id} helps with {self.request_id}"


class Participation(models.Model):
    """What the city chose for topics: one row. An idea with `support_needed` supporters deserves an answer."""

    support_needed = models.PositiveIntegerField(default=50)

    def __str__(self) -> str:
        return f"{self.support_needed} supporters"


class CommentState(models.TextChoices):
    """Who sees what somebody said in a discussion."""

    SHOWN = "shown", _("Public")
    WAITING = "waiting", _("Waits for a look")
    HIDDEN = "hidden", _("Hidden")


class Comment(models.Model):
    """How a message stands in a discussion of the city's own pages; `message` is what was really said.

    `text` is what the public reads: the same without personal data. `by` is nobody for the city's own words. An answer
    stands under `above`; threads are one level deep. `why` says why it waits, `rule` by which published rule a person
    hid it. `photos`: they are shown, which a person decides. `look`: staff have something to decide.
    """

    message = models.OneToOneField(Message, models.PROTECT, primary_key=True, related_name="comment")
    thread = models.CharField(max_length=100)
    above = models.ForeignKey("self", models.PROTECT, null=True, related_name="answers", db_index=False)
    by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="comments", db_index=False)
    state = models.CharField(max_length=10, choices=CommentState.choices, default=CommentState.SHOWN)
    text = models.TextField(blank=True)
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=300, blank=True)
    photos = models.BooleanField(default=False)
    look = models.BooleanField(default=False)
    rule = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    appeal = models.CharField(max_length=500, blank=True)
    appealed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["thread", "-at", "-message"], name="comment_newest", condition=models.Q(above=None)),
            models.Index(fields=["above", "at"], name="comment_answers"),
            models.Index(fields=["by", "-at"], name="comment_of_member"),
            models.Index(fields=["at", "message"], name="comment_to_look_at", condition=models.Q(look=True)),
        ]

    def __str__(self) -> str:
        return f"{self.state} comment {self.message_id}"


class ClosedThread(models.Model):
    """Staff closed a discussion: what was said stays to be read, and nobody writes there."""

    thread = models.CharField(primary_key=True, max_length=100)
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.thread} is closed"
