"""Words of bylines, dates, tags and notices around the world. Data only; see
:mod:`kb.cleaning.menu_words`."""

from __future__ import annotations

import regex

from kb.cleaning.phrases import phrase_key, table

__all__ = [
    "AUTHOR_LABEL",
    "BYLINE",
    "CONSENT",
    "COOKIES",
    "DATE_LABEL",
    "NEWSLETTER",
    "NOTICES",
    "READING_TIME",
    "RIGHTS",
    "TAG_LABEL",
    "VIEWS",
]


def _words(phrases: str) -> str:
    """An alternation of phrases, the longest first, for a pattern over casefolded text."""
    keys = sorted(table(phrases), key=len, reverse=True)
    return "|".join(regex.escape(key) for key in keys)


# "By Anna Smith": what stands before a name and nothing else …
_BY = _words("""
by | written by | words by | text by | photo by | photos by | posted by | author | reporter | editor |
von | text | autor | autorka | autorin | verfasst von | ein beitrag von | par | rédigé par | écrit par |
auteur | por | escrito por | texto | autora | di | scritto da | a cura di | autore | door |
geschreven door | tekst | af | skrevet af | av | skrevet av | skriven av | text av | kirjoittanut |
kirjoittaja | teksti | autorius | tekstas | parengė | autors | teksts | sagatavoja | автор |
автор статьи | текст | написал | написала | редактор | автор статті | аўтар | napsal | napsala |
napísal | napísala | piše | napisao | napisala | pripremila | besedilo | аутор | пише | de | scris de |
írta | szerző | szöveg | του | της | γράφει ο | γράφει η | συντάκτης | κείμενο | nga | yazan | yazar |
kaleme alan | hazırlayan | müəllif | muallif | հեղինակ | ავტორი | بقلم | كتب | كتبت | الكاتب | تحرير |
نویسنده | نوشته | مصنف | تحریر | מאת | כתב | כתבה | लेखक | लेखिका | द्वारा | লেখক | எழுதியவர் | โดย |
ผู้เขียน | tác giả | người viết | bài viết bởi | oleh | penulis | ditulis oleh | mwandishi | ni |
isinulat ni | may-akda | sulat ni | 作者 | 编辑 | 責任編輯 | 责任编辑 | 文 | 记者 | 撰文 |
投稿者 | 著者 | 執筆者 | 文責 | 執筆 | 글 |
작성자 | 글쓴이 | 기자
""")
BYLINE = regex.compile(rf"(?P<label>{_BY})(?P<mark>\s*[:：]\s*|\s+)(?P<rest>.+)", regex.IGNORECASE)
# … and those of them that need a colon after them, being common words.
AUTHOR_LABEL = frozenset(
    phrase_key(word)
    for word in [
        "text",
        "texto",
        "tekst",
        "teksti",
        "teksts",
        "tekstas",
        "текст",
        "besedilo",
        "szöveg",
        "κείμενο",
        "文",
        "글",
    ]
)

_DATE = _words("""
published | published on | posted | posted on | updated | last updated | updated on | modified | date |
created | first published | opublikowano | data publikacji | zaktualizowano | aktualizacja | data |
dodano | veröffentlicht | veröffentlicht am | aktualisiert | aktualisiert am | stand | erschienen am |
datum | publié le | publié | mis à jour le | mise à jour | le | publicado | publicado el |
publicado em | actualizado | actualizado el | atualizado em | atualizado | fecha | pubblicato il |
pubblicato | aggiornato il | aggiornato | geplaatst op | gepubliceerd op | gepubliceerd | bijgewerkt |
bijgewerkt op | publisert | oppdatert | sist oppdatert | dato | udgivet | udgivet den | opdateret |
publicerad | publicerat | uppdaterad | julkaistu | päivitetty | avaldatud | uuendatud | lisatud |
kuupäev | publicēts | publicēta | atjaunots | datums | paskelbta | publikuota | atnaujinta |
опубликовано | обновлено | дата | дата публикации | размещено | добавлено | опубліковано | оновлено |
дата публікації | апублікавана | publikováno | vydáno | zveřejněno | aktualizováno | publikované |
zverejnené | aktualizované | dátum | objavljeno | ažurirano | posodobljeno | објављено | публикувано |
публикувана | обновено | објавено | publicat | publicat la | publicat pe | actualizat | actualizat la |
megjelent | közzétéve | frissítve | δημοσιεύτηκε | δημοσιεύθηκε | ενημερώθηκε | ημερομηνία |
publikuar më | yayınlanma tarihi | yayın tarihi | yayınlandı | güncellendi | güncelleme | tarih |
son güncelleme | dərc olunub | жарияланды | نشر | نشر في | تاريخ النشر | آخر تحديث | نُشر في |
تم النشر | تاریخ انتشار | منتشر شده | به‌روزرسانی | تاریخ | פורסם | פורסם ב | עודכן | תאריך | प्रकाशित |
अपडेटेड | तारीख | প্রকাশিত | প্রকাশ | เผยแพร่เมื่อ | เผยแพร่ | อัปเดต | วันที่ | ngày đăng | đăng ngày |
cập nhật | xuất bản | ngày | diterbitkan | dipublikasikan | diperbarui | tanggal | diposting |
inilathala | petsa | na-update | 发布时间 | 发表时间 | 发布于 | 发表于 | 更新时间 | 時間 | 日期 |
發佈日期 | 投稿日 | 公開日 | 更新日 |
最終更新日 | 掲載日 | 게시일 | 작성일 | 등록일 | 입력 | 수정 | 날짜
""")
DATE_LABEL = regex.compile(rf"(?:{_DATE})(?![\p{{L}}])\s*[:：\-–,]?\s*", regex.IGNORECASE)

