"""Measure urgency on our posts about dangers and what only sounds like them: `tests/triage/data/alarms*.csv`.

    python tools/evaluate_alarms.py [-v]

`-v` prints the posts that are read otherwise than labelled.
"""

from __future__ import annotations

import argparse
from collections import Counter

from evaluate_triage import ROOT, catalogue, rows_of
from openline.triage.assessment import Post
from openline.triage.reader import Reader

LISTS = sorted((ROOT / "tests" / "triage" / "data").glob("alarms*.csv"))


def main() -> None:
    """Print how the posts of each list are read."""
    options = argparse.ArgumentParser(description="Measure urgency on posts about dangers.")
    options.add_argument("-v", "--verbose", action="store_true", help="print the posts read otherwise")
    verbose = options.parse_args().verbose
    reader = Reader(catalogue(), None)
    for file in LISTS:
        rows = rows_of(file)
        said = [found.urgency for found in reader.assess([Post(str(n), row["text"]) for n, row in enumerate(rows)])]
        counts = Counter((row["urgency"], level) for row, level in zip(rows, said, strict=True))
        print(
            file.name,
            *(f"\n  {wanted:9} read as {level:9} {count}" for (wanted, level), count in sorted(counts.items())),
        )
        for row, level in zip(rows, said, strict=True) if verbose else ():
            if row["urgency"] != level:
                print(f"  {row['urgency']} read as {level}: {row['text']}")


if __name__ == "__main__":
    main()
