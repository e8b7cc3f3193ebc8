"""Names that stand for an institution and its people, not for where something is: "City Hall doesn't care"."""

from __future__ import annotations

from openline.geography.text import Words

_PEOPLE = frozenset(
    "folks people members fans staff workers employees officers rep reps rangers students student alumni alum grad"
    " grads graduate graduates professor professors".split()
)
_PAPERS = frozenset(
    "membership memberships tuition degree diploma website webpage app newsletter hotline admissions merch"
    " podcast".split()
)
"""What an institution has that lies nowhere."""
_ACTS = frozenset(
    "care cares cared give gives gave listen listens listened want wants wanted think thinks thought say says said"
    " told know knows knew charged charges refuse refuses refused promise promises promised ignore ignores ignored lie"
    " lies lied owe owes paid pays hire hires hired responded replied reply answered denied deny denies decided"
    " announced".split()
)
"""What only people do. "Needs", "has" and "lost" are said of places too."""
_AUXILIARIES = frozenset(
    "do does did dont doesnt didnt don't doesn't didn't wont won't will never still always just really even not to"
    " has have had hasn't hasnt supposedly could couldn't should would cant can't".split()
)
"""Words before the verb."""
_DUTIES = frozenset((("needs", "to"), ("need", "to"), ("has", "to"), ("must", ""), ("should", "")))
_OF_THINGS = frozenset(("be", "have"))
"""Behind a duty: "Clark Park needs to be cleaned"."""
_LINKS = frozenset("at from in of for to by with en de".split())
_STUDIES = frozenset(
    "degree degrees diploma graduated graduate graduating graduation studied studies studying enrolled admitted"
    " accepted dropout dropped professor nurse teacher doctor internship interned job jobs shift career janitor"
    " cook clerk secretary engineer cashier chef estudia estudio trabaja".split()
)
"""Before "at", "from", "in": these say where somebody belongs."""
_SENT = frozenset(
    "letter letters bill bills email emails invoice tickets membership pass refund voucher pension".split()
)
"""Before "from", "to", "for": papers. "Tickets at" may be on cars."""
_WORKS = frozenset("work works worked working teach teaches taught".split())
_WORKERS = frozenset(
    "i we he she they who husband wife sister brother mom dad mother father daughter son friend cousin neighbor aunt"
    " uncle".split()
)
_ARTICLES = frozenset("the la el".split())
_CALLS = frozenset("hey dear yo tell ask thank thanks blame".split())
"""Before a name: it is spoken to, or of somebody there."""
_SPOKEN_TO = frozenset((("do", "your"), ("wake", "up"), ("get", "your"), ("are", "you"), ("you", "are")))
_ENDS = frozenset("and but or so lol smh after when since in during with on".split())


def means_institution(words: Words, start: int, end: int) -> bool:
    """Whether the words around the name from `start` to before `end` speak of people, papers or a comparison."""
    return (
        _acts(words, end)
        or _belongs(words, start)
        or _is_likened(words, start, end)
        or (start > 0 and words.lower[start - 1] in _CALLS)
        or tuple(words.lower[end : end + 2]) in _SPOKEN_TO
    )


def _acts(words: Words, end: int) -> bool:
    """ "Temple Hospital says", "City Hall doesn't really care", "the zoo membership", "Christ Church folks"."""
    lower = words.lower
    if end >= len(lower) or words.broken(end - 1, end):
        return False
    if lower[end] in _PEOPLE or lower[end] in _PAPERS:
        return True
    two = (lower[end], *lower[end + 1 : end + 2])
    if two in _DUTIES or (two[0], "") in _DUTIES:
        verb = end + 1 + (two in _DUTIES)
        return verb < len(lower) and lower[verb] not in _OF_THINGS
    while end < len(lower) and lower[end] in _AUXILIARIES:
        end += 1
    return end < len(lower) and lower[end] in _ACTS


def _belongs(words: Words, start: int) -> bool:
    """ "My degree at La Salle", "a letter from City Hall", "my sister works at CHOP"."""
    link = start - 1 - (start > 1 and words.lower[start - 1] in _ARTICLES)
    if link < 1 or words.lower[link] not in _LINKS or words.broken(link - 1, start):
        return False
    before = words.lower[link - 1]
    if before in _WORKS:
        return link > 1 and words.lower[link - 2] in _WORKERS
    return before in _STUDIES or (before in _SENT and words.lower[link] in ("from", "to", "for"))


def _is_likened(words: Words, start: int, end: int) -> bool:
    """ "My kitchen looks like the zoo", "older than the Liberty Bell": not "looks like the zoo is flooded"."""
    before = start - 1 - (start > 1 and words.lower[start - 1] in _ARTICLES)
    if before < 1 or words.lower[before] != "like":
        return before > 0 and words.lower[before] == "than"
    return end == len(words) or not words.close(end - 1) or words.lower[end] in _ENDS
