"""The words of addresses in the United States: suffixes, directions, ordinals, and how they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass

SUFFIXES: dict[str, str] = {
    variant: standard
    for standard, variants in {
        "ST": "st str street strt stret", "AVE": "ave av avenue aven aves", "RD": "rd road", "DR": "dr drive drv",
        "BLVD": "blvd boulevard boul blv", "LN": "ln lane", "PL": "pl place", "CT": "ct court", "CIR": "cir circle",
        "TER": "ter terr terrace", "PKWY": "pkwy parkway pky pkway", "PIKE": "pike", "SQ": "sq square",
        "WAY": "way wy", "PLZ": "plz plaza", "ALY": "aly alley", "MALL": "mall", "ROW": "row", "WALK": "walk",
        "EXPY": "expy expressway expwy expway", "HWY": "hwy highway", "BRG": "brg bridge", "PATH": "path",
        "RUN": "run", "MEWS": "mews", "TRL": "trl trail", "PT": "pt point", "XING": "xing crossing",
    }.items()
    for variant in variants.split()
}
"""Written form to the standard abbreviation (USPS Publication 28, appendix C1)."""

STRONG_SUFFIXES = {"st", "street", "ave", "av", "avenue", "rd", "road", "blvd", "boulevard", "ln", "lane", "pkwy",
                   "parkway", "sts", "streets", "str", "aves"}
"""Suffixes that hardly stand for anything else after a name."""

DIRECTIONS: dict[str, str] = {
    "n": "N", "north": "N", "no": "N", "s": "S", "south": "S", "so": "S", "e": "E", "east": "E", "w": "W", "west": "W",
}

_UNITS = ["", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
          "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"]
_TENS = {20: "twentieth", 30: "thirtieth", 40: "fortieth", 50: "fiftieth", 60: "sixtieth"}
_TENS_FIRST = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty", 60: "sixty"}


def ordinal(number: int) -> str:
    """13 -> "13TH"."""
    if 10 <= number % 100 <= 20:
        return f"{number}TH"
    return f"{number}{ {1: 'ST', 2: 'ND', 3: 'RD'}.get(number % 10, 'TH') }"


ORDINAL_WORDS: dict[str, str] = {word: ordinal(n) for n, word in enumerate(_UNITS) if word}
ORDINAL_WORDS |= {word: ordinal(n) for n, word in _TENS.items()}
ORDINAL_WORDS |= {f"{tens}-{_UNITS[u]}": ordinal(n + u) for n, tens in _TENS_FIRST.items() for u in range(1, 10)}

CONNECTORS = {"and", "n", "at", "near", "y", "by", "&", "@", "/", "+", "x", "corner", "off", "&amp", "amp"}
"""What may stand between the two streets of a corner."""

CUES = {"at", "on", "near", "by", "in", "from", "off", "around", "along", "outside", "front", "behind", "corner",
        "intersection", "between", "across", "block", "blk", "of", "to", "location", "address", "en", "calle", "lives",
        "live", "@", "down", "up", "over", "past", "opposite", "next", "inside", "via"}
"""Words after which a name is likely a place."""

COMMON_WORDS = frozenset(
    "second front hope state new market race spring school church mill park water river bridge main green pine plum"
    " summer winter autumn gold silver star sun moon light fire home house garden field forest wood stone rock lake sea"
    " beach island hill valley mountain point view grove glen cross king queen prince earl duke lord bishop pope monk"
    " baker cook miller mason carpenter smith hunter fisher walker porter page clay sand salt iron steel copper brown"
    " black white gray grey blue red rose lily daisy violet holly ivy ash oak elm maple cedar cherry apple peach pear"
    " orange lemon olive berry almond hazel chestnut walnut locust vine palm willow birch poplar spruce laurel myrtle"
    " frank grant rich ward long short small little large old young good noble fair grace joy love faith charity unity"
    " union liberty freedom independence victory peace federal capitol congress senate court justice law bank trade"
    " commerce industrial factory shop store tower hall college academy library hospital airport port harbor canal dock"
    " race run walk dance play stage drum bell horn harp melody music art west north south east center central broad"
    " wide narrow high low deep mount ridge cliff bluff canyon desert prairie meadow pasture farm ranch barn dairy mile"
    " league acre american english french dutch german irish spanish roman greek indian african asian"
    " street road lane way place block corner alley avenue drive boulevard may june august monday sunday winter"
    " carpenter tree trees leaf root branch seed flower bush ball game team coach bat pitcher player bird hawk eagle"
    " robin swan dove crane fox wolf bear lion tiger deer elk moose buffalo horse pony judge major general captain"
    " president master story earth world china france england ireland canada mexico texas ohio michigan jersey york"
    " washington jefferson lincoln madison monroe jackson adams benson martin allen carter warren austin houston dallas"
    " ford cooper taylor harper parker potter turner weaver cameron morris lewis thomas james john george henry charles"
    " william edward philip peter paul mark luke matthew simon david daniel benjamin albert arthur walter harold stella"
    " margaret mary anna helen alice emily emma clara ruth sarah susan jane elizabeth victoria catharine hart wells hay"
    " cobb price penn dover salem essex cambridge oxford windsor chester york lancaster kent surrey devon league"
    " right left center fairview this that these those back down over under hit let put set cut ran came come see look"
    " call tell ask try use need want stop go going fit rand time lane passing shore line wall gate arch seek cope".split())
"""Street names that are everyday words or people's names: alone they are no place."""

