"""How people call the places of the City's lists: part of `tools/build_philadelphia.py`.

The lists say "Boyle, Daniel Recreation Center Building", people say Daniel Boyle Rec or Boyle Playground.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import takewhile

from openline.geography.common_words import COMMON_WORDS
from openline.geography.names import GENERIC, KIND_WORDS
from openline.geography.text import name_keys

KINDS = KIND_WORDS | frozenset(
    "mint tower building rink arboretum mansion shelter manor triangle house institute chapel clinic hotel club diner"
    " cafe restaurant theater gallery works plant farm barn masjid ministries tabernacle cathedral parish shrine"
    " congregation assembly preschool daycare apartments studio museum society seminary convent rectory fountain"
    " monument memorial statue boathouse stables greenhouse playhouse post yard complex courthouse prison jail tract"
    " meadow woods bar grill inn lounge pub market supermarket auditorium gym gymnasium condominiums residence suites"
    " commons campus fellowship mission ministry armory depot kindergarten nursery cinema bowl course preserve".split()
)
"""Words that say what kind of place a name of the lists is."""

_DULL = GENERIC | frozenset(
    "maintenance water student admission admissions athletic softball baseball basketball football soccer storage"
    " comfort restroom restrooms equipment toilet guard box research education educational faculty staff clubhouse"
    " fitness information first second third new united great greater holy trinity boys girls northeast northwest"
    " southeast southwest graduate undergraduate meeting recycling power plant veterans vietnam supply neighborhood"
    " environmental pumping pump fresh picnic street".split()
)
_PARTS = re.compile(
    r"(?i)\s*(\b(play(ground)? equipment|basketball courts?|(tennis )+courts?|athletic fields?"
    r"|(street|ice) hockey (court|rink)|(soccer|softball|baseball|cricket)? ?(ball)?fields?|batting cages?( shelter)?"
    r"|storage( facility| building)?|maintenance building( & restrooms?)?|restrooms?( building)?|comfort station"
    r"|(rec(reation)? )?building( \(gym\))?|pool( building)?|(bocci|volleyball|handball) courts?|spray ?ground"
    r"|parking lot|shed|garage|fuel site|pavilion|concessions?( stand)?|stands?|office|trailers?|generator|dog run"
    r"|track|bleachers)\b[ #\d-]*[A-D]?)+$"
)
"""Parts of a site, as the City counts its property, behind the site's name."""
_CENTERS = ("Recreation Center", "Rec Center", "Rec")
_RECREATION = (*_CENTERS, "Playground", "Park", "Pool", "Field")
_CHAINS = re.compile(
    r"(?i)\b(rite aid|cvs|wawa|mc ?donald'?s|walgreens|dunkin|wendy'?s|burger king|eleven|family dollar|ups store"
    r"|radio shack|taco bell|pizza hut|kfc|blockbuster|pep boys|payless|foot locker|starbucks|u-?haul)\b"
)
"""Shops of which there are many."""
_FEW_OF_A_KIND = re.compile(
    r"(?i)\w (plaza|cemetery|stadium|crossing|synagogue|tavern|market|(medical|health|shopping) center)$|^pier \d+$"
    r"|^\w+ (street|avenue|square|hill) [\w ]*church$"
)
"""Kinds of which there are so few that everyday words before them make a name."""
_UNSURE_FIRST = re.compile(r"(?i)(the|new|old|main|community|family|student|first|1st|fire|food) ")
_FAITHS = r"(?i)\b(Baptist|Methodist|Lutheran|Presbyterian|Episcopal|AME|UAME|Pentecostal|Catholic|United|Roman)\b"


def distinct(name: str) -> bool:
    """Whether a name has a word of its own and a word that tells its kind: the rest is no help to anybody."""
    keys = [key for key in name_keys(name) if key != "the"]
    own = [key for key in keys if len(key) > 1 and key.isalpha() and key not in _DULL]
    if len(keys) < 2 or not own or _CHAINS.search(name):
        return False
    return bool(not KINDS.isdisjoint(keys) or _is_full_name(own))


