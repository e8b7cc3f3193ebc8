"""Names of people in a post: such as stand after a cue ("my name is", "me llamo", "меня зовут") or sign it.

A capital letter alone is no name: streets, squares and mayors have them too. After the plainest cues a name may be
written small.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from openline.triage.assessment import PersonalData
from openline.triage.personal_hints import CUED, OTHERS

_WORD = r"[A-ZÀ-ÖØ-Þ][\w'’-]*[a-zà-öø-ÿ]"
_NAME = rf"{_WORD}(?: [A-Z]\.)?(?: (?:de |da |van |von |la |del )?{_WORD}){{0,2}}"
_TWO_NAMES = rf"{_WORD}(?: [A-Z]\.)? (?:de |da |van |von |la |del )?{_WORD}"
_RELATIVE = (
    "mother|mom|mum|father|dad|sister|brother|grandmother|grandma|grandfather|grandpa|aunt|uncle|niece|nephew|cousin|"
    "wife|husband|partner|super|tía|tío|son|daughter|friend|roommate|boss|madre|mamá|padre|papá|hermana|hermano|esposa|esposo|hija|"
    "hijo|abuela|abuelo"
)
_CUES = re.compile(
    rf"(?:(?i:\b(?:my|his|her|their|['’]s|s['’]) name is|\bname['’]?s|\bmy name['’]s|\bmy (?:full )?name:|\bask for"
    rf"|\bcontact name:?|\bme dicen) (?P<told>{_NAME}))"
    rf"|(?:(?:^|\n|[.;!,] )(?i:(?:full )?name(?: is|:)|nombre:|nom:) (?P<field>{_TWO_NAMES}))"
    rf"|(?:(?i:\bi['’]?m|\bi am|\bsoy|\bc'est) (?P<am>{_TWO_NAMES})(?![\w'’]))"
    rf"|(?:(?i:\bi['’]m) (?P<one>{_WORD})(?= (?:and my|and i|from)\b))"
    rf"|(?:(?i:\bthis is|\bit['’]s) (?P<this>{_TWO_NAMES}(?: {_WORD})?)"
    r"(?=,|\.|!| (?:from|calling|speaking|again|here|and i)\b))"
    rf"|(?:(?i:\b(?:hi|hello|hey|morning|evening|afternoon)),? (?P<greeting>{_TWO_NAMES})(?= (?:here|calling)\b))"
    rf"|(?:\b(?i:mr|mrs|ms|miss|sra?|mme|mlle|madame|monsieur|señora?|doña|herr|frau)\.? (?P<titled>{_NAME}))"
    rf"|(?:\b(?i:neighbor|neighbour|landlord|landlady|tenant|owner|friend|husband|wife|son|daughter|vecin[oa]|"
    rf"(?:my|our|his|her|mi) (?:{_RELATIVE}))(?: (?:upstairs|downstairs|next door|here|below|above))?,? "
    rf"(?P<related>{_TWO_NAMES})(?![\w'’]))"
)
_THANKS = (
    "yours truly|yours|thanks|thank you|thx|thanx|cheers|sincerely|regards|best|gracias|saludos|atentamente|"
    "cordialement|"
    "merci|"
    "obrigad[oa]|atenciosamente|mèsi"
)
_SIGNED = re.compile(
    rf"(?:\n|(?:^|\s)[-–—~]+|\b(?i:{_THANKS}),?\s*[-–—\n]*)\s*"
    rf"(?P<signed>{_WORD} (?:[A-Z]\.|{_WORD}))(?:, [\w ]{{3,30}})?\s*$"
)
SIGNED_HINTS = ("-", "–", "—", "~", "thank", "thx", "cheers", "sincerely", "regards", "best", "yours", "gracias",
                "saludos",
                "atent", "cordial", "merci", "obrigad", "atencios", "mèsi")  # fmt: skip
CALLED, SIGNED = OTHERS, OTHERS << 1
"""Groups of hints: `CALLED_HINTS`, `SIGNED_HINTS` (or a new line)."""
_SIGNATURE = 70
"""So many characters at the end of a text may hold a signature."""
# Every cue of a name ends in one of these words, and a capital letter follows. Most posts have no such pair.
_BEFORE_CAPITAL = re.compile(r" (?=[A-ZÀ-ÖØ-Þ])")
CUE_ENDS = frozenset(
    f"""is name's names name’s names dicen name nombre nom for i'm i’m im am soy c'est it's it’s hi hello hey morning
    evening afternoon mr mrs ms miss sr sra mme mlle madame monsieur señor señora doña herr frau neighbor neighbour
    landlord landlady tenant owner vecino vecina upstairs downstairs door here below above
    {_RELATIVE.replace("|", " ")}""".split()
)
_LONGEST_CUE = 40

# Plain words for "I am called", after which a name follows whatever its letters: capital, small, Cyrillic, Han.
_CALLED = re.compile(
    r"\b(?:my name is|me llamo|mi nombre(?: es|:)|meu nome é|je me nomme|(?:il )?mio nome è|с вами говорит|"
    r"это говорит|(?:eu )?me chamo|je m['’]appelle|mon nom est|mi chiamo|"
    r"ich hei(?:ß|ss)e|mein name ist|nazywam si[eę]|mam na imi[eę]|non mwen se|mwen rele|nama saya|quhem|"
    r"(?:ang )?pangalan ko ay|меня зовут|мене звати|мо[её] имя|моє ім['’]?я|tên (?:tôi|em|mình) là|"
    r"(?:tôi|em|mình) tên(?: là)?)\s+(?P<name>[^\W\d_][\w'’-]+(?: [^\W\d_][\w'’-]*){0,3})",
    re.I,
)
CALLED_HINTS = ("my name", "llamo", "nombre", "nome", "chamo", "appelle", "mon nom", "chiamo", "ich hei",
                "mein name", "nazywam", "na imi", "non mwen", "mwen rele", "nama saya", "quhem", "pangalan",
                "зовут", "звати", "имя", "говорит", "nomme", "ім'я", "ім’я", "tên")  # fmt: skip
_NO_LETTER_CASE = re.compile(
    r"我(?:的名字(?:是|叫)|叫做?)\s?(?P<zh>(?![了你您他她它过過不的警车車人救出来來去])[\u4e00-\u9fff]{2,3}?)"
    r"(?=[，。,.!！；\s]|$|住|是|在|家)"
    r"|제 이름은 ?(?P<ko>[가-힣]{2,4}?)(?=입니다|이에요|예요|이고|[\s,.]|$)"
    r"|(?:اسمي|إسمي|انا اسمي) (?P<ar>[\u0621-\u064a]{2,}(?: (?!و)[\u0621-\u064a]{2,})?)"
    r"|मेरा नाम (?P<hi>[\u0900-\u097f]{2,}(?: [\u0900-\u097f]{2,})?) है"
    r"|আমার নাম (?P<bn>[\u0980-\u09ff]{2,}(?: [\u0980-\u09ff]{2,})?)"
)
_NO_CASE_HINTS = ("我", "이름", "سمي", "नाम", "নাম")

_NO_NAMES = frozenset(
    """a about above after again all alley alto american an and angry are area asian at available ave avenue back being
    black block blvd boulevard bridge brown calling catholic center chinese christian church circle city clean colored
    concerned confused
    corner council councilman councilwoman country court cream crime dead deaf department disabled disappointed
    district done drive east elementary evening expressway family fed for fourth from frustrated german getting
    going great happy hall having heights help high hill hispanic hospital house i impatient in indian irish is
    italian jewish just lane latino library live living looking lot mayor me middle morning muslim native need
    never new no north northeast northwest not of old on our out outside park parking parkway phila philadelphia philly
    pike pizza place plaza please police potato pretty puerto really reporting resident rican river road running school
    scared senator sick sir site so softee sorry south southeast southwest spanish square st station still street sure
    ten terrace thankful tired excited hoping asking trying done that the their there third this to today tower
    trail trash unable university
    unsure very waiting was way we west what when where why with worried worst writing yard you your pac-man
    pac""".split()
)
_NO_SURNAMES = frozenset(
    """of this that the and at in on to for from with about again alley ave avenue blvd boulevard bridge center
    church circle city court creek department district drive expressway
    heights high hill hospital house lane library lot park parkway philadelphia philly pike place plaza river road row
    school site square station street terrace tower trail university way""".split()
)
_NOT_CALLED = frozenset(
    """a already all an and are at being blank everywhere gone here hidden in irrelevant just known listed misspelled
    mud nobody none not nothing of off on only out private public spelled still that the there to under unimportant
    unknown what withheld wrong la el lo mucho no atencion atención así asi otra vez cada como pas le comment ne tou
    nan pou 311 911 каждый не так как nada muita não nao""".split()
)
"""What follows "my name is" or its like, and is no name."""


def names(text: str, lower: str, seen: int) -> Iterator[PersonalData]:
    """The names in `text`; `lower` is `text` in lower case, `seen` is what it hints at (`personal_hints`)."""
    if not (seen & (CUED | CALLED | SIGNED) or "\n" in text or not text.isascii()):
        return
    if not text.isupper():  # in capital letters, names look like all else
        yield from _by_capitals(text, lower, seen)
    if seen & CALLED and any(map(lower.__contains__, CALLED_HINTS)):
        yield from _called(text)
    if not text.isascii() and any(map(text.__contains__, _NO_CASE_HINTS)):
        found = _NO_LETTER_CASE.finditer(text)
        yield from (PersonalData("name", *match.span(match.lastgroup or 0)) for match in found)


def _by_capitals(text: str, lower: str, seen: int) -> Iterator[PersonalData]:
    start = _first_cue(text) if seen & CUED else -1
    matches = list(_CUES.finditer(text, start)) if start >= 0 else []
    signed = (seen & SIGNED or "\n" in text) and any(map(lower[-_SIGNATURE:].__contains__, ("\n", *SIGNED_HINTS)))
    signature = _SIGNED.search(text, max(0, len(text) - _SIGNATURE)) if signed else None
    for match in [*matches, signature] if signature else matches:
        group = match.lastgroup or "told"
        parts = re.findall(r"[\w'’]+", match[group].lower())
        if parts[0] not in _NO_NAMES and parts[-1] not in _NO_SURNAMES:
            yield PersonalData("name", *match.span(group))


def _first_cue(text: str) -> int:
    """Where to begin to look for names: before the first capital letter that follows the end of a cue; else -1."""
    for match in _BEFORE_CAPITAL.finditer(text):
        before = text[max(0, match.start() - 12) : match.start()].lower().split()
        if before and before[-1].rstrip(".,:").lstrip("(\"'“‘¡¿-—–*") in CUE_ENDS:
            return max(0, match.start() - _LONGEST_CUE)
    return -1


def _called(text: str) -> Iterator[PersonalData]:
    """Names after "I am called" in many languages: the words with a capital letter, or one small word."""
    for match in _CALLED.finditer(text):
        words = list(re.finditer(r"[^\W\d_][\w'’-]*", match["name"]))
        first = words[0].group()
        if first.lower() in _NOT_CALLED or (first[0].isupper() and first.lower() in _NO_NAMES):
            continue
        kept = 1
        while first[0].isupper() and kept < len(words) and words[kept].group()[0].isupper():
            kept += 1
        start = match.start("name")
        yield PersonalData("name", start, start + words[kept - 1].end())
