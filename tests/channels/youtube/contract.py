"""What Google's discovery document says, and whether a request of ours and an answer of the emulator keep to it."""

from __future__ import annotations

import json
import re
from email.parser import BytesParser
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.channels.recording import Exchange

_TYPES = {"string": str, "boolean": bool, "integer": int, "number": (int, float), "object": dict, "array": list}
_UPLOAD = re.compile(r"/(?:resumable/)?upload(/youtube/v3/.+)")
SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"


class Discovery:
    """YouTube Data API v3, as Google describes it to its own clients."""

    def __init__(self, shared: Path) -> None:
        self.document: dict[str, Any] = json.loads((shared / "contracts/youtube/youtube.v3.json").read_text())

    @cached_property
    def methods(self) -> dict[tuple[str, str], dict[str, Any]]:
        """By HTTP method and path."""
        found = dict[tuple[str, str], dict[str, Any]]()

        def gather(resources: dict[str, Any]) -> None:
            for resource in resources.values():
                for method in resource.get("methods", {}).values():
                    found[method["httpMethod"], f"/{method['path']}"] = method
                gather(resource.get("resources", {}))

        gather(self.document["resources"])
        return found

    def check(self, exchange: Exchange) -> None:
        """Raises AssertionError saying what is wrong with it."""
        upload = _UPLOAD.match(exchange.path)
        if not upload and not exchange.path.startswith("/youtube/v3/"):
            return
        if upload and exchange.method == "PUT":
            return self._piece(exchange)
        path = upload[1] if upload else exchange.path
        method = self.methods.get((exchange.method, path))
        assert method, f"no method {exchange.method} {path}"
        self._request(method, exchange, bool(upload))
        if exchange.status < 300:
            self._answer(method, exchange)
        elif exchange.status >= 400:
            self._error(exchange)

    def _request(self, method: dict[str, Any], exchange: Exchange, upload: bool) -> None:
        known = method["parameters"] | self.document["parameters"]
        for name, value in exchange.query.items():
            assert name in known, f"{method['id']} has no parameter {name}"
            _parameter(name, value, known[name])
        for name, told in method["parameters"].items():
            assert not told.get("required") or name in exchange.query, f"{method['id']} needs {name}"
        assert SCOPE in method["scopes"], f"{method['id']} does not take our scope"
        assert exchange.headers.get("authorization", "").startswith("Bearer "), "no token"
        if upload:
            assert method.get("supportsMediaUpload"), f"{method['id']} takes no file"
        body = _said(exchange)
        if body is not None:
            assert "request" in method, f"{method['id']} takes no body"
            self.shape(body, method["request"]["$ref"])

    def _answer(self, method: dict[str, Any], exchange: Exchange) -> None:
        if exchange.query.get("uploadType") == "resumable":
            assert not exchange.answer, "an upload that opens answers by its address"
        elif "response" not in method:
            assert exchange.status == 204 and not exchange.answer, f"{method['id']} answers nothing"
        else:
            self.shape(json.loads(exchange.answer), method["response"]["$ref"])

    def _piece(self, exchange: Exchange) -> None:
        """The resumable protocol is Google's prose: ranges, 308 with what has come, 200 with the film."""
        assert re.match(r"bytes (\d+-\d+|\*)/\d+$", exchange.headers.get("content-range", "")), "no range"
        assert exchange.query.get("upload_id"), "no upload"
        if exchange.status == 200:
            self.shape(json.loads(exchange.answer), "Video")

    def _error(self, exchange: Exchange) -> None:
        error = json.loads(exchange.answer)["error"]
        assert error["code"] == exchange.status and error["errors"][0]["reason"], "an error of Google's form"

    def shape(self, value: Any, schema: str) -> None:
        """Raises AssertionError unless `value` is of that schema: known names, types, enums, nested alike."""
        self._value(value, {"$ref": schema}, schema)

    def _value(self, value: Any, told: dict[str, Any], where: str) -> None:
        if "$ref" in told:
            told = self.document["schemas"][told["$ref"]]
        kind = _TYPES[told["type"]]
        right = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))  # type: ignore[arg-type]
        assert right, f"{where} is no {told['type']}"
        if "enum" in told:
            assert value in told["enum"], f"{where}: {value!r} is none of {told['enum']}"
        if told.get("format") in ("uint64", "int64"):
            assert value.isdecimal(), f"{where} is no number"
        if told["type"] == "array":
            for item in value:
                self._value(item, told["items"], f"{where}[]")
        elif told["type"] == "object":
            self._object(value, told, where)

    def _object(self, value: dict[str, Any], told: dict[str, Any], where: str) -> None:
        for name, one in value.items():
            known = told.get("properties", {}).get(name) or told.get("additionalProperties")
            assert known, f"{where} has no {name}"
            self._value(one, known, f"{where}.{name}")


def _parameter(name: str, value: str, told: dict[str, Any]) -> None:
    if told["type"] == "integer":
        assert value.isdecimal(), f"{name} is no number"
        assert int(told.get("minimum", 0)) <= int(value) <= int(told.get("maximum", 2**31)), f"{name}: {value}"
    if told["type"] == "boolean":
        assert value in ("true", "false"), f"{name}: {value}"
    assert value in told.get("enum", [value]), f"{name}: {value} is none of {told['enum']}"


def _said(exchange: Exchange) -> dict[str, Any] | None:
    """The JSON of a request: its body, or the first part of one with a file."""
    kind = exchange.headers.get("content-type", "")
    if kind.startswith("multipart/related"):
        whole = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + exchange.body)
        first: Any = whole.get_payload(0)
        found: dict[str, Any] = json.loads(first.get_payload(decode=True))
        return found
    return json.loads(exchange.body) if exchange.body and kind.startswith("application/json") else None
