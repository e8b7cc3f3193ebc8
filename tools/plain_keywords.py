"""A plain list of words, as anybody would write it in an hour: the reference beside which triage is measured.

It has seen no post. What it reaches on a set says how hard the set is, and what understanding adds.
"""

from __future__ import annotations

import re

EMERGENCY = re.compile(
    r"\b(gas leak|smell(s|ing)? (of )?gas|fire|flames|smoke|burning|explo\w+|trapped|stuck inside|collapse[ds]?"
    r"|collapsing|cave-?in|sinkhole|wires? (is |are )?down|downed|live wires?|electric(al)? wires?|power lines?"
    r"|sparks?|sparking|electrocut\w*|shot|shots|shooting|shooter|gun|stabbed|bleeding|unconscious|not breathing"
    r"|injured|injur\w+|accident|crash\w*|hit by|drown\w*|rescue|suicide|kill \w+self|overdose|heart attack|help me"
    r"|911|emergency|child alone|missing child|dead|died|dying)\b",
    re.IGNORECASE,
)
URGENT = re.compile(
    r"\b(dangerous|danger|hazard\w*|unsafe|urgent\w*|asap|immediately|flood\w*|sewage|overflow\w*|leak\w*|burst"
    r"|fallen|fell|falling|broken glass|exposed|blocking|blocked|no (heat|water|power)|power outage|outage|manhole"
    r"|open hole|traffic light|signal|ice|icy|safety|before someone)\b",
    re.IGNORECASE,
)


def urgency(text: str) -> str:
    """What the lists make of a text."""
    if EMERGENCY.search(text):
        return "emergency"
    return "urgent" if URGENT.search(text) else "routine"
