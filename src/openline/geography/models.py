"""Named areas of the city, and the compiled gazetteer that every process reads."""

from __future__ import annotations

from django.db import models


class Area(models.Model):
    """A named polygon: neighbourhood, council district, ZIP code. `geometry` is GeoJSON."""

    code = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=60)
    aliases = models.JSONField(default=list)
    geometry = models.JSONField()

    def __str__(self) -> str:
        return f"{self.name} ({self.kind})"


class GazetteerFile(models.Model):
    """A compiled gazetteer; the newest is in use. In the database so that all machines share it."""

    data = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"gazetteer of {self.created_at:%Y-%m-%d %H:%M}"


class OutsideAnswer(models.Model):
    """A place that an outside geocoder was asked for, and what it found (geography/outside/memory.py).

    Written before the question is sent, with the moment of its turn. `outcome` is one of `memory.Outcome`.
    """

    service = models.CharField(max_length=20)
    query = models.CharField(max_length=300)
    asked_at = models.DateTimeField(db_index=True)
    outcome = models.CharField(max_length=20)
    name = models.CharField(max_length=300, blank=True)
    answer = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "query"], name="asked_outside_once")]

    def __str__(self) -> str:
        return f"{self.service}: {self.outcome}"
