"""Requests and answers held against Meta's OpenAPI document of the Cloud API, with its known errors put right.

The document's errors: branches of `allOf` that allow nothing else (so that no body can be valid), an agent string of
Meta's own client, and no word of `biz_opaque_callback_data`, which the API takes and its reports bring back.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError

from tests.channels.openapi import Answered, Asked
from tests.channels.recording import Exchange

DOCUMENT = "contracts/whatsapp/business-messaging-api_v23.0.yaml"
_WANTED = {
    "/{Version}/{Phone-Number-ID}": r"/v[\d.]+/106540352242922",
    "/{Version}/{Phone-Number-ID}/messages": r"/v[\d.]+/\d+/messages",
    "/{Version}/{Phone-Number-ID}/media": r"/v[\d.]+/\d+/media",
    "/{Version}/{Phone-Number-ID}/message_history": r"/v[\d.]+/\d+/message_history",
    "/{Version}/{WABA-ID}/subscribed_apps": r"/v[\d.]+/\d+/subscribed_apps",
    "/{Version}/{WABA-ID}/message_templates": r"/v[\d.]+/\d+/message_templates",
    "/{Version}/{Media-ID}": r"/v[\d.]+/44\d+",
}
_NOT_THEIRS = re.compile(r"/whatsapp_business/attachments/|/v[\d.]+/\d+/subscriptions|/sandbox/")


class Contract:
    """Meta's document; one description for each address, as several of its addresses look alike."""

    def __init__(self, shared: Path) -> None:
        document = yaml.load((shared / DOCUMENT).read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        _mend(document)
        document["servers"] = [{"url": "https://graph.facebook.com"}]
        self._of = {path: _only(document, path) for path in _WANTED}

    def check(self, exchange: Exchange) -> None:
        """Raises AssertionError for what is not in the document."""
        if _NOT_THEIRS.match(exchange.path):
            return
        named = [name for name, path in _WANTED.items() if re.fullmatch(path, exchange.path)]
        assert named, f"{exchange.path} is not in the document"
        asked, contract = Asked(exchange, "https://graph.facebook.com"), self._of[named[0]]
        try:
            contract.validate_request(asked)  # type: ignore[arg-type]
            if exchange.status < 300:
                contract.validate_response(asked, Answered(exchange))  # type: ignore[arg-type]
        except OpenAPIError as error:
            raise AssertionError(f"{exchange.method} {exchange.path}: {error!r} {error.__cause__!r}") from error
        assert exchange.headers["authorization"].startswith("Bearer ") and "access_token" not in exchange.query


def _only(document: dict[str, Any], path: str) -> OpenAPI:
    return OpenAPI.from_dict(
        document | {"paths": {path: document["paths"][path]}}, config=Config(spec_validator_cls=None)
    )


def _mend(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    schemas["BaseMessageProperties"]["properties"]["biz_opaque_callback_data"] = {"type": "string", "maxLength": 512}
    for schema in schemas.values():
        branches = schema.get("allOf") if isinstance(schema, dict) else None
        closed = [one for one in branches or () if one.pop("additionalProperties", None) is False]
        if closed:
            schema["unevaluatedProperties"] = False
    upload = document["paths"]["/{Version}/{Phone-Number-ID}/media"]["post"]["requestBody"]["content"]
    upload["multipart/form-data"]["schema"]["properties"]["file"] = {}  # bytes, which the validator takes for no text
    document["components"]["parameters"]["UserAgent"]["schema"] = {"type": "string"}
    # `oneOf` of a file by id or by address, each closed: a file's name beside them makes both fail.
    for name in ("MediaObject", "MediaObject_1"):
        for branch in schemas.get(name, {}).get("oneOf", ()):
            branch.pop("additionalProperties", None)
