"""The words of addresses: suffixes, directions, ordinals, connecting words, and how names are compared and shown."""

from __future__ import annotations

import re
from functools import lru_cache

SUFFIXES: dict[str, str] = {
    variant: standard
    for standard, variants in {
        "ST": "st str street strt stret sts streets strs",
        "AVE": "ave av avenue aven avenu aves avenues avn",
        "RD": "rd road roads",
        "DR": "dr drive drv",
        "BLVD": "blvd boulevard boul blv bvd",
        "LN": "ln lane la",
        "PL": "pl place",
        "CT": "ct court",
        "CIR": "cir circle",
        "TER": "ter terr terrace",
        "PKWY": "pkwy parkway pky pkway pwky",
        "PIKE": "pike",
        "SQ": "sq square",
        "WAY": "way wy",
        "PLZ": "plz plaza",
        "ALY": "aly alley",
        "MALL": "mall",
        "ROW": "row",
        "WALK": "walk wlk",
        "EXPY": "expy expressway expwy expway",
        "HWY": "hwy highway",
        "BRG": "brg bridge",
        "PATH": "path",
        "RUN": "run",
        "MEWS": "mews",
        "TRL": "trl trail",
        "PT": "pt point",
        "XING": "xing crossing",
        "CRES": "cres crescent",
        "HTS": "hts heights",
        "TUNL": "tunnel",
    }.items()
    for variant in variants.split()
}
"""Written form to the standard abbreviation (USPS Publication 28, appendix C1)."""

STRONG_SUFFIXES = frozenset(
    "st str street sts streets ave av avenue aves avenues rd road blvd boulevard ln lane".split()
)
"""Suffixes that hardly stand for anything else after a name: these count even if they do not fit the street."""

PLURAL_SUFFIXES = frozenset("sts streets strs aves avenues roads".split())

ABBREVIATED = frozenset("pl ct cir ter terr pkwy sq plz hwy expy".split())
"""Abbreviated suffixes that are no words."""

DIRECTIONS: dict[str, str] = {
    "n": "N",
    "north": "N",
    "s": "S",
    "south": "S",
    "e": "E",
    "east": "E",
    "w": "W",
    "west": "W",
    "ne": "NE",
    "nw": "NW",
    "se": "SE",
    "sw": "SW",
    "northeast": "NE",
    "northwest": "NW",
    "southeast": "SE",
    "southwest": "SW",
    "no": "N",
    "so": "S",
}

_UNITS = (
    "",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
)
_TENS = {
    20: ("twenty", "twentieth"),
    30: ("thirty", "thirtieth"),
    40: ("forty", "fortieth"),
    50: ("fifty", "fiftieth"),
    60: ("sixty", "sixtieth"),
    70: ("seventy", "seventieth"),
    80: ("eighty", "eightieth"),
}


def ordinal(number: int) -> str:
    """13 -> "13th"."""
    if 10 <= number % 100 <= 20:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


CARDINALS = {
    word: number
    for number, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
        " eighteen nineteen twenty".split(),
        1,
    )
}
"""The numbers of blocks in words: "the twelve hundred block"."""

ORDINAL_WORDS: dict[str, str] = {word: ordinal(n) for n, word in enumerate(_UNITS) if word}
ORDINAL_WORDS |= {words[1]: ordinal(n) for n, words in _TENS.items()}
ORDINAL_WORDS |= {words[0] + _UNITS[unit]: ordinal(n + unit) for n, words in _TENS.items() for unit in range(1, 10)}
TENS_WORDS: dict[str, int] = {words[0]: n for n, words in _TENS.items()}

CONNECTORS = frozenset(
    "and an nd adn amd n at near nr by off y con et va ak & @ / + x und above below meets past before after".split()
)
"""What may stand between the two streets of a corner: "5th and Lombard", "Walnut below 2nd"."""

SIGNS = frozenset("&@/+")
"""Connecting signs: nobody puts them between words by chance."""

