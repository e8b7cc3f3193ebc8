"""Measure intent, ticket-or-not and urgency on real posts labelled by hand (tests/triage/data/README.md).

    python tools/evaluate_posts.py [dev|blind|blind2|dev3|blind3|dev4] [--places] [-v]

The texts are in the shared development sets (OPENLINE_SHARED, ../shared) and are read here and forgotten. `-v` prints
the errors. Beside the figures stand those of a plain list of words (plain_keywords.py). Tune on `dev`, `dev3`, `dev4`,
`blind` and `blind3`; look at `blind2` rarely, and as a total.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from evaluate_triage import CITY, ROOT, SHARED, catalogue, rows_of
from openline.geography.gazetteer import Gazetteer
from openline.triage.assessment import INTENTS, Assessment, Post
from openline.triage.reader import Reader
from plain_keywords import urgency as by_keywords

LABELS = ROOT / "tests" / "triage" / "data"
PARTS = sorted(path.stem.removeprefix("real_posts_") for path in LABELS.glob("real_posts_*.csv"))
TEXT_COLUMNS = ("description", "tweet", "text", "utterance", "v2")
DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Labelled:
    """One post with what a reader makes of it and what triage makes of it."""

    label: dict[str, str]
    text: str
    found: Assessment


Pairs = Sequence[Labelled]
Score = Callable[[Pairs], float]


def share(wanted: Iterable[bool]) -> float:
    """The share of true values; not a number if there are none at all."""
    values = list(wanted)
    return sum(values) / len(values) if values else float("nan")


def precision(pairs: Pairs, intent: str) -> float:
    """Of the posts read as `intent`, the share that is."""
    return share(p.label["intent"] == intent for p in pairs if p.found.intent == intent)


def recall(pairs: Pairs, intent: str) -> float:
    """Of the posts that are `intent`, the share read so."""
    return share(p.found.intent == intent for p in pairs if p.label["intent"] == intent)


def f1(wanted: Sequence[bool], said: Sequence[bool]) -> float:
    """The harmonic mean of precision and recall of a yes-or-no reading; not a number if nothing was wanted."""
    both = sum(a and b for a, b in zip(wanted, said, strict=True))
    return 2 * both / (sum(wanted) + sum(said)) if any(wanted) else float("nan")


def intent_f1(pairs: Pairs, intent: str) -> float:
    """F1 of one intent."""
    return f1([p.label["intent"] == intent for p in pairs], [p.found.intent == intent for p in pairs])


def ticket_f1(pairs: Pairs) -> float:
    """F1 of ticket or not; a post read as a request is one."""
    return f1([p.label["ticket"] == "1" for p in pairs], [p.found.intent == "request" for p in pairs])


def emergency_recall(pairs: Pairs) -> float:
    """Of the emergencies, the share read as such."""
    return share(p.found.urgency == "emergency" for p in pairs if p.label["urgency"] == "emergency")


def urgent_recall(pairs: Pairs) -> float:
    """Of the urgent posts and emergencies, the share not read as routine."""
    return share(p.found.urgency != "routine" for p in pairs if p.label["urgency"] != "routine")


def false_alarms(pairs: Pairs) -> float:
    """Of the routine posts, the share read as urgent or emergency."""
    return share(p.found.urgency != "routine" for p in pairs if p.label["urgency"] == "routine")


def emergency_precision(pairs: Pairs) -> float:
    """Of the posts read as an emergency, the share that is one."""
    return share(p.label["urgency"] == "emergency" for p in pairs if p.found.urgency == "emergency")


HOW_URGENT: dict[str, Score] = {
    "emergency recall": emergency_recall,
    "emergency precision": emergency_precision,
    "urgent or worse, recall": urgent_recall,
    "false alarms": false_alarms,
}
MAIN: dict[str, Score] = {"ticket or not, F1": ticket_f1} | HOW_URGENT


def read_by_keywords(pairs: Pairs) -> list[Labelled]:
    """The same posts as a plain list of words would have them: the reference."""
    return [replace(p, found=p.found._replace(urgency=by_keywords(p.text))) for p in pairs]


def interval(score: Score, pairs: Pairs) -> str:
    """The score with its bootstrap 95 % interval, from draws with a fixed seed."""
    chance = random.Random(0)
    draws = sorted(
        value for _ in range(DRAWS) if (value := score(chance.choices(pairs, k=len(pairs)))) == value
    )  # a draw without the class has no score: it is not a number, which never equals itself
    if not draws:
        return "  -"
    low, high = draws[int(0.025 * len(draws))], draws[int(0.975 * len(draws))]
    return f"{score(pairs):.3f} ({low:.3f}-{high:.3f})"


def read_part(part: str, places: bool) -> list[Labelled]:
    """The labelled posts of one part, read by the sample city's reader."""
    labels = rows_of(LABELS / f"real_posts_{part}.csv")
    sets = {name: rows_of(SHARED / name) for name in {label["file"] for label in labels}}
    texts = [text_of(sets[label["file"]][int(label["row"])]) for label in labels]
    gazetteer = Gazetteer.from_bytes((CITY / "gazetteer.bin").read_bytes()) if places else None
    found = Reader(catalogue(), gazetteer).assess([Post(str(n), text) for n, text in enumerate(texts)])
    return [Labelled(*each) for each in zip(labels, texts, found, strict=True)]