TAG_LABEL = regex.compile(
    r"(?:"
    + _words("""
tags | tag | tagged | filed under | category | categories | keywords | topics | labels | posted in |
tagi | kategoria | kategorie | słowa kluczowe | schlagwörter | schlagworte | kategorien | stichwörter |
mots-clés | étiquettes | catégorie | catégories | etiquetas | categoría | categorías | categoria |
categorias | palavras-chave | palabras clave | categorie | parole chiave | trefwoorden | categorieën |
stikkord | emneord | kategori | kategorier | nøgleord | etiketter | nyckelord | avainsanat |
kategoriat | asiasanat | sildid | märksõnad | kategooria | birkas | atslēgvārdi | kategorija |
kategorijas | žymos | raktiniai žodžiai | kategorijos | метки | теги | рубрика | рубрики | категория |
категории | ключевые слова | позначки | мітки | категорія | категорії | štítky | rubrika |
klíčová slova | kľúčové slová | kategória | oznake | kategorije | ključne riječi | ознаке | етикети |
тагове | etichete | cuvinte cheie | címkék | kategóriák | kulcsszavak | ετικέτες | κατηγορία |
κατηγορίες | etiketler | kategoriler | anahtar kelimeler | الوسوم | وسوم | كلمات مفتاحية | التصنيف |
التصنيفات | برچسب‌ها | برچسب ها | دسته‌بندی | תגיות | קטגוריה | קטגוריות | टैग | श्रेणी | ป้ายกำกับ |
แท็ก | หมวดหมู่ | từ khóa | thẻ | chuyên mục | label | mga tag | 标签 | 標籤 | 分类 | 分類 |
关键词 | タグ | カテゴリー |
カテゴリ | 태그 | 카테고리 | 분류
""")
    + r")\s*[:：]\s*\S",
    regex.IGNORECASE,
)

VIEWS = regex.compile(
    r"(?:"
    + _words("""
views | reads | shares | likes | comments | wyświetleń | odsłon | aufrufe | vues | lectures | visitas |
vistas | lecturas | visualizações | visualizzazioni | letture | weergaven | visninger | visningar |
katselukerrat | skatījumi | skatīts | peržiūros | peržiūrų | просмотров | просмотры | просмотра |
переглядів | перегляди | zobrazení | přečteno | videní | pregleda | прегледа | преглеждания |
vizualizări | megtekintés | προβολές | görüntülenme | okunma | مشاهدات | مشاهدة | بازدید | צפיות |
बार देखा गया | व्यूज | อ่าน | เข้าชม | lượt xem | dilihat | dibaca | 阅读量 | 阅读 | 浏览 |
浏览量 | 点击 | 閲覧数 |
閲覧 | 조회수 | 조회 | 추천
""")
    + r")",
    regex.IGNORECASE,
)

READING_TIME = regex.compile(
    r"(?:\d{1,3}\s*[-–]?\s*(?:min|mins|minute|minutes|minuty|minut|minuten|minutos|minuti|minuuttia|"
    r"minutit|minūtes|minutės|мин|минут|минуты|хв|хвилин|minút|minuta|perc|λεπτά|dakika|دقائق|دقيقة|"
    r"دقیقه|דקות|मिनट|นาที|phút|menit|分钟|分|분)(?![\p{L}]))",
    regex.IGNORECASE,
)

COOKIES = regex.compile(
    r"(?<!\p{L})(?:cookie|ciasteczk|küpsis|eväste|kakor(?!\p{L})|kakorna|informasjonskaps|infokapsl|"
    r"sīkdat|sīkfail|slapuk|куки|файл\w* cookie|бисквитк|колачић|kolačić|piškotk|süti|çerez|كوكيز|"
    r"ملفات تعريف الارتباط|کوکی|עוגיות|קוקי|कुकी|คุกกี้|クッキー|쿠키)",
    regex.IGNORECASE,
)
# What a notice on cookies speaks of beside them: the site, its use, consent.
CONSENT = regex.compile(
    r"site|web|accept|agree|consent|privacy|stron|serwis|witryn|przegląd|seite|nutz|verwend|navig|"
    r"sitio|página|pagin|utiliza|utilise|akzept|nettsted|hjemmesid|personvern|webbplats|sivust|kodule|"
    r"lehe|vietn|lapas|lapā|svetain|naršy|сайт|страниц|stránk|strán|stranic|spletn|oldal|böngész|"
    r"ιστοσελ|ιστότοπ|ιστο|sitesi|politika|موقع|سایت|האתר|אתר|साइट|वेबसाइट|เว็บ|trang|situs|laman|网站|"
    r"網站|サイト|사이트|політик|sutink|instellingen|einstellung|settings",
    regex.IGNORECASE,
)

