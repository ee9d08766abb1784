"""What pages around the world say that no author wrote. Data only: a phrase is looked up as a whole line.

Each table holds phrases with ``|`` between, compared after :func:`phrase_key`. They take a line out only
together with its place and surroundings; see :mod:`kb.cleaning.furniture`.
"""

from __future__ import annotations

import unicodedata

import regex

from kb.languages import LANGUAGES

__all__ = [
    "AUTHOR_PLACEHOLDERS",
    "CONTENTS",
    "LANGUAGE_NAMES",
    "OTHER_LANGUAGES",
    "RELATED",
    "SHARE",
    "SKIP",
    "phrase_key",
    "table",
]

_TRIM = regex.compile(r"^[\p{P}\p{S}\s]+|[\p{P}\p{S}\s]+$")


def phrase_key(line: str) -> str:
    """A line as the tables spell it: NFKC, casefolded, one space, no marks at either end."""
    folded = unicodedata.normalize("NFKC", line).casefold().replace("i\u0307", "i")  # Turkish İ
    return " ".join(_TRIM.sub("", folded).split())


def table(phrases: str) -> frozenset[str]:
    """The keys of phrases with ``|`` between."""
    return frozenset(phrase_key(phrase) for phrase in phrases.split("|"))


# "Skip to main content": for screen readers, at the top of nearly every page.
SKIP = table("""
skip to main content | skip to content | skip to the content | skip to the main content |
skip navigation | skip to navigation | skip to main navigation | jump to content |
jump to navigation | jump to navigation jump to search | przejdź do treści |
przejdź do głównej treści | przejdź do zawartości | pomiń nawigację |
laktawan sa pangunahing nilalaman | lumaktaw sa pangunahing nilalaman |
tumalon sa pangunahing nilalaman | gå til hovedinnhold | gå til innhold |
hopp til hovedinnhold | hopp til innhold | hopp til innholdet | gå til hovedinnhald |
перейти к основному содержанию | перейти к содержимому | перейти к содержанию |
перейти к основному контенту | перейти к контенту | pāriet uz saturu |
pāriet uz galveno saturu | pereiti prie turinio | pereiti į turinį |
eiti į pagrindinį turinį | перейти до основного вмісту | перейти до вмісту |
перейти к основному содержимому | перайсці да зместу | přejít k hlavnímu obsahu |
přejít na obsah | přeskočit na obsah | preskočiť na obsah | prejsť na hlavný obsah |
zum inhalt springen | zum hauptinhalt springen | direkt zum inhalt | aller au contenu |
aller au contenu principal | passer au contenu | passer au contenu principal |
saltar al contenido | saltar al contenido principal | ir al contenido |
ir al contenido principal | pasar al contenido principal | vai al contenuto |
vai al contenuto principale | salta al contenuto | salta al contenuto principale |
passa al contenuto principale | ir para o conteúdo | ir para o conteúdo principal |
pular para o conteúdo | pular para o conteúdo principal | saltar para o conteúdo |
saltar para o conteúdo principal | vés al contingut | naar de inhoud springen |
ga naar de inhoud | ga naar inhoud | doorgaan naar inhoud |
overslaan en naar de inhoud gaan | spring naar inhoud | sari la conținut |
mergi la conținutul principal | sari la conținutul principal | gå till innehåll |
gå till huvudinnehåll | hoppa till innehåll | hoppa till huvudinnehåll | gå til indhold |
gå til hovedindhold | hop til indhold | spring til indhold | siirry sisältöön |
siirry pääsisältöön | hyppää pääsisältöön | hyppää sisältöön |
liigu edasi põhisisu juurde | liigu sisu juurde | ugrás a tartalomra |
ugrás a tartalomhoz | tovább a tartalomra | μετάβαση στο περιεχόμενο |
μετάβαση στο κύριο περιεχόμενο | παράκαμψη προς το κυρίως περιεχόμενο | към съдържанието |
преминаване към основното съдържание | премини към основното съдържание |
skoči na sadržaj | preskoči na sadržaj | prijeđi na sadržaj | preskoči na glavni sadržaj |
preskoči na vsebino | skoči na vsebino | пређи на садржај | прескочи на садржај |
пређи на главни садржај | прескокни до содржината | kapërce te përmbajtja |
kalo te përmbajtja | içeriğe geç | içeriğe atla | ana içeriğe atla | ana içeriğe geç |
əsas məzmuna keç | мазмұнға өту | негізгі мазмұнға өту | asosiy kontentga o‘tish |
անցնել հիմնական բովանդակությանը | მთავარ შინაარსზე გადასვლა | კონტენტზე გადასვლა |
التجاوز إلى المحتوى الرئيسي | تجاوز إلى المحتوى | تخطي إلى المحتوى | انتقل إلى المحتوى |
رفتن به محتوا | پرش به محتوا | پرش به محتوای اصلی | مواد پر جائیں | דילוג לתוכן |
דלג לתוכן | דילוג לתוכן העיקרי | मुख्य सामग्री पर जाएं | सामग्री पर जाएं |
मुख्य कंटेंट तक स्किप करें | মূল বিষয়বস্তুতে যান | প্রধান কন্টেন্টে যান |
முக்கிய உள்ளடக்கத்திற்கு செல்க | ข้ามไปยังเนื้อหา | ข้ามไปยังเนื้อหาหลัก | ข้ามไปเนื้อหา |
chuyển đến nội dung | chuyển đến nội dung chính | nhảy đến nội dung | bỏ qua nội dung |
langsung ke konten | langsung ke konten utama | lewati ke konten | lompat ke konten |
lewati ke konten utama | langkau ke kandungan | langkau ke kandungan utama |
ruka hadi maudhui makuu | 跳到主要内容 | 跳转到主要内容 | 跳至主要内容 | 跳至内容 |
跳到内容 | 跳转到内容 | 跳到主要內容 | 跳至主要內容 | 跳至主內容 | 跳至內容 |
コンテンツへスキップ | メインコンテンツへスキップ | メインコンテンツに移動 |
本文へスキップ | 本文へ移動 | 콘텐츠로 건너뛰기 | 본문으로 건너뛰기 | 본문 바로가기 |
주요 콘텐츠로 건너뛰기
""")

