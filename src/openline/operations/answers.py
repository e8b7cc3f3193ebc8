"""The parts of `openline knowledge` that are about answers: facts of the place, and learning how sure an answer is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from django.core.management import CommandError

from openline.evaluation import learning_answers, question_sets
from openline.knowledge import loading_facts, meaning
from openline.knowledge.library import library

Say = Callable[[str], object]
NUMBERS = Path(__file__).resolve().parents[1] / "knowledge" / "data" / "confidence.json"


def learn(files: list[Path], data: Path, say: Say, out: Path = NUMBERS) -> None:
    """Learn from the shared questions and from `files` (question, slug), and write the numbers. Raises CommandError."""
    rows = [row for row in question_sets.chatbot(data) if not row.held]
    try:
        rows += [row for path in files for row in question_sets.of_a_city(path)]
    except (OSError, ValueError) as error:
        raise CommandError(str(error)) from None
    if not rows:
        raise CommandError("There is nothing to learn from: name a file with the columns question and slug.")
    _learn(rows, out, say)


def load_facts(files: list[Path], say: Say) -> None:
    """Load what lookups say by area from CSV files. Raises CommandError."""
    if not files:
        raise CommandError("Name a CSV file with the columns lookup, area and value.")
    for path in files:
        try:
            loaded = loading_facts.load(path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, loading_facts.BadFacts) as error:
            raise CommandError(f"{path.name}: {error} Nothing was loaded.") from None
        say(f"{path.name}: {loaded} facts.")


def _learn(rows: list[question_sets.Labelled], out: Path, say: Say) -> None:
    slugs = frozenset(article.slug for article in library().articles.values())
    rows = question_sets.answerable(rows, slugs)
    kept = json.loads(out.read_text()) if out.is_file() else {}
    for name, with_meaning in (("words_alone", False), ("with_sentence_model", True)):
        if with_meaning and meaning.encoder() is None:
            say("There is no sentence model here: the numbers for one stay as they are.")
            continue
        questions = learning_answers.read(rows, with_meaning)
        weights, judged = learning_answers.whole(questions)
        threshold = learning_answers.threshold(judged)
        kept[name] = {
            "article": [round(one, 4) for one in weights.article],
            "none": [round(one, 4) for one in weights.none],
            "scale": weights.scale,
            "shift": weights.shift,
            "threshold": threshold,
        }
        sent = [one for one in judged if one.safe and one.chance >= threshold]
        some = [one for one in judged if one.row.slugs]
        say(
            f"{name}: {len(judged)} questions; first right {sum(one.right for one in some) / len(some):.1%}, among"
            f" three {sum(0 < one.rank <= 3 for one in some) / len(some):.1%}; from {threshold:.3f} on"
            f" {len(sent)} go by themselves, {sum(not one.right for one in sent)} of them wrong."
        )
    out.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    say(f"Written: {out}")
