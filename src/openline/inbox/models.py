"""What residents and the city say to each other: raw deliveries, people, conversations, messages.

A foreign key has no index of its own (`db_index=False`) where a constraint or an index of several columns begins with
it: every index costs on the hot path.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openline.accounts.models import Account
from openline.foundation.ids import uuid7
from openline.outbox.models import Delivery, Restore


class HeardState(models.TextChoices):
    """What became of a raw delivery."""

    WAITING = "waiting", _("Waiting to be read")
    KEPT = "kept", _("Kept as a message")
    REFUSED = "refused", _("Could not be read")


class Heard(models.Model):
    """One delivery of a network exactly as it arrived. Stored first, understood later, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="heard", db_index=False)
    event_id = models.CharField(max_length=500)
    raw = models.BinaryField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=HeardState.choices, default=HeardState.WAITING)
    reason = models.TextField(blank=True)
    processed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "heard"
        constraints = [models.UniqueConstraint(fields=["account", "event_id"], name="heard_once")]
        indexes = [
            models.Index(fields=["id"], name="heard_waiting", condition=models.Q(state="waiting")),
            models.Index(fields=["id"], name="heard_refused", condition=models.Q(state="refused")),
        ]

    def __str__(self) -> str:
        return f"{self.state} delivery {self.event_id}"


class Resident(models.Model):
    """A person who talks to the city. Knows nothing about them but their identities."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"resident {self.id}"


class Identity(models.Model):
    """A resident's handle on one network. Linked with another one only with that person's consent.

    `opted_out_at`: the person asked for no more messages (STOP by SMS): nothing is sent to them.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident = models.ForeignKey(Resident, models.PROTECT, related_name="identities")
    network = models.CharField(max_length=40)
    network_user_id = models.CharField(max_length=500)
    handle = models.CharField(max_length=500)
    name = models.CharField(max_length=500, blank=True)
    ours = models.BooleanField(default=False)
    opted_out_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "identities"
        constraints = [models.UniqueConstraint(fields=["network", "network_user_id"], name="identity_once")]

    def __str__(self) -> str:
        return f"{self.network}: {self.handle}"


class Status(models.TextChoices):
    """Whose move a conversation is."""

    OPEN = "open", _("Needs staff")
    WAITING = "waiting", _("Waiting for the resident")
    DONE = "done", _("Handled")


class Attention(models.IntegerChoices):
    """How much a conversation needs a person, highest first on the staff's screen."""

    NONE = 0, _("Nothing to do")
    LOOK = 1, _("Needs a look")
    ANSWER = 2, _("Needs an answer")
    URGENT = 3, _("Urgent")
    EMERGENCY = 4, _("Emergency")


class Conversation(models.Model):
    """One thread between a resident and the city on one account.

    `thread` is the network's id of the post that the thread hangs from (or "dm:<user>" for private
    messages), so that a reply whose parent arrives later finds it. `why` tells staff in a line why
    the conversation stands where it stands. An open one that is `put_off_until` later is in no list of
    work till then, or till the resident writes again.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="conversations", db_index=False)
    identity = models.ForeignKey(Identity, models.PROTECT, related_name="conversations")
    thread = models.CharField(max_length=500)
    visibility = models.CharField(max_length=10, default="public")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    attention = models.SmallIntegerField(choices=Attention.choices, default=Attention.NONE)
    why = models.CharField(max_length=300, blank=True)
    unread = models.BooleanField(default=True)
    summary = models.CharField(max_length=200, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="conversations"
    )
    opened_at = models.DateTimeField()
    last_message_at = models.DateTimeField()
    machine_answers = models.SmallIntegerField(default=0)
    put_off_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "thread", "identity"], name="conversation_once"),
        ]
        indexes = [
            models.Index(fields=["status", "-attention", "-last_message_at", "-id"], name="conversation_inbox"),
            models.Index(fields=["-last_message_at", "-id"], name="conversation_newest"),
        ]

    def __str__(self) -> str:
        return f"conversation {self.id}"


class Direction(models.TextChoices):
    """Who speaks."""

    IN = "in", _("From the resident")
    OUT = "out", _("From the city")


class Message(models.Model):
    """One thing said in a conversation, with its place on the network.

    `details` holds what only some networks have: `subject`, `whole` (with quotations), `facts`, `automatic`,
    `references`, and `cut` (`length` and `heard`) of a text longer than what is kept for reading; of ours `fate`
    ("delivered" or "failed") with its `reason`, and `hidden` with the reason.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="messages", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="messages", db_index=False)
    direction = models.CharField(max_length=3, choices=Direction.choices)
    network_id = models.CharField(max_length=500, blank=True)
    uri = models.CharField(max_length=1000, blank=True)
    url = models.CharField(max_length=1000, blank=True)
    parent_network_id = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=20, blank=True)
    visibility = models.CharField(max_length=10, default="public")
    media = models.JSONField(default=list)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    posted_at = models.DateTimeField()
    kept_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="messages"
    )
    purpose = models.CharField(max_length=40, blank=True)
    details = models.JSONField(null=True)
    delivery = models.OneToOneField(Delivery, models.PROTECT, null=True, related_name="message")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "network_id"], name="message_once", condition=~models.Q(network_id="")
            ),
        ]
        indexes = [models.Index(fields=["conversation", "posted_at", "id"], name="message_in_order")]

    def __str__(self) -> str:
        return f"message {self.id}"


