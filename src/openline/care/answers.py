"""Yes, no, and "here too", as residents say them in the languages in which they write."""

from __future__ import annotations

import re

_YES = (
    "yes|yep|yeah|yup|ye|y|sure|correct|exactly|that one|same one|that is it|thats it|it is|si|sí|claro|correcto|ese|"
    "es ese|oui|ouais|да|ага|wi|sim|vâng|có|đúng|dạ|نعم|اي|أجل|是|是的|对|對|네|예"
)
_PLAIN_NO = "no|nope|nah|n|non|нет|não|nao|không|لا|不|不是|否|아니요|아니"
_NO = f"{_PLAIN_NO}|not that one|different|another one|otro|otra|es otro"
_POLITE = r"(?:\W+(?:please|thanks|thank you|gracias|por favor|merci|спасибо|it is|thats it|that one|es ese))?"
_SAME_HERE = (
    r"(?:yo )?tambi[eé]n tengo este problema|(?:i|we) have this(?: problem)?(?: here)? too"
    r"|same here|me too|us too|we too|(?:over )?here too|mine too|ours too|same (?:problem|issue|thing|story)"
    r"(?: here| at mine| on my (?:block|street))?|same on (?:my|our) (?:block|street|side|end)|same for (?:me|us)"
    r"|\+ ?1|ditto|not just you|youre not alone|out here (?:too|as well)|also (?:out|here|happening)(?: here)?"
    r"|(?:still )?(?:out|down|dark|flooded|no \w+)(?: on (?:my|our) (?:block|street))? (?:here )?(?:too|as well)"
    r"|(?:a m[ií]|a nosotros|aqu[ií]|ac[aá]) tambi[eé]n|tambi[eé]n (?:aqu[ií]|ac[aá])"
    r"|(?:lo mismo|igual) (?:aqu[ií]|ac[aá])|moi aussi|ici aussi|nous aussi|pareil ici|pareil chez (?:moi|nous)"
    r"|eu tamb[eé]m|aqui tamb[eé]m|mwen menm tou|isit la tou|у (?:меня|нас) тоже|здесь тоже|тут тоже"
    r"|t[oô]i c[uũ]ng v[aậ]y|[oở] [dđ][aâ]y c[uũ]ng"
    r"|وأنا أيضا|أنا أيضا|هنا أيضا|ونحن أيضا"
)
_SAME_HERE_WITHOUT_SPACES = "我也是|我们也是|我們也是|这里也|這裡也|这边也|這邊也|저도요|저도 그래|우리도|여기도"
_SAYS_SAME = re.compile(rf"(?<!\w)(?:{_SAME_HERE})(?!\w)|{_SAME_HERE_WITHOUT_SPACES}", re.I)
_NOT_YET = (
    r"not (?:yet|really|at all|done|true)|no\W+(?:it|they|you|still|not|that).*|todav[ií]a no.*|a[uú]n no.*"
    r"|no,? todav[ií]a.*|pas encore.*|ainda não.*|ainda nao.*|poko.*|pa anko.*|(?:нет, )?ещ[её] нет.*|chưa.*"
    r"|还没.*|還沒.*|没有.*|沒有.*|아직.*|ليس بعد.*|لا يزال.*"
)
_FIXED = (
    r"(?:(?:yes|yep|yeah|s[ií]|oui|sim|wi|да|نعم|是的|네|vâng)\W+)?(?:(?:it is|its|it was|thats|all) )?"
    r"(?:(?:all )?fixed|all good|good now|works(?: now| again)?|working(?: now| again)?|done|resolved"
    r"|(?:ya )?(?:est[aá] )?(?:arreglad[oa]|list[oa]|resuelt[oa])|(?:c ?est )?r[eé]par[eé]|resolvido|consertado"
    r"|починили|исправлено|修好了|已修好|đã sửa(?: rồi)?|고쳐졌어요|تم الإصلاح|li regle|li ranje)"
    r"(?: now)?(?:\W+(?:thanks?|thank you|gracias|merci|obrigad[oa]|спасибо|谢谢|مشكر).{0,30})?"
)
_ACKNOWLEDGES = (
    r"(?:ok(?:ay)?|thx|thanks?|thank you|so much|very much|got it|will do|sure|great|gracias|vale|merci|obrigad[oa]"
    r"|спасибо|хорошо|cảm ơn|mèsi|شكرا|谢谢|감사합니다)"
)
_DID_HELP = (
    r"(?:(?:yes|yep|yeah|s[ií]|oui|sim|wi|да|نعم|是的|네|vâng|có)\W+)?(?:(?:it|this"
    r"|that) (?:did )?help(?:ed|s)(?: a lot| me)?"
    r"|(?:very |so )?helpful|that answers (?:it|my question)|(?:esto |eso )?(?:me )?(?:ayud[oó]|sirvi[oó])(?: mucho)?"
    r"|[cç]a (?:m)?a(?:ide|id[eé])|ajudou|помогло|有帮助|有幫助|도움(?:이)? (?:됐|되었)어요"
    r"|sa te ede(?: m)?|giúp được|أفادني|ساعدني)"
)
_DID_NOT_HELP = (
    r"(?:no\W+)?(?:(?:it|this|that) (?:did ?n[o']?t"
    r"|does ?n[o']?t) (?:really )?help(?: me)?(?: at all)?|not (?:very |really )?helpful"
    r"|un?helpful|no help|(?:that|this) is ?n[o']?t what i (?:asked|meant)|wrong answer|not what i asked"
    r"|no (?:me )?(?:ayud[oó]|sirvi[oó]|sirve)|eso no es lo que pregunt[eé]|[cç]a n[e ]?(?:m)?aide pas|n[ãa]o ajudou"
    r"|не помогло|没有帮助|沒有幫助|没帮助|도움이? 안 (?:됐|돼|되었)\w*|sa pa (?:te )?ede(?: m)?"
    r"|không giúp (?:được )?gì|لم يساعدني|لم يفدني)"
)
_PERSON = (
    r"(?:(?:a |an )?(?:real |live |actual )?(?:person|human(?: being)?|agent|operator"
    r"|representative|somebody|someone real)"
    r"|persona|una persona|humano|agente|operador|un humano|personne|une personne|humain"
    r"|agent humain|pessoa|atendente|humano"
    r"|moun|yon moun|человек|оператор|người|người thật|شخص|موظف|إنسان|人工|真人|人工客服|客服|사람|상담원)"
)
_WANTS_PERSON = (
    r"(?:talk|speak|chat|connect(?: me)?|write|transfer me)(?: to| with) (?:a |an )?(?:real |live |actual |human )?"
    r"(?:person|human|agent|operator|representative|someone|somebody)(?! (?:at|in|from|about|who|on)\b)"
    r"|(?:are you|is this) a (?:bot|robot|machine)|(?:want|need|get me|give me) (?:a )?(?:real "
    r"|live )(?:person|human|agent)"
    r"|hablar con (?:una persona|alguien|un humano|un agente|un operador)"
    r"|parler [àa] (?:une personne|quelqu.?un|un humain)"
    r"|falar com (?:uma pessoa|algu[eé]m|um atendente|um humano)|pale (?:ak|avèk) yon moun"
    r"|поговорить с (?:человеком|оператором)|(?:соедините|нужен) (?:с )?(?:человек|оператор)\w*"
    r"|nói chuyện với (?:người|nhân viên)|gặp (?:người thật|nhân viên)|(?:التحدث|اتحدث|أتحدث"
    r"|الكلام) (?:مع|إلى) (?:شخص|موظف|إنسان)"
    r"|转人工|轉人工|(?:和|跟)(?:真人|人工|客服)|(?:사람|상담원)(?:과|이랑|하고)? ?(?:통화|상담|이야기|얘기|연결)"
)
_SHORT = 140
_HELPED = re.compile(rf"^\W*{_DID_HELP}\W*(?:{_ACKNOWLEDGES}\W*)*$", re.I)
_HELPED_NOT = re.compile(rf"^\W*{_DID_NOT_HELP}\W*$", re.I)
_IS_PERSON = re.compile(rf"^\W*{_PERSON}(?:\W+(?:please|por favor|s.?il vous pla[iî]t|пожалуйста))?\W*$", re.I)
_ASKS_PERSON = re.compile(_WANTS_PERSON, re.I)
_IS_FIXED = re.compile(rf"^\W*(?:{_FIXED})\W*$", re.I)
_IS_NOT_FIXED = re.compile(rf"^\W*(?:(?:{_PLAIN_NO}){_POLITE}|{_NOT_YET})\W*$", re.I)
_IS_RATING = re.compile(r"^\W*([1-5])(?: ?/ ?5)?\W*$")
_IS_ACKNOWLEDGED = re.compile(rf"^\W*{_ACKNOWLEDGES}(?:\W+{_ACKNOWLEDGES}){{0,4}}\W*$", re.I)
_IS_YES = re.compile(rf"^\W*(?:{_YES}){_POLITE}\W*$", re.I)
_IS_NO = re.compile(rf"^\W*(?:{_NO}){_POLITE}\W*$", re.I)