FILLERS = frozenset("the corner of intersection just right street st sts".split())
"""What may stand beside a connecting word without changing it: "13th at the corner of Market"."""

CUES = frozenset(
    "at on near nr by in from off around round along outside front behind corner intersection between across block blk"
    " to location address located en calle @ down up over past opposite inside via cor btwn under above below is addr"
    " esquina cerca frente junto sobre".split()
)
"""Words after which a name is likely a place."""

STRONG_CUES = frozenset(
    "corner intersection interseccion cor esquina @ block blk location address located addr".split()
)
"""Words after which a name is a place."""

SIDES = frozenset(
    "corner intersection front side back rear outside inside entrance end top bottom foot middle edge north south east"
    " west wall walls fence steps roof sidewalk gate gates cerca frente lado esquina detras enfrente afuera junto"
    " alrededor interseccion".split()
)
SIDE_LINKS = frozenset("of de del con a al".split())
"""With these between, a name beside which something is: "in front of the library", "cerca de Clark Park"."""

BLOCK_WORDS = frozenset("block blk blks bl blocks blck".split())

SAME_KEYS: dict[str, str] = {
    "mt": "mount",
    "ft": "fort",
    "ctr": "center",
    "cntr": "center",
    "centre": "center",
    "rec": "recreation",
    "pk": "park",
    "lib": "library",
    "elem": "elementary",
    "sch": "school",
    "saint": "st",
    "sta": "station",
    "plygrd": "playground",
    "pkwy": "parkway",
    "blvd": "boulevard",
    "mkt": "market",
    "univ": "university",
    "hosp": "hospital",
    "dr": "drive",
    "ave": "avenue",
    "av": "avenue",
    "street": "st",
    "rd": "road",
    "sq": "square",
    "pt": "point",
    "theatre": "theater",
    "bros": "brothers",
    "hs": "high",
    "sqare": "square",
    "squre": "square",
    "sqaure": "square",
    "markt": "market",
    "libary": "library",
    "libray": "library",
    "staion": "station",
    "staton": "station",
    "playgroud": "playground",
    "playgrnd": "playground",
    "hosptial": "hospital",
    "recration": "recreation",
    "elementry": "elementary",
    "plgrd": "playground",
    "plgd": "playground",
    "playgound": "playground",
    "recreational": "recreation",
    "cemetary": "cemetery",
    "cementery": "cemetery",
    "cem": "cemetery",
    "musuem": "museum",
    "museam": "museum",
    "hopsital": "hospital",
    "univeristy": "university",
    "shcool": "school",
    "chruch": "church",
    "bapt": "baptist",
    "transpo": "transportation",
    "bldg": "building",
    "apts": "apartments",
}
"""Words that are written in several ways, to the one by which names are compared."""


def key_of(lower: str) -> str:
    """The comparing form of one lower-case word: ordinals as "13th", one spelling for each abbreviation."""
    if lower[0].isdigit():
        digits = lower.rstrip("stndrhaovm")
        return ordinal(int(digits)) if digits != lower and len(digits) < 5 else lower
    if "'" in lower:
        lower = lower.replace("'", "")
    return ORDINAL_WORDS.get(lower) or SAME_KEYS.get(lower, lower)


_SMALL = frozenset(("of", "the", "and", "at", "in", "for"))


@lru_cache(maxsize=10_000)
def title(name: str) -> str:
    """A name in capitals as people write it: "N 13TH ST" -> "N 13th St", "MCKEAN" -> "McKean"."""
    words = []
    for index, word in enumerate(name.split()):
        if re.fullmatch(r"\d+(ST|ND|RD|TH)", word) or (word.lower() in _SMALL and index):
            words.append(word.lower())
        elif re.fullmatch(r"MC[A-Z]{3,}", word):
            words.append("Mc" + word[2:].capitalize())
        else:
            words.append("-".join(part.capitalize() for part in word.split("-")))
    return " ".join(words)
