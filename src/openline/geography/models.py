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
