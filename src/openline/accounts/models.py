"""The city's official accounts on the networks."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openline.channels.base import AccountRef, Capabilities
from openline.channels.registry import channel_for
from openline.foundation.ids import uuid7
from openline.foundation.sealing import SealedField, seal, unseal


class Mandate(models.TextChoices):
    """What an account is for."""

    SERVICE_DESK = "service_desk", _("Service desk")
    OFFICIAL = "official", _("Official")
    PUBLISHING = "publishing", _("Publishing only")


class Line(models.TextChoices):
    """State of one direction of an account. Hearing never depends on speaking."""

    OK = "ok", _("Working")
    DOWN = "down", _("Not reachable")
    REFUSED = "refused", _("Token refused")


class Account(models.Model):
    """One official account. Token, hearing and speaking are three separate states.

    `network_user_id` is the network's own id of it, which no change of the handle touches; `settings` holds what its
    channel asked for and is no secret, `expires_at` says when a person has to connect it again, `budget` what the
    network said of our allowance with its last answer (`openline.channels.accounts.Budget`).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    network = models.CharField(max_length=40)
    handle = models.CharField(max_length=200)
    server = models.CharField(max_length=500)
    name = models.CharField(max_length=200)
    owner = models.CharField(max_length=200, blank=True)
    mandate = models.CharField(max_length=20, choices=Mandate.choices, default=Mandate.SERVICE_DESK)
    enabled = models.BooleanField(default=True)
    credentials_encrypted = SealedField()
    cursor = models.TextField(blank=True)
    hearing = models.CharField(max_length=10, choices=Line.choices, default=Line.OK)
    hearing_error = models.TextField(blank=True)
    last_heard_at = models.DateTimeField(null=True)
    speaking = models.CharField(max_length=10, choices=Line.choices, default=Line.OK)
    speaking_error = models.TextField(blank=True)
    paused_until = models.DateTimeField(null=True)
    last_sent_at = models.DateTimeField(null=True)
    network_user_id = models.CharField(max_length=500, blank=True)
    settings = models.JSONField(default=dict)
    expires_at = models.DateTimeField(null=True)
    budget = models.JSONField(null=True)
    answers_by_itself = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "server", "handle"], name="account_once")]

    def __str__(self) -> str:
        return f"{self.network}: {self.handle}"

    @property
    def credentials(self) -> dict[str, str]:
        """The decrypted secrets of this account; raises UnreadableSecret."""
        return unseal(bytes(self.credentials_encrypted)) if self.credentials_encrypted else {}

    @credentials.setter
    def credentials(self, value: dict[str, str]) -> None:
        self.credentials_encrypted = seal(value)

    def ref(self) -> AccountRef:
        """What the account's channel may know of it."""
        from openline.accounts import keeping

        return replace(
            self.public_ref(),
            credentials=self.credentials,
            keeper=keeping.AccountKeeper(self.id),
        )

    @property
    def capabilities(self) -> Capabilities:
        """What this very account can do."""
        return channel_for(self.network).capabilities_of(self.public_ref())

    def public_ref(self) -> AccountRef:
        """The same without any secret, for what the public may see."""
        from openline.accounts import keeping

        return AccountRef(
            str(self.id),
            self.handle,
            self.server,
            {},
            self.settings,
            author_id=self.network_user_id,
            hook=f"{settings.PUBLIC_URL.rstrip('/')}/hooks/{self.network}/{self.id}/",
            ledger=keeping.ledger_of(self.id),
        )