CONTENTS = table("""
table of contents | contents | on this page | in this article | spis treści |
na tej stronie | talaan ng nilalaman | talaan ng mga nilalaman | mga nilalaman |
innholdsfortegnelse | innhold | innhald | innhaldsliste | содержание | оглавление |
содержание статьи | satura rādītājs | saturs | turinys | зміст | змест | съдържание |
содржина | садржај | sadržaj | kazalo | kazalo vsebine | vsebina | obsah | obsah článku |
inhalt | inhaltsverzeichnis | sommaire | table des matières | contenu | contenido |
índice | índice de contenidos | tabla de contenidos | tabla de contenido |
tabla de materias | índex | taula de continguts | conteúdo | conteúdos | sumário |
índice de conteúdo | índice de conteúdos | indice | indice dei contenuti | sommario |
contenuti | cuprins | inhoud | inhoudsopgave | innehåll | innehållsförteckning | indhold |
indholdsfortegnelse | sisällys | sisällysluettelo | sisukord | tartalom |
tartalomjegyzék | περιεχόμενα | πίνακας περιεχομένων | përmbajtja | tabela e përmbajtjes |
içindekiler | içindekiler tablosu | mündəricat | мазмұны | mundarija | բովանդակություն |
სარჩევი | სარჩევნი | المحتويات | جدول المحتويات | فهرس المحتويات | فهرست | فهرست مطالب |
فہرست | فہرست مضامین | תוכן עניינים | תוכן העניינים | विषय सूची | विषय-सूची |
अनुक्रमणिका | সূচিপত্র | বিষয়সূচি | பொருளடக்கம் | สารบัญ | เนื้อหา | mục lục | nội dung |
daftar isi | isi | kandungan | isi kandungan | yaliyomo | 目录 | 目次 | 目錄 | 本文目录 |
차례 | 목차
""")