def found_by_kind(name: str) -> bool:
    """Whether a name of everyday words is still one: "Boulevard Plaza", "Holy Trinity Cemetery", "Pier 38"."""
    return bool(_FEW_OF_A_KIND.search(name)) and not _UNSURE_FIRST.match(name)


def _is_dull(name: str) -> bool:
    """Whether a name is made of words that belong to many: "Athletic" of Athletic Recreation Center."""
    return _DULL.issuperset(name_keys(name))


def _is_full_name(own: list[str]) -> bool:
    """Whether these words are a name by themselves: "Druim Moir", no everyday words."""
    return len(own) > 1 and sum(key not in COMMON_WORDS for key in own) > 1


def _plain(name: str) -> str:
    """The name without what stands in brackets, initials, "Memorial" and ranks."""
    name = re.sub(r"\(.*?\)|\b(Memorial|Private|Corporal|Officer|Sgt|Dr|Rev|Jr|Sr|III|[A-Z])\b\.?,?", " ", name)
    return " ".join(name.replace(" ,", " ").split())


def _unique(names: Iterable[str], name: str = "") -> list[str]:
    return [n for n in dict.fromkeys(" ".join(n.split()) for n in names) if n and n != name]


# --- parks and recreation centres ----------------------------------------------------------------


def park_names(facts: dict[str, str], listed: list[str]) -> list[str]:
    """Other names of a site of Parks & Recreation: "Markward", "Markward Playground", "Markward Rec"."""
    name, label = facts["PUBLIC_NAME"], facts["LABEL"]
    parts = [part.strip() for alias in listed for part in (alias, *re.split(r" and |/", alias)[:1])]
    plays = "REC" in facts["PPR_USE"] or re.search(r"Playground|Recreation|Playfield", f"{name} {' '.join(listed)}")
    kinds = _RECREATION if plays else ("Park", "Field") if "ATHLETIC" in facts["PPR_USE"] else ("Park",)
    stems = dict.fromkeys(stem for text in (name, label, *parts) for stem in sorted(_stems(text)))
    return _unique(
        [
            facts["OFFICIAL_NAME"],
            *(p for p in (*parts, _plain(name)) if distinct(p) and "&" not in p),
            *(f"{stem} {kind}" for stem in stems for kind in (_CENTERS if _is_dull(stem) else kinds)),
            *(word for word in (label, *parts) if by_last_name(word)),
        ],
        name,
    )


def _stems(name: str) -> set[str]:
    """The name without its kind: "Fishtown" of Fishtown Recreation Center. None that is a corner."""
    text = re.sub(
        r"\(.*|\b(Memorial|Recreation|Center|Playground|Playfield|Park|Rec|Field|[A-Z]{1,2}\.?)(?= |$)", "", name
    )
    corner = re.fullmatch(r"\d+\w+ (?:and|&) ([A-Z][a-z]{3,})", " ".join(text.split()))  # 29th and Chalmers Playground
    stem = corner[1] if corner else " ".join(text.split())
    no_name = not stem or re.search(r"&| and |/|^\d.*(Street|St|Ave|Avenue)$|^\d+\w*$", stem)
    return set() if no_name or not KINDS.isdisjoint(name_keys(stem)) or GENERIC.issuperset(name_keys(stem)) else {stem}


def by_last_name(name: str) -> bool:
    """Whether a name of one word is seldom anything else."""
    return (
        name.isalpha() and len(name) >= 5 and name[0].isupper() and not {name.lower()} & (COMMON_WORDS | KINDS | _DULL)
    )


def asset_names(name: str) -> list[str]:
    """The site of which the City owns a part: "Boyle, Daniel Recreation Center Building" is at Daniel Boyle Rec."""
    name = re.sub(r" & Fuel Site.*", "", name)
    turned = re.sub(r"^([\w']+), ((?:\w+\.? )+?)(?=Recreation|Rec\b|Playground|Park|Memorial|YAC)", r"\2\1 ", name)
    whole = re.sub(r"[\s#]+\d?$", "", _PARTS.sub("", turned)).strip(" -")
    stem = re.sub(r" (Recreation Center|Playground)$", "", whole)
    kinds = _CENTERS if _is_dull(stem) else _RECREATION
    others = [f"{stem} {kind}" for kind in kinds] if stem != whole else []
    return [n for n in dict.fromkeys((whole, _plain(whole), *others)) if distinct(n)]


