"""Schemathesis tries the API by its own description: no server error, and nothing that is not described."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from openline.open311.description import OPERATIONS
from openline.service_requests.models import ServiceRequest
from openline.wsgi import application
from tests.open311.conftest import HERE, Sender, asking, street_defect

PLAIN = {"Accept-Encoding": "identity"}  # no server between us: nobody would decompress
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
EXAMPLES = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
ADDRESSES = [(one.method, f"/{one.path}.{form}") for one in OPERATIONS for form in ("json", "xml")]


@pytest.fixture
def schema(philadelphia: None) -> Iterator[Any]:
    """The description as the server gives it, with the server itself behind it, in the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/open311/openapi.json", application)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_what_is_answered_is_described(
    schema: Any, new_key: Callable[..., Sender], method: str, path: str, mode: GenerationMode
) -> None:
    headers = PLAIN | {"X-Api-Key": new_key(may_update=True).key}
    strategy = schema[path][method].as_strategy(generation_mode=mode)

    @EXAMPLES
    @given(strategy)
    def tries(case: Any) -> None:
        case.call_and_validate(checks=CHECKS, headers=headers)

    tries()


@pytest.mark.parametrize("form", ["json", "xml"])
def test_so_is_what_is_taken(schema: Any, new_key: Callable[..., Sender], form: str) -> None:
    """The same with a service and a place that are there, so that requests are really opened."""
    headers, codes = PLAIN | {"X-Api-Key": new_key().key}, [street_defect().code, asking().code]
    strategy = schema[f"/v2/requests.{form}"]["post"].as_strategy(generation_mode=GenerationMode.POSITIVE)

    @EXAMPLES
    @given(strategy, st.sampled_from(codes))
    def tries(case: Any, code: str) -> None:
        case.media_type = "application/json"
        kept = {name: value for name, value in case.body.items() if name in ("description", "first_name")}
        case.body = kept | {"service_code": code, "attribute": {"SIZE": "S"}} | HERE
        case.query = {}
        case.call_and_validate(checks=CHECKS, headers=headers)

    tries()
    assert ServiceRequest.objects.count() > 5
