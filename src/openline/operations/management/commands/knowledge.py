"""`openline knowledge`: facts of the place, and learning how sure an answer is."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from openline.evaluation import learning_answers, question_sets
from openline.knowledge import loading_facts, meaning
from openline.knowledge.library import library
from openline.operations.common import ready

_ROOT = Path(__file__).resolve().parents[5]
_PLACE = Path(__file__).resolve().parents[3] / "knowledge" / "data" / "confidence.json"


class Command(BaseCommand):
    """Load facts, learn."""

    help = "facts FILE: load what lookups say by area. learn [FILE...]: learn how sure an answer is, from questions."

    def add_arguments(self, parser: CommandParser) -> None:
        """`facts FILE` and `learn [FILE...]`."""
        shared = Path(os.environ.get("OPENLINE_SHARED", _ROOT.parent / "shared")) / "data"
        parser.add_argument("action", choices=("facts", "learn"))
        parser.add_argument("files", nargs="*", type=Path, help="CSV: lookup, area, value; or question, slug")
        parser.add_argument("--data", type=Path, default=shared, help="learn: the folder of development data")
        parser.add_argument("--out", type=Path, default=_PLACE, help="learn: where the numbers are written")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        ready()
        if options["action"] == "facts":
            return self._facts(options["files"])
        rows = [row for row in question_sets.chatbot(options["data"]) if not row.held]
        try:
            rows += [row for path in options["files"] for row in question_sets.of_a_city(path)]
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from None
        if not rows:
            raise CommandError("There is nothing to learn from: name a file with the columns question and slug.")
        self._learn(rows, options["out"])

    def _facts(self, files: list[Path]) -> None:
        if not files:
            raise CommandError("Name a CSV file with the columns lookup, area and value.")
        for path in files:
            try:
                loaded = loading_facts.load(path.read_text(encoding="utf-8-sig"))
            except (OSError, UnicodeDecodeError, loading_facts.BadFacts) as error:
                raise CommandError(f"{path.name}: {error} Nothing was loaded.") from None
            self.stdout.write(f"{path.name}: {loaded} facts.")

    def _learn(self, rows: list[question_sets.Labelled], out: Path) -> None:
        slugs = frozenset(article.slug for article in library().articles.values())
        rows = question_sets.answerable(rows, slugs)
        kept = json.loads(out.read_text()) if out.is_file() else {}
        for name, with_meaning in (("words_alone", False), ("with_sentence_model", True)):
            if with_meaning and meaning.encoder() is None:
                self.stdout.write("There is no sentence model here: the numbers for one stay as they are.")
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
            self.stdout.write(
                f"{name}: {len(judged)} questions; first right {sum(one.right for one in some) / len(some):.1%}, among"
                f" three {sum(0 < one.rank <= 3 for one in some) / len(some):.1%}; from {threshold:.3f} on"
                f" {len(sent)} go by themselves, {sum(not one.right for one in sent)} of them wrong."
            )
        out.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        self.stdout.write(f"Written: {out}")
