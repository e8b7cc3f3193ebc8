"""How many public requests lie where: what the map of the whole city is drawn from."""

from __future__ import annotations

from django.db import models


class MapCell(models.Model):
    """A square of the map with its public requests: tile `x`, `y` of zoom `level` (Web Mercator).

    `latitude` and `longitude` are the middle of its requests. Worked out anew by `map_cells.refresh`.
    """

    level = models.SmallIntegerField()
    x = models.IntegerField()
    y = models.IntegerField()
    open = models.IntegerField()
    closed = models.IntegerField()
    latitude = models.FloatField()
    longitude = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "x", "y"], name="map_cell_once")]

    def __str__(self) -> str:
        return f"{self.level}/{self.x}/{self.y}"


class MapState(models.Model):
    """Until when the cells count: one row."""

    newest = models.DateTimeField(null=True)
    requests = models.BigIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"map of {self.at:%Y-%m-%d %H:%M}"
