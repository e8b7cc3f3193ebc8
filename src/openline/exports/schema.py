"""The fields of every export, in their order: a stable schema. Public fields only (`service_requests.public`).

A field is never renamed or given another meaning; new ones come at the end, and `VERSION` counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

VERSION = "1.0.0"


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its name, its type in JSON Table Schema (string, datetime, number, boolean), and what it means."""

    name: str
    kind: str
    title: str
    description: str
    source: str = ""
    required: bool = False


FIELDS = (
    Field("service_request_id", "string", "Number", "The request's number, such as 26-001234.", "number", True),
    Field("service_code", "string", "Service code", "Code of the service in the catalogue.", "service__code", True),
    Field("service_name", "string", "Service", "Name of the service.", "service__name", True),
    Field("agency_responsible", "string", "Department", "The department that has it now.", "department__name", True),
    Field("is_open", "boolean", "Open", "False once it is resolved, closed, rejected or joined to another.", "", True),
    Field("status", "string", "State", "received, accepted, scheduled, in_progress, waiting, referred, reopened,"
          " resolved, closed, duplicate or rejected.", "status", True),
    Field("outcome", "string", "Outcome", "How it ended: done, partly_done, no_action_needed, not_found, not_done,"
          " referred, not_ours, withdrawn or duplicate; empty while it is open.", "outcome"),
    Field("status_notes", "string", "Last word", "What the city said last in public.", "status_note"),
    Field("description", "string", "Description", "What was reported, without personal data.", "public_description"),
    Field("channel", "string", "Channel", "The way it came: a network, open311, phone and others.", "source", True),
    Field("requested_datetime", "datetime", "Requested", "When it was reported (ISO 8601, UTC).", "requested_at", True),
    Field("updated_datetime", "datetime", "Updated", "When it last changed (ISO 8601, UTC).", "updated_at", True),
    Field("expected_datetime", "datetime", "Promised", "By when it is promised; empty if nothing is.", "due_at"),
    Field("closed_datetime", "datetime", "Finished", "When it was finished; empty while it is open.", "closed_at"),
    Field("address", "string", "Place", "The place by name: address, block, corner or landmark.", "place_name"),
    Field("areas", "string", "Areas", "Codes of the areas around it, with a space between them.", "areas"),
    Field("lat", "number", "Latitude", "Degrees north (WGS 84).", "latitude"),
    Field("long", "number", "Longitude", "Degrees east (WGS 84).", "longitude"),
)  # fmt: skip
NAMES = tuple(field.name for field in FIELDS)


def record(row: dict[str, Any]) -> dict[str, Any]:
    """A row of `public.rows` under the names of the export; times stay times."""
    found = {field.name: row[field.source] for field in FIELDS if field.source}
    found["is_open"], found["areas"] = row["closed_at"] is None, " ".join(row["areas"])
    return {name: found[name] for name in NAMES}


def table_schema() -> dict[str, Any]:
    """The fields as a JSON Table Schema (Frictionless Data)."""
    fields = [
        {"name": f.name, "type": f.kind, "title": f.title, "description": f.description}
        | ({"constraints": {"required": True}} if f.required else {})
        for f in FIELDS
    ]
    return {"fields": fields, "primaryKey": "service_request_id", "missingValues": [""], "version": VERSION}
