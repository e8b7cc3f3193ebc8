"""The room of exports."""

from __future__ import annotations

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """Registers the room."""

    name = "openline.exports"
    label = "exports"
