"""Measure triage on Spanish posts of our own (tests/triage/data/spanish_posts*.csv) with the sample city.

    python tools/evaluate_spanish.py [FILE ...] [-v]

Intent, ticket or not (a request is one), urgency, service of the requests, place named or not. `-v` prints the errors.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from evaluate_posts import f1, share
from evaluate_triage import CITY, ROOT, catalogue, rows_of
from openline.geography.gazetteer import Gazetteer
from openline.triage.assessment import INTENTS, Assessment, Post
from openline.triage.reader import Reader

FILES = sorted((ROOT / "tests" / "triage" / "data").glob("spanish_posts*.csv"))
Read = tuple[dict[str, str], Assessment]


def read_all(reader: Reader, file: Path) -> list[Read]:
    """The rows of a file with what triage makes of their texts."""
    rows = rows_of(file)
    found = reader.assess([Post(str(number), row["text"]) for number, row in enumerate(rows)])
    return list(zip(rows, found, strict=True))


def report(pairs: list[Read]) -> None:
    """Print the figures."""
    asked = [row["intent"] == "request" for row, _ in pairs]
    named = [(row["service"], [service.name for service in found.services]) for row, found in pairs if row["service"]]
    routine = [found.urgency != "routine" for row, found in pairs if row["urgency"] == "routine"]
    hurried = [found.urgency != "routine" for row, found in pairs if row["urgency"] != "routine"]
    grave = [found.urgency == "emergency" for row, found in pairs if row["urgency"] == "emergency"]
    print(f"  intent right             {share(row['intent'] == found.intent for row, found in pairs):.3f}")
    print(f"  ticket or not, F1        {f1(asked, [found.intent == 'request' for _, found in pairs]):.3f}")
    print(f"  emergency recall         {share(grave):.3f} of {len(grave)}")
    print(f"  urgent or worse, recall  {share(hurried):.3f} of {len(hurried)}")
    print(f"  false alarms             {share(routine):.3f} of {len(routine)}")
    print(f"  service first, of three  {share(w == r[0] for w, r in named):.3f} {share(w in r for w, r in named):.3f}")
    print(f"  place named or not       {share((row['place'] == '1') == bool(found.place) for row, found in pairs):.3f}")
    print(f"  language Spanish         {share(found.language == 'es' for _, found in pairs):.3f}")
    for intent in INTENTS:
        some = [found.intent == intent for row, found in pairs if row["intent"] == intent]
        print(f"    {intent:9} {len(some):3} found {share(some):.2f}")


def errors(pairs: list[Read]) -> None:
    """Print what is read otherwise than labelled."""
    for row, found in pairs:
        wanted, said = (row["intent"], row["urgency"]), (found.intent, found.urgency)
        services = [service.name for service in found.services]
        if wanted != said or (row["service"] and row["service"] != services[0]):
            of = f" [{row['service']}: {', '.join(services)}]" if row["service"] else ""
            print(f"{'/'.join(wanted)} read as {'/'.join(said)}{of} {row['text']}")


def main() -> None:
    """Read each file and print its figures."""
    options = argparse.ArgumentParser(description="Measure triage on Spanish posts.")
    options.add_argument("files", nargs="*", type=Path, default=FILES)
    options.add_argument("-v", "--verbose", action="store_true", help="print the errors")
    chosen = options.parse_args()
    reader = Reader(catalogue(), Gazetteer.from_bytes((CITY / "gazetteer.bin").read_bytes()))
    for file in chosen.files:
        pairs = read_all(reader, file)
        print(f"\n{file.name}: {len(pairs)} posts")
        report(pairs)
        if chosen.verbose:
            errors(pairs)


if __name__ == "__main__":
    main()
