"""A paragraph in each of many languages, and the old encodings that such text comes in."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["ENCODINGS", "PARAGRAPHS", "samples"]

PARAGRAPHS = {
    "ru": (
        "Пчеловод просыпается до рассвета и идёт к ульям на краю леса. Зимой он чинит рамки, весной с"
        "читает семьи, а летом собирает мёд и продаёт его на рынке у реки. Соседи говорят, что его ли"
        "повый мёд лучший в округе, но сам он больше любит гречишный. Вечером он записывает погоду в "
        "тетрадь: ветер, дождь, цветение."
    ),
    "uk": (
        "Пасічник прокидається до світанку і йде до вуликів на узліссі. Узимку він лагодить рамки, на"
        "весні рахує сім'ї, а влітку збирає мед і продає його на базарі біля річки. Сусіди кажуть, що"
        " його липовий мед найкращий в окрузі, але сам він більше любить гречаний. Увечері він запису"
        "є погоду: вітер, дощ, цвітіння."
    ),
    "bg": (
        "Пчеларят става преди изгрев и отива при кошерите в края на гората. През зимата поправя рамки"
        "те, през пролетта брои семействата, а през лятото събира меда и го продава на пазара до река"
        "та. Съседите казват, че липовият му мед е най-добрият в околността. Вечер той записва времет"
        "о в тетрадка: вятър, дъжд, цъфтеж."
    ),
    "be": (
        "Пчаляр прачынаецца да світання і ідзе да вулляў на ўскрайку лесу. Узімку ён рамантуе рамкі, "
        "вясной лічыць сем'і, а ўлетку збірае мёд і прадае яго на рынку каля ракі. Суседзі кажуць, шт"
        "о яго ліпавы мёд найлепшы ў акрузе, але сам ён больш любіць грэцкі. Увечары ён запісвае надв"
        "ор'е: вецер, дождж, цвіценне."
    ),
    "sr": (
        "Пчелар устаје пре зоре и иде до кошница на крају шуме. Зими поправља оквире, у пролеће броји"
        " друштва, а лети скупља мед и продаје га на пијаци поред реке. Комшије кажу да је његов липо"
        "в мед најбољи у крају, али он сам више воли хељдин. Увече бележи време у свеску: ветар, кишу"
        ", цветање и долазак ластавица."
    ),
    "pl": (
        "Pszczelarz wstaje przed świtem i idzie do uli na skraju lasu. Zimą naprawia ramki, wiosną li"
        "czy rodziny, a latem zbiera miód i sprzedaje go na targu nad rzeką. Sąsiedzi mówią, że jego "
        "miód lipowy jest najlepszy w okolicy, lecz on sam woli gryczany. Wieczorem zapisuje pogodę w"
        " zeszycie: wiatr, deszcz, żar."
    ),
    "cs": (
        "Včelař vstává před svítáním a jde k úlům na kraji lesa. V zimě opravuje rámky, na jaře počít"
        "á včelstva a v létě sbírá med a prodává ho na trhu u řeky. Sousedé říkají, že jeho lipový me"
        "d je nejlepší v okolí, ale on sám má raději pohankový. Večer si zapisuje počasí do sešitu: v"
        "ítr, déšť, kvetení a přílet vlaštovek."
    ),
    "sk": (
        "Včelár vstáva pred svitaním a ide k úľom na kraji lesa. V zime opravuje rámiky, na jar počít"
        "a včelstvá a v lete zbiera med a predáva ho na trhu pri rieke. Susedia hovoria, že jeho lipo"
        "vý med je najlepší v okolí, ale on sám má radšej pohánkový. Večer si zapisuje počasie do zoš"
        "ita: vietor, dážď a kvitnutie líp."
    ),
    "hu": (
        "A méhész hajnal előtt kel, és a kaptárakhoz megy az erdő szélére. Télen a kereteket javítja,"
        " tavasszal a családokat számolja, nyáron pedig mézet gyűjt, és a folyó melletti piacon adja "
        "el. A szomszédok szerint az ő hársméze a legjobb a környéken, de ő maga a hajdinát szereti. "
        "Este följegyzi az időjárást: szél, eső."
    ),
    "hr": (
        "Pčelar ustaje prije zore i ide do košnica na rubu šume. Zimi popravlja okvire, u proljeće br"
        "oji zajednice, a ljeti skuplja med i prodaje ga na tržnici uz rijeku. Susjedi kažu da je nje"
        "gov lipov med najbolji u kraju, ali on sam više voli heljdin. Navečer bilježi vrijeme u bilj"
        "ežnicu: vjetar, kišu, cvjetanje."
    ),
    "ro": (
        "Apicultorul se trezeşte înainte de răsărit şi merge la stupii de la marginea pădurii. Iarna "
        "repară ramele, primăvara numără familiile, iar vara strânge mierea şi o vinde la piaţa de lâ"
        "ngă râu. Vecinii spun că mierea lui de tei este cea mai bună din împrejurimi. Seara îşi note"
        "ază vremea: vântul, ploaia, înflorirea."
    ),
    "de": (
        "Der Imker steht vor Sonnenaufgang auf und geht zu den Bienenstöcken am Waldrand. Im Winter r"
        "epariert er die Rähmchen, im Frühjahr zählt er die Völker, im Sommer schleudert er den Honig"
        " und verkauft ihn auf dem Markt am Fluss. Die Nachbarn sagen, sein Lindenhonig sei der süßes"
        "te; er selbst mag den dunklen größer gern."
    ),
    "fr": (
        "L'apiculteur se lève avant l'aube et va aux ruches, à la lisière de la forêt. L'hiver, il ré"
        "pare les cadres ; au printemps, il compte les colonies ; l'été, il récolte le miel et le ven"
        "d au marché près du fleuve. Ses voisins disent que son miel de tilleul est le meilleur de la"
        " région, mais il préfère le châtaignier."
    ),
    "es": (
        "El apicultor se levanta antes del amanecer y va a las colmenas, junto al bosque. En invierno"
        " repara los cuadros, en primavera cuenta las colonias y en verano recoge la miel y la vende "
        "en el mercado del río. Los vecinos dicen que su miel de tilo es la mejor de la región, pero "
        "él prefiere la de castaño. ¿Lloverá mañana?"
    ),
    "sv": (
        "Biodlaren stiger upp före gryningen och går till kuporna vid skogsbrynet. På vintern lagar h"
        "an ramarna, på våren räknar han samhällena och på sommaren skördar han honungen och säljer d"
        "en på torget vid ån. Grannarna säger att hans lindhonung är bäst i trakten, men själv tycker"
        " han mer om ljung. Vädret noteras."
    ),
    "tr": (
        "Arıcı gün doğmadan kalkar ve ormanın kıyısındaki kovanlara gider. Kışın çerçeveleri onarır, "
        "ilkbaharda kolonileri sayar, yazın balı toplar ve ırmağın yanındaki pazarda satar. Komşuları"
        " ıhlamur balının yörenin en iyisi olduğunu söyler, ama o kestaneyi daha çok sever. Akşam hav"
        "ayı deftere yazar: rüzgâr, yağmur, çiçek."
    ),
    "lt": (
        "Bitininkas keliasi prieš aušrą ir eina prie avilių pamiškėje. Žiemą jis taiso rėmelius, pava"
        "sarį skaičiuoja šeimas, o vasarą renka medų ir parduoda jį turguje prie upės. Kaimynai sako,"
        " kad jo liepų medus yra geriausias apylinkėje, bet jis pats labiau mėgsta grikių. Vakare užs"
        "irašo orą: vėją, lietų, žydėjimą."
    ),
    "lv": (
        "Biškopis ceļas pirms rītausmas un dodas pie stropiem mežmalā. Ziemā viņš labo rāmīšus, pavas"
        "arī skaita saimes, bet vasarā vāc medu un pārdod to tirgū pie upes. Kaimiņi saka, ka viņa li"
        "epu medus ir labākais apkārtnē, taču viņam pašam vairāk garšo griķu medus. Vakarā viņš piera"
        "ksta laiku: vēju, lietu, ziedēšanu."
    ),
    "et": (
        "Mesinik tõuseb enne päikesetõusu ja läheb metsa äärde tarude juurde. Talvel parandab ta raam"
        "e, kevadel loeb peresid ning suvel kogub mett ja müüb seda jõeäärsel turul. Naabrid ütlevad,"
        " et tema pärnamesi on ümbruskonna parim, aga talle endale meeldib rohkem tatramesi. Õhtul ki"
        "rjutab ta üles ilma: tuule ja vihma."
    ),
    "el": (
        "Ο μελισσοκόμος ξυπνά πριν από την αυγή και πηγαίνει στις κυψέλες στην άκρη του δάσους. Τον χ"
        "ειμώνα επισκευάζει τα πλαίσια, την άνοιξη μετρά τα μελίσσια και το καλοκαίρι μαζεύει το μέλι"
        " και το πουλά στην αγορά δίπλα στο ποτάμι. Οι γείτονες λένε ότι το μέλι του είναι το καλύτερ"
        "ο. Το βράδυ σημειώνει τον καιρό."
    ),
    "he": (
        "הדבוראי קם לפני עלות השחר והולך אל הכוורות שבקצה היער. בחורף הוא מתקן את המסגרות, באביב הוא "
        "סופר את המושבות, ובקיץ הוא רודה את הדבש ומוכר אותו בשוק שליד הנהר. השכנים אומרים שדבש התרזה "
        "שלו הוא הטוב ביותר בסביבה, אבל הוא עצמו אוהב יותר דבש כהה. בערב הוא רושם במחברת את מזג האווי"
        "ר: רוח, גשם ופריחה."
    ),
    "ar": (
        "يستيقظ مربي النحل قبل الفجر ويذهب إلى الخلايا على طرف الغابة. في الشتاء يصلح الإطارات، وفي ا"
        "لربيع يعد الطوائف، وفي الصيف يجمع العسل ويبيعه في السوق قرب النهر. يقول الجيران إن عسل الزيز"
        "فون عنده هو الأفضل في المنطقة، لكنه يفضل العسل الداكن. وفي المساء يكتب في دفتره حال الطقس: ا"
        "لريح والمطر والإزهار."
    ),
    "fa": (
        "زنبوردار پیش از سپیده بیدار می شود و به کندوهای کنار جنگل می رود. در زمستان قاب ها را تعمیر "
        "می کند، در بهار خانواده ها را می شمارد و در تابستان عسل را برداشت می کند و در بازار کنار رود"
        "خانه می فروشد. همسایه ها می گویند عسل او بهترین عسل این ناحیه است، اما خودش عسل تیره را بیشت"
        "ر دوست دارد."
    ),
    "th": (
        "คนเลี้ยงผึ้งตื่นก่อนรุ่งสางแล้วเดินไปที่รังผึ้งริมป่า ในฤดูหนาวเขาซ่อมกรอบรัง ในฤดูใบไม้ผลิเ"
        "ขานับจำนวนรัง และในฤดูร้อนเขาเก็บน้ำผึ้งไปขายที่ตลาดริมแม่น้ำ เพื่อนบ้านบอกว่าน้ำผึ้งของเขาด"
        "ีที่สุดในย่านนี้ แต่ตัวเขาเองชอบน้ำผึ้งสีเข้มมากกว่า ตอนเย็นเขาจดสภาพอากาศลงในสมุด"
    ),
    "vi": (
        "Người nuôi ong thức dậy trước bình minh và đi đến những tổ ong ở bìa rừng. Mùa đông ông sửa "
        "khung, mùa xuân ông đếm đàn, còn mùa hè ông thu mật và bán ở chợ bên sông. Hàng xóm nói mật "
        "hoa của ông ngon nhất vùng, nhưng ông thích mật sẫm màu hơn. Buổi tối ông ghi thời tiết vào "
        "sổ: gió, mưa và mùa hoa nở."
    ),
    "ja": (
        "養蜂家は夜明け前に起きて、森の端にある巣箱へ向かう。冬は巣枠を直し、春は群れを数え、夏は蜂蜜"
        "を集めて川沿いの市場で売る。近所の人は、彼の菩提樹の蜜がこの辺りで一番だと言うが、本人は濃い"
        "色の蕎麦の蜜のほうが好きだ。夕方になると、風や雨や花の様子をノートに書きとめる。昨年は雨が多"
        "く、蜜はいつもの半分しか採れなかった。それでも彼は毎朝、巣箱のふたをそっと開ける。"
    ),
    "zh": (
        "养蜂人天不亮就起床，走到树林边的蜂箱旁。冬天他修理巢框，春天他清点蜂群，夏天他采收蜂蜜，拿到"
        "河边的集市上去卖。邻居们都说他的椴树蜜是这一带最好的，可是他自己更喜欢颜色深的荞麦蜜。晚上他"
        "把天气记在本子上：风向、雨量和花期。去年雨水太多，蜂蜜只有往年的一半。但是他仍然每天早晨轻轻"
        "地打开蜂箱的盖子，听听里面的声音。"
    ),
    "zh-Hant": (
        "養蜂人天還沒亮就起床，走到樹林邊的蜂箱旁。冬天他修理巢框，春天他清點蜂群，夏天他採收蜂蜜，拿"
        "到河邊的市集上去賣。鄰居們都說他的椴樹蜜是這一帶最好的，可是他自己更喜歡顏色深的蕎麥蜜。晚上"
        "他把天氣記在本子上：風向、雨量和花期。去年雨水太多，蜂蜜只有往年的一半。但是他仍然每天早晨輕"
        "輕地打開蜂箱的蓋子，聽聽裡面的聲音。"
    ),
    "ko": (
        "양봉가는 동이 트기 전에 일어나 숲 가장자리에 있는 벌통으로 간다. 겨울에는 틀을 고치고 봄에는"
        " 벌 무리를 세며 여름에는 꿀을 모아 강가의 시장에서 판다. 이웃들은 그의 피나무 꿀이 이 근방에"
        "서 가장 좋다고 말하지만 그는 색이 짙은 메밀꿀을 더 좋아한다. 저녁이면 그는 공책에 바람과 비"
        "와 꽃이 피는 때를 적는다. 지난해에는 비가 많이 와서 꿀이 절반밖에 나오지 않았다."
    ),
}

_CYRILLIC = "cp1251 koi8-r iso8859-5 cp866 mac-cyrillic"
_CENTRAL = "cp1250 iso8859-2 cp852 mac-latin2"
_WESTERN = "cp1252 iso8859-15 cp850 mac-roman"
_WIDE = "utf-16-le utf-16-be utf-32-le utf-32-be"

ENCODINGS = {
    "ru": _CYRILLIC,
    "uk": "cp1251 koi8-u iso8859-5 cp1125 mac-cyrillic",
    "bg": "cp1251 iso8859-5 cp866 mac-cyrillic",
    "be": "cp1251 iso8859-5 koi8-u",
    "sr": "cp1251 iso8859-5 mac-cyrillic cp855",
    "pl": _CENTRAL,
    "cs": _CENTRAL,
    "sk": "cp1250 iso8859-2 cp852",
    "hu": "cp1250 iso8859-2 cp852",
    "hr": "cp1250 iso8859-2 cp852",
    "ro": "cp1250 iso8859-2",
    "de": _WESTERN,
    "fr": _WESTERN,
    "es": _WESTERN,
    "sv": _WESTERN,
    "tr": "cp1254 iso8859-9 cp857",
    "lt": "cp1257 iso8859-13 cp775",
    "lv": "cp1257 iso8859-13 iso8859-4",
    "et": "cp1257 iso8859-15 cp775",
    "el": "cp1253 iso8859-7 cp737",
    "he": "cp1255 iso8859-8 cp862",
    "ar": "cp1256 iso8859-6 cp864",
    "fa": "cp1256",
    "th": "cp874 tis-620",
    "vi": "cp1258",
    "ja": "shift_jis euc-jp iso2022-jp cp932",
    "zh": "gb18030 gbk hz big5hkscs",
    "zh-Hant": "big5 gb18030 euc-tw",
    "ko": "euc-kr cp949 iso2022-kr johab",
}


def samples(length: int) -> Iterator[tuple[str, str, str, bytes]]:
    """(language, encoding, text, bytes) of about so many characters, where the encoding has them all."""
    for language, paragraph in PARAGRAPHS.items():
        text = ("\n".join([paragraph] * (length // len(paragraph) + 1)))[:length]
        for encoding in f"{ENCODINGS[language]} {_WIDE}".split():
            try:
                data = text.encode(encoding)
            except (UnicodeEncodeError, LookupError):
                continue
            if data.decode(encoding) == text:
                yield language, encoding, text, data
