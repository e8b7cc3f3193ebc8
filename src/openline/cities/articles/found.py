"""An article that an import found, before anything is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from openline.knowledge.content import Values


@dataclass(slots=True)
class Found:
    """One article of a file or a site.

    `where` says where it stands, for people; `origin` is what the same import finds again ("": its slug is). `slug` of
    `translation_of` names the article that it translates. `notes`: what was left out.
    """

    values: Values
    where: str
    origin: str = ""
    translation_of: str = ""
    reviewed_on: date | None = None
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As plain values, to travel through a form; dates as texts."""
        values = {name: value.isoformat() if isinstance(value, date) else value for name, value in self.values.items()}
        reviewed = self.reviewed_on.isoformat() if self.reviewed_on else ""
        return {"values": values, "where": self.where, "origin": self.origin, "translation_of": self.translation_of,
                "reviewed_on": reviewed, "notes": self.notes}  # fmt: skip

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Found:
        """Read `as_json` again. Raises KeyError, TypeError or ValueError on what is not of that form."""
        reviewed = date.fromisoformat(value["reviewed_on"]) if value["reviewed_on"] else None
        where, origin, translation_of = (str(value[name]) for name in ("where", "origin", "translation_of"))
        return cls(dict(value["values"]), where, origin, translation_of, reviewed, [str(n) for n in value["notes"]])
