"""Why an article is not changed."""

from __future__ import annotations

from collections.abc import Mapping


class NotDone(Exception):
    """Nothing was changed; the message says why and what to do."""


class Invalid(NotDone):
    """What was given cannot be kept; `errors` says why, by field ("" for the whole)."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


class Outdated(NotDone):
    """Somebody else changed the article since the editor loaded it; `version` is the present one."""

    def __init__(self, message: str, version: int) -> None:
        super().__init__(message)
        self.version = version
