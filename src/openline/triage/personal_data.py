"""Personal data in a post: where it stands, and the text without it.

Everything that is found is kept off public pages, exports and logs. A number that the city publishes or a toll-free
line is nobody's personal data; in doubt a stretch counts as personal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from openline.triage.assessment import PersonalData
from openline.triage.personal_numbers import FOUR_DIGITS, numbers, spelled
from openline.triage.text import readable

_EMAIL = re.compile(
    r"(?<![@\w.+-])[\w.+-]{1,64}(?:@|\s?[\[(]at[\])]\s?|\s+at\s+(?=\w+\s*(?:\sdot\s|[\[(]dot)))"
    r"(?:[\w-]+\s?(?:\.|[\[(]dot[\])]|\sdot\s)\s?)+[a-z]{2,}",
    re.I,
)

_WORD = r"[A-ZÀ-ÖØ-Þ][\w'’-]*[a-zà-öø-ÿ]"
_NAME = rf"{_WORD}(?: [A-Z]\.)?(?: (?:de |da |van |von |la |del )?{_WORD}){{0,2}}"
_TWO_NAMES = rf"{_WORD}(?: [A-Z]\.)? (?:de |da |van |von |la |del )?{_WORD}"
_NAME_CUES = re.compile(
    rf"(?:(?i:\bmy name is|\bname['’]?s|\bmy name['’]s|\bme llamo|\bmi nombre es|\bmeu nome é|\bje m['’]appelle"
    rf"|\bnon mwen se|\bmy (?:full )?name:|\bask for|\bcontact name:?) (?P<told>{_NAME}))"
    rf"|(?:(?i:\bi['’]?m|\bi am|\bsoy|\bc'est) (?P<am>{_TWO_NAMES})(?![\w'’]))"
    rf"|(?:(?i:\bthis is|\bit['’]s) (?P<this>{_TWO_NAMES})(?=,|\.|!| (?:from|calling|speaking|again|here|and i)\b))"
    rf"|(?:\b(?i:mr|mrs|ms|miss|sra?)\.? (?P<titled>{_NAME}))"
    rf"|(?:\b(?i:neighbor|neighbour|landlord|landlady|tenant|owner|friend|husband|wife|son|daughter|vecino),? "
    rf"(?P<related>{_TWO_NAMES})(?![\w'’]))"
)
_SIGNED = re.compile(
    r"(?:\n|\s[-–—~]+|\b(?i:thanks|thank you|sincerely|regards|best|gracias),?\s*[-–—\n]*)\s*"
    rf"(?P<signed>{_WORD} (?:[A-Z]\.|{_WORD}))\s*$"
)
_SIGNATURE_HINTS = ("\n", "-", "–", "—", "~", "thank", "sincerely", "regards", "best", "gracias")
_SIGNATURE = 60
"""So many characters at the end of a text may hold a signature."""
# Every cue of a name ends in one of these words, and a capital letter follows. Most posts have no such pair.
_BEFORE_CAPITAL = re.compile(r" (?=[A-ZÀ-ÖØ-Þ])")
_CUE_ENDS = frozenset(
    """is name's names name’s names llamo es é m'appelle m’appelle se name for i'm i’m im am soy c'est it's it’s mr mrs
    ms miss sr sra neighbor neighbour landlord landlady tenant owner friend husband wife son daughter vecino""".split()
)
_LONGEST_CUE = 30

_NO_NAMES = frozenset(
    """a about above after again all alley alto american an and angry are area asian at available ave avenue back being
    black block blvd boulevard bridge brown calling center chinese church circle city colored concerned confused
    corner council councilman councilwoman country court cream crime dead deaf department disabled disappointed
    district done drive east elementary evening expressway family fed for fourth from frustrated german getting
    going great happy hall having heights high hill hispanic hospital house i impatient in indian irish is
    italian jewish just lane latino library live living looking lot mayor me middle morning muslim native need
    never new no north northeast northwest not of old on our out park parking parkway phila philadelphia philly
    pike pizza place plaza please police pretty puerto really reporting resident rican river road running school
    scared senator sick sir site so sorry south southeast southwest spanish square st station still street sure
    ten terrace thankful tired excited hoping asking trying done that the their there third this to today tower
    trail trash trying unable university
    unsure very waiting was way we west what when where why with worried worst writing yard you your""".split()
)

_NO_SURNAMES = frozenset(
    """of this that the and at in on to for from with about again alley ave avenue blvd boulevard bridge center
    church circle city court creek department district drive expressway
    heights high hill hospital house lane library lot park parkway philadelphia philly pike place plaza river road row
    school site square station street terrace tower trail university way""".split()
)

_SUFFIX = (
    r"st(?:reet)?|ave(?:nue)?|rd|road|blvd|boulevard|dr(?:ive)?|ln|lane|ct|court|pl(?:ace)?|ter(?:race)?|way|pike|"
    r"pkwy|parkway|cir(?:cle)?|sq(?:uare)?|row|walk|mews"
)
_HOME = re.compile(
    r"\b(?:(?:i|we) (?:live|reside|stay|rent|am|are) (?:at|in)|(?:i|we)['’](?:m|re) at|my (?:home |house |street |"
    r"mailing )?address(?: is|:)?|my (?:home|house|apartment|place) (?:is )?(?:at|is)|vivo en(?: el| la)?|"
    r"mi (?:direcci[oó]n|casa) es(?:t[aá] en)?|moro n[ao]|j['’]habite(?: au| à)?|mwen rete nan)\s+"
    rf"(?P<home>\d{{1,5}}[\w-]*\s+(?:[\w.'’-]+\s+){{0,4}}?(?:{_SUFFIX})\b\.?"
    r"(?:,? (?:apt|apartment|unit|#|fl|floor)\.? ?\w{1,5})?|\d{1,5}[\w-]*\s+(?:[nsew]\.?\s+)?[\w'’-]+)",
    re.I,
)
_HOME_HINTS = ("live", "reside", "stay", "rent", "'m at", "’m at", "'re at", "i am at", "we are at", "address", "my ho",
               "my ap", "my place", "vivo", "direcci", "mi casa", "moro", "habite", "mwen rete")  # fmt: skip

_PLATE = re.compile(
    r"\b(?:license plate|licence plate|plates?|tags?|license|lic|registration|placas?|matr[ií]cula)\b"
    r"(?: (?:number|no\.?|num|is|are|reads?|n[uú]mero))*[ :#]*"
    r"(?P<plate>[A-Z]{1,4}[ -]?\d{2,5}[A-Z]{0,3}|\d{2,4}[ -]?(?!DAY|WEEK|MON|YEAR|HOUR)[A-Z]{2,4}|"
    r"(?=\w*\d)(?=\w*[A-Z])[A-Z0-9]{5,8})(?!\w)"
    r"|(?<![\w-])(?P<bare>[A-Z]{3}[- ]?\d{4})(?![\w-])"
)
_PLATE_CUES = re.compile(
    r"\b(?:license plate|licence plate|plates?|tags?|license|registration|placas?|matr[ií]cula)\b", re.I
)
_BIRTH = re.compile(
    r"\b(?:dob|d\.o\.b\.?|date of birth|birth ?date|born(?: on)?|nac[ií]\w*(?: el)?|fecha de nacimiento)\b[ :]*(?:is )?"
    r"(?P<birth>\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|[a-z]{3,9}\.? \d{1,2},? \d{4})",
    re.I,
)

_DIGIT = re.compile(r"\d")
_PLATE_HINTS = ("plate", "tag", "lic", "regist", "placa", "matr")
_BARE_PLATE = re.compile(r"-(?<=\b[A-Z]{3}-)\d{4}(?![\w-])")
_ADDRESS_SIGN = re.compile(r"@(?<=[\w.+-]@)[\w-]")
_BIRTH_HINTS = ("birth", "born", "dob", "d.o.b", "naci")

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
    lower = text.lower()
    found: list[PersonalData] = []
    if _DIGIT.search(text):
        found += _with_digits(text, lower, public_numbers)
    if "five" in lower or "seven" in lower or "three" in lower or "two" in lower:
        found += spelled(text)
    if _may_write_email(text, lower):
        found += [PersonalData("email", *match.span()) for match in _EMAIL.finditer(text)]
    if not text.isupper():  # in capital letters, names look like all else
        found += _names(text, lower)
    return _without_overlaps(found) if found else found


def _may_write_email(text: str, lower: str) -> bool:
    if "@" in lower and _ADDRESS_SIGN.search(text):
        return True
    return "at" in lower and ("dot" in lower or "(at)" in lower or "[at]" in lower)


def _with_digits(text: str, lower: str, public_numbers: tuple[str, ...]) -> Iterator[PersonalData]:
    """What cannot be without a digit."""
    if FOUR_DIGITS.search(text):
        yield from numbers(text, lower, public_numbers)
    if _has(_HOME_HINTS, lower):
        yield from (PersonalData("home_address", *match.span("home")) for match in _HOME.finditer(text))
    if _has(_PLATE_HINTS, lower) or _BARE_PLATE.search(text):
        yield from _plates(text)
    if _has(_BIRTH_HINTS, lower):
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


def public_text(text: str, public_numbers: tuple[str, ...] = ()) -> str:
    """`text` as it may stand on a public page: no personal data, handles, links or addresses of the network."""
    text = readable(text)
    text = _TRACES.sub(" ", redact(text, find(text, public_numbers)))
    lines = (" ".join(line.split()) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _names(text: str, lower: str) -> Iterator[PersonalData]:
    start = _first_name_cue(text)
    matches = list(_NAME_CUES.finditer(text, start)) if start >= 0 else []
    signed = _has(_SIGNATURE_HINTS, lower[-_SIGNATURE:])
    signature = _SIGNED.search(text, max(0, len(text) - _SIGNATURE)) if signed else None
    for match in [*matches, signature] if signature else matches:
        group = match.lastgroup or "told"
        parts = re.findall(r"[\w'’]+", match[group].lower())
        if parts[0] not in _NO_NAMES and parts[-1] not in _NO_SURNAMES:
            yield PersonalData("name", *match.span(group))


def _first_name_cue(text: str) -> int:
    """Where to begin to look for names: before the first capital letter that follows the end of a cue; else -1."""
    for match in _BEFORE_CAPITAL.finditer(text):
        before = text[max(0, match.start() - 12) : match.start()].lower().split()
        if before and before[-1].rstrip(".,:").lstrip("(\"'“‘¡¿-—–*") in _CUE_ENDS:
            return max(0, match.start() - _LONGEST_CUE)
    return -1


def _plates(text: str) -> Iterator[PersonalData]:
    upper = _PLATE_CUES.sub(lambda cue: cue.group().lower(), text.upper())
    pattern = re.compile(_PLATE.pattern)
    for match in pattern.finditer(upper if len(upper) == len(text) else text):
        yield PersonalData("plate", *match.span(match.lastgroup or "plate"))


def _without_overlaps(found: list[PersonalData]) -> list[PersonalData]:
    kept: list[PersonalData] = []
    for item in sorted(found, key=lambda item: (item.start, item.start - item.end)):
        if not kept or item.start >= kept[-1].end:
            kept.append(item)
    return kept
