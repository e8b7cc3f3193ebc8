"""How urgent a post is. Danger to life is found by rules (`dangers`), tuned for recall, with a model behind them.

An idiom, a negation, something that is long over, news from elsewhere and a question in general ("who do I call
about a gas leak?") are no emergencies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from openline.triage.dangers import Danger, elsewhere, english

MODEL_ALONE = 0.9
"""From this probability on, the model alone makes an emergency of a post with words of danger."""
MODEL_DENIES = 0.01
"""Below this probability, the model makes an emergency that a rule found merely urgent."""
_OTHER_SCRIPT = re.compile("[\u0400-\u06ff\u1780-\u17ff\u3400-\u9fff\uac00-\ud7af]")

_NEGATED = re.compile(
    r"\b(?:no|not an?|isnt an?|wasnt an?|aint no|never an?|without(?: any| a)?|not (?:a|an|any)|no more|no longer) (?:\w+ ){0,1}"
    r"(?:fire|gas|smoke|emergency|leak|gun|shot|injury|injured|wire|danger|flame|shooting|explosion|threat)\b"
    r"|\b(?:no ?one|nobody|none)(?: \w+){0,3} (?:hurt|injured|trapped|shot|hit|inside|killed)\b|\bfalse alarm\b"
    r"|\b(?:not|isnt|arent|wasnt|didnt|doesnt|dont) (?:\w+ ){0,2}(?:emergency|life threatening|on fire|hurt|injured|dangerous)\b"
    r"|\bthought (?:it|that|there|i|someone) .*\b(?:but|turned out|just)\b|\bturn(?:ed|s)? out\b"
)
_OVER = re.compile(
    r"\b(?:yesterday|last (?:night|week|month|year|summer|winter|spring|fall|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
    r"|(?:day|week|month|year|decade) (?:ago|back)|the other (?:day|night)|back in|in (?:19|20)\d\d|used to|when i wa|since the|after (?:the|a|that|last|this)|"
    r"(?:wa|were|been|got|already|is|ha been|finally) (?:\w+ )?(?:put out|extinguished|fixed|repaired|handled|resolved|contained|under control|cleared|rescued)"
    r"|over now|all clear|burn(?:ed|t) (?:out|down)|anniversary|memorial|vigil|in memory|rip\b|rest in peace|funeral|remember\w*|former|history|historic)\b"
)
_ONGOING = re.compile(r"\b(?:still|now|right now|currently|again|keep|getting worse|at this moment|since|ever since|not breathing|help)\b")
_IN_GENERAL = re.compile(
    r"\bwhat (?:should|do|can|to) (?:i |we |you |someone )?(?:\w+ )?(?:do )?(?:if|when|in case)\b|\b(?:who|whom|what number|which number|where) (?:do|should|can|would|to|is) (?:i |we |you |people |one )?(?:\w+ )?(?:call|contact|report|notify|reach|tell)\b"
    r"|\b(?:number|phone|hotline|line|contact|email|website|form|app) (?:\w+ ){0,3}(?:for|to call|to report|if|is)\b|\bhow (?:do|can|to|would|should|does|did|many|often|much|long|is|are)\b|\bin case\b|\bin (?:an|the event of(?: a| an)?|the event of|an actual) emergency\b"
    r"|\bif (?:\w+ ){0,3}(?:i|you|we|there|they|someone|somebody|a|an|my|your|it)\b|\bwhat if\b|\bshould i call\b|\bwhen (?:should|do) (?:i|we|you)\b|\bcan (?:i|we|you) report\b"
    r"|\b(?:drill|training|workshop|class|course|safety tip|tip|learn|lesson|awareness|prevention|campaign|exercise|exhibit|fundraiser|webinar|certif\w+|volunteer\w*|policy|law|budget|petition|vote)\b"
    r"|\b(?:doe|do) (?:the city|you|philly|anyone|311)\b|\b(?:is|are) there (?:a|any) (?:law|rule|program|way|place|class|number|map|data|list|fee|permit|plan)\b|\bpermit\b|\binspection\b|\bdata\b"
)
_HERE = re.compile(r"\b(?:right now|now|help|hurry|my (?:house|home|basement|kitchen|apartment|building|hallway|block|street|place|room|car|neighbor|mom|dad|kid|son|daughter|husband|wife)|next door|in front of|outside|please come|please send|there is a|im trapped|were trapped)\b")
_FEARED = re.compile(
    r"\b(?:before|until|till|unless|so|in case|waiting for|afraid|worried|fear|risk|lest|prevent|could|might|may|would|will|going to|gonna|someday|one day|soon|eventually|almost|nearly|about to get|want to see|wait(?:ing)? to happen)\b"
)
_TOLD = re.compile(
    r"\b(?:breaking news|police (?:say|said|report|are investigating|investigate|arrest)|official (?:say|said)|authoritie say|according to|suspect|charged|arrested|sentenced|"
    r"convicted|trial|lawsuit|documentary|movie|film|episode|season|podcast|novel|netflix|video game|lyric|song|album|mixtape|concert|trailer|show on|watching|statistic|percent|homicide rate|crime rate|gun violence|"
    r"investigation|investigating|detective|prayer|pray|thought and|read (?:more|about)|article|report(?:s|ed)? (?:say|that)|news (?:at|conference)|press|killed in|death toll|fictional|"
    r"california|texas|florida|chicago|los angeles|new york|nyc|brooklyn|london|paris|ukraine|gaza|israel|russia|china|india|maui|hawaii|australia|canada|mexico|turkey|japan|haiti)\b"
)
_JOKE = re.compile(r"\b(?:lol|lmao|lmfao|rofl|haha\w*|jaja\w*|jk|just kidding|literally dead|im dead)\b|[😂🤣💀😆😜😹]")
_URGENT = re.compile(
    r"\b(?:urgent\w*|asap|immediately|right away|hazard\w*|dangerou\w*|danger|unsafe|before (?:some ?one|some ?body|a kid|a child|any ?one|he|she) (?:\w+ )?(?:hurt|killed|hit|injured|fall|dy|die)"
    r"|(?:get|gets|getting|be) (?:\w+ )?(?:hurt|killed|injured)|(?:open|missing|uncovered) manhole|manhole (?:\w+ ){0,3}(?:missing|open|gone|off)|(?:signal|traffic light|stoplight|light) (?:\w+ ){0,3}(?:out|dark|dead|not working) (?:\w+ ){0,2}(?:at|on) (?:\w+ ){0,4}(?:and|intersection)"
    r"|stop sign (?:\w+ ){0,3}(?:down|missing|gone|knocked|stolen)|(?:tree|limb|branch|pole) (?:\w+ ){0,5}(?:blocking|across|on (?:a|my|the|top of) (?:\w+ )?(?:car|house|roof|porch)|about to|leaning|hanging|fell|down)|no heat\b|no hot water|without heat|no water\b|(?:flood|flooding|flooded|gushing|geyser)\b|water main|sewage|sewer back\w*|(?:basement|street) (?:\w+ ){0,3}filling|(?:about|ready|going) to (?:fall|collapse|come down)|exposed wire|blocking (?:\w+ ){0,2}(?:traffic|road|street|lane|ambulance|hydrant|fire)|sink ?hole|no power|power (?:is )?out"
    r"|wheelchair (?:\w+ ){0,6}(?:cant|stuck|blocked)|needle|broken glass|sparking|elderly|newborn|hanging by)\b"
)


@dataclass(frozen=True, slots=True)
class Urgency:
    """How urgent, and why in words for staff ("" for routine)."""

    level: str
    reason: str


def read(text: str, words: Sequence[str], chances: Sequence[float]) -> Urgency:
    """The urgency of a post, given as text, as words, and by what the model makes of it (routine, urgent, emergency)."""
    known = set(words)
    if not known:
        return Urgency("routine", "")
    danger = find_danger(text, words, known)
    if danger and chances[2] >= MODEL_DENIES:
        return Urgency("emergency", f"danger to life: {danger}")
    joined = " ".join(words)
    if chances[2] >= MODEL_ALONE and not known.isdisjoint(english().triggers) and not _set_aside(joined):
        return Urgency("emergency", "reads like danger to life")
    match = _URGENT.search(joined)
    if danger or chances[1] + chances[2] >= 0.5 or (match and chances[1] + chances[2] >= 0.2):
        return Urgency("urgent", f"“{match.group()}”" if match else "reads like something that cannot wait")
    return Urgency("routine", "")


def find_danger(text: str, words: Sequence[str], known: set[str]) -> str:
    """The danger to life that a post reports, with its words ('gas: "smell gas"'); "" if none."""
    if not known.isdisjoint(english().triggers):
        whole = " ".join(words)
        if not _JOKE.search(whole) and words[0] != "rt":
            for danger in english().kinds:
                if not known.isdisjoint(danger.triggers):
                    told = _told(danger, _sentences(words))
                    if told:
                        return f"{danger.name} (“{told}”)"
    if not known.isdisjoint(elsewhere().triggers) or (not text.isascii() and _OTHER_SCRIPT.search(text)):
        return _told_elsewhere(" ".join(text.lower().split()))
    return ""


def _told_elsewhere(lower: str) -> str:
    for danger in elsewhere().kinds:
        match = danger.pattern.search(danger.harmless.sub(" ", lower) if danger.harmless else lower)
        if match and not _ASIDE_ELSEWHERE.search(lower):
            return f"{danger.name} (“{match.group().strip()}”)"
    return ""


def _sentences(words: Sequence[str]) -> Iterator[str]:
    """The sentences of a text given as words; exclamation marks stay within."""
    sentence: list[str] = []
    for word in words:
        if word in (".", "?"):
            if sentence:
                yield " ".join(sentence)
            sentence = []
        else:
            sentence.append(word)
    if sentence:
        yield " ".join(sentence)


def _told(danger: Danger, sentences: Iterator[str]) -> str:
    for sentence in sentences:
        if danger.harmless:
            sentence = danger.harmless.sub(" ~ ", sentence)
        match = danger.pattern.search(sentence)
        if match and not _set_aside(sentence, match):
            return match.group().strip()
    return ""


def _set_aside(sentence: str, match: re.Match[str] | None = None) -> bool:
    """Whether a sentence speaks of danger that is absent, over, elsewhere, feared or asked about in general."""
    if _TOLD.search(sentence) or _NEGATED.search(sentence):
        return True
    if _OVER.search(sentence) and not _ONGOING.search(sentence):
        return True
    if _IN_GENERAL.search(sentence) and not _HERE.search(sentence):
        return True
    return bool(match and _FEARED.search(sentence[: match.start()][-40:]))


_ASIDE_ELSEWHERE = re.compile(
    r"\bno hay (?:un )?(?:incendio|fuego|fuga)|\bn[uú]mero (?:para|de)|\bqu[eé] hago si|\bsi (?:hay|huele|veo)\b|\bayer\b|\bla semana pasada|\bhace (?:\w+ )?(?:d[ií]as|semanas|meses|a[nñ]os)"
    r"|\bsimulacro|\bpel[ií]cula|\bcanci[oó]n|\bjaja|\bkkk+|\bhier\b|\bontem\b|\bque faire (?:si|en cas)|\bquel num[eé]ro|\bo que fa[cç]o se|\bki nimewo|\byè\b"
    r"|如果|昨天|上周|电话是多少|演习|电影|если\b|вчера|на прошлой неделе|какой номер|учени[яе]|фильм|إذا\b|أمس|رقم|فيلم|nếu\b|hôm qua|tuần trước|số điện thoại nào|\bphim\b"
)

