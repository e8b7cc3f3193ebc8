"""An OpenAPI description of the addresses that networks call, for the tests that try them with all sorts of calls."""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string"}
_PROOFS = (
    "X-Hub-Signature-256",
    "X-Twitter-Webhooks-Signature",
    "X-Twilio-Signature",
    "X-Twilio-Webhooks-Signature-Settings",
    "TikTok-Signature",
    "Authorization",
)
_QUERY = {
    "hub.mode": {"enum": ["subscribe", "unsubscribe", ""]},
    "hub.verify_token": _TEXT,
    "hub.challenge": _TEXT,
    "crc_token": _TEXT,
    "about": {"enum": ["erase", "withdrawn", ""]},
    "kind": {"enum": ["message", "report", ""]},
    "bodySHA256": _TEXT,
}
ANYTHING: dict[str, Any] = {
    "oneOf": [
        {"type": "object", "additionalProperties": True},
        {"type": "array", "items": {"type": "object"}},
        {"type": ["string", "number", "boolean", "null"]},
    ]
}
BATCH: dict[str, Any] = {
    "type": "object",
    "required": ["object", "entry"],
    "properties": {
        "object": {"enum": ["page", "instagram", "whatsapp_business_account", "threads", "user", 1]},
        "entry": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "id": {"enum": ["111", "222", 111, None]},
                    "time": {"type": ["integer", "string", "number"]},
                    "messaging": {"type": "array", "items": ANYTHING},
                    "changes": {
                        "type": ["array", "object"],
                        "items": {
                            "type": "object",
                            "properties": {
                                "field": {"enum": ["messages", "feed", "comments", "mentions", "replies", 1]},
                                "value": ANYTHING,
                            },
                        },
                    },
                },
            },
        },
    },
}
"""What comes near to a batch of Meta's (and, in `entry`, near to nobody else's)."""


def _parameters(path: tuple[str, ...]) -> list[dict[str, Any]]:
    places = [{"name": name, "in": "path", "required": True, "schema": _TEXT} for name in path]
    query = [{"name": name, "in": "query", "schema": schema} for name, schema in _QUERY.items()]
    headers = [{"name": name, "in": "header", "schema": _TEXT} for name in _PROOFS]
    return [*places, *query, *headers]


_BODY = {
    "content": {
        "application/json": {"schema": {"oneOf": [ANYTHING, BATCH]}},
        "application/x-www-form-urlencoded": {"schema": {"type": "object", "additionalProperties": _TEXT}},
        "text/plain": {"schema": _TEXT},
    }
}
_ANSWERS = {str(status): {"description": "taken, or why not"} for status in (200, 400, 403, 404, 413)}


def _path(*names: str) -> dict[str, Any]:
    parameters = _parameters(names)
    return {
        "get": {"parameters": parameters, "responses": _ANSWERS},
        "post": {"parameters": parameters, "requestBody": _BODY, "responses": _ANSWERS},
    }


DESCRIPTION: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "The door for networks that call us", "version": "1"},
    "paths": {
        "/hooks/{network}/": _path("network"),
        "/hooks/{network}/{account}/": _path("network", "account"),
    },
}
