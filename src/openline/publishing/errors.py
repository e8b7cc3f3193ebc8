"""What can be wrong with what a person wants to publish."""

from __future__ import annotations


class NotPossible(Exception):
    """It cannot be done; the words say why and what to do. `field` is the part of the post that it is about."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Conflict(NotPossible):
    """Somebody else saved meanwhile; nothing was changed."""
