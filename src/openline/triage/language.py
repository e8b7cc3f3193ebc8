"""Which language a post is in, as an ISO 639-1 code."""

from __future__ import annotations

import re
from functools import cache

import pycld2

from openline.triage.text import fold

UNKNOWN = "und"
_PLAUSIBLE = frozenset(
    """en es zh vi ru fr pt ht ar km ko it uk pl de bn ur hi gu ne sq sw tl th tr am fa he el ja id pa so ta te ml my
    lo ro hu cs bg sr hr nl sv yo ig ha mr""".split()
)
_FIRST = 300
"""So many characters tell whether a text is plain English."""
_SAME = {"zh-hant": "zh", "zh-hans": "zh", "fil": "tl", "iw": "he", "in": "id", "bs": "hr"}
_MARKS = re.compile(r"(?:https?://|www\.)\S+|nostr:\S+|[@#]\S+|[^\w\s'’]|[\d_]+")
_SURE_SCRIPTS = (
    (re.compile("[\u1780-\u17ff]"), "km"), (re.compile("[\u3040-\u30ff]"), "ja"), (re.compile("[\uac00-\ud7af]"), "ko"),
    (re.compile("[\u3400-\u9fff]"), "zh"), (re.compile("[\u0e00-\u0e7f]"), "th"), (re.compile("[\u0980-\u09ff]"), "bn"),
    (re.compile("[\u0590-\u05ff]"), "he"), (re.compile("[\u0370-\u03ff]{2}"), "el"),
    (re.compile("[\u1000-\u109f]"), "my"),
    (re.compile("[ăơưđạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.I), "vi"),
)  # fmt: skip
# Small words that tell a language; a short post has little else. Words of two languages stand in both.
_SMALL_WORDS = {
    "en": "the is are was has have and of to in on my at it this that there for not with please you your can we our be "
    "who what when where how why been out from need help street so they will just do does i im its cant dont no an",
    "es": "el la los las de en y que hay un una por favor no se esta este calle con mi del es para al como donde "
    "cuando gracias necesito ayuda quien lleva hace desde muy mas tengo cerca "
    "frente esquina semaforo basura agua luz hola",
    "fr": "le la les de des et il y a un une dans la rue est pas pour sur avec je nous vous ne mon ma depuis quand "
    "comment merci bonjour devant du au aux ce cette qui",
    "pt": "o a os as de do da em e que um uma na no nao tem por favor rua com minha meu esta para quando como onde "
    "obrigado buraco lixo ha muito dos das pela",
    "ht": "la yo nan mwen gen pa ki sou ak pou li nou te ap yon se kote lari kay tanpri mesi pral kijan kile fè fe sa "
    "devan depi twou fatra dlo poko",
    "it": "il lo la gli le di che e un una per non con sono nella della del questo via ho ha da grazie",
    "de": "der die das und ist nicht ein eine in zu den mit auf fur von es ich wir seit bitte strasse",
    "pl": "jest nie na w i z do sie ulica prosze od jak kiedy gdzie dziura",
    "sq": "ne dhe nuk eshte nje per te me ka rruga ju lutem",
    "tl": "ang ng sa mga na ay may po wala yung dito kailan paano naman hindi",
    "id": "yang di dan ini itu ada tidak untuk dengan jalan",
}
SMALL_ENGLISH = frozenset(_SMALL_WORDS["en"].split())
# What posts of two words are about. Such a word counts twice: people mix it with English street names.
_CIVIC_WORDS = {
    "en": "pothole trash garbage thanks streetlight broken sidewalk dumping graffiti flooded",
    "es": "bache baches basura luz fundida apagada rota tirada semaforo alumbrado grafiti banqueta arbol caido fuga",
    "fr": "lampadaire panne poubelle poubelles ordures trottoir chaussee decharge eteint",
    "pt": "lixo buraco calcada queimada vazamento poste",
    "ht": "fatra limye twou dlo lari mouri",
    "it": "lampione rotto buca spazzatura",
    "ru": "яма фонарь мусор дороге улице свет",
    "uk": "дорозі вулиці сміття світло ліхтар",
    "de": "schlagloch strassenlaterne mull kaputt gehweg",
}


@cache
def _languages_of_word() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for language, small in _SMALL_WORDS.items():
        for word in small.split():
            table[fold(word)] = (*table.get(fold(word), ()), language)
    for language, civic in _CIVIC_WORDS.items():
        for word in civic.split():
            table[fold(word)] = (*table.get(fold(word), ()), language, language)
    return table


def detect(text: str, hint: str = "") -> str:
    """The language of `text`, or "und". `hint` is the network's own tag ("pt-BR"), used where the text is unclear."""
    if _plainly_english(text):
        return "en"
    hint = _plausible(hint)
    bare = _MARKS.sub(" ", text[:1000].replace("’", "'")).split()
    if not bare:
        return hint or UNKNOWN
    if not text.isascii():
        for script, language in _SURE_SCRIPTS:
            if script.search(text):
                return language
    if _clearly_english(bare):
        return "en"
    votes = _votes(bare)
    detected, reliable = _cld2(" ".join(bare))
    best = max(votes, key=lambda code: (votes[code], code == detected, code == hint), default="")
    told = votes.get(best, 0)
    if 2 * told >= len(bare[:30]) and told >= 2 * votes.get(detected, 0):
        return best  # "Hay un bache en la 5th y Market" has the letters of Somali, and the words of Spanish
    mixed = detected == "en" and any(word.lower() in _civic(best) for word in bare[:30])  # "bache @ 5th and Lehigh"
    if detected and reliable and not mixed and (len(bare) >= 4 or detected in (best, hint)):
        return detected
    if best and (votes[best] >= 2 or best in (hint, detected)):
        return best
    return hint or (detected if detected and len(bare) >= 2 else best) or UNKNOWN


def why(text: str, hint: str, found: str) -> tuple[str, str]:
    """Why `found` is the language of `text`: "words", "script", "tag", "statistics" or "unknown", with what shows it.

    `hint` is the network's own tag. The first that speaks for it, in the order of how much it weighs with people.
    """
    bare = _MARKS.sub(" ", text[:1000].replace("’", "'")).split()
    table = _languages_of_word()
    own = [word for word in bare[:30] if found in table.get(fold(word), table.get(word.lower(), ()))]
    letters = [match.group() for script, code in _SURE_SCRIPTS if code == found and (match := script.search(text))]
    if found != UNKNOWN and letters:
        return "script", letters[0]
    if own and found != UNKNOWN:
        return "words", ", ".join(f"“{word}”" for word in dict.fromkeys(own[:6]))
    if found == UNKNOWN:
        return "unknown", ""
    return ("tag", hint) if _plausible(hint) == found else ("statistics", "")


def _plainly_english(text: str) -> bool:
    """The common case, without taking the text apart: ASCII, and many small English words with few of others."""
    if not text.isascii():
        return False
    seen = set(text[:_FIRST].lower().split())
    english = len(seen & SMALL_ENGLISH)
    return english >= 3 and english > 2 * len(seen & _foreign())


def _clearly_english(bare: list[str]) -> bool:
    """Whether small English words abound and small words of other languages do not: true of most posts, and quick."""
    seen = {word.lower() for word in bare[:40]}
    english = len(SMALL_ENGLISH & seen)
    return english >= 2 and english > 2 * len(_foreign() & seen)


@cache
def _foreign() -> frozenset[str]:
    """Small words of other languages, also as written without accents."""
    others = (word for language, small in _SMALL_WORDS.items() if language != "en" for word in small.split())
    return frozenset(spelt for word in others for spelt in (word, fold(word))) - SMALL_ENGLISH


def _civic(language: str) -> frozenset[str]:
    """The words for things of the city in `language`, if that is not English."""
    return frozenset() if language == "en" else frozenset(_CIVIC_WORDS.get(language, "").split())


def _votes(bare: list[str]) -> dict[str, int]:
    """How many small words of each language the text has."""
    table = _languages_of_word()
    votes: dict[str, int] = {}
    for word in bare[:30]:
        for language in table.get(word.lower() if word.isascii() else fold(word), ()):
            votes[language] = votes.get(language, 0) + 1
    return votes


def _cld2(text: str) -> tuple[str, bool]:
    """What CLD2 takes the text for ("" if nothing plausible), and whether it is sure."""
    try:
        reliable, _, details = pycld2.detect(text, bestEffort=True)
    except (pycld2.error, UnicodeEncodeError):
        return "", False
    return _plausible(details[0][1]), bool(reliable)


def _plausible(code: str) -> str:
    """A language tag as one of the codes we know, or ""."""
    code = code.lower() if isinstance(code, str) else ""
    code = _SAME.get(code, code).split("-")[0].split("_")[0]
    code = _SAME.get(code, code)
    return code if code in _PLAUSIBLE else ""
