"""Measure triage on the development data sets, which are not part of the repository (OPENLINE_SHARED, ../shared).

    python tools/evaluate_triage.py [services] [intents] [emergencies] [speed]

Nothing that ships is trained on these sets; rows of them are read here and forgotten.
"""

from __future__ import annotations

import csv
import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from openline.triage.assessment import Assessment, Post
from openline.triage.catalogue import ServiceInfo
from openline.triage.reader import Reader
from openline.triage.report import measure
from openline.triage.service_model import ServiceModel
from openline.triage.text import words
from openline.triage.training import train

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("OPENLINE_SHARED", ROOT.parent / "shared")) / "data"
CITY = ROOT / "src" / "openline" / "cities" / "philadelphia"
MADE_BY_HAND = ROOT / "tests" / "triage" / "data" / "emergencies.csv"


def rows_of(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def catalogue() -> list[ServiceInfo]:
    """The sample city's services with their examples."""
    examples: dict[str, list[str]] = {}
    for row in rows_of(CITY / "examples.csv"):
        examples.setdefault(row["service_code"], []).append(row["text"])
    return [
        ServiceInfo(
            row["code"], row["name"], row["description"],
            tuple(word.strip() for word in row["keywords"].split(";") if word.strip()),
            tuple(examples.get(row["code"], ())), row["kind"], row["emergency_phone"],
        )
        for row in rows_of(CITY / "services.csv")
    ]  # fmt: skip


def reports() -> list[tuple[str, str]]:
    """Real reports of another city with the name of the service they belong to here."""
    rows = rows_of(SHARED / "resident_text" / "gainesville_dev_split.csv")
    return [
        (row["description"], row["philly_service"].removeprefix("REFER: "))
        for row in rows
        if row["philly_service"] and row["description"].strip()
    ]


def services() -> None:
    """How well services are found: from the catalogue, from type names alone, and with four fifths as history."""
    known, labelled = catalogue(), reports()
    began = time.perf_counter()
    cold = ServiceModel.from_catalogue(known)
    print(f"Learning the catalogue of {len(known)} services takes {time.perf_counter() - began:.1f} s.")
    _ranked("catalogue alone", cold, labelled)
    _ranked("names alone", ServiceModel.from_catalogue([ServiceInfo(s.code, s.name) for s in known]), labelled)
    bare = [ServiceInfo(s.code, s.name, s.description) for s in known]
    _ranked("names and descriptions", ServiceModel.from_catalogue(bare), labelled)
    _other_citys_types()
    began = time.perf_counter()
    _, report = train(labelled, known)
    print(f"\nTraining takes {time.perf_counter() - began:.1f} s.\n{report.to_text()}")


def _ranked(title: str, model: ServiceModel, labelled: Sequence[tuple[str, str]]) -> None:
    chances = model.chances([words(text) for text, _ in labelled])
    names = [model.names[code] for code in model.labels]
    _print(title, measure(names, chances, [name for _, name in labelled]))


def _print(title: str, found: object) -> None:
    figures = ("top1", "top3", "macro_f1", "calibration_error", "sure_share", "sure_accuracy")
    print(f"{title:28}", " ".join(f"{name} {getattr(found, name):.3f}" for name in figures))


def _other_citys_types() -> None:
    """The other city's own types of requests, by their names alone."""
    rows = [r for r in rows_of(SHARED / "resident_text" / "gainesville_dev_split.csv") if r["description"].strip()]
    types = sorted({row["request_type"] for row in rows})
    common = [t for t in types if sum(row["request_type"] == t for row in rows) >= 15]
    model = ServiceModel.from_catalogue([ServiceInfo(name, name) for name in common])
    _ranked("29 other types, names", model, [(r["description"], r["request_type"]) for r in rows
                                             if r["request_type"] in common])  # fmt: skip


def intents() -> None:
    """Intent on sets made for other purposes: shares, and F1 where a set has a comparable label."""
    reader = Reader(catalogue())
    resident, abuse = SHARED / "resident_text", SHARED / "abuse_spam"
    mumbai = rows_of(resident / "mumbai_civic_tweets_2019.csv")
    _binary(reader, "request: Mumbai", [(r["tweet"], r["complaint"] == "1") for r in mumbai], _is("request"))
    nyc = rows_of(resident / "nyc_street_tweets_2022.csv")
    _shares(reader, "New York street tweets", [r["tweet"] for r in nyc])
    chatbot = rows_of(resident / "city_chatbot_intents_kit.csv")
    _shares(reader, "city chatbot questions", [r["utterance"] for r in chatbot])
    _shares(reader, "Gainesville reports", [text for text, _ in reports()[:1500]])
    sms = rows_of(abuse / "sms_spam.csv")
    _binary(reader, "spam: SMS", [(r["v2"], r["v1"] == "spam") for r in sms], _is("spam"))
    tweets = rows_of(abuse / "davidson_labeled_data.csv")
    _binary(reader, "abuse: Davidson hate", [(r["tweet"], r["class"] == "0") for r in tweets[:5000]], _is("abuse"))
    news = rows_of(SHARED / "triage_crisis" / "kaggle_disaster_train.csv")
    _binary(reader, "emergency: disaster news", [(r["text"], r["target"] == "1") for r in news], _emergency)
    forms = rows_of(resident / "gainesville_dev_split.csv")
    _binary(reader, "urgent: emergency forms", [(r["description"], r["emergency_form"] == "1") for r in forms],
            lambda found: found.urgency != "routine")  # fmt: skip


def _is(intent: str) -> Callable[[Assessment], bool]:
    return lambda found: found.intent == intent


def _emergency(found: Assessment) -> bool:
    return found.urgency == "emergency"


def _assess(reader: Reader, texts: Iterable[str]) -> list[Assessment]:
    return reader.assess([Post(str(number), text) for number, text in enumerate(texts)])


def _binary(
    reader: Reader, title: str, labelled: Sequence[tuple[str, bool]], said: Callable[[Assessment], bool]
) -> list[tuple[str, bool, bool]]:
    """Print precision, recall and F1 of a yes-or-no reading; return text, wanted and said."""
    found = _assess(reader, (text for text, _ in labelled))
    pairs = [(text, wanted, said(a)) for (text, wanted), a in zip(labelled, found, strict=True)]
    both = sum(wanted and yes for _, wanted, yes in pairs)
    yes, wanted = sum(pair[2] for pair in pairs), sum(pair[1] for pair in pairs)
    precision, recall = both / max(1, yes), both / max(1, wanted)
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    print(f"{title:28} rows {len(pairs)} wanted {wanted} precision {precision:.3f} recall {recall:.3f} F1 {f1:.3f}")
    return pairs


def _shares(reader: Reader, title: str, texts: Sequence[str]) -> None:
    found = [a.intent for a in _assess(reader, texts)]
    shares = {intent: found.count(intent) / len(found) for intent in sorted(set(found))}
    print(f"{title:28} rows {len(found)}", " ".join(f"{intent} {share:.2f}" for intent, share in shares.items()))


def emergencies() -> None:
    """Recall and precision of emergencies on the set made by hand, with every mistake."""
    labelled = [(row["text"], row["emergency"] == "1") for row in rows_of(MADE_BY_HAND)]
    for text, wanted, said in _binary(Reader(catalogue()), "emergency: made by hand", labelled, _emergency):
        if wanted != said:
            print("   missed:" if wanted else "   false: ", text)


def speed() -> None:
    """Posts a second on one core, in batches of 200 posts of some 165 characters, with and without places."""
    from openline.geography.gazetteer import Gazetteer

    chance = random.Random(0)
    texts = [text for text, _ in reports() if 80 < len(text) < 300]
    places = [" 5th and Lehigh", " 1234 N Broad St", " near Clark Park", "", " 2100 block of S 8th St"]
    posts = [Post(str(n), chance.choice(texts)[:300] + chance.choice(places)) for n in range(4000)]
    known, gazetteer = catalogue(), Gazetteer.from_bytes((CITY / "gazetteer.bin").read_bytes())
    for title, reader in (("without places", Reader(known)), ("with places", Reader(known, gazetteer))):
        reader.assess(posts)
        began = time.perf_counter()
        for start in range(0, len(posts), 200):
            reader.assess(posts[start : start + 200])
        each = (time.perf_counter() - began) / len(posts)
        print(f"{title:28} {sum(len(p.text) for p in posts) / len(posts):.0f} characters, {each * 1e6:.0f} us/post")


def main() -> None:
    """Run the parts that are named, or all."""
    parts = {"services": services, "intents": intents, "emergencies": emergencies, "speed": speed}
    for name in sys.argv[1:] or parts:
        print(f"\n== {name}")
        parts[name]()


if __name__ == "__main__":
    main()