_TOKEN = re.compile(r"\d+(?:st|nd|rd|th)\b|\d+|[^\W\d_]+(?:['’][^\W\d_]+)*|[&@/+#]", re.I)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the text with its place in it; `key` is the form in which names are compared."""

    text: str
    lower: str
    key: str
    start: int
    end: int

    @property
    def number(self) -> int | None:
        """The value of a plain number."""
        return int(self.lower) if self.lower.isdigit() and len(self.lower) <= 6 and self.lower.isascii() else None


_KEYS = {"saint": "ST.", "mt": "MOUNT", "ft": "FORT", "ctr": "CENTER", "centre": "CENTER", "rec": "RECREATION",
         "dr.": "DOCTOR", "pk": "PARK", "lib": "LIBRARY", "elem": "ELEMENTARY", "hs": "HIGH"}


def key_of(lower: str) -> str:
    """The comparing form of one lower-case word."""
    return ORDINAL_WORDS.get(lower) or _KEYS.get(lower) or lower.replace("'", "").replace("’", "").upper()


def tokens(text: str) -> list[Token]:
    """The words, numbers and connecting signs of `text`."""
    found = []
    for match in _TOKEN.finditer(text):
        lower = match.group().lower()
        found.append(Token(match.group(), lower, key_of(lower), match.start(), match.end()))
    return _joined(found)


def _joined(found: list[Token]) -> list[Token]:
    """Join "twenty third" into one ordinal, and "Mc Kean" into one name."""
    result: list[Token] = []
    for token in found:
        if result and (word := ORDINAL_WORDS.get(f"{result[-1].lower}-{token.lower}")):
            first = result.pop()
            token = Token(f"{first.text} {token.text}", f"{first.lower}-{token.lower}", word, first.start, token.end)
        elif result and result[-1].lower in ("mc", "mac") and token.lower.isalpha():
            first = result.pop()
            name = first.lower + token.lower
            token = Token(f"{first.text} {token.text}", name, name.upper(), first.start, token.end)
        result.append(token)
    return result


def name_keys(name: str) -> tuple[str, ...]:
    """The comparing form of a name of several words."""
    return tuple(token.key for token in tokens(name) if token.key not in ("&", "/", "@", "+", "#"))


_SMALL = {"of", "the", "and", "at", "in"}


def title(name: str) -> str:
    """A name in capitals as people write it: "N 13TH ST" -> "N 13th St", "MCKEAN" -> "McKean"."""
    words = []
    for index, word in enumerate(name.split()):
        if re.fullmatch(r"\d+(ST|ND|RD|TH)", word):
            words.append(word.lower())
        elif word.lower() in _SMALL and index:
            words.append(word.lower())
        elif re.fullmatch(r"MC[A-Z]{3,}", word):
            words.append("Mc" + word[2:].capitalize())
        else:
            words.append("-".join(part.capitalize() for part in word.split("-")))
    return " ".join(words)
