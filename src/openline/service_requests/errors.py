"""Why an action of a person was not carried out."""

from __future__ import annotations


class NotPossible(Exception):
    """The action breaks a rule; the message tells a person what to do instead. Nothing was changed."""


class Conflict(NotPossible):
    """Somebody else changed the request meanwhile. Nothing was changed."""