OTHER_LANGUAGES = table("""
other languages | in other languages | read in other languages | languages | language |
available languages | this page in other languages | this article in other languages |
choose language | choose your language | select language | select your language |
change language | inne języki | w innych językach | języki | wybierz język | zmień język |
iba pang mga wika | ibang mga wika | ibang wika | mga wika | sa ibang mga wika |
pumili ng wika | andre språk | på andre språk | språk | velg språk | другие языки |
на других языках | языки | выберите язык | выбрать язык | citas valodas | citās valodās |
valodas | izvēlieties valodu | izvēlēties valodu | kitos kalbos | kitomis kalbomis |
kalbos | pasirinkite kalbą | інші мови | іншими мовами | мови | виберіть мову |
оберіть мову | іншыя мовы | на іншых мовах | jiné jazyky | v jiných jazycích |
další jazyky | jazyky | vyberte jazyk | iné jazyky | v iných jazykoch | andere sprachen |
in anderen sprachen | sprachen | sprache wählen | sprache auswählen | autres langues |
dans d’autres langues | dans d'autres langues | langues | choisir la langue |
choisissez votre langue | otros idiomas | en otros idiomas | idiomas | elegir idioma |
seleccionar idioma | altres llengües | en altres idiomes | outros idiomas |
em outros idiomas | outras línguas | noutras línguas | noutros idiomas |
selecionar idioma | escolha o idioma | altre lingue | in altre lingue | lingue |
scegli la lingua | alte limbi | în alte limbi | limbi | alege limba | andere talen |
in andere talen | talen | kies een taal | kies taal | andra språk | på andra språk |
välj språk | andre sprog | på andre sprog | sprog | vælg sprog | muut kielet |
muilla kielillä | muunkieliset | kielet | valitse kieli | teised keeled |
teistes keeltes | muudes keeltes | vali keel | más nyelvek | más nyelveken |
egyéb nyelvek | nyelvek | válasszon nyelvet | άλλες γλώσσες | σε άλλες γλώσσες | γλώσσες |
επιλέξτε γλώσσα | други езици | на други езици | езици | изберете език | drugi jezici |
na drugim jezicima | ostali jezici | jezici | odaberite jezik | drugi jeziki |
v drugih jezikih | други језици | на другим језицима | остали језици | други јазици |
на други јазици | gjuhë të tjera | në gjuhë të tjera | diğer diller | diğer dillerde |
diller | dil seçin | digər dillər | digər dillərdə | басқа тілдер | басқа тілдерде |
boshqa tillar | boshqa tillarda | այլ լեզուներ | այլ լեզուներով | სხვა ენები |
სხვა ენებზე | لغات أخرى | بلغات أخرى | اللغات | اختر اللغة | زبان‌های دیگر |
به زبان‌های دیگر | در زبان‌های دیگر | دیگر زبانیں | دیگر زبانوں میں | שפות אחרות |
בשפות אחרות | שפות | בחר שפה | अन्य भाषाएँ | अन्य भाषाएं | अन्य भाषाओं में | भाषा चुनें |
অন্যান্য ভাষা | অন্যান্য ভাষায় | பிற மொழிகள் | பிற மொழிகளில் | ภาษาอื่น | ภาษาอื่นๆ |
ในภาษาอื่น | เลือกภาษา | ngôn ngữ khác | ngôn ngữ | bằng ngôn ngữ khác | chọn ngôn ngữ |
bahasa lain | bahasa lainnya | dalam bahasa lain | pilih bahasa | lugha nyingine |
kwa lugha nyingine | 其他语言 | 其它语言 | 语言 | 选择语言 | 其他語言 | 選擇語言 |
他の言語 | その他の言語 | 他言語版 | 言語を選択 | 다른 언어 | 다른 언어로 | 언어 선택
""")

