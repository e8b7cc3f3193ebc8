"""`openline evaluate`: how well this city's posts are understood, as one HTML and one JSON report."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from openline.care import sentences
from openline.care.understanding import catalogue, understanding
from openline.evaluation import language_model
from openline.evaluation.evaluate import PARTS, City, Sets, evaluate
from openline.evaluation.findings import Part
from openline.evaluation.question_sets import of_a_city
from openline.evaluation.report import as_html, as_json, as_text
from openline.evaluation.sets import own
from openline.language_model.settings import Settings
from openline.operations.common import ready
from openline.triage.sentences.encoder import Remembering

_ROOT = Path(__file__).resolve().parents[5]
_QUICK = 20
"""About so many posts a language model is asked for a quick look."""
_NO_MODEL = (
    "No language model is set up. Set OPENLINE_LANGUAGE_MODEL_URL (such as http://127.0.0.1:8000/v1) and"
    " OPENLINE_LANGUAGE_MODEL_NAME; docs/language-model.md says more."
)


class Command(BaseCommand):
    """Measure, print, write."""

    help = "Measure how well posts are understood, on the development data or on files of your own."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to measure, on what, and where to write."""
        shared = Path(os.environ.get("OPENLINE_SHARED", _ROOT.parent / "shared")) / "data"
        parser.add_argument("own", nargs="*", type=Path, help="CSV or JSON Lines with text and any of intent, urgency,"
                            " service, language, lat, lon")  # fmt: skip
        parser.add_argument("--data", type=Path, default=shared, help="the folder of development data")
        parser.add_argument("--labels", type=Path, default=_ROOT / "tests/triage/data/real_posts_dev.csv")
        parser.add_argument("--part", action="append", choices=(*PARTS, language_model.KEY), help="only this part; may"
                            " be repeated")  # fmt: skip
        parser.add_argument("--questions", type=Path, action="append", default=[], help="answers: CSV with the columns"
                            " question and slug, in place of the shared ones")  # fmt: skip
        parser.add_argument("--held", action="store_true", help="answers: also the questions that were held back")
        parser.add_argument("--language-model", action="store_true", help="compare with the language model as well")
        parser.add_argument("--most", type=int, default=100, help="ask it about so many posts at most")
        parser.add_argument("--out", type=Path, default=Path("evaluation"), help="the folder for the reports")
        parser.add_argument("--quick", action="store_true", help="samples instead of all rows")

    def handle(self, *args: Any, **options: Any) -> None:
        """Evaluate the reader in use."""
        model = self._model(options)
        rows, problems = [], []
        for path in options["own"]:
            try:
                found, bad = own(path)
            except (OSError, ValueError) as error:
                raise CommandError(f"{path} cannot be read: {error}") from None
            rows += found
            problems += bad
        try:
            questions = [row for path in options["questions"] for row in of_a_city(path)]
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from None
        if options["own"] and not rows:
            raise CommandError("There is nothing to measure: " + "; ".join(problems[:3] or ["the files are empty"]))
        ready()
        known = understanding()
        encoder = sentences.encoder()
        city = City(known.reader, catalogue(), known.gazetteer, Remembering(encoder) if encoder else None, True)
        sets = Sets(options["data"], options["labels"], rows, options["quick"], questions, options["held"])
        parts = []
        for part in self._measured(city, sets, options, model):
            parts.append(part)
            self.stdout.write(as_text([part]))
            self.stdout.flush()
        self._write(options["out"], as_html(parts, problems), as_json(parts, problems))

    def _model(self, options: dict[str, Any]) -> Settings | None:
        """The language model to compare with, if that is wanted."""
        if not options["language_model"] and language_model.KEY not in (options["part"] or ()):
            return None
        if settings.LANGUAGE_MODEL is None:
            raise CommandError(_NO_MODEL)
        return settings.LANGUAGE_MODEL

    def _measured(self, city: City, sets: Sets, options: dict[str, Any], model: Settings | None) -> Iterator[Part]:
        """The parts that are wanted, each as soon as it is measured; the language model last."""
        yield from evaluate(city, sets, [part for part in options["part"] or PARTS if part != language_model.KEY])
        if model:
            most = min(options["most"], _QUICK) if sets.quick else options["most"]
            yield language_model.compare(city, sets, model, max(1, most))

    def _write(self, folder: Path, page: str, data: bytes) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "evaluation.html").write_text(page, encoding="utf-8")
        (folder / "evaluation.json").write_bytes(data)
        self.stdout.write(f"Written: {folder / 'evaluation.html'} and {folder / 'evaluation.json'}")
