"""Answers as mail programs write them, in eight languages: what was written, and the mail around it.

The lines of each program are those of its own translations (2026); the words between them are ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

DESK = "City Help <help@city.test>"
_SAID = {
    "en": "It is at 5th and Main, next to the school.\nThank you,\nMaria, 215-555-0123",
    "es": "Está en la esquina de 5th y Main.\nGracias: María",
    "fr": "C'est au coin de la rue, devant l'école.\nMerci, à bientôt",
    "pt": "Fica na esquina, em frente à escola.\nObrigada, Maria",
    "ru": "Это на углу, рядом со школой.\nСпасибо, Ольга",
    "zh": "在第五街和主街的路口，学校旁边。\n谢谢",
    "vi": "Ở góc đường số 5 và Main, cạnh trường học.\nCảm ơn",
    "ar": "إنه عند زاوية الشارع الخامس، بجانب المدرسة.\nشكرا",
}
_GMAIL = {
    "en": f"On Mon, Nov 23, 2026 at 10:15 AM {DESK} wrote:",
    "es": "El lun, 23 nov 2026 a las 10:15, City Help (<help@city.test>) escribió:",
    "fr": f"Le lun. 23 nov. 2026 à 10:15, {DESK} a écrit :",
    "pt": f"Em seg., 23 de nov. de 2026 às 10:15, {DESK} escreveu:",
    "ru": f"пн, 23 нояб. 2026 г. в 10:15, {DESK}:",
    "zh": f"{DESK} 于2026年11月23日周一 10:15写道：",
    "vi": f"Vào Th 2, 23 thg 11, 2026 vào lúc 10:15 {DESK} đã viết:",
    "ar": f"في الاثنين، 23 نوفمبر 2026 في 10:15 ص تمت كتابة ما يلي بواسطة {DESK}:",
}
_APPLE = {
    "en": f"On Nov 23, 2026, at 10:15 AM, {DESK} wrote:",
    "es": f"El 23 nov 2026, a las 10:15, {DESK} escribió:",
    "fr": f"Le 23 nov. 2026 à 10:15, {DESK} a écrit :",
    "pt": f"Em 23 de nov. de 2026, à(s) 10:15, {DESK} escreveu:",
    "ru": f"23 нояб. 2026 г., в 10:15, {DESK} написал(а):",
    "zh": f"2026年11月23日 10:15，{DESK} 写道：",
    "vi": f"Vào 10:15, 23 thg 11, 2026, {DESK} đã viết:",
    "ar": f"في ٢٣ نوفمبر ٢٠٢٦، الساعة ١٠:١٥ ص، كتب {DESK}:",
}
_THUNDERBIRD = {
    "en": "On 11/23/26 10:15, City Help wrote:",
    "es": "El 23/11/26 a las 10:15, City Help escribió:",
    "fr": "Le 23/11/2026 à 10:15, City Help a écrit :",
    "pt": "Em 23/11/2026 10:15, City Help escreveu:",
    "ru": "23.11.2026 10:15, City Help пишет:",
    "zh": "在 2026/11/23 10:15, City Help 写道:",
    "vi": "Vào 23/11/2026 10:15, City Help đã viết:",
    "ar": "في 23/11/26 10:15، كتب City Help:",
}
_OUTLOOK = {
    "en": ("From", "Sent", "To", "Subject", "Monday, November 23, 2026 10:15 AM"),
    "es": ("De", "Enviado", "Para", "Asunto", "lunes, 23 de noviembre de 2026 10:15"),
    "fr": ("De", "Envoyé", "À", "Objet", "lundi 23 novembre 2026 10:15"),
    "pt": ("De", "Enviado", "Para", "Assunto", "segunda-feira, 23 de novembro de 2026 10:15"),
    "ru": ("От", "Отправлено", "Кому", "Тема", "понедельник, 23 ноября 2026 г. 10:15"),
    "zh": ("发件人", "发送时间", "收件人", "主题", "2026年11月23日 10:15"),
    "vi": ("Từ", "Đã gửi", "Tới", "Chủ đề", "Thứ Hai, 23 Tháng Mười Một 2026 10:15"),
    "ar": ("من", "تاريخ الإرسال", "إلى", "الموضوع", "الاثنين، ٢٣ نوفمبر ٢٠٢٦ ١٠:١٥"),
}
_PHONE = {
    "en": "Sent from my iPhone",
    "es": "Enviado desde mi iPhone",
    "fr": "Envoyé de mon iPhone",
    "pt": "Enviado do meu iPhone",
    "ru": "Отправлено с iPhone",
    "zh": "发自我的iPhone",
    "vi": "Đã gửi từ iPhone của tôi",
    "ar": "أُرسلت من الـ iPhone",
}
_APP = {
    "en": "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "es": "Obtener Outlook para Android<https://aka.ms/AAb9ysg>",
    "fr": "Télécharger Outlook pour iOS<https://aka.ms/o0ukef>",
    "pt": "Obter o Outlook para iOS<https://aka.ms/o0ukef>",
    "ru": "Получить Outlook для iOS<https://aka.ms/o0ukef>",
    "zh": "获取 Outlook for iOS<https://aka.ms/o0ukef>",
    "vi": "Tải Outlook cho iOS<https://aka.ms/o0ukef>",
    "ar": "الحصول على Outlook لـ iOS<https://aka.ms/o0ukef>",
}
_ASKED = "Where is it?\n\nYour city"
LANGUAGES = tuple(_SAID)


@dataclass(frozen=True)
class Answer:
    """One answer: the resident's own words, and the whole mail as plain text or HTML."""

    name: str
    said: str
    plain: str = ""
    html: str = ""


