"""Personal data in a post: where it stands, and the text without it.

Everything that is found is kept off public pages, exports and logs. A number that the city publishes or a toll-free
line is nobody's personal data; in doubt a stretch counts as personal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from openline.foundation.memo import Memo
from openline.triage.assessment import PersonalData
from openline.triage.personal_hints import DIGIT, Hints, any_of
from openline.triage.personal_names import CALLED, CALLED_HINTS, CUE_ENDS, SIGNED, SIGNED_HINTS, names
from openline.triage.personal_numbers import FIVE_DIGITS, SPELLED_HINTS, numbers, spelled
from openline.triage.text import readable

_EMAIL = re.compile(
    r"(?<![@\w.+-])[\w.+-]{1,64}(?:@|\s?[\[(]at[\])]\s?|\s+at\s+(?=\w+\s*(?:\sdot\s|[\[(]dot)))"
    r"(?:[\w-]+\s?(?:\.|[\[(]dot[\])]|\sdot\s)\s?)+[a-z]{2,}",
    re.I,
)

_SUFFIX = (
    r"st(?:reet)?|ave(?:nue)?|rd|road|blvd|boulevard|dr(?:ive)?|ln|lane|ct|court|pl(?:ace)?|ter(?:race)?|way|pike|"
    r"pkwy|parkway|cir(?:cle)?|sq(?:uare)?|row|walk|mews"
)
_HOME = re.compile(
    r"(?:\b(?:(?:i|we|he|she|they|who|(?:mom|mother|dad|father|sister|brother|aunt|uncle|grandma|grandmother)) "
    r"(?:live|reside|stay|rent|am|are)s? (?:at|in|on(?!\s+\d+(?:st|nd|rd|th)\b))|"
    r"(?:i|we)['’](?:m|re) (?:living )?at|my (?:home |house |street |"
    r"mailing )?(?:address|addy)(?: is|:)?|home(?: address)?(?: is|:)|"
    r"my (?:home|house|apartment|place) (?:is )?(?:at|is)|viv(?:o|imos) en(?: el| la)?|domicilio:?|"
    r"mi (?:direcci[oó]n|casa) es(?:t[aá] en)?|moro n[ao]|j['’]habite(?: au| à)?|mwen rete nan|"
    r"(?:я )?живу(?: по адресу| на| в)?|мо(?:й адрес|я квартира)(?: на)?:?|"
    r"(?:tôi|em|mình|nhà tôi) (?:sống |ở )?(?:ở|tại|số))\s+|(?:我家?住在?|我家在|我的地址是)\s?)"
    rf"(?P<home>\d{{1,5}}[\w-]*\s+(?:[\w.'’-]+\s+){{0,4}}?(?:{_SUFFIX})\b\.?"
    r"(?:,? (?:apt|apartment|unit|#|fl|floor|кв)\.? ?\w{1,5})?|\d{1,5}[\w-]*\s+(?:[nsew]\.?\s+)?[\w'’-]+)",
    re.I,
)
_HOME_HINTS = (*(f"{lives} {at}" for verb in ("live", "reside", "stay", "rent") for lives in (verb, verb + "s")
                 for at in ("at", "in", "on")), "living", "'m at", "’m at", "'re at", "’re at", "i am at", "we are at",
               "address", "addy", "my ho", "home is", "home:", "my ap", "my place", "vivo", "vivimos",
               "domicilio", "direcci", "mi casa",
               "moro", "habite", "mwen rete", "живу", "адрес", "квартира", "sống", "nhà tôi", "tôi ở",
               "我")  # fmt: skip

_PLATE_CUE = (
    r"(?:\b(?:license plate|licence plate|plates?|tags?|license|lic|registration|placas?|chapa|patente|matr[ií]cula|"
    r"plaque|номера?|biển số)\b\.?|车牌|車牌|번호판)"
)
_PLATE_CUES = re.compile(_PLATE_CUE, re.I)
_PLATE = re.compile(  # in capital letters but for the cues: see _plates
    rf"{_PLATE_CUE}(?i:[ :#]+(?:number|no\.?|num|is|are|reads?|n[uú]mero|es|машины|авто|号码?是?))*[ :#]*"
    r"(?P<plate>[A-Z]\d\d[ -]?[A-Z]{3}|[A-Z]{3}[ -]?\d\d[A-Z]|[A-Z]{1,4}[ -]?\d{2,5}[A-Z]{0,3}|"
    r"\d{2,4}[ -]?(?!(?:DAY|WEEK|MON|YEAR|HOUR|IS|WAS|HAS|ON|AT|IN|AND|FOR|THE|OF|TO|BUT|ARE|GOT|WITH|CAR|OFF)S?\b)"
    r"[A-Z]{2,4}|(?=\w*\d)(?=\w*[A-Z])[A-Z0-9]{5,8})(?!\w)"
    r"|(?<![\w-])(?P<bare>[A-Z]{3}[- ]?\d{4})(?![\w-])"
)
_BIRTH = re.compile(
    r"\b(?:dob|d\.o\.b|date of birth|birth ?da(?:te|y)|born(?: on)?|nac[ií]\w*(?: el)?|fecha de nacimiento)\b\.?"
    r"[ :]*(?:is )?"
    r"(?P<birth>\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|[a-z]{3,9}\.? \d{1,2},? \d{4})",
    re.I,
)

_BARE_PLATE = re.compile(r"-(?<=\b[A-Z]{3}-)\d{4}(?![\w-])")
_ADDRESS_SIGN = re.compile(r"@(?<=[\w.+-]@)[\w-]")
_BIRTH_HINTS = ("birth", "born", "dob", "d.o.b", "naci")
_EMAIL_HINTS = ("@", "dot", "(at)", "[at]")

_HOME_BIT, _PLATE_BIT, _BIRTH_BIT, _EMAIL_BIT, _SPELLED_BIT = (SIGNED << n for n in range(1, 6))
_FIRST_LOOK = Hints(
    {
        CALLED: any_of(CALLED_HINTS),
        SIGNED: any_of(SIGNED_HINTS),
        _HOME_BIT: any_of(_HOME_HINTS),
        _PLATE_BIT: f"{_PLATE_CUE}|biển",  # in two words: biển số
        _BIRTH_BIT: any_of(_BIRTH_HINTS),
        _EMAIL_BIT: any_of(_EMAIL_HINTS),
        _SPELLED_BIT: any_of(SPELLED_HINTS),
    },
    CUE_ENDS,
)

_REMOVED = {
    "home_address": "address",
    "birth_date": "date of birth",
    "ssn": "number",
    "card": "number",
    "account": "number",
}


def find(text: str, public_numbers: tuple[str, ...] = ()) -> list[PersonalData]:
    """The personal data in `text`, in order, without overlaps: phone, email, card, ssn, account, plate, name,
    home_address, birth_date. `public_numbers` are the digits with which nobody's telephone numbers begin."""
    text = readable(text)
    lower, seen = text.lower(), _FIRST_LOOK.seen(text)
    found: list[PersonalData] = []
    if seen & DIGIT:
        found += _with_digits(text, lower, seen, public_numbers)
    if seen & _SPELLED_BIT:
        found += spelled(text)
    if seen & _EMAIL_BIT and _may_write_email(text, lower):
        found += [PersonalData("email", *match.span()) for match in _EMAIL.finditer(text)]
    found += names(text, lower, seen)
    return without_overlaps(found) if found else found