# What a publishing system prints for an author that it does not know.
AUTHOR_PLACEHOLDERS = table("""
anonymous | anonymous author | anonymous user | by anonymous | unknown author |
author unknown | by admin | admin | administrator | webmaster | guest author | no author |
anonim | anonimowy | anonimowo | autor nieznany | autor anonimowy | hindi kilala |
hindi nagpakilala | anonym | ukjent forfatter | ukjend forfattar | аноним | анонимно |
автор неизвестен | неизвестный автор | админ | администратор | anonīms | anonīmi |
nezināms autors | autors nezināms | anonimas | anonimiškai | nežinomas autorius | анонім |
невідомий автор | автор невідомий | адміністратор | ананім | невядомы аўтар | anonymní |
neznámý autor | anonymný | neznámy autor | unbekannter autor | autor unbekannt | anonyme |
auteur inconnu | auteur anonyme | anónimo | autor desconocido | autor anónimo | anònim |
autor desconegut | anônimo | autor desconhecido | anonimo | autore sconosciuto |
autore anonimo | autor necunoscut | anoniem | onbekende auteur | auteur onbekend |
okänd författare | ukendt forfatter | nimetön | tuntematon kirjoittaja |
tuntematon tekijä | anonüümne | tundmatu autor | névtelen | ismeretlen szerző | ανώνυμος |
άγνωστος συγγραφέας | анонимен | неизвестен автор | anoniman | nepoznat autor |
nepoznati autor | anonimen | neznan avtor | анониман | непознат аутор | непознат автор |
autor i panjohur | yazar bilinmiyor | bilinmeyen yazar | naməlum müəllif |
белгісіз автор | noma’lum muallif | անանուն | անհայտ հեղինակ | ანონიმი | უცნობი ავტორი |
مجهول | كاتب مجهول | مؤلف مجهول | ناشناس | نویسنده ناشناس | نامعلوم مصنف | אנונימי |
מחבר לא ידוע | अनाम | अज्ञात लेखक | অজ্ঞাতনামা | অজানা লেখক | அநாமதேயர் | ไม่ระบุชื่อ |
ผู้เขียนนิรนาม | ẩn danh | tác giả ẩn danh | khuyết danh | penulis tidak diketahui |
tanpa nama | penulis anonim | penulis tidak dikenali | bila jina | 佚名 | 匿名 |
未知作者 | 作者不详 | 作者不詳 | 名無し | 著者不明 | 익명 | 작자 미상
""")

