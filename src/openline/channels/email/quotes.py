"""Plain text without the mail that it answers and without the signature.

Most of it needs no language: a line that ends with a colon and names a time or an address, above lines that begin
with ">". Only for what mail programs write without such marks (Outlook's block of "From:", "Sent:", phones' "Sent from
my ...") their words are known, in the languages below. A greeting at the end is no signature: names, streets and
telephone numbers behind it are often what the mail is about. What is cut is never lost: `Incoming.whole` has it.
"""

from __future__ import annotations

import re

_LINES_AHEAD = 4
_WORDS = {
    "from": "from von de expéditeur remetente da van från fra od от кому отправитель 发件人 寄件者 寄件人 差出人"
    " 보낸사람 từ người·gửi من المرسل",
    "sent": "sent date gesendet datum enviado fecha envoyé date·d'envoi enviada data inviato verzonden skickat sendt"
    " wysłano отправлено дата 发送时间 发送日期 日期 時間 已傳送 送信日時 보낸날짜"
    " đã·gửi ngày gửi·lúc تاريخ·الإرسال التاريخ أرسلت الإرسال",
    "to": "to an para à a do aan till til do кому 收件人 收件者 宛先 받는사람 đến tới người·nhận إلى المستلم",
    "subject": "subject betreff asunto objet assunto oggetto onderwerp ämne emne temat тема 主题 主旨 件名 제목"
    " chủ·đề tiêu·đề الموضوع",
}
_LABELS = {word.replace("·", " "): kind for kind, words in reversed(list(_WORDS.items())) for word in words.split()} | {
    "enviado el": "sent",
    "đã gửi": "sent",
}
_LABEL = re.compile(r"[\s>*]*([^\W\d_][^:：\n]{0,24}?)\s*\*?\s*[:：]\s*\*?(.*)")
_ANSWERED = (
    "original message|mensaje original|message d'origine|mensagem original|исходное сообщение|"
    "原始邮件|原邮件|原始郵件|邮件原件|thư gốc|tin nhắn gốc|الرسالة الأصلية|"
    "ursprüngliche nachricht|messaggio originale|oorspronkelijk bericht|originalmeddelande"
)
_FORWARDED = (
    "forwarded message|begin forwarded message|mensaje reenviado|message transféré|message réexpédié|"
    "mensagem encaminhada|mensagem reencaminhada|пересылаемое сообщение|перенаправленное сообщение|"
    "转发的邮件|转发邮件|轉寄的郵件|轉寄郵件|thư đã chuyển tiếp|tin nhắn được chuyển tiếp|thư chuyển tiếp|"
    "رسالة معاد توجيهها|رسالة محولة|الرسالة المعاد توجيهها|weitergeleitete nachricht|messaggio inoltrato"
)
_SEPARATOR = re.compile(rf"\s*[-_=]{{2,}}\s*(?:{_ANSWERED})\s*[-_=]{{2,}}\s*", re.IGNORECASE)
_FORWARD = re.compile(
    rf"\s*[>\s]*(?:[-_=]{{2,}}\s*(?:{_FORWARDED})\s*[-_=]{{2,}}|(?:{_FORWARDED})\s*[:：])\s*", re.IGNORECASE
)
_FORWARD_SUBJECT = re.compile(
    r"\s*(?:fwd?|wg|tr|rv|enc|i|vl|vb|doorst|пересл|fw|转发|轉寄|chuyển tiếp|إعادة توجيه)\s*[:：]", re.IGNORECASE
)
_RULER = re.compile(r"\s*[_\-]{10,}\s*")
_RULED = re.compile(r"\s*[-_=]{3,}(?:.{1,60}[-_=]{3,})?\s*")
_SIGNED = re.compile(r"--\s?")
_DEVICE = re.compile(
    r"(?<![a-z])(?:iphone|ipad|android|outlook|samsung|galaxy|huawei|xiaomi|redmi|yahoo|blackberry"
    r"|mail\.ru|proton ?mail|gmail|tutanota|qq|foxmail|mobile|phone|telefon|celular|móvil|téléphone|handy|yandex)\w*|"
    r"手机|邮箱|"
    r"телефон|điện thoại|هاتف|الهاتف",
    re.IGNORECASE,
)
_SENT_FROM = re.compile(
    r"\s*(?:sent (?:from|via|with)|get |enviado (?:desde|do|de|a partir)|obtener|obter|envoyé (?:de|depuis|à partir)|"
    r"télécharge|obtenez|отправлено (?:с|из)|получить|发自|發自|從我|从我的|获取|取得|"
    r"(?:đã )?(?:được )?gửi từ|tải|nhận|"
    r"أُ?رسلت? من|تم الإرسال من|مرسل من|الحصول على|احصل على|von mein|gesendet (?:von|mit)|inviato da|"
    r"verzonden (?:vanaf|met)|skickat från|wysłane z)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+")
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}\b|\d{4}|\d{1,2}[./]\d{1,2}")
_WRITER = re.compile(r"<[^\s<>@]+@[^\s<>@]+>")
_WROTE = re.compile(
    r"(?:wrote|escribió|a écrit|escreveu|написал\S*|пишет|写道|寫道|đã viết|كتب|كتابة|schrieb|ha scritto|schreef|skrev|"
    r"napisał\S*)\b|[写寫]道|كتب",
    re.IGNORECASE,
)