def _marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _wrapped(line: str) -> str:
    """As Gmail wraps it in plain text: before the address, or behind it."""
    at = line.find("<") if line.find("<") > 0 else len(line) // 2
    return line[:at].rstrip(" (") + "\n" + line[at - 1 if line[at - 1] == "(" else at :]


def plain_answers() -> Iterator[Answer]:
    """Plain texts."""
    for code in LANGUAGES:
        said, one, two = _SAID[code], _GMAIL[code], _THUNDERBIRD[code]
        sender, sent, to, subject, when = _OUTLOOK[code]
        block = f"{sender}: {DESK}\n{sent}: {when}\n{to}: maria@residents.test\n{subject}: Re: pothole\n\n{_ASKED}"
        yield Answer(f"{code}-gmail", said, f"{said}\n\n{one}\n\n{_marked(_ASKED)}\n")
        yield Answer(f"{code}-gmail-wrapped", said, f"{said}\n\n{_wrapped(one)}\n\n{_marked(_ASKED)}\n")
        yield Answer(f"{code}-apple", said, f"{said}\n\n{_APPLE[code]}\n> \n{_marked(_ASKED)}\n")
        yield Answer(f"{code}-iphone", said, f"{said}\n\n{_PHONE[code]}\n\n{_APPLE[code]}\n\n{_marked(_ASKED)}\n")
        yield Answer(f"{code}-thunderbird", said, f"{said}\n\n{two}\n{_marked(_ASKED)}\n")
        yield Answer(
            f"{code}-thunderbird-below", said, f"{two}\n{_marked(_ASKED)}\n\n{said}\n\n-- \nMaria Example\nPlanner"
        )
        yield Answer(f"{code}-outlook", said, f"{said}\n\n{'_' * 32}\n{block}\n")
        yield Answer(f"{code}-outlook-2", said, f"{said}\n\n{block}\n")
        yield Answer(f"{code}-outlook-app", said, f"{said}\n\n{_APP[code]}\n{'_' * 32}\n{block}\n")
        yield Answer(f"{code}-unmarked", said, f"{said}\n\n{one}\n\n{_ASKED}\n")


def html_answers() -> Iterator[Answer]:
    """The same as HTML."""
    for code in LANGUAGES:
        said = _SAID[code]
        lines = "".join(f"<div>{escape(line)}</div>" for line in said.split("\n"))
        asked = "<br>".join(escape(line) for line in _ASKED.split("\n"))
        sender, sent, to, subject, when = _OUTLOOK[code]
        block = "<br>".join(
            f"<b>{label}:</b> {escape(value)}"
            for label, value in ((sender, DESK), (sent, when), (to, "maria@residents.test"), (subject, "Re: pothole"))
        )
        gmail, apple, bird = escape(_GMAIL[code]), escape(_APPLE[code]), escape(_THUNDERBIRD[code])
        yield Answer(
            f"{code}-gmail",
            said,
            html=f'<div dir="ltr">{lines}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" '
            f'class="gmail_attr">{gmail}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;'
            f'border-left:1px solid rgb(204,204,204);padding-left:1ex">{asked}</blockquote></div>',
        )
        yield Answer(
            f"{code}-apple",
            said,
            html=f'<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body '
            f'style="overflow-wrap: break-word;">{lines}<br id="lineBreakAtBeginningOfMessage"><div dir="ltr">'
            f'{_PHONE[code]}</div><div dir="ltr"><br><blockquote type="cite">{apple}<br><br></blockquote></div>'
            f'<blockquote type="cite"><div dir="ltr">{asked}</div></blockquote></body></html>',
        )
        yield Answer(
            f"{code}-thunderbird",
            said,
            html=f'<html><head></head><body>{lines}<br><div class="moz-cite-prefix">{bird}<br></div><blockquote '
            f'type="cite" cite="mid:1@city.test"><p>{asked}</p></blockquote><br><pre class="moz-signature">-- \n'
            f"Maria Example</pre></body></html>",
        )
        yield Answer(
            f"{code}-outlook-web",
            said,
            html=f'<html><head><style>p {{margin:0}}</style></head><body dir="ltr">{lines}<div id="appendonsend">'
            f'</div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">'
            f"<font>{block}</font><div>&nbsp;</div></div><div>{asked}</div></body></html>",
        )
        yield Answer(
            f"{code}-outlook-windows",
            said,
            html=f'<html xmlns:o="urn:schemas-microsoft-com:office:office"><body><div class="WordSection1">'
            f'{lines}<p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #E1E1E1 '
            f'1.0pt;padding:3.0pt 0in 0in 0in"><p class="MsoNormal">{block}</p></div></div>'
            f'<p class="MsoNormal">{asked}</p></div></body></html>',
        )
        yield Answer(
            f"{code}-yahoo",
            said,
            html=f'<div class="yahoo-style-wrap">{lines}</div><div id="ydp1yahoo_quoted_1" class="ydp1yahoo_quoted '
            f'yahoo_quoted"><div>{gmail}</div><div>{asked}</div></div>',
        )