RELATED = table("""
related | related articles | related posts | related stories | related content |
related links | related topics | you may also like | you might also like | read also |
read more | read next | see also | more articles | more stories | other articles |
recent posts | recent articles | latest articles | latest news | latest posts |
popular articles | popular posts | most popular | most read | recommended |
recommended articles | recommended for you | more from this author | powiązane artykuły |
podobne artykuły | podobne wpisy | zobacz także | zobacz też | czytaj także |
czytaj również | inne artykuły | przeczytaj także | najnowsze wpisy | polecane artykuły |
popularne artykuły | mga kaugnay na artikulo | kaugnay na artikulo |
kaugnay na mga artikulo | tingnan din | basahin din | relaterte artikler |
andre artikler | flere artikler | les også | se også | siste artikler |
populære artikler | les meir | похожие статьи | похожие записи | похожие материалы |
другие статьи | статьи по теме | по теме | читайте также | смотрите также |
популярные статьи | последние статьи | рекомендуем | saistītie raksti | līdzīgi raksti |
citi raksti | lasi arī | lasiet arī | skatīt arī | jaunākie raksti | populārākie raksti |
susiję straipsniai | panašūs straipsniai | kiti straipsniai | taip pat skaitykite |
skaitykite taip pat | схожі статті | пов’язані статті | читайте також | дивіться також |
інші статті | популярні статті | související články | podobné články | další články |
čtěte také | mohlo by vás zajímat | súvisiace články | prečítajte si aj | čítajte tiež |
ähnliche artikel | ähnliche beiträge | verwandte artikel | weitere artikel | siehe auch |
lesen sie auch | das könnte dich auch interessieren | das könnte sie auch interessieren |
beliebte artikel | neueste beiträge | articles similaires | articles liés |
articles connexes | autres articles | à lire aussi | lire aussi | voir aussi |
articles récents | articles populaires | artículos relacionados | entradas relacionadas |
otros artículos | más artículos | también te puede interesar | te puede interesar |
lee también | leer también | ver también | artículos recientes | artículos populares |
artigos relacionados | posts relacionados | outros artigos | mais artigos | leia também |
leia mais | veja também | você também pode gostar | articoli correlati | articoli simili |
altri articoli | potrebbe interessarti anche | leggi anche | vedi anche |
articoli recenti | articole similare | articole asemănătoare | alte articole |
citește și | vezi și | gerelateerde artikelen | gerelateerde berichten |
andere artikelen | meer artikelen | lees ook | zie ook | relaterade artiklar |
liknande artiklar | andra artiklar | fler artiklar | läs också | läs även | se även |
relaterede artikler | lignende artikler | læs også | aiheeseen liittyvää |
aiheeseen liittyvät artikkelit | muut artikkelit | lue myös | katso myös |
seotud artiklid | teised artiklid | loe ka | vaata ka | kapcsolódó cikkek |
hasonló cikkek | további cikkek | olvassa el ezt is | lásd még | σχετικά άρθρα |
άλλα άρθρα | διαβάστε επίσης | δείτε επίσης | свързани статии | подобни статии |
други статии | вижте също | прочетете още | povezani članci | slični članci |
ostali članci | pročitajte i | pročitajte još | povezani članki | podobni članki |
preberite tudi | повезани чланци | слични чланци | прочитајте и | artikuj të ngjashëm |
lexo edhe | ilgili yazılar | ilgili makaleler | ilgili haberler | benzer yazılar |
diğer makaleler | bunlar da ilginizi çekebilir | ayrıca bakınız | oxşar məqalələr |
ұқсас мақалалар | o‘xshash maqolalar | مقالات ذات صلة | مواضيع ذات صلة | مقالات مشابهة |
اقرأ أيضا | اقرأ أيضًا | مقالات أخرى | مطالب مرتبط | مقالات مرتبط | بیشتر بخوانید |
متعلقہ مضامین | مزید پڑھیں | כתבות קשורות | מאמרים קשורים | מאמרים נוספים | קראו גם |
संबंधित लेख | यह भी पढ़ें | अन्य लेख | সম্পর্কিত নিবন্ধ | আরও পড়ুন |
தொடர்புடைய கட்டுரைகள் | บทความที่เกี่ยวข้อง | บทความอื่นๆ | อ่านเพิ่มเติม |
bài viết liên quan | bài viết khác | xem thêm | có thể bạn quan tâm | artikel terkait |
artikel lainnya | baca juga | lihat juga | artikel berkaitan | makala zinazohusiana |
soma pia | 相关文章 | 相关阅读 | 相關文章 | 推荐阅读 | 猜你喜欢 | 热门文章 | 関連記事 |
おすすめ記事 | 最新記事 | 人気記事 | 관련 글 | 관련 기사 | 관련글 | 추천 글
""")

SHARE = table("""
share | share this | share this article | share this post | share this page |
share on facebook | share on twitter | tweet | print | print this page |
email this article | subscribe | subscribe to our newsletter | follow us | udostępnij |
drukuj | ibahagi | del | del artikkelen | поделиться | поделиться в соцсетях |
распечатать | dalīties | dalies | drukāt | dalintis | поділитися | sdílet | zdieľať |
teilen | artikel teilen | drucken | partager | partager cet article | imprimer |
compartir | compartir este artículo | imprimir | compartilhar | compartilhe | partilhar |
condividi | condividi questo articolo | stampa | distribuie | delen | deel dit artikel |
dela | dela artikeln | jaa | jaa artikkeli | jaga | megosztás | κοινοποίηση |
μοιραστείτε το | сподели | podijeli | deli | подели | paylaş | bu yazıyı paylaş | مشاركة |
شارك | شارك المقال | اشتراک گذاری | שתף | שתפו | साझा करें | শেয়ার করুন | แชร์ |
chia sẻ | bagikan | kongsi | shiriki | 分享 | 分享到 | シェア | シェアする | 공유 |
공유하기
""")

# The names of languages, in themselves and in English: three in a row are a language switcher.
LANGUAGE_NAMES = frozenset(
    phrase_key(name) for row in LANGUAGES.values() for name in (row.autonym, row.english)
) | table("""
norsk | bokmål | nynorsk | farsi | filipino | simplified chinese | traditional chinese |
简体中文 | 繁體中文 | 繁体中文 | português do brasil | português (brasil) | english (us) |
english (uk) | svenska
""")
