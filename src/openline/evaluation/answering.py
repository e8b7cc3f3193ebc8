"""Answers to questions: is the right article first, how honest is the confidence, how many would go out wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from openline.evaluation import question_sets
from openline.evaluation.findings import Chart, Figure, Part, Table
from openline.evaluation.learning_answers import Judged, cross_validated, judge, read
from openline.evaluation.learning_answers import threshold as threshold_of
from openline.evaluation.metrics import interval
from openline.evaluation.question_sets import Labelled, answerable
from openline.knowledge import meaning
from openline.knowledge.confidence import threshold, weights
from openline.knowledge.library import library

GOALS = {"first": 0.80, "three": 0.90}
_WRONG_PER_100 = 1.0
_BINS = 10


def answers(data: Path, own: Sequence[Labelled] = (), held: bool = False) -> list[Part]:
    """The shared questions by cross-validation, our own lines, or a city's; `held`: what was kept for the last look."""
    slugs = frozenset(article.slug for article in library().articles.values())
    with_meaning = meaning.encoder() is not None
    if own:
        return [_part("answers", "Answers: your questions", answerable(own, slugs), with_meaning)]
    shared = answerable(question_sets.chatbot(data), slugs)
    parts = [_crossed([row for row in shared if not row.held], with_meaning)]
    if held:
        rows = [row for row in shared if row.held]
        parts.append(_part("answers_held", "Answers: the questions that were held back", rows, with_meaning))
    return [
        *parts,
        _part("answers_own", "Answers: lines of our own", answerable(question_sets.our_own(), slugs), with_meaning),
    ]


def _crossed(rows: list[Labelled], with_meaning: bool) -> Part:
    part = Part("answers", "Answers: is the right article first?")
    part.note = "Cross-validated by intent: the numbers behind each answer have seen nothing of its intent."
    if not rows:
        part.skipped = "the questions of the shared data are not here"
        return part
    judged = cross_validated(read(rows, with_meaning))
    return _measured(part, judged, threshold_of(judged))


def _part(key: str, title: str, rows: list[Labelled], with_meaning: bool) -> Part:
    part = Part(key, title, "By the numbers in use; nothing was learnt from these questions.")
    if not rows:
        part.skipped = "there are no questions that these articles could answer"
        return part
    return _measured(part, judge(weights(with_meaning), read(rows, with_meaning)), threshold(with_meaning))


def _measured(part: Part, judged: list[Judged], least: float) -> Part:
    some = [one for one in judged if one.row.slugs]
    ranks = np.array([one.rank for one in some])
    if some:
        part.measure("the right article first", len(some), lambda at: float((ranks[at] == 1).mean()), GOALS["first"])
        part.measure("among the first three", len(some), lambda at: float(_top(ranks[at], 3).mean()), GOALS["three"])
        part.measure("mean reciprocal rank", len(some), lambda at: float(np.mean(_reciprocal(ranks[at]))))
    _honest(part, judged)
    _by_itself(part, judged, least)
    _languages(part, judged)
    part.examples = [(one.row.text, one.slug or "none") for one in _surest_wrong(judged)]
    return part


def _top(ranks: np.ndarray, most: int) -> np.ndarray:
    return (ranks > 0) & (ranks <= most)


def _reciprocal(ranks: np.ndarray) -> np.ndarray:
    return np.where(ranks > 0, 1 / np.maximum(ranks, 1), 0.0)


def _honest(part: Part, judged: list[Judged]) -> None:
    """Expected calibration error (Naeini et al. 2015), and the line of confidence against truth."""
    chance, right = np.array([one.chance for one in judged]), np.array([one.right for one in judged])
    order = np.array_split(np.argsort(chance), min(_BINS, len(judged)))
    bins = [(float(chance[at].mean()), float(right[at].mean()), len(at)) for at in order if len(at)]
    error = sum(abs(said - true) * count for said, true, count in bins) / len(judged)
    part.figures.append(Figure("calibration error", error, goal=0.05, at_most=True))
    points = [(said, true) for said, true, _ in bins]
    part.charts.append(Chart("Is the confidence honest?", "said", "right", points, diagonal=True))


def _by_itself(part: Part, judged: list[Judged], least: float) -> None:
    """What goes out without a person: how many, and how many of a hundred wrong; the curve of all thresholds."""
    sent = np.array([one.safe and one.chance >= least for one in judged])
    wrong = np.array([not one.right for one in judged])

    def rate(at: np.ndarray) -> float:
        return 100 * float((wrong[at] & sent[at]).sum()) / max(1, int(sent[at].sum()))

    low, high = interval(rate, len(judged))
    every = np.arange(len(judged))
    part.figures.append(Figure("wrong of 100 sent by itself", rate(every), low, high, _WRONG_PER_100, at_most=True))
    part.measure("share sent by itself", len(judged), lambda at: float(sent[at].mean()))
    order = sorted((one for one in judged if one.safe), key=lambda one: -one.chance)
    bad = np.cumsum([not one.right for one in order])
    rows = [
        (f"{least:.2f}", n, f"{n / len(judged):.1%}", int(bad[n - 1]), f"{100 * bad[n - 1] / n:.2f}")
        for least in (0.99, 0.98, 0.97, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.3)
        if (n := sum(one.chance >= least for one in order))
    ]
    head = ("from confidence", "sent", "of all", "wrong", "wrong of 100")
    part.tables.append(Table(f"Risk and coverage; the threshold in use is {least:.3f}", head, rows))
    points = [(n / len(judged), float(bad[n - 1] / n)) for n in range(10, len(order) + 1, max(1, len(order) // 60))]
    part.charts.append(Chart("Risk and coverage", "share answered", "share wrong", points))


def _languages(part: Part, judged: list[Judged]) -> None:
    rows = []
    for language in sorted({one.row.language for one in judged}):
        mine = [one for one in judged if one.row.language == language and one.row.slugs]
        if mine:
            first = sum(one.right for one in mine) / len(mine)
            three = sum(0 < one.rank <= 3 for one in mine) / len(mine)
            rows.append((language, len(mine), f"{first:.1%}", f"{three:.1%}"))
    part.tables.append(Table("By language", ("language", "questions", "first", "among three"), rows))


def _surest_wrong(judged: list[Judged]) -> list[Judged]:
    return sorted((one for one in judged if not one.right), key=lambda one: -one.chance)[:12]
