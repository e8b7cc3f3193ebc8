"""What the API is, told once: from here come the OpenAPI description and the page for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TIME: Schema = {"type": "string", "description": "ISO 8601 with zone; empty if there is none"}
TRUTH: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": ["number", "null"]}


def one_of(*values: str) -> Schema:
    """One of these texts."""
    return {"type": "string", "enum": list(values)}


def many(items: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": items}


def record(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """An object with exactly these fields."""
    properties = required | (optional or {})
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


SCHEMAS: dict[str, Schema] = {
    "Errors": many(record({"code": {"type": "integer"}, "description": TEXT})),
    "Discovery": record(
        {
            "changeset": TEXT,
            "contact": TEXT,
            "key_service": TEXT,
            "endpoints": many(
                record(
                    {
                        "specification": TEXT,
                        "url": TEXT,
                        "changeset": TEXT,
                        "type": one_of("production", "test"),
                        "formats": many(TEXT),
                    }
                )
            ),
        }
    ),
    "Services": many(
        record(
            {
                "service_code": TEXT,
                "service_name": TEXT,
                "description": TEXT,
                "metadata": TRUTH,
                "type": one_of("realtime", "batch", "blackbox"),
                "keywords": TEXT,
                "group": TEXT,
            }
        )
    ),
    "ServiceDefinition": record(
        {
            "service_code": TEXT,
            "attributes": many(
                record(
                    {
                        "variable": TRUTH,
                        "code": TEXT,
                        "datatype": one_of("string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"),
                        "required": TRUTH,
                        "datatype_description": TEXT,
                        "order": {"type": "integer"},
                        "description": TEXT,
                    },
                    {
                        "values": many(record({"key": TEXT, "name": TEXT})),
                        "extended_attributes": record(
                            {
                                "required_if_asked": TRUTH,
                                "depends_on": TEXT,
                                "depends_values": many({}),
                                "minimum": NUMBER,
                                "maximum": NUMBER,
                                "public": TRUTH,
                                "stops": many(record({"key": TEXT, "text": TEXT})),
                            }
                        ),
                    },
                )
            ),
        }
    ),
    "Requests": many(
        record(
            {
                "service_request_id": TEXT,
                "status": one_of("open", "closed"),
                "status_notes": TEXT,
                "service_name": TEXT,
                "service_code": TEXT,
                "description": TEXT,
                "agency_responsible": TEXT,
                "service_notice": TEXT,
                "requested_datetime": TIME,
                "updated_datetime": TIME,
                "expected_datetime": TIME,
                "address": TEXT,
                "address_id": TEXT,
                "zipcode": TEXT,
                "lat": NUMBER,
                "long": NUMBER,
                "media_url": TEXT,
            },
            {
                "extended_attributes": record(
                    {
                        "channel": TEXT,
                        "detailed_status": TEXT,
                        "outcome": TEXT,
                        "areas": many(record({"code": TEXT, "name": TEXT})),
                        "closed_datetime": TIME,
                        "deadline": one_of("none", "ahead", "overdue", "kept", "missed"),
                        "photos": many(record({"media_url": TEXT, "kind": TEXT, "description": TEXT})),
                    }
                ),
                "attributes": many(record({"code": TEXT, "label": TEXT, "value": TEXT})),
                "notes": many(record({"datetime": TIME, "type": TEXT, "description": TEXT})),
            },
        )
    ),
    "Created": many(record({"service_notice": TEXT, "account_id": TEXT}, {"service_request_id": TEXT, "token": TEXT})),
    "Token": many(record({"service_request_id": TEXT, "token": TEXT})),
    "Updates": many(
        record(
            {
                "update_id": TEXT,
                "service_request_id": TEXT,
                "status": one_of("open", "closed"),
                "description": TEXT,
                "media_url": TEXT,
                "updated_datetime": TIME,
            },
            {"extended_attributes": record({"detailed_status": TEXT, "outcome": TEXT})},
        )
    ),
    "UpdateTaken": many(record({"update_id": TEXT, "account_id": TEXT})),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name, what it means, its schema."""

    name: str
    meaning: str
    schema: Schema
    required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address. `answer` names a schema; `errors` are the statuses beside 200."""

    method: str
    path: str
    summary: str
    answer: str
    parameters: tuple[Parameter, ...] = ()
    errors: tuple[int, ...] = (400, 404)
    needs_key: bool = False


def _p(name: str, meaning: str, schema: Schema = TEXT, required: bool = False) -> Parameter:
    return Parameter(name, meaning, schema, required)


_MOMENT: Schema = {"type": "string", "format": "date-time"}
JURISDICTION = _p("jurisdiction_id", "The city's own id, as discovery gives it; checked if it is sent.")
EXTENSIONS = _p("extensions", "Also what goes beyond the standard.", one_of("true", "false"))
PAGING = (
    _p("page_size", "Rows of a page.", {"type": "integer", "minimum": 1, "maximum": 1000}),
    _p("page", "Its number; the Link header leads deeper.", {"type": "integer", "minimum": 1, "maximum": 10000}),
    _p("after", "The key of the last row seen, as the Link header names it."),
)
_SPAN = (
    _p("start_date", "Not before; at most 90 days before end_date.", _MOMENT),
    _p("end_date", "Not after.", _MOMENT),
)
FILTERS = (
    _p("service_request_id", "Comma list of at most 200; overrides all other filters."),
    _p("service_code", "Comma list of at most 200."),
    _p("status", "open, closed, or both as a comma list.", one_of("open", "closed", "open,closed")),
    *_SPAN,
    _p("updated_after", "Changed after this.", _MOMENT),
    _p("updated_before", "Changed before this.", _MOMENT),
    _p("lat", "With long and radius: the middle of a circle.", {"type": "number", "minimum": -90, "maximum": 90}),
    _p("long", "See lat.", {"type": "number", "minimum": -180, "maximum": 180}),
    _p("radius", "Metres.", {"type": "number", "minimum": 0.1, "maximum": 50000}),
    _p("bbox", "west,south,east,north in degrees.", TEXT | {"examples": ["-75.2,39.9,-75.1,40.0"]}),
    _p("q", "Words in description, address or service."),
)
_KEY = (_p("api_key", "The key, if it is not in the header X-Api-Key."),)
NEW_REQUEST = (
    *_KEY,
    _p("service_code", "From services.", TEXT | {"maxLength": 60}, True),
    _p("lat", "With long: where it is (WGS 84).", {"type": "number", "minimum": -90, "maximum": 90}),
    _p("long", "See lat.", {"type": "number", "minimum": -180, "maximum": 180}),
    _p("address_string", "Instead: an address, a block or a corner.", TEXT | {"maxLength": 300}),
    _p("address_id", "Instead: the address_id of an answer of ours.", TEXT | {"maxLength": 300}),
    _p("description", "Plain text; HTML is taken out.", TEXT | {"maxLength": 4000}),
    _p("email", "How to reach the resident: for staff alone.", TEXT | {"maxLength": 254}),
    _p("phone", "See email.", TEXT | {"maxLength": 60}),
    _p("first_name", "See email.", TEXT | {"maxLength": 100}),
    _p("last_name", "See email.", TEXT | {"maxLength": 99}),
    _p("device_id", "See email.", TEXT | {"maxLength": 200}),
    _p("account_id", "See email.", TEXT | {"maxLength": 200}),
    _p(
        "attribute[CODE]",
        "The answer to a question of the service, by the code in its definition; "
        "attribute[CODE][] where several may be chosen.",
    ),
    _p("media_url", "Address of a photo; several times for several."),
    _p("client_request_id", "Your own mark: sent twice, it makes one request.", TEXT | {"maxLength": 200}),
)
NEW_UPDATE = (
    *_KEY,
    _p("service_request_id", "Our number of the request.", TEXT | {"maxLength": 20}, True),
    _p("update_id", "Your own id of the update: sent twice, it counts once.", TEXT | {"maxLength": 200}, True),
    _p("status", "OPEN or CLOSED, or a state of open311-adapter.", TEXT | {"maxLength": 60}, True),
    _p("updated_datetime", "When it was written.", _MOMENT),
    _p("description", "The public words.", TEXT | {"maxLength": 4000}),
    _p("media_url", "Address of a photo; several times for several."),
)
_SENDING = (400, 403, 404, 429)

OPERATIONS: tuple[Operation, ...] = (
    Operation("get", "discovery", "Where the service is, and which formats it speaks.", "Discovery"),
    Operation("get", "v2/services", "The services that can be asked for.", "Services"),
    Operation(
        "get", "v2/services/{service_code}", "The questions of a service whose metadata is true.",
        "ServiceDefinition", (EXTENSIONS,),
    ),
    Operation("post", "v2/requests", "A new request.", "Created", NEW_REQUEST, _SENDING, True),
    Operation(
        "get", "v2/tokens/{token}", "The number of a request that a person looks at first; empty until then.", "Token"
    ),
    Operation("get", "v2/requests", "Requests, newest first.", "Requests", (*FILTERS, *PAGING, EXTENSIONS)),
    Operation("get", "v2/requests/{service_request_id}", "One request, in an array.", "Requests", (EXTENSIONS,)),
    Operation(
        "get", "v2/servicerequestupdates", "Public updates of a time, oldest first.", "Updates",
        (*_SPAN, FILTERS[0], *PAGING, EXTENSIONS),
    ),
    Operation(
        "post", "v2/servicerequestupdates", "An update of a request, from a key that may send them.", "UpdateTaken",
        NEW_UPDATE, _SENDING, True,
    ),
)  # fmt: skip
