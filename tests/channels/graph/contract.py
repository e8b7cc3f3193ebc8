"""Meta's Graph specifications (facebook-business-sdk-codegen) turned into JSON Schema, for each call and its answer.

A node's file names its edges with their parameters (`apis`) and what can be asked of it (`fields`). Parameters go as a
form, so numbers and JSON within it are texts here. What the specifications leave out is in `_FILES`, `_BEYOND` and
`_UNTOLD`, each with its page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from email import message_from_bytes
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from openline.channels.facebook.emulator.fields import Wanted, parse
from tests.channels.recording import Exchange
from tests.conftest import shared_folder

FOLDER = "contracts/meta-graph"
_COMMON = {"access_token", "appsecret_proof", "fields", "limit", "after", "before", "ids", "method"}
_FILES = {"photos": "source", "messages": "filedata"}
"""Names of uploaded files are in prose only: docs/graph-api/reference/page/photos, docs/messenger-platform."""
_UNTOLD = {"oauth/access_token", "debug_token"}
"""docs/facebook-login/guides/access-tokens, docs/graph-api/reference/debug_token: no node has them."""
_BEYOND = {"Page": {"tasks"}, "UnifiedThread": {"messages"}, "Application": {"subscribed_fields"}}
"""docs/graph-api/reference/page, .../conversation, .../page/subscribed_apps."""
_ERROR = {"message", "type", "code", "error_subcode", "error_data", "fbtrace_id", "is_transient", "error_user_msg"}
_CHANGED = {"success", "id", "post_id", "video_id", "upload_url", "upload_session_id", "start_offset", "end_offset",
            "recipient_id", "message_id"}  # fmt: skip
"""Answers to changes are in prose only."""
_DIGITS, _TRUTH = r"^-?\d+$", ["true", "false"]


class Contract:
    """What the specifications allow."""

    def __init__(self, folder: Path) -> None:
        self._nodes = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}
        enums = self._nodes.pop("enum_types")
        self._enums = {one["name"]: one["values"] for one in enums}

    # One exchange

    def check(self, exchange: Exchange) -> None:
        """Raises AssertionError for what is not as the specifications have it."""
        path = re.sub(r"^/v\d+\.\d+", "", exchange.path).strip("/")
        if (
            exchange.path.startswith(("/media/", "/sandbox/", "/video-upload/"))
            or "dialog/" in path
            or exchange.status == 307
        ):
            return
        values, files = _values(exchange)
        assert "access_token" not in values, "the token stands in the address or the form"
        if path not in _UNTOLD:
            assert exchange.headers.get("authorization", "").startswith("Bearer "), "no token"
            assert values.get("appsecret_proof"), "no proof of the app's secret"
            self._request(exchange.method, path, values, files)
        answer = json.loads(exchange.answer)
        if exchange.status >= 400:
            assert set(answer) == {"error"} and set(answer["error"]) <= _ERROR, answer
        elif path not in _UNTOLD:
            self._answer(exchange.method, path, values, answer)

    def _request(self, method: str, path: str, values: dict[str, str], files: set[str]) -> None:
        node, edge = self.node(path or values.get("ids", ""))
        given = {name: value for name, value in values.items() if name not in _COMMON}
        if method == "GET" and not edge:
            assert not given, f"unknown: {sorted(given)}"
        else:
            files = files - {_FILES.get(edge, "")}
            errors = self.wrong(node, method, edge, given | dict.fromkeys(files, ""))
            assert not errors, errors
        if method == "GET" and values.get("fields"):
            self._fields(self.returned(node, edge), parse(values["fields"]))

    def wrong(self, node: str, method: str, edge: str, given: dict[str, str]) -> list[str]:
        """What the specification of that edge has against these parameters."""
        schema = self.schema(node, method, edge)
        if schema is None:
            return [f"there is no {method} {node}/{edge}"]
        return [error.message for error in Draft202012Validator(schema).iter_errors(_parsed(given, schema))]

    @cache  # noqa: B019
    def schema(self, node: str, method: str, edge: str) -> dict[str, Any] | None:
        """The JSON Schema of an edge's parameters; None if there is no such edge."""
        named = edge or {"POST": "#update", "DELETE": "#delete", "GET": "#get"}[method]
        for api in self._nodes[node]["apis"]:
            if api["method"] == method and named in (api.get("endpoint"), api.get("name")):
                return {
                    "type": "object",
                    "properties": {one["name"]: self._kind(one["type"]) for one in api["params"]},
                    "required": [one["name"] for one in api["params"] if one["required"]],
                    "additionalProperties": False,
                }
        return None

    def _kind(self, kind: str) -> dict[str, Any]:
        if kind.startswith("list"):
            inner = kind.partition("<")[2].rstrip(">")
            return {"type": "array", "items": self._kind(inner)} if inner else {"type": "array"}
        if kind in self._enums:
            known = self._enums[kind]
            return {"enum": sorted({*known, *(one.lower() for one in known if one in ("START", "FINISH"))})}
        return {
            "string": {"type": "string"},
            "int": {"type": "string", "pattern": _DIGITS},
            "unsigned int": {"type": "string", "pattern": r"^\d+$"},
            "datetime": {"type": "string", "pattern": r"^(\d+|\d{4}-\d\d-\d\dT.+)$"},
            "bool": {"enum": _TRUTH},
        }.get(kind, {})

    # Answers

    def _answer(self, method: str, path: str, values: dict[str, str], answer: dict[str, Any]) -> None:
        if method != "GET":
            assert set(answer) <= _CHANGED, f"unknown: {sorted(set(answer) - _CHANGED)}"
            return
        node, edge = self.node(path or values.get("ids", ""))
        wanted = {one.name: one for one in parse(values.get("fields", ""))}
        kind = self.returned(node, edge)
        if "ids" in values:
            assert set(answer) <= set(values["ids"].split(","))
            rows: Sequence[dict[str, Any]] = list(answer.values())
        elif edge:
            assert set(answer) <= {"data", "paging", "summary"}, sorted(answer)
            rows = answer["data"]
        else:
            rows = [answer]
        for row in rows:
            assert set(row) <= {*self.known(kind), "id"} or kind not in self._nodes, sorted(set(row) - self.known(kind))
            if wanted:
                assert set(row) <= {*wanted, "id"}, f"not asked for: {sorted(set(row) - set(wanted))}"
            self._values(kind, row)

    def _values(self, kind: str, row: dict[str, Any]) -> None:
        """Plain fields are of the kind that the table of fields names."""
        for field in self._nodes.get(kind, {}).get("fields", []):
            value = row.get(field["name"])
            plain = {"string": str, "bool": bool, "unsigned int": int, "int": int, "datetime": str}.get(field["type"])
            if plain and value is not None and field["name"] != "scheduled_publish_time":
                assert type(value) is plain, f"{field['name']} is {value!r}, no {field['type']}"
            if field["type"] == "datetime" and isinstance(value, str):
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000", value), value

    def _fields(self, kind: str, wanted: Sequence[Wanted]) -> None:
        if kind not in self._nodes:
            return
        for one in wanted:
            assert one.name in self.known(kind), f"{kind} has no field {one.name}"
            edge = next((api for api in self._nodes[kind]["apis"] if api.get("endpoint") == one.name), None)
            if edge:
                allowed = {each["name"] for each in edge["params"]} | {"limit", "summary", "after"}
                assert set(one.how) <= allowed, f"{kind}.{one.name} takes no {sorted(set(one.how) - allowed)}"
                self._fields(edge["return"], one.inner)

    def known(self, kind: str) -> set[str]:
        """What can be asked of such a node: its fields, and its edges that can be read."""
        node = self._nodes.get(kind, {"fields": [], "apis": []})
        edges = {api["endpoint"] for api in node["apis"] if api["method"] == "GET" and api.get("endpoint")}
        return {one["name"] for one in node["fields"]} | edges | _BEYOND.get(kind, set())

    # Which node

    def returned(self, node: str, edge: str) -> str:
        """What kind of node an edge gives when it is read."""
        if not edge:
            return node
        apis = [api for api in self._nodes[node]["apis"] if api["method"] == "GET" and api.get("endpoint") == edge]
        assert apis, f"there is no GET {node}/{edge}"
        return str(apis[0]["return"])

    def node(self, path: str) -> tuple[str, str]:
        """The node's kind by the form of its id, and the edge."""
        one, _, edge = path.partition("/")
        if one == "me":
            return "User", edge
        if one.startswith("t_"):
            return "UnifiedThread", edge
        if one.startswith("8400000"):
            return "Application", edge
        if one.startswith("1055500000") and "_" not in one:
            return "Page", edge
        if "_" in one:
            return ("PagePost" if one.startswith(("1055500000", "24000000")) else "Comment"), edge
        return "AdVideo", edge


def _parsed(given: dict[str, str], schema: dict[str, Any]) -> dict[str, Any]:
    """Texts of a form as the schema sees them: lists may come as JSON, or with commas between."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        kind = schema["properties"].get(name, {})
        if kind.get("type") == "array":
            found[name] = json.loads(value) if value.startswith("[") else value.split(",")
        else:
            found[name] = value
    return found


def _values(exchange: Exchange) -> tuple[dict[str, str], set[str]]:
    """The parameters of address and form, and the names of files."""
    kind = exchange.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return exchange.values, set()
    whole = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + exchange.body)
    values, files = dict(exchange.query), set[str]()
    for part in whole.get_payload():
        name = str(part.get_param("name", header="content-disposition"))  # type: ignore[union-attr]
        if part.get_filename():  # type: ignore[union-attr]
            files.add(name)
        else:
            values[name] = part.get_payload(decode=True).decode()  # type: ignore[union-attr]
    return values, files


@cache
def found() -> Contract | None:
    """The contract, where the folder with open data and contracts is here."""
    shared = shared_folder()
    return Contract(shared / FOLDER) if shared and (shared / FOLDER / "Page.json").is_file() else None
