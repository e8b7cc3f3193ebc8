"""Registers the knowledge room with Django."""

from django.apps import AppConfig
from django.db.models.signals import post_save


class KnowledgeConfig(AppConfig):
    """How-to articles about city services."""

    name = "openline.knowledge"
    label = "knowledge"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the passages of an article follow its text."""
        post_save.connect(_write_passages, sender="knowledge.Article", dispatch_uid="openline.passages")


def _write_passages(instance: object, **_more: object) -> None:
    from openline.knowledge import fulltext

    fulltext.write(instance)
