"""What channels say to staff goes through gettext: no sentence in their code stands outside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import openline.channels

FOLDER = Path(openline.channels.__file__).parent
GETTEXT = {"_", "_now", "gettext", "gettext_lazy", "ngettext"}


def bare(tree: ast.AST) -> Iterator[str]:
    """Sentences of the code (not of its documentation) that no gettext function gets."""
    known = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in GETTEXT:
            known |= {id(one) for one in node.args}
        if isinstance(node, ast.JoinedStr):
            known |= {id(one) for one in node.values}
    for node in ast.walk(tree):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        text = "".join(str(one.value) if isinstance(one, ast.Constant) else "X" for one in parts)
        said = isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
        if said and id(node) not in known and text[:1].isupper() and text.endswith((".", ".)")) and " " in text:
            yield text


@pytest.mark.parametrize("network", ["flickr", "youtube"])
def test_every_sentence_can_be_translated(network: str) -> None:
    found = {path.name: list(bare(ast.parse(path.read_text()))) for path in (FOLDER / network).glob("*.py")}
    assert {name: texts for name, texts in found.items() if texts} == {}
