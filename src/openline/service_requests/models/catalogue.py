"""The catalogue: what the city can be asked for, and what it needs to know for each (Open311 GeoReport v2)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from openline.service_requests.models.city import Department


class ServiceKind(models.TextChoices):
    """What the city does with a message about the service."""

    REQUEST = "request", _("Service request")
    REFERRAL = "referral", _("Belongs to somebody else")
    QUESTION = "question", _("Question")


class Service(models.Model):
    """One service of the catalogue.

    `promise_days` is when it will be fixed: that many working days, calendar days or working hours
    (`promise_unit`); `first_answer_hours` (working hours) when a person first answers. `after_photo`: closing as
    done needs a photo. From `season_start` to `season_end` ("11-15" to "04-01", both included) it is offered.
    """

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    group = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    keywords = models.JSONField(default=list)
    examples = models.JSONField(default=list)
    kind = models.CharField(max_length=20, choices=ServiceKind.choices, default=ServiceKind.REQUEST)
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="services")
    first_answer_hours = models.SmallIntegerField(null=True, blank=True)
    promise_days = models.SmallIntegerField(null=True, blank=True)
    promise_unit = models.CharField(max_length=10, default="working")
    needs_place = models.BooleanField(default=True)
    needs_photo = models.BooleanField(default=False, db_default=False)
    needs_contact = models.BooleanField(default=False, db_default=False)
    after_photo = models.BooleanField(default=False, db_default=False)
    public = models.BooleanField(default=True)
    active = models.BooleanField(default=True)
    season_start = models.CharField(max_length=5, blank=True, default="", db_default="")
    season_end = models.CharField(max_length=5, blank=True, default="", db_default="")
    emergency_phone = models.CharField(max_length=60, blank=True)
    referral_text = models.TextField(blank=True)

    class Meta:
        ordering = ["group", "name"]

    def __str__(self) -> str:
        return self.name


class AttributeType(models.TextChoices):
    """The datatypes of GeoReport v2's service definition."""

    STRING = "string", _("A short text")
    NUMBER = "number", _("A number")
    DATETIME = "datetime", _("A date and time")
    TEXT = "text", _("A long text")
    SINGLE = "singlevaluelist", _("One of a list")
    MULTI = "multivaluelist", _("Some of a list")


class ServiceAttribute(models.Model):
    """One question that a service asks.

    `values` of a list: {"key", "name"} and perhaps "stop": a text with which the form ends ("Call 911 now").
    The question is asked only if the earlier question `depends_on` (a code) has one of the answers
    `depends_values`; always if that is empty. `variable` is false for a text that asks nothing.
    """

    service = models.ForeignKey(Service, models.CASCADE, related_name="attributes")
    code = models.SlugField(max_length=60)
    order = models.SmallIntegerField(default=0)
    question = models.CharField(max_length=500)
    hint = models.CharField(max_length=500, blank=True)
    datatype = models.CharField(max_length=20, choices=AttributeType.choices, default=AttributeType.STRING)
    variable = models.BooleanField(default=True)
    required = models.BooleanField(default=False)
    public = models.BooleanField(default=False)
    values = models.JSONField(default=list, blank=True)
    minimum = models.FloatField(null=True, blank=True)
    maximum = models.FloatField(null=True, blank=True)
    depends_on = models.SlugField(max_length=60, blank=True)
    depends_values = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["service", "order", "id"]
        constraints = [models.UniqueConstraint(fields=["service", "code"], name="attribute_once")]

    def __str__(self) -> str:
        return f"{self.code}: {self.question}"


class CatalogueVersion(models.Model):
    """The whole catalogue as it was saved once: `content` as exported, `changes` against the version before."""

    number = models.IntegerField(unique=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    why = models.CharField(max_length=300, blank=True)
    content = models.JSONField()
    changes = models.JSONField(default=list)

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"catalogue {self.number}"