# --- schools, churches, stations -----------------------------------------------------------------


def school_names(listed: str, level: str) -> list[str]:
    """ "Dobson, James": James Dobson School, and the names that people use for it."""
    name = re.sub(r"\s*\(.*?\)|\.(?=$)", "", listed).strip()
    name = re.sub(r"(?i)\bh\.?s\b\.?", "High School", re.sub(r"\bSch\b", "School", name))
    last, _, first = (part.strip() for part in name.partition(","))
    name = f"{first} {last}".strip()
    level = (
        re.sub(r"/.*", "", level.replace(" School", ""))
        .replace("Elem", "Elementary")
        .replace("mentaryentary", "mentary")
    )
    level = level or "Elementary"
    named = re.search(r"school|high|elem|academy|acad|college|institute|center", name, re.I)
    full = name if named else f"{name} School"
    short = [last, name, _plain(name)] if not named else [re.sub(r"(?i) (charter )?school\b.*", "", name)]
    kinds = ("School", level, f"{level} School", "Elementary", *(("Charter",) if "Charter" in name else ()))
    others = [f"{n} {kind}" for n in short for kind in kinds]
    others += [n for n in (name, _plain(name)) if not named and _is_full_name(list(name_keys(n)))]
    others += [f"{name} School"] if name.endswith("High") else [re.sub(r"High School.*", "High", name)] if named else []
    others += [n.replace("'s", "") for n in [full, *others] if "'s" in n]
    return [full, *_unique([o for o in others if distinct(o)], full), *([last] if by_last_name(last) and first else [])]


def church_names(name: str) -> list[str]:
    """A church without its faith, or without the word church: "New Hope Church", "New Hope Baptist"."""
    if not re.search(r"(?i)\bChurch$", name):
        return []
    others = [re.sub(r" Church$", "", name)] if re.search(_FAITHS, name) else []
    others.append(re.sub(_FAITHS, "", name))
    return [n for n in _unique(others, name) if distinct(n) and len(name_keys(n)) > 1]


_LINES = {
    "el station": ("El", "El Stop", "El Station", "Stop"),
    "subway station": ("Subway", "Subway Stop", "Subway Station", "Stop"),
    "train station": ("Train Station", "Regional Rail Station", "Regional Rail"),
    "trolley station": ("Trolley Stop", "Trolley Station", "Trolley"),
}


_LINE_AT = {
    "el station": ("el stop at", "el station at", "el at"),
    "subway station": ("subway stop at", "subway station at", "subway at"),
    "train station": ("train station in", "train station at", "station in"),
    "trolley station": ("trolley stop at", "trolley station at"),
}


def station_names(name: str, kind: str) -> list[str]:
    """What people say instead of station on each line: "Berks el stop", "under the el at Berks"."""
    stem = re.sub(r" (El |Subway |Trolley |Regional Rail )?Station$", "", name)
    if stem == name:
        return []
    before = [f"{words} {stem}" for words in _LINE_AT.get(kind, ())]
    return [*(f"{stem} {word}" for word in _LINES.get(kind, ())), *before]


def shop_names(name: str, address: str, shops: Iterable[str]) -> list[str]:
    """A shop by its brand and its street: "Walmart on Columbus", "Walmart on Columbus Blvd"."""
    street = re.sub(r"^\d+ (?:[NSEW] )?(?:\w+ )*?(\w+) (\w+)$", r"\1 \2", address)
    called = street.rsplit(" ", 1)[0]
    of_brand = filter(None, (_common_start(name, other) for other in shops if other != name))
    brand = name[: name.index(f" {called}")] if f" {called}" in name else min(of_brand, key=len, default="")
    return [f"{brand} {link} {form}" for form in (street, called) for link in ("on", "at") if brand and called]


def _common_start(one: str, other: str) -> str:
    """The words with which both names begin."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(one.split(), other.split(), strict=False))
    return " ".join(word for word, _ in same)