def text_of(row: dict[str, str]) -> str:
    """What the resident wrote, in whichever column the set keeps it."""
    return next(row[column] for column in TEXT_COLUMNS if column in row)


def report(pairs: Pairs) -> None:
    """Print the scores of all, of the posts without doubt, of each intent, and by set and language."""
    sure = [p for p in pairs if p.label["doubt"] == "0"]
    for title, some in (("all", pairs), ("without doubtful labels", sure)):
        print(f"\n{title}: {len(some)} posts")
        plainly = read_by_keywords(some)
        for name, score in MAIN.items():
            reference = f"   a plain list of words: {interval(score, plainly)}" if name in HOW_URGENT else ""
            print(f"  {name:24} {interval(score, some)}{reference}")
    print(f"\n{'intent':10} {'posts':>5}  {'precision':20} {'recall':20} F1")
    for intent in INTENTS:
        scores = [interval(partial(score, intent=intent), pairs) for score in (precision, recall, intent_f1)]
        print(f"{intent:10} {sum(p.label['intent'] == intent for p in pairs):5}", *(f" {each:20}" for each in scores))
    by_group("set", pairs, lambda p: Path(p.label["file"]).stem)
    by_group("language", pairs, lambda p: p.label["language"])


def by_group(title: str, pairs: Pairs, group: Callable[[Labelled], str]) -> None:
    """Print the main scores of each group of posts, with the share of intents read rightly."""
    print(f"\n{title:38} {'posts':>5}  {'intent right':20} {'ticket F1':20} {'urgent recall':20} false alarms")
    for name in sorted({group(p) for p in pairs}):
        some = [p for p in pairs if group(p) == name]
        scores: tuple[Score, ...] = (intents_right, ticket_f1, urgent_recall, false_alarms)
        print(f"{name:38} {len(some):5}", *(f" {interval(score, some):20}" for score in scores))


def intents_right(pairs: Pairs) -> float:
    """The share of posts whose intent is read as labelled."""
    return share(p.found.intent == p.label["intent"] for p in pairs)


def errors(pairs: Pairs) -> None:
    """Print every post read otherwise than labelled."""
    for p in pairs:
        wanted, said = (p.label["intent"], p.label["urgency"]), (p.found.intent, p.found.urgency)
        if wanted != said:
            doubt = "?" if p.label["doubt"] == "1" else " "
            print(f"{doubt} {'/'.join(wanted)} read as {'/'.join(said)}: {' '.join(p.text.split())[:300]}")


def main() -> None:
    """Read one part and print the report."""
    options = argparse.ArgumentParser(description="Measure triage on real posts labelled by hand.")
    options.add_argument("part", nargs="?", choices=PARTS, default="dev")
    options.add_argument("--places", action="store_true", help="with the sample city's gazetteer")
    options.add_argument("-v", "--verbose", action="store_true", help="print the errors")
    chosen = options.parse_args()
    pairs = read_part(chosen.part, chosen.places)
    report(pairs)
    if chosen.verbose:
        print()
        errors(pairs)


if __name__ == "__main__":
    main()
