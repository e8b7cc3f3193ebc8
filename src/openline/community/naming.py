"""Public names: what may be one, and which look alike.

A name is of one script, so that no letter of another passes for one of its own (Unicode TR 39, "single script"); of
letters that look the same across scripts a name has one key, and no two members share a key.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from openline.accounts.models import Account
from openline.foundation.text import clean
from openline.service_requests.jurisdiction import jurisdiction, public_numbers
from openline.service_requests.models import Department
from openline.triage import personal_data

SHORTEST, LONGEST = 2, 40
_LINK = re.compile(r"://|www\.|\b[\w-]+\.(?:com|org|net|gov|edu|io|me|social|app|us)\b", re.I)
_RESERVED = frozenset(
    "admin administrator moderator mod official staff openline support helpdesk mayor police sheriff government city "
    "cityhall council councilmember alderman liaison administrador administradora moderador moderadora oficial alcalde "
    "alcaldesa policia gobierno ciudad ayuntamiento concejal enlace soporte "
    "مدير مشرف رسمي شرطة بلدية عمدة حكومة".split()
)
"""Words that would make a name sound like the city's, or like somebody's who speaks for it."""
_LIKE = str.maketrans(
    {
        **dict(zip("аеорсхуіјѕһӏԁԛԝвкмнт", "aeopcxyijshldqwbkmht", strict=True)),  # Cyrillic
        **dict(zip("αβεηικμνορτυχ", "abenikmvoptux", strict=True)),  # Greek
        **dict(zip("013457|!$@ıɑ", "olseastlsaia", strict=True)),
    }
)
"""Letters and digits that look like a Latin letter, once the case is folded."""


def checked(typed: str) -> tuple[str, str]:
    """The name as it is kept, and in words what is wrong with it ("" if nothing is)."""
    name = " ".join(unicodedata.normalize("NFKC", clean(typed, 200)).split())
    return name, next(filter(None, (look(name) for look in _LOOKS)), "")


def key(name: str) -> str:
    """The same for all names that look alike: case, accents, spaces, and letters of other scripts do not count."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", name.casefold()) if unicodedata.combining(one) == 0)
    plain = plain.casefold().translate(_LIKE).replace("rn", "m").replace("vv", "w").replace("l", "i")
    return "".join(one for one in plain if one.isalnum())[:120]


def _length(name: str) -> str:
    if SHORTEST <= len(name) <= LONGEST:
        return ""
    return _("A name has %(least)d to %(most)d characters.") % {"least": SHORTEST, "most": LONGEST}


def _letters(name: str) -> str:
    scripts = {_script(one) for one in name if one.isalpha()}
    fine = all(one.isalnum() or one in " .'’·-" or unicodedata.category(one).startswith("M") for one in name)
    if fine and len(scripts) == 1 and len(key(name)) >= SHORTEST:
        return ""
    if len(scripts) > 1 and scripts <= {"CJK", "HIRAGANA", "KATAKANA", "HANGUL"}:
        return ""
    return _("Use letters of one alphabet, with digits, spaces, points, apostrophes and hyphens.")


def _script(letter: str) -> str:
    """The first word of its name in Unicode: LATIN, CYRILLIC, ARABIC, CJK, ..."""
    return unicodedata.name(letter, "unknown").split()[0].split("-")[0]


def _personal(name: str) -> str:
    found = personal_data.find(name, public_numbers())
    if _LINK.search(name) or any(one.kind != "name" for one in found) or sum(one.isdigit() for one in name) > 4:
        return _("Everybody reads this name: no e-mail address, telephone number or link in it.")
    return ""


def _reserved(name: str) -> str:
    """Refuses names of the city, its offices, accounts and staff, and words for who speaks for them."""
    words = {key(one) for one in re.split(r"[\s.\-·]+", name)}
    if words & {key(one) for one in _RESERVED} or key(name) in _taken():
        return _("This name sounds like the city's. Choose another.")
    return ""


def _taken() -> frozenset[str]:
    """The keys of the names of the city, its departments, accounts and staff."""
    return frozenset(filter(None, map(key, _names())))


def _names() -> Iterable[str]:
    city = jurisdiction().name
    yield from (city, f"City of {city}", f"{city} 311", f"{city}311")
    yield from Department.objects.values_list("name", flat=True)
    for account, handle in Account.objects.values_list("name", "handle"):
        yield from (account, handle.lstrip("@").partition("@")[0])
    for user in User.objects.filter(is_active=True):
        yield from (user.username, user.get_full_name())


_LOOKS = (_length, _letters, _personal, _reserved)
