"""Answers as mail programs write them, in eight languages: what was written, and the mail around it.

The lines of each program are those of its own translations (2026); the words between them are ours.
"""

from __future__ import annotations

# ruff: noqa: E501
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


_OTHERS = {
    "gmail-phone": f"On Mon, 23 Nov 2026, 10:15 City Help, <help@city.test> wrote:\n\n{_marked(_ASKED)}",
    "gmail-de": f"Am Mo., 23. Nov. 2026 um 10:15 Uhr schrieb {DESK}:\n\n{_marked(_ASKED)}",
    "gmail-it": f"Il giorno lun 23 nov 2026 alle ore 10:15 {DESK} ha scritto:\n\n{_marked(_ASKED)}",
    "gmail-sv": f"Den mån 23 nov. 2026 kl 10:15 skrev {DESK}:\n\n{_marked(_ASKED)}",
    "gmail-pl": f"pon., 23 lis 2026 o 10:15 {DESK} napisał(a):\n\n{_marked(_ASKED)}",
    "gmail-ja": f"2026年11月23日(月) 10:15 {DESK}:\n\n{_marked(_ASKED)}",
    "gmail-ko": f"2026년 11월 23일 (월) 오전 10:15, {DESK}님이 작성:\n\n{_marked(_ASKED)}",
    "gmail-tr": f"{DESK}, 23 Kas 2026 Pzt, 10:15 tarihinde şunu yazdı:\n\n{_marked(_ASKED)}",
    "mutt": f"On 2026-11-23 10:15:00 -0500, City Help wrote:\n{_marked(_ASKED)}",
    "kmail": f"On Monday, 23 November 2026 10:15:00 CET City Help wrote:\n{_marked(_ASKED)}",
    "proton": f"On Monday, November 23rd, 2026 at 10:15 AM, {DESK} wrote:\n\n{_marked(_ASKED)}",
    "proton-old": f"------- Original Message -------\nOn Monday, November 23rd, 2026, {DESK} wrote:\n\n{_marked(_ASKED)}",
    "mail.ru": f">Понедельник, 23 ноября 2026, 10:15 +03:00 от {DESK}:\n> \n{_marked(_ASKED)}",
    "yandex": f'23.11.2026, 10:15, "City Help" <help@city.test>:\n{_marked(_ASKED)}',
    "qq": '------------------ 原始邮件 ------------------\n发件人: "City Help" <help@city.test>;\n'
    f'发送时间: 2026年11月23日(星期一) 上午10:15\n收件人: "maria";\n主题: Re: pothole\n\n{_ASKED}',
    "qq-en": '------------------&nbsp;Original&nbsp;------------------\nFrom: "City Help" <help@city.test>;\n'
    f'Date: Mon, Nov 23, 2026 10:15 AM\nTo: "maria";\nSubject: Re: pothole\n\n{_ASKED}',
    "netease": 'At 2026-11-23 10:15:00, "City Help" <help@city.test> wrote:\n>Where is it?\n>Your city',
    "netease-zh": '在 2026-11-23 10:15:00，"City Help" <help@city.test> 写道：\n>Where is it?\n>Your city',
    "yahoo": f"    On Monday, November 23, 2026 at 10:15:30 AM EST, {DESK} wrote:  \n \n Where is it?\n\nYour city",
    "aol": f"-----Original Message-----\nFrom: {DESK}\nTo: maria@residents.test\nSent: Mon, Nov 23, 2026 10:15 am\n"
    f"Subject: Re: pothole\n\n{_ASKED}",
    "samsung": f"-------- Original message --------\nFrom: {DESK} \nDate: 11/23/26  10:15 AM  (GMT-05:00) \n"
    f"To: maria@residents.test \nSubject: Re: pothole \n\n{_ASKED}",
    "samsung-es": f"-------- Mensaje original --------\nDe: {DESK} \nFecha: 23/11/26  10:15  (GMT-05:00) \n"
    f"Para: maria@residents.test \nAsunto: Re: pothole \n\n{_ASKED}",
    "samsung-pt": f"-------- Mensagem original --------\nDe : {DESK} \nData: 23/11/2026 10:15 (GMT-05:00) \n"
    f"Para: maria@residents.test \nAssunto: Re: pothole \n\n{_ASKED}",
    "samsung-fr": f"-------- Message d'origine --------\nDe : {DESK} \nDate : 23/11/2026 10:15 (GMT-05:00) \n"
    f"À : maria@residents.test \nObjet : Re: pothole \n\n{_ASKED}",
    "outlook-bold": f"*From:* {DESK}\n*Sent:* Monday, November 23, 2026 10:15 AM\n*To:* Maria\n*Subject:* Re: pothole\n\n{_ASKED}",
    "outlook-de": f"Von: {DESK}\nGesendet: Montag, 23. November 2026 10:15\nAn: Maria\nBetreff: AW: pothole\n\n{_ASKED}",
    "outlook-fr-date": f"De : {DESK}\nDate : lundi, 23 novembre 2026 à 10:15\nÀ : Maria\nObjet : Re: pothole\n\n{_ASKED}",
    "outlook-mac": f"From: {DESK}\nDate: Monday, November 23, 2026 at 10:15 AM\nTo: Maria\nSubject: Re: pothole\n\n{_ASKED}",
    "outlook-app-droid": f"Get Outlook for Android<https://aka.ms/AAb9ysg>\n{'_' * 32}\nFrom: {DESK}\n"
    f"Sent: Monday, November 23, 2026 10:15:00 AM\nTo: Maria <maria@residents.test>\nSubject: Re: pothole\n\n{_ASKED}",
    "zh-tw": f"City Help <help@city.test> 於 2026年11月23日 週一 上午10:15寫道：\n\n{_marked(_ASKED)}",
    "outlook-zh-tw": f"寄件者: {DESK}\n寄件日期: 2026年11月23日 上午 10:15\n收件者: Maria\n主旨: Re: pothole\n\n{_ASKED}",
    "outlook-ar": f"من: {DESK}\nتم الإرسال: الاثنين، ٢٣ نوفمبر ٢٠٢٦ ١٠:١٥\nإلى: Maria\nالموضوع: Re: pothole\n\n{_ASKED}",
    "outlook-vi": f"Từ: {DESK}\nNgày gửi: Thứ Hai, ngày 23 tháng 11 năm 2026 10:15\nĐến: Maria\nChủ đề: Re: pothole\n\n{_ASKED}",
    "blackberry": f"Sent from my BlackBerry 10 smartphone.\nFrom: City Help\nSent: Monday, November 23, 2026 10:15\n"
    f"To: Maria\nSubject: Re: pothole\n\n{_ASKED}",
    "android-mail": f"Sent from my Galaxy\n\n\n-------- Original message --------\nFrom: {DESK}\nDate: 11/23/26\nSubject: Re: x\n\nhi",
    "inline-date": f"On Mon, Nov 23, 2026 at 10:15 AM, City Help <\nhelp@city.test> wrote:\n\n{_marked(_ASKED)}",
    "long-name": "On Mon, Nov 23, 2026 at 10:15 AM The Department of Streets and Very Long Names\nof Example City "
    f"<help@city.test>\nwrote:\n\n{_marked(_ASKED)}",
}


def other_answers() -> Iterator[Answer]:
    """Plain texts of other programs and languages, gathered after the rules were made."""
    for name, below in _OTHERS.items():
        yield Answer(name, _SAID["en"], f"{_SAID['en']}\n\n{below}\n")
