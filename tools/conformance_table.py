"""Make `docs/channels/conformance.md` from what a run of the conformance suite proved, or check that it is the same.

OPENLINE_PROOFS=proofs.json python -m pytest tests/channels/test_conformance.py
python tools/conformance_table.py proofs.json            # writes the page
python tools/conformance_table.py --check proofs.json    # exits with 1 if the page claims more than was proved
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

PAGE = Path("docs/channels/conformance.md")
HEAD = """# What is proved for each channel

Made by a run of `tests/channels/test_conformance.py`, which takes every channel through the same scenarios on its real
server, with a proxy between them that cuts and slows lines (`tools/conformance_table.py` writes this page; a full run
of the suite fails if it claims what was not proved).

`proved`: every test of the scenario passed. A number: what it was proved with. Letters: why it is not there, or not
with more, below.
"""
Proofs = dict[str, dict[str, list[str]]]


def main() -> None:
    """Write or check the page."""
    check, path = "--check" in sys.argv, sys.argv[-1]
    page = rendered(json.loads(Path(path).read_text()))
    if not check:
        PAGE.write_text(page)
    elif not PAGE.exists() or PAGE.read_text() != page:
        too_much = sorted(_claims(PAGE.read_text() if PAGE.exists() else "") - _claims(page))
        print(f"{PAGE} is not what this run proved: python tools/conformance_table.py writes it anew.\n{page}")
        print("\n".join(f"Claimed and not proved: {scenario} on {network}" for scenario, network in too_much))
        sys.exit(bool(too_much))


def _claims(page: str) -> set[tuple[str, str]]:
    """What a page says is proved: scenario and network."""
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in page.splitlines() if "|" in line]
    networks = rows[0][1:] if rows else []
    return {
        (row[0], network)
        for row in rows[2:]
        for network, cell in zip(networks, row[1:], strict=False)
        if cell.startswith("proved")
    }


def rendered(proofs: Proofs) -> str:
    """The page."""
    networks = sorted({network for cells in proofs.values() for network in cells})
    notes: dict[str, str] = {}
    lines = [f"| scenario | {' | '.join(networks)} |", "| --- |" + " --- |" * len(networks)]
    for scenario in sorted(proofs):
        cells = [_cell(notes, *proofs[scenario].get(network, ["not run", ""])) for network in networks]
        lines.append(f"| {scenario} | {' | '.join(cells)} |")
    reasons = [f"- {letter}: {reason}" for reason, letter in notes.items()]
    return "\n".join([HEAD, *lines, "", "## Why", "", *reasons]) + "\n"


def _cell(notes: dict[str, str], outcome: str, reason: str, why: str = "") -> str:
    if outcome == "proved":
        said = ", ".join(filter(None, [reason, why and notes.setdefault(why, _letter(len(notes)))]))
        return f"proved ({said})" if said else "proved"
    if outcome == "not there":
        return f"not there ({notes.setdefault(reason, _letter(len(notes)))})"
    return outcome


def _letter(n: int) -> str:
    return chr(ord("a") + n) if n < 26 else f"{chr(ord('a') + n // 26 - 1)}{chr(ord('a') + n % 26)}"


if __name__ == "__main__":
    main()
