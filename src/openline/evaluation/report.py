"""One evaluation as one HTML page, which needs nothing else, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import orjson
from django.template import Context, Engine

from openline.evaluation.findings import Figure, Part
from openline.evaluation.metrics import SEED


def as_json(parts: Sequence[Part], problems: Sequence[str]) -> bytes:
    """The findings as one JSON object; docs/evaluation.md describes its keys."""
    found = _head() | {"parts": {part.key: part.to_json() for part in parts}, "problems": list(problems)}
    return orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY)


def as_html(parts: Sequence[Part], problems: Sequence[str]) -> str:
    """The findings as a page."""
    source = (files("openline.evaluation") / "report.html").read_text(encoding="utf-8")
    goals = [(part, figure) for part in parts for figure in part.figures if figure.goal is not None]
    engine = Engine(libraries={"figures": "openline.evaluation.shown"}, builtins=["openline.evaluation.shown"])
    context = _head() | {"parts": parts, "goals": goals, "problems": problems, "reached": _reached(goals)}
    return engine.from_string(source).render(Context(context))


def as_text(parts: Sequence[Part]) -> str:
    """The figures, a line each, for a terminal."""
    lines = []
    for part in parts:
        lines.append(f"{part.title}{': ' + part.skipped if part.skipped else ''}")
        lines += [f"  {figure.name:48}{_told(figure)}" for figure in part.figures]
    return "\n".join(lines)


def _told(figure: Figure) -> str:
    between = f"  ({figure.low:.3f} to {figure.high:.3f})" if figure.low is not None else ""
    goal = "" if figure.goal is None else f"  goal {figure.goal:g}: {'reached' if figure.reached else 'missed'}"
    return f"{figure.value:10.3f} {figure.unit}{between}{goal}".rstrip()


def _reached(goals: Sequence[tuple[Part, Figure]]) -> int:
    return sum(bool(figure.reached) for _, figure in goals)


def _head() -> dict[str, Any]:
    return {"version": version("openline"), "made_at": datetime.now(UTC).isoformat(timespec="seconds"), "seed": SEED}
