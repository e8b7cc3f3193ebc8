"""What the public pages keep: conversations at private addresses, and how often an address of the net has written."""

from __future__ import annotations

from django.db import models

from openline.accounts.models import Account


class Talk(models.Model):
    """A conversation that began in the form: how its private page is found, and whom to tell of answers.

    `email` is personal data: used for nothing else, and forgotten when the conversation has been quiet for long
    (`contact.tokens.FORGET_AFTER`). `version` is part of the private address: a new one ends all older addresses.
    """

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="talks")
    email = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=20, blank=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    active_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["active_at"], name="talk_with_address", condition=~models.Q(email=""))]

    def __str__(self) -> str:
        return f"talk {self.id}"

    @property
    def author(self) -> str:
        """Who writes in it, as the web channel names people: nobody signs in, so a conversation is a person."""
        return f"web:{self.id.hex}"


class Bucket(models.Model):
    """How much a sender may still send (a token bucket). `digest` tells senders apart for a day, and names nobody."""

    digest = models.CharField(primary_key=True, max_length=64)
    left = models.FloatField()
    counted_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["counted_at"], name="bucket_by_age")]

    def __str__(self) -> str:
        return f"bucket {self.digest[:8]}"


class Hub(models.Model):
    """A WebSub hub: it knows of all news up to `told_at`. Which hubs there are, the city's settings say."""

    address = models.CharField(primary_key=True, max_length=500)
    told_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.address
