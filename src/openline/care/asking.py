"""What residents are asked and told most, in the languages for which there is no catalogue of all texts yet."""

from __future__ import annotations

ASK_PLACE = {
    "zh": "感谢您告诉我们。请问地点在哪里？附近的地址或路口就可以。",
    "vi": "Cảm ơn quý vị đã báo. Việc này ở đâu? Chỉ cần địa chỉ hoặc góc đường gần nhất.",
    "ru": "Спасибо, что сообщили. Где это? Достаточно ближайшего адреса или перекрёстка.",
    "fr": "Merci de nous l'avoir signalé. Où est-ce ? L'adresse ou le coin de rue le plus proche suffit.",
    "ar": "شكرًا لإبلاغنا. أين يقع ذلك؟ يكفي أقرب عنوان أو تقاطع.",
    "pt": "Obrigado por nos avisar. Onde é? Basta o endereço ou a esquina mais próxima.",
    "ht": "Mèsi paske ou fè nou konnen. Ki kote li ye? Adrès oswa kwen lari ki pi pre a ase.",
    "ko": "알려 주셔서 감사합니다. 위치가 어디인가요? 가장 가까운 주소나 교차로면 충분합니다.",
}
ASK_PLACE_AGAIN = {
    "zh": "抱歉，我们没有找到那个地点。请提供地址、街区或最近的路口，例如“13th and Market”。",
    "vi": "Xin lỗi, chúng tôi không tìm thấy nơi đó. Xin cho biết địa chỉ hoặc góc đường gần nhất,"
    " ví dụ “13th and Market”.",
    "ru": "Извините, мы не нашли это место. Укажите адрес или ближайший перекрёсток, например «13th and Market».",
    "fr": "Désolé, nous n'avons pas trouvé ce lieu. Donnez une adresse ou le coin de rue le plus proche, par exemple"
    " « 13th and Market ».",
    "ar": "عذرًا، لم نجد ذلك المكان. يرجى كتابة عنوان أو أقرب تقاطع، مثل “13th and Market”.",
    "pt": "Desculpe, não encontramos esse lugar. Informe um endereço ou a esquina mais próxima, por exemplo"
    " “13th and Market”.",
    "ht": "Eskize nou, nou pa jwenn kote sa a. Tanpri bay yon adrès oswa kwen lari ki pi pre a, pa egzanp"
    " “13th and Market”.",
    "ko": "죄송합니다. 그 장소를 찾지 못했습니다. 주소나 가장 가까운 교차로를 알려 주세요. 예: “13th and Market”.",
}
ASK_WHICH = {
    "zh": "感谢您告诉我们。请问是哪一个地点？%(choices)s。回复数字即可。",
    "vi": "Cảm ơn quý vị đã báo. Quý vị muốn nói nơi nào? %(choices)s. Chỉ cần trả lời bằng số.",
    "ru": "Спасибо, что сообщили. Какое место вы имеете в виду? %(choices)s. Достаточно номера.",
    "fr": "Merci de nous l'avoir signalé. De quel lieu s'agit-il ? %(choices)s. Le numéro suffit.",
    "ar": "شكرًا لإبلاغنا. أي مكان تقصد؟ %(choices)s. يكفي الرقم.",
    "pt": "Obrigado por nos avisar. Qual é o lugar? %(choices)s. Basta o número.",
    "ht": "Mèsi paske ou fè nou konnen. Ki kote ou vle di? %(choices)s. Nimewo a ase.",
    "ko": "알려 주셔서 감사합니다. 어느 곳인가요? %(choices)s. 번호만 답해 주세요.",
}
FOLDED = {
    "zh": "谢谢。其他居民也反映了同样的情况：编号 %(number)s。处理结果会在这里告诉您。%(link)s",
    "vi": "Cảm ơn quý vị. Những người khác cũng đã báo việc này: yêu cầu số %(number)s. Chúng tôi sẽ báo kết quả"
    " tại đây. %(link)s",
    "ru": "Спасибо. О том же сообщили и другие: заявка %(number)s. Мы напишем вам здесь, чем она закончится. %(link)s",
    "fr": "Merci. D'autres nous ont signalé la même chose : c'est la demande %(number)s. Nous vous dirons ici"
    " comment elle se termine. %(link)s",
    "ar": "شكرًا. أبلغنا آخرون بالأمر نفسه: الطلب رقم %(number)s. سنخبرك هنا بالنتيجة. %(link)s",
    "pt": "Obrigado. Outras pessoas nos avisaram do mesmo: é o pedido %(number)s. Diremos aqui como termina. %(link)s",
    "ht": "Mèsi. Lòt moun di nou menm bagay la: se demann %(number)s. N ap di ou isit la kijan sa fini. %(link)s",
    "ko": "감사합니다. 다른 분들도 같은 내용을 알려 주셨습니다: 요청 번호 %(number)s."
    " 결과를 여기에서 알려 드리겠습니다. %(link)s",
}
