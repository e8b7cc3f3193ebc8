"""Registers the inbox room with Django."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    """Conversations between residents and the city."""

    name = "openline.inbox"
    label = "inbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Subscribe to the outbox, and keep the ledger of every account."""
        from openline.accounts import keeping
        from openline.inbox import handlers  # noqa: F401
        from openline.inbox.ledger import AccountLedger

        keeping.ledger_of = AccountLedger