def yes_or_no(text: str) -> bool | None:
    """True for a plain yes, False for a plain no, None for anything that says more or else."""
    text = text.replace("'", "").replace("’", "")[:60]
    return True if _IS_YES.match(text) else False if _IS_NO.match(text) else None


def fixed(text: str) -> bool | None:
    """The answer to "Is it fixed?": True and False as in `yes_or_no`, and for "it is fixed now", "not yet"."""
    bare = text.replace("'", "").replace("’", "")
    if len(bare) <= _SHORT and _IS_NOT_FIXED.match(bare):
        return False
    return True if yes_or_no(text) or (len(bare) <= _SHORT and _IS_FIXED.match(bare)) else None


def helped(text: str) -> bool | None:
    """The answer to "Did this help?": a plain yes or no, or "it helped", "that is not what I asked"."""
    bare = text.replace("'", "").replace("’", "")
    if len(bare) > _SHORT:
        return None
    if _HELPED_NOT.match(bare):
        return False
    return True if _HELPED.match(bare) else yes_or_no(text)


def wants_person(text: str) -> bool:
    """Whether the writer wants to talk to a person and not to a machine, in any language that we speak."""
    bare = text.replace("’", "'")
    return len(bare) <= _SHORT and (_IS_PERSON.match(bare) is not None or _ASKS_PERSON.search(bare) is not None)


def rating(text: str) -> int | None:
    """The answer to "How was it, from 1 to 5?", if the text is that number and nothing else."""
    found = _IS_RATING.match(text)
    return int(found[1]) if found else None


def acknowledges(text: str) -> bool:
    """Whether a text only says that the question was read: "ok", "thank you"."""
    return _IS_ACKNOWLEDGED.match(text) is not None


def same_here(text: str) -> bool:
    """Whether a short text says that what somebody else reported is the same with the writer ("here too")."""
    return len(text) <= _SHORT and _SAYS_SAME.search(text.replace("’", "'")) is not None
