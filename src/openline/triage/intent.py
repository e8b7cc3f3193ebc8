"""What a post wants: request, question, feedback, chatter, abuse or spam.

A trained model gives probabilities; precise rules add evidence to them as log-odds, each with its reason.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from openline.triage.assessment import INTENTS
from openline.triage.text import HANDLE, URL

REQUEST, QUESTION, FEEDBACK, CHATTER, ABUSE, SPAM = range(6)
NO_WORDS = "no words"
_EMPTY = frozenset({URL, HANDLE, ".", "?", "!"})


@dataclass(frozen=True, slots=True)
class Rule:
    """Words that speak for an intent; `weight` is what they add to its log-odds."""

    intent: int
    weight: float
    reason: str
    pattern: re.Pattern[str]


def _rule(intent: int, weight: float, reason: str, pattern: str) -> Rule:
    return Rule(intent, weight, reason, re.compile(pattern))


# Patterns see normalised words with ". ? !" (text.words): "whats the number for ... ?"
RULES = (
    _rule(CHATTER, 3.0, "passes on somebody else's post", r"^rt _user"),
    _rule(
        REQUEST, 2.0, "asks for something to be done",
        r"\b(?:(?:please|pls|plz|kindly|need(?:s|ed)?|can (?:you|some ?one|somebody|we|yall)|could (?:you|some ?one)|would you|want|when (?:will|are) (?:you|they|the city)(?: going)?|needs? to)"
        r" (?:please |to |be |get |it |this |just |finally |come |someone |somebody |go |have |you )*"
        r"(?:fix|fixed|repair\w*|clean\w*|remove\w*|pick(?:ed)? (?:it |this )?up|collect\w*|replace\w*|fill\w*|tow\w*|cut|trim\w*|paint\w*|repaint\w*|repav\w*|plow\w*|salt\w*|send|look into|check|address\w*|investigat\w*|haul\w*|unclog\w*|restor\w*|turn\w* (?:off|on)|put (?:up|in|back)|install\w*|patch\w*|pave\w*|board\w*|inspect\w*|shut|take (?:care|down|away)|get rid))",
    ),  # fmt: skip
    _rule(
        QUESTION, 2.5, "asks for information",
        r"\b(?:(?:what|which)(?:s| is| are)? (?:the )?(?:phone |best )?(?:number|hour|day|time|date|fee|cost|address|website|rule|deadline|process|schedule|email|law|limit|penalty|fine)s?\b"
        r"|who (?:do|should|can|would|to) (?:i|we|you)? ?(?:call|contact|talk|speak|ask|see|report|email|reach)|how (?:do|can|would|should|could) (?:i|we|one|you|people|someone)\b|how (?:much|old|late|early|far|often) (?:is|are|doe|do|can|will|must|to)|how to (?:apply|get|pay|report|renew|register|request|file|find|contest|appeal|sign|dispose|recycle)"
        r"|where (?:can|do|should|could|is|are|would) (?:i|we|you|the|my|a|one|there)\b|when (?:is|are|doe|do) (?:the |my |our |trash|recycling|city|yall |we |you )|(?:is|are|will) (?:\w+ ){1,4}(?:open|closed|free|required|allowed|legal|collected|delayed|picked up|running|happening)\b.*\?|(?:do|can|may|should|must|am) i (?:need|have|get|use|put|park|apply|allowed|pay|bring|still|recycle|throw|leave|set)"
        r"|(?:doe|do) (?:the city|philly|311|you|yall|anyone)\b|(?:is|are) there (?:a|any|an|some) (?:\w+ ){0,3}(?:way|place|fee|program|list|map|site|number|office|form|permit|help|grant|discount|drop|event|limit|rule|law)|can (?:someone|anyone|you|u|somebody) (?:please )?(?:tell|explain|help me (?:find|understand|with)|let me know|point|share|confirm|clarify)|what (?:kind|type|document|paperwork|form|do i need|should i|can i|happen|count|doe)|anyone know)",
    ),  # fmt: skip
    _rule(
        FEEDBACK, 2.0, "thanks or praises",
        r"\b(?:thank(?:s|you)? (?:you |so |for|to |a |_user|u\b|everyone|philly|city|the|guy|y|all)|thank ?you|thx\b|kudo|shout ?out|great (?:job|work|service)|good (?:job|work)|nice (?:job|work)|well done|props to|appreciate|grateful|awesome (?:job|work)|impressed|amazing (?:job|work)|keep up the|bravo|love (?:the|this|what|how|that|our|my) (?:new|city|neighborhood|park|you|work)|much appreciated|gracia por|muchas gracia|merci (?:a|pour|beaucoup)|obrigad[oa] (?:por|pel)|mesi (?:anpil|pou))",
    ),  # fmt: skip
    _rule(
        ABUSE, 3.0, "insults or threatens",
        r"\b(?:(?:you|u|yall|your|youre|ur|they|theyre|he|she) (?:are |r |is |all |bunch of |a |an |such |fucking |fuckin |stupid |dumb |lazy |worthless |piece of |absolute |total |useless |damn )*(?:idiot|moron|bitch|asshole|scum|scumbag|cunt|retard\w*|faggot\w*|parasite|vermin|subhuman|piece of shit|pig|dumbass|clown|loser|shithead|dipshit|fuckface|whore|slut|imbecile|cockroach)"
        r"|fuck (?:you|u|off|yourself|all of you|yall|every one of you)|go (?:to hell|die|kill|fuck)|kill (?:yourself|urself|your self)|kys\b|hope (?:you|u|yall|they|he|she|your) (?:\w+ ){0,4}(?:die|dy|rot|burn|suffer|cancer|get hit|get shot)|i (?:will|ll|am going to|ma|gonna) (?:find|hunt|hurt|kill|beat|come for|burn) (?:you|your|u|yall|them)|ill (?:find|hunt|kill|beat|come for) (?:you|u|your)|know where (?:you|u) live|watch your back|shut (?:the fuck |your )(?:up|mouth|face)|go back to (?:your|where|africa|mexico|china)|eat shit|suck my|hijo de puta|vete a la mierda|pendejo|imbecile|connard|filho da puta|нахуй|сука|傻逼|操你)",
    ),  # fmt: skip
    _rule(
        SPAM, 2.5, "advertises or baits",
        r"\b(?:click (?:here|the link|on|below|my)|link in (?:my )?bio|promo code|discount code|use code|coupon|free (?:gift|iphone|money|trial|giveaway|crypto|followers?|robux|cash|spin)|giveaway|crypto\w*|bitcoin|btc|ethereum|nft|forex|trading (?:signal|platform|account)|invest(?:ment|ing)? (?:opportunity|plan|with|platform|today)|passive income|make (?:money|cash|\$? ?_num)|earn(?:ing|ed)? (?:\$ ?)?(?:_num|\d+|money|cash|extra|up to|from home)|work from home|dm (?:me|us|to|for)|inbox me|whats ?app (?:me|\+|_num|number|group|her|him|us)|telegram (?:channel|group|me|@)|onlyfans|hot (?:single|girl)|viagra|cbd|casino|betting|sugar (?:daddy|baby)|weight loss|lose (?:weight|_num)|buy (?:now|follower)|followers? (?:fast|cheap|instantly|for)|limited (?:time )?offer|best price|order now|shop now|sign up (?:now|today|here)|act now|% off|off (?:all|everything|today)|loan (?:approved|offer|in minute)|no credit check|congratulation you|you(?:ve| have)? (?:been selected|won|are a winner)|claim (?:your|ur|now|the)|seo service|lead generation|psychic|spell caster|hire (?:a )?hacker|gift card|risk free|_num (?:a|per) (?:day|week|hour)|wholesale|free shipping|we buy (?:house|home|car)|cash for (?:your|car|house)|listing alert|just listed|for sale|available now|check out (?:my|our)|subscribe|follow (?:me|us|back)|stream (?:my|now)|new (?:single|mixtape|merch|album) (?:out|drop)|tickets? (?:on sale|available))",
    ),  # fmt: skip
)
_ASKING = re.compile(r"^(?:_user |hey |hi |hello |ok |so |and |but |um |yo |good morning |, )*(?:what|when|where|who|which|how|why|can|could|do|doe|did|is|are|am|will|would|should|may|has|have|anyone|que|cuando|donde|como|quien|cual|a que|puedo|quand|ou|comment|quel\w*|est ce|qual|quando|onde|posso|kijan|kile|ki|eske|где|когда|как|кто|можно|сколько)\b")  # noqa: E501
_PROBLEM = re.compile(
    r"\b(?:broken?|pothole|leak\w*|flood\w*|dump\w*|abandon\w*|block(?:ed|ing)|out|missing|down|fell|fallen|crack\w*|overflow\w*|clog\w*|dead|dark|stuck|stink\w*|smell\w*|rat|graffiti|trash|garbage|litter|debris|damaged|rust\w*|hazard|danger\w*|not work\w*|isnt work\w*|never (?:came|picked)|collapsed|unsafe|illegal\w*|overgrown|burst|knocked|flicker\w*|loose|exposed|sparking|sink ?hole|hole|uneven|noise|loud|parked|weed|tire|mattress)\b"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signs:
    """What other steps found that bears on the intent."""

    danger: bool = False
    placed: bool = False
    service: float = 0.0
    asks_about_status: bool = False
    not_fixed: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    """What a post wants, how sure that is, and what rules said for it ("" if the model alone)."""

    name: str
    confidence: float
    reason: str


def read(words: Sequence[str], chances: Sequence[float], signs: Signs) -> Intent:
    """The intent of a post, given as words and by what the model makes of it (in the order of `INTENTS`)."""
    if all(word in _EMPTY or not word[:1].isalnum() for word in words):
        return Intent("chatter", 0.95, NO_WORDS)
    odds = [math.log(max(chance, 1e-4)) for chance in chances]
    reasons: dict[int, tuple[float, str]] = {}
    for intent, weight, reason in _evidence(" ".join(words), words, signs):
        odds[intent] += weight
        if weight > reasons.get(intent, (0.0, ""))[0]:
            reasons[intent] = (weight, reason)
    exponents = [math.exp(value) for value in odds]
    best = max(range(len(INTENTS)), key=lambda number: odds[number])
    return Intent(INTENTS[best], round(exponents[best] / sum(exponents), 4), reasons.get(best, (0.0, ""))[1])


def _evidence(joined: str, words: Sequence[str], signs: Signs) -> Iterator[tuple[int, float, str]]:
    for rule in RULES:
        if rule.pattern.search(joined):
            yield rule.intent, rule.weight, rule.reason
    problem = bool(_PROBLEM.search(joined))
    if problem and (signs.placed or signs.service >= 0.6):
        yield ABUSE, -3.0, ""  # who curses at a pothole still reports it
    if signs.danger:
        yield REQUEST, 6.0, "reports danger"
    if "?" in words and _ASKING.match(joined):
        yield QUESTION, 0.7 if problem else 1.5, "put as a question"
    if signs.placed:
        yield REQUEST, 1.0 if problem else 0.5, "names a place"
    if problem and signs.service >= 0.6:
        yield REQUEST, 1.0, "describes a problem the city deals with"
    if signs.not_fixed:
        yield REQUEST, 1.5, "says it is not fixed"
    if signs.asks_about_status:
        yield QUESTION, 1.5, "asks how a request stands"