def is_forward(subject: str, text: str) -> bool:
    """Does this mail pass another one on?"""
    return bool(_FORWARD_SUBJECT.match(subject)) or any(_FORWARD.fullmatch(line) for line in text.split("\n")[:200])


def own_words(text: str, *, forward: bool = False) -> str:
    """`text` without quotation and signature; of a forwarded mail only the signature at its very end goes.

    Nothing is cut where nothing would be left.
    """
    lines = [line.rstrip() for line in text.split("\n")]
    kept = lines if forward else _unquoted(lines)
    found = "\n".join(_unsigned(kept)).strip()
    return found or "\n".join(_unsigned(lines)).strip() or text.strip()


def _unquoted(lines: list[str]) -> list[str]:
    """Without lines that begin with ">", and what stands above them; up to where an unmarked quotation begins."""
    kept, place = list[str](), 0
    while place < len(lines):
        if _begins_answered(lines, place):
            return _without_rule(kept)
        if lines[place].startswith(">"):
            _drop_attribution(kept)
            while place < len(lines) and lines[place].startswith(">"):
                place += 1
            continue
        kept.append(lines[place])
        place += 1
    return kept


def _without_rule(kept: list[str]) -> list[str]:
    """Without the line that programs draw above the mail that is answered, whatever they write in it."""
    while kept and not kept[-1].strip():
        kept.pop()
    return kept[:-1] if kept and _RULED.fullmatch(kept[-1]) else kept


def _begins_answered(lines: list[str], place: int) -> bool:
    """Does the mail that is answered begin here, without marks in front of its lines?"""
    line = lines[place]
    if _SEPARATOR.fullmatch(line):
        return True
    if _RULER.fullmatch(line):
        return any(_is_header_block(lines, at) for at in range(place + 1, min(place + 3, len(lines))))
    if _is_header_block(lines, place):
        return True
    return _is_attribution(line) and bool(_WRITER.search(line)) and _stands_above_words(lines, place)


def _stands_above_words(lines: list[str], place: int) -> bool:
    below = next((line for line in lines[place + 1 : place + 6] if line.strip()), "")
    return bool(below) and not below.startswith(">")


def _is_header_block(lines: list[str], place: int) -> bool:
    """Outlook's "From: ... Sent: ... To: ... Subject: ...", in three of the four kinds, the sender first or second."""
    block = [line for line in lines[place : place + 8] if line.strip()][:6]
    kinds = [_kind_of(line) for line in block]
    if not kinds or kinds[0] not in ("from", "sent") or "from" not in kinds[:2]:
        return False
    is_mail = "subject" in kinds or any(_ADDRESS.search(line) for line in block)
    return is_mail and len({kind for kind in kinds if kind}) >= 3


def _kind_of(line: str) -> str:
    found = _LABEL.match(line)
    return _LABELS.get(found[1].strip().lower(), "") if found else ""


def _is_attribution(line: str) -> bool:
    """ "On Monday at 10:15 somebody wrote:", in any language: a colon at the end, and a time, a date or an address."""
    line = line.strip()
    if not line.endswith((":", "：")) or len(line) > 300:
        return False
    return bool(_ADDRESS.search(line) or _TIME.search(line))


def _drop_attribution(kept: list[str]) -> None:
    """Take the line above a quotation away, which programs wrap into as many as four."""
    while kept and not kept[-1].strip():
        kept.pop()
    above = next((n for n, line in enumerate(reversed(kept)) if not line.strip()), len(kept))
    joined = [" ".join(line.strip() for line in kept[-n:]) for n in range(1, min(_LINES_AHEAD, above) + 1)]
    likely = [n for n, words in enumerate(joined, 1) if _is_attribution(words)]
    sure = [n for n in likely if _TIME.search(joined[n - 1]) and _names_writer(joined[n - 1])]
    count = (sure or likely or [0])[0]
    if count and joined[count - 1].startswith("<") and count < len(joined):
        count += 1  # the name stands on a line of its own, above the address
    del kept[len(kept) - count :]


def _names_writer(words: str) -> bool:
    return bool(_ADDRESS.search(words) or _WROTE.search(words))


def _unsigned(lines: list[str]) -> list[str]:
    """Without the signature behind "-- ", and without a telephone's or program's advertisement at the end."""
    for place, line in enumerate(lines):
        if _SIGNED.fullmatch(line) and len(lines) - place <= 30:
            lines = lines[:place]
            break
    while lines and (not lines[-1].strip() or _is_advertisement(lines[-1])):
        lines = lines[:-1]
    return lines


def _is_advertisement(line: str) -> bool:
    return len(line) <= 120 and bool(_SENT_FROM.match(line)) and bool(_DEVICE.search(line))
