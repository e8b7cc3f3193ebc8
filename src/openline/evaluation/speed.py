"""How long reading takes, as a ratio to a plain loop in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from openline.evaluation.findings import Figure, Part
from openline.geography.finder import find_places
from openline.geography.gazetteer import Gazetteer
from openline.triage.assessment import Post
from openline.triage.reader import Reader

_BATCH, _TIMES = 200, 3


def speed(reader: Reader, texts: Sequence[str], gazetteer: Gazetteer | None = None) -> Part:
    """Microseconds of processor time a post, in batches and one by one; the best of three runs.

    The very first run stands for itself: words are worked out once and remembered.
    """
    part = Part("speed", "Speed of a whole assessment, on one core")
    posts = [Post(str(number), text) for number, text in enumerate(texts)]
    if not posts:
        part.skipped = "no texts to read"
        return part

    def batches() -> None:
        for start in range(0, len(posts), _BATCH):
            reader.assess(posts[start : start + _BATCH])

    def plain() -> None:
        for text in texts:
            for word in text.lower().split():
                word.strip(".,!?")

    def places() -> None:
        for text in texts:
            if gazetteer:
                find_places(gazetteer, text)

    first = _once(batches)
    alone = posts[:100]
    part.note = f"{len(posts)} posts of {sum(map(len, texts)) / len(texts):.0f} characters on average."
    in_batches, reference = _best(batches) / len(posts), _best(plain) / len(posts)
    part.figures = [
        Figure("in batches of 200", in_batches, goal=110.0, at_most=True, unit="us a post"),
        Figure("of this, finding places", _best(places) / len(posts), unit="us a post"),
        Figure("in batches, words never seen before", first / len(posts), unit="us a post"),
        Figure("one by one", _best(lambda: [reader.assess([post]) for post in alone]) / len(alone), goal=1000.0,
               at_most=True, unit="us a post"),
        Figure("splitting at spaces, for comparison", reference, unit="us a post"),
        Figure("in batches, times splitting at spaces", in_batches / max(reference, 0.01), unit="x"),
    ]  # fmt: skip
    return part


def _best(run: Callable[[], object]) -> float:
    return min(_once(run) for _ in range(_TIMES))


def _once(run: Callable[[], object]) -> float:
    """Microseconds of processor time."""
    began = time.process_time()
    run()
    return (time.process_time() - began) * 1e6
