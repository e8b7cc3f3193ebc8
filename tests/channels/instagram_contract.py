"""Meta's Graph specifications (facebook-business-sdk-codegen) turned into checks of each request and of each answer.

The `...ForIGOnlyAPI` files are those of the login of Instagram; they spell some edges without their underscore, so the
paths are those of IGUser. What neither file has is in `_BEYOND`, each with its page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.channels.recording import Exchange
from tests.conftest import shared_folder

FOLDER = "contracts/meta-graph"
_EVERYWHERE = {"fields", "limit", "after", "before"}
_SPELT = {"mediapublish": "media_publish"}
_USER, _MEDIA = ("IGUserForIGOnlyAPI", "IGUser"), ("IGMediaForIGOnlyAPI", "IGMedia")
_COMMENT, _CONTAINER, _TALK = ("IGComment",), ("ShadowIGMediaBuilder",), ("UnifiedThread",)
_EDGES = {"comments": _MEDIA, "insights": _MEDIA, "replies": _COMMENT, "messages": _TALK}
_ROWS = {"media": _MEDIA, "stories": _MEDIA, "tags": _MEDIA, "comments": _COMMENT, "replies": _COMMENT,
         "conversations": _TALK, "insights": ("InsightsResult",),
         "content_publishing_limit": ("ContentPublishingLimitResponse",)}  # fmt: skip
_BEYOND: dict[str, set[str]] = {
    # docs/instagram-platform/instagram-api-with-instagram-login/conversations-api
    "messages": {"id", "created_time", "from", "to", "message", "attachments"},
    # docs/instagram-platform/reference/ig-user/subscribed_apps
    "subscribed_apps": {"subscribed_fields"},
}
_LOGIN = {
    "/oauth/access_token": {"client_id", "client_secret", "code", "grant_type", "redirect_uri"},
    "/access_token": {"client_secret", "grant_type"},
    "/refresh_access_token": {"grant_type"},
}
"""docs/instagram-platform/instagram-api-with-instagram-login/business-login; the token itself goes in the header."""
_KINDS: dict[str, Any] = {"string": str, "int": int, "unsigned int": int, "bool": bool, "float": (int, float),
                          "datetime": str}  # fmt: skip
_ERROR = {"message", "type", "code", "error_subcode", "error_user_title", "fbtrace_id"}


class Contract:
    """What the specifications allow."""

    def __init__(self, shared: Path) -> None:
        self._folder = shared / FOLDER
        self._enums = {one["name"]: one["values"] for one in json.loads((self._folder / "enum_types.json").read_text())}
        names = {*_USER, *_MEDIA, *_COMMENT, *_CONTAINER, *_TALK, *(name for row in _ROWS.values() for name in row)}
        self._specs = {name: json.loads((self._folder / f"{name}.json").read_text()) for name in names}

    def check(self, exchange: Exchange) -> None:
        """Raises AssertionError for what is not as the specifications have it."""
        if exchange.path.startswith(("/files/", "/sandbox/", "/oauth/authorize", "/oauth/allow")):
            return
        assert "access_token" not in exchange.values, "the token stands in the address or the form"
        answer = json.loads(exchange.answer)
        if exchange.path in _LOGIN:
            assert set(exchange.values) == _LOGIN[exchange.path], exchange.values
        else:
            assert exchange.headers.get("authorization", "").startswith("Bearer "), "no token"
            self._check_call(exchange, answer)
        if exchange.status >= 400:
            assert set(answer) == {"error"} and set(answer["error"]) <= _ERROR, answer

    def _check_call(self, exchange: Exchange, answer: Any) -> None:
        found = re.fullmatch(r"/v\d+\.0/([\w-]+)(?:/(\w+))?", exchange.path)
        assert found, "there is no such path"
        node, edge = found[1], found[2] or ""
        values = exchange.values
        specs = _USER if node == "me" else _EDGES[edge] if edge else self._node(exchange, answer)
        params = self._params(specs, exchange.method, edge)
        assert params is not None, f"{specs} has no {exchange.method} {edge}"
        known = set(params) | _EVERYWHERE
        assert set(values) <= known, f"unknown: {sorted(set(values) - known)}"
        missing = {name for name, (_kind, required) in params.items() if required} - set(values)
        assert not missing, f"missing: {missing}"
        for name, value in values.items():
            if name in params:
                self._check_value(name, value, params[name][0])
        if exchange.status < 400 and exchange.method == "GET":
            self._check_answer(specs, edge, values.get("fields", ""), answer)

    def _node(self, exchange: Exchange, answer: Mapping[str, Any]) -> tuple[str, ...]:
        """Which kind of thing a bare id is, by what is asked of it."""
        if exchange.method != "GET":
            return _COMMENT if exchange.method == "POST" or exchange.status < 400 else _MEDIA
        fields = _top(exchange.values.get("fields", ""))
        if fields & {"status_code", "status"}:
            return _CONTAINER
        return _COMMENT if fields & {"hidden", "text", "parent_id"} else _MEDIA

    def _params(self, specs: tuple[str, ...], method: str, edge: str) -> dict[str, tuple[str, bool]] | None:
        found: dict[str, tuple[str, bool]] | None = None
        for name in specs:
            for api in self._specs[name]["apis"]:
                spelt = api.get("endpoint") or ""
                spelt = _SPELT.get(spelt, spelt).strip("/")
                if api["method"] == method and spelt == edge:
                    told = {one["name"]: (one["type"], bool(one.get("required"))) for one in api.get("params", [])}
                    found = told | (found or {})
        return found

    def _check_value(self, name: str, value: str, kind: str) -> None:
        if inner := re.fullmatch(r"list<(.+)>", kind):
            for one in value.split(","):
                self._check_value(name, one, inner[1])
        elif kind in self._enums:
            assert value.upper() in {one.upper() for one in self._enums[kind]}, f"{name}: {value} is none of {kind}"
        elif kind == "bool":
            assert value in ("true", "false"), f"{name} is no truth value"
        elif kind in ("int", "unsigned int"):
            assert value.isdecimal(), f"{name} is no number"
        elif kind in ("Object", "map") and name != "tag":
            assert value.startswith("{") and isinstance(json.loads(value), dict), f"{name} is no object"

    def _check_answer(self, specs: tuple[str, ...], edge: str, fields: str, answer: Any) -> None:
        rows = answer["data"] if edge else [answer]
        assert edge == "" or set(answer) <= {"data", "paging"}, answer
        kinds = self._fields(_ROWS.get(edge, ()) if edge else specs)
        known = set(kinds) | _BEYOND.get(edge, set())
        asked = _top(fields)
        # A node's edges may be asked for as if they were fields (docs/graph-api/guides/field-expansion).
        for name in _ROWS.get(edge, ()) if edge else specs:
            known |= {api.get("endpoint") or "" for api in self._specs[name]["apis"]}
        assert asked <= known, f"unknown fields: {sorted(asked - known)}"
        for row in rows:
            assert set(row) <= known | {"id"}, f"unknown: {sorted(set(row) - known)}"
            assert not asked or set(row) <= asked | {"id"}, "more than was asked for"
            for name, value in row.items():
                if isinstance(kind := _KINDS.get(kinds.get(name, "")), type | tuple):
                    assert isinstance(value, kind), f"{name} is {value!r}, not {kinds[name]}"

    def _fields(self, specs: tuple[str, ...]) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in specs[::-1]:
            found |= {one["name"]: one["type"] for one in self._specs[name]["fields"]}
        # The webhooks' id of the account is told as text, whatever the specification says.
        return found | ({"user_id": "string"} if "user_id" in found else {})


def found() -> Contract | None:
    """The contract, where the folder with open data and contracts is here."""
    folder = shared_folder()
    return Contract(folder) if folder and (folder / FOLDER / "IGUser.json").is_file() else None


def _top(fields: str) -> set[str]:
    """The names of fields, without what stands in braces or behind a dot."""
    plain, before = fields, ""
    while plain != before:
        before, plain = plain, re.sub(r"\{[^{}]*\}", "", plain)
    return {re.sub(r"\..*", "", one.strip()) for one in plain.split(",") if one.strip()}