NEWSLETTER = regex.compile(
    r"newsletter|mailing list|subscribe to|sign up for our|biuletyn|nyhetsbrev|nyhedsbrev|nieuwsbrief|"
    r"uutiskir|uudiskir|jaunumu vēstul|naujienlaišk|рассылк|розсилк|подпишитесь на|підпишіться на|"
    r"boletín|infolettre|lettre d'information|zpravodaj|hírlevél|bilten|билтен|ενημερωτικό δελτίο|"
    r"e-bülten|bülten|النشرة البريدية|نشرتنا|خبرنامه|ניוזלטר|न्यूज़लेटर|จดหมายข่าว|bản tin|buletin|订阅我们|"
    r"訂閱電子報|メールマガジン|メルマガ|뉴스레터|follow us on|síguenos|suivez-nous|seguici su|"
    r"folgen sie uns|"
    r"obserwuj nas|"
    r"подписывайтесь|підписуйтесь",
    regex.IGNORECASE,
)

RIGHTS = regex.compile(
    r"©|\(c\)\s*(?:19|20)\d\d|copyright|all rights reserved|wszelkie prawa zastrzeżone|"
    r"alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|"
    r"(?:todos os )?direitos reservados|tutti i diritti (?:sono )?riservati|riproduzione riservata|"
    r"alle rechten voorbehouden|alle rettigheter|alle rettigheder|alla rättigheter|ansvarig utgivare|"
    r"kaikki oikeudet pidätetään|kõik õigused kaitstud|visas tiesības (?:aizsargātas|rezervētas)|"
    r"visos teisės saugomos|все права защищены|(?:усі|всі) права захищен|усе правы абароненыя|"
    r"všechna práva vyhrazena|všetky práva vyhradené|sva prava pridržana|sva prava zadržana|"
    r"vse pravice pridržane|сва права задржана|всички права запазени|сите права се задржани|"
    r"toate drepturile rezervate|minden jog fenntartva|με (?:την )?επιφύλαξη (?:παντός|"
    r"κάθε) (?:νόμιμου )?δικαιώματος|πνευματικά δικαιώματα|të gjitha të drejtat|(?:tüm|"
    r"her) hakkı saklıdır|tüm hakları saklıdır|bütün hüquqlar|барлық құқықтар|barcha huquqlar|(?:جميع|"
    r"كل) الحقوق محفوظة|(?:تمامی|کلیه|همه) حقوق|جملہ حقوق محفوظ|כל הזכויות שמורות|सर्वाधिकार सुरक्षित|"
    r"सभी अधिकार सुरक्षित|সর্বস্বত্ব|สงวนลิขสิทธิ์|bản quyền (?:thuộc|©)|giữ bản quyền|hak cipta|"
    r"haki zote zimehifadhiwa|lahat ng karapatan|版权所有|版權所有|未经许可|不得转载|無断転載|転載を禁|"
    r"저작권|무단 ?전재",
    regex.IGNORECASE,
)

# Small print around forms and the like, found anywhere in a line.
NOTICES = regex.compile(
    r"your email address will not be published|required fields are marked|"
    r"this post may contain affiliate|affiliate links|javascript (?:is|must be) (?:disabled|enabled)|"
    r"enable javascript|twój adres e-?mail nie zostanie opublikowany|"
    r"deine e-?mail-adresse wird nicht veröffentlicht|votre adresse e-?mail ne sera pas publiée|"
    r"tu dirección de correo electrónico no será publicada|"
    r"o seu endereço de e?-?mail não será publicado|il tuo indirizzo email non sarà pubblicato|"
    r"je e-?mailadres wordt niet gepubliceerd|din e-?postadresse vil ikke|"
    r"din e-?postadress kommer inte|din e-?mailadresse vil ikke|sähköpostiosoitettasi ei julkaista|"
    r"sinu e-?postiaadressi ei avaldata|jūsu e-?pasta adrese netiks|el\. pašto adresas nebus|"
    r"ваш (?:адрес )?e-?mail не будет опубликован|обязательные поля помечены|ваша e-?mail адреса не|"
    r"vaše e-?mailová adresa nebude|vaša e-?mailová adresa nebude|"
    r"adresa ta de email nu va fi publicată|az e-?mail címet nem tesszük közzé|η ηλ(?:\.|"
    r"εκτρονική) διεύθυνση|e-?posta hesabınız yayımlanmayacak|لن يتم نشر عنوان بريدك|"
    r"نشانی ایمیل شما منتشر نخواهد شد|האימייל לא יוצג|आपका ईमेल पता प्रकाशित नहीं|"
    r"email của bạn sẽ không|alamat email anda tidak akan|电子邮件地址不会被公开|"
    r"您的电子邮箱地址不会被公开|メールアドレスが公開されること|"
    r"이메일 주소는 공개되지",
    regex.IGNORECASE,
)
