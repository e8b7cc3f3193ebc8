"""Whether a post speaks of an earlier report: asks how it stands, or says that it is not done."""

from __future__ import annotations

import re

_NOT_FIXED = re.compile(
    r"\b(?:still|yet) (?:not|isn'?t|hasn'?t been|wasn'?t|never|no) ?(?:been )?(?:fixed|done|repaired|cleaned|removed|"
    r"resolved|picked|collected|working|filled|taken|moved|gone)"
    r"|\b(?:not|isn'?t|hasn'?t|wasn'?t|never|nothing|didn'?t|haven'?t|hasnt been|n[eo]ver been) (?:been |got(?:ten)? |get )?"
    r"(?:actually |really |properly )?(?:fixed?|repaired|resolved|cleaned(?: up)?|picked up|taken care of|completed|"
    r"addressed|filled)\b"
    r"|\b(?:is|are|it'?s|they'?re) (?:still|back) (?:there|here|broken|out|not|leaking|dark|blocked|flooded|clogged|full)"
    r"|\bstill (?:there|broken|leaking|waiting|out|dark|no one|nobody|nothing|a (?:mess|problem|hole))\b"
    r"|\b(?:no ?(?:one|body)) (?:ever |has |have )*(?:came|come|showed|fixed|shown)"
    r"|\b(?:closed|marked|resolved|completed|says?|said)\b[^.?!\n]{0,60}\bbut\b[^\n]{0,60}\b(?:not|still|nothing|n'?t|never|nobody|no one)\b"
    r"|\b(?:re-?open|(?:it'?s|is|are|came|come) back again|third time|second time|again and again|"
    r"(?:reported|called|complained)\b[^.?!\n]{0,50}\b(?:nothing|no (?:response|answer|action|one)|still|never)\b)"
    r"|\btodav[ií]a (?:no|est[aá]|sigue)|\bsigue (?:igual|roto|rota|sin|ah[ií])|\bno (?:lo |la )?han (?:arreglado|reparado|venido|recogido)"
    r"|\bnadie (?:ha venido|vino)|\bpa (?:ko )?ranje|\btoujours pas|\bainda n[aã]o"
    r"|还没修|還沒修|还没有修|没有修好|仍然没|до сих пор не|vẫn chưa",
    re.I,
)
_STATUS = re.compile(
    r"\b(?:any|an) (?:update|news|progress|word|eta)\b|\b(?:status|update|progress) (?:of|on|for|about) (?:my|this|the|our|that|ticket|"
    r"request|case|report|#)|\bwhat(?:'?s| is| are) the (?:status|eta|hold ?up)|\b(?:update|status)\?"
    r"|\bwhen (?:will|is|are|can|do) (?:it|this|that|they|you|someone|somebody|my (?:request|report|ticket))\b[^?\n]{0,40}\b(?:fix|repair|done|"
    r"come|coming|clean|remov|pick|resolv|be fixed|get fixed|handled|addressed)"
    r"|\bhow (?:long|much longer)\b[^?\n]{0,30}\b(?:until|till|before|will (?:it|this)|does (?:it|this))\b[^?\n]{0,40}\b(?:fix|repair|take|come|done)"
    r"|\b(?:did|have) you (?:get|got|receive|received|look|looked|see|seen|fix|fixed)\b[^?\n]{0,30}\b(?:report|request|message|ticket|it|this|my)\b"
    r"|\b(?:has|have|did|is|are) (?:any ?(?:one|body)|some ?(?:one|body)|a crew|they) (?:been |ever )?(?:come|came|look|looked|fix|"
    r"fixed|coming|working|assigned|out)\b|\bwhat happened (?:to|with) (?:my|the|our|that)\b[^?\n]{0,20}\b(?:request|report|ticket|case|complaint)"
    r"|\bwhere (?:is|are|does) (?:my|the) (?:request|report|ticket|case)|\bis (?:it|this|my (?:request|ticket|case)) (?:done|fixed|closed|open) (?:yet)?"
    r"|\b(?:estado|novedad\w*|actualizaci[oó]n)\b[^?\n]{0,20}\b(?:mi|de mi|la|sobre)?|\bcu[aá]ndo (?:lo|la|van a|vienen|ser[aá])\b[^?\n]{0,20}(?:arregl|repar|venir|recog)"
    r"|进展如何|什么时候修|когда (?:починят|исправят|уберут)|khi nào (?:sửa|mới)",
    re.I,
)


def not_fixed(text: str) -> bool:
    """Whether the resident says that something reported before is not done."""
    return bool(_NOT_FIXED.search(text.replace("’", "'")))


def status_question(text: str) -> bool:
    """Whether the resident asks how an existing request stands."""
    return bool(_STATUS.search(text.replace("’", "'")))