def _may_write_email(text: str, lower: str) -> bool:
    if "@" in lower and _ADDRESS_SIGN.search(text):
        return True
    return "at" in lower and ("dot" in lower or "(at)" in lower or "[at]" in lower)


def _with_digits(text: str, lower: str, seen: int, public_numbers: tuple[str, ...]) -> Iterator[PersonalData]:
    """What cannot be without a digit."""
    if FIVE_DIGITS.search(text):
        yield from numbers(text, lower, public_numbers)
    if seen & _HOME_BIT and _has(_HOME_HINTS, lower):
        yield from (PersonalData("home_address", *match.span("home")) for match in _HOME.finditer(text))
    if seen & _PLATE_BIT or _BARE_PLATE.search(text):
        yield from _plates(text)
    if seen & _BIRTH_BIT:
        yield from (PersonalData("birth_date", *match.span("birth")) for match in _BIRTH.finditer(text))


def _has(hints: tuple[str, ...], lower: str) -> bool:
    return any(map(lower.__contains__, hints))  # a generator would cost three times as much, for every post


def redact(text: str, found: Iterable[PersonalData]) -> str:
    """`text` with a plain mark, such as "[phone removed]", in place of each finding."""
    parts, last = [], 0
    for item in sorted(found, key=lambda item: item.start):
        if item.start < last:
            continue
        parts += [text[last : item.start], f"[{_REMOVED.get(item.kind, item.kind)} removed]"]
        last = item.end
    return "".join([*parts, text[last:]])


_TRACES = re.compile(
    r"(?:https?://|www\.)\S+|\bnostr:\w+|\b(?:npub|nprofile|nevent|note|naddr)1[a-z0-9]{6,}|\b[0-9a-f]{64}\b"
    r"|@[\w.-]+(?:@[\w.-]+\w)?|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|gov|edu|io|ly|me|social|app|us)\b(?:/\S*)?",
    re.I,
)


_UNTRACED = Memo(lambda piece: " ".join(_TRACES.sub(" ", piece).split()), 15_000)
"""What is left of a piece of text between two spaces; no trace holds a space."""


def public_text(text: str, public_numbers: tuple[str, ...] = ()) -> str:
    """`text` as it may stand on a public page: no personal data, handles, links or addresses of the network."""
    text = readable(text)
    text = redact(text, find(text, public_numbers))
    lines = (" ".join(filter(None, map(_UNTRACED.__getitem__, line.split()))) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _plates(text: str) -> Iterator[PersonalData]:
    upper = _PLATE_CUES.sub(lambda cue: cue.group().lower(), text.upper())
    for match in _PLATE.finditer(upper if len(upper) == len(text) else text):
        yield PersonalData("plate", *match.span(match.lastgroup or "plate"))


def without_overlaps(found: Iterable[PersonalData]) -> list[PersonalData]:
    """The findings in order; of those that overlap the first, and of two that begin together the longer."""
    kept: list[PersonalData] = []
    for item in sorted(found, key=lambda item: (item.start, item.start - item.end)):
        if not kept or item.start >= kept[-1].end:
            kept.append(item)
    return kept