class Part(models.Model):
    """A further post that a long message had to be split into: a reply to it belongs to the message's thread."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    network_id = models.CharField(max_length=500)
    message = models.ForeignKey(Message, models.PROTECT, related_name="parts")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "network_id"], name="part_once")]

    def __str__(self) -> str:
        return f"part {self.network_id} of {self.message_id}"


class Note(models.Model):
    """What staff tell each other about a conversation. Never sent, never public."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="notes", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["conversation", "at"], name="note_in_order")]

    def __str__(self) -> str:
        return f"note {self.id}"


class Mention(models.Model):
    """A note names a colleague, who has not `seen_at` it yet, or has."""

    note = models.ForeignKey(Note, models.CASCADE, related_name="mentions", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "user"], name="mention_once")]
        indexes = [models.Index(fields=["user", "seen_at"], name="mention_of_user")]

    def __str__(self) -> str:
        return f"{self.note_id} names {self.user_id}"


class Revision(models.Model):
    """An earlier or deleted text of a message, kept for the record."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, models.PROTECT, related_name="revisions", db_index=False)
    kind = models.CharField(max_length=10)
    text = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["message", "at"], name="revision_in_order")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.message_id}"


class Arrival(models.Model):
    """The network's word on something we sent: that it arrived, or not. It may come before the answer to the send."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    network_id = models.CharField(max_length=500)
    status = models.CharField(max_length=10, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "network_id", "status"], name="arrival_once")]

    def __str__(self) -> str:
        return f"{self.network_id} {self.status}"


class Regained(models.Model):
    """A post of ours that the network listed after a restore, and that nothing here knows of; `used` once it stands in
    its conversation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    network_id = models.CharField(max_length=500)
    in_reply_to = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    visibility = models.CharField(max_length=10, default="public")
    url = models.CharField(max_length=1000, blank=True)
    uri = models.CharField(max_length=1000, blank=True)
    posted_at = models.DateTimeField()
    used = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "regained"
        constraints = [models.UniqueConstraint(fields=["account", "network_id"], name="regained_once")]
        indexes = [
            models.Index(fields=["account", "in_reply_to"], name="regained_under", condition=models.Q(used=False)),
        ]

    def __str__(self) -> str:
        return f"regained {self.network_id}"


class CaughtUp(models.Model):
    """After a restore the account was asked what it said since the backup; `listed`: its network tells."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    restore = models.ForeignKey(Restore, models.PROTECT, related_name="+", db_index=False)
    listed = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "caught up"
        constraints = [models.UniqueConstraint(fields=["account", "restore"], name="caught_up_once")]

    def __str__(self) -> str:
        return f"{self.account_id} after {self.restore_id}"


class Piece(models.Model):
    """One part of a message that its network delivers in parts, until all of them are here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    whole = models.CharField(max_length=300)
    number = models.SmallIntegerField()
    of = models.SmallIntegerField()
    raw = models.BinaryField()
    at = models.DateTimeField()
    handed_on = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "whole", "number"], name="piece_once")]
        indexes = [models.Index(fields=["at"], name="piece_waiting", condition=models.Q(handed_on=False))]

    def __str__(self) -> str:
        return f"part {self.number} of {self.of}"
