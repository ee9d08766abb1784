"""Each language's most usual small words: they tell near languages apart in a sentence, where letters do not.

A word may stand in several rows; it then speaks for all of them alike. For Chinese, Cantonese and Japanese,
which have no spaces, these are characters that the others do not use, or use much less.
"""

from __future__ import annotations

__all__ = ["WORDS"]

WORDS: dict[str, frozenset[str]] = {
    code: frozenset(words.split())
    for code, words in {
        "af": "die en het is van nie dat hy sy ek jy ons hulle wat om te met vir op as maar ook "
        "was deur hierdie kan sal moet word na by aan uit hoe waar wanneer baie geen",
        "ar": "في من على إلى ان أن هذا هذه التي الذي ما لا هو هي كان كانت عن مع كل بعد قبل بين أو "
        "ثم قد لم كيف هل ماذا أين متى لماذا عند كما إذا حتى يمكن غير الى أي وهو وهي ذلك",
        "as": "আৰু এই হয় কৰা পৰা কৰে নহয় তেওঁ এটা বাবে কিয় কেনেকৈ কি হৈছে",
        "ast": "el la los les y nun que ye son del na pa una tamién esti esta pero más como cuando "
        "ún ensin onde fai hai dende xunto yera yeren mesmu munchu unu al qué cómo",
        "az": "və bir bu ilə üçün də da ki olan olaraq var daha çox sonra kimi amma nə necə niyə "
        "hansı onun onlar mən sən biz siz deyil idi edir hər haqqında qədər arasında",
        "ba": "һәм был бер менән өсөн булған түгел да дә ләкин тип нисек кем нимә бында улар беҙ "
        "һеҙ мин уның күп булып тура ҡала ниңә ҡайҙа",
        "be": "і у на з што не як да для гэта па ад але яго яна яны ён быў была было каб калі пра "
        "ці або таксама толькі вельмі які якая дзе чаму мы вы іх пасля",
        "bg": "и на в за от се да не с е са по че как но той тя те ще беше като или при във със до "
        "това тази този които която който само след има може какво защо къде кога му ги си бяха съм ли "
        "вече много",
        "bn": "এবং এই করে হয় থেকে না তার জন্য একটি কি কেন কীভাবে করা সঙ্গে ছিল তাদের যে ও আমি "
        "আপনি কোন কোথায় হয়েছে কিন্তু",
        "br": "ar an al ha hag en e a gant da evit er ur un ul ez eo oa ket war eus peseurt penaos "
        "perak piv ma me hon int bet o ivez",
        "bs": "i u je na se da za su od sa što koji kao ali iz ne nije bio bila po do samo ili kad "
        "kada šta ko gdje uvijek poslije prije vrijeme dio sedmica sedmice hljeb lahko općina hiljada "
        "univerzitet ovdje mlijeko zašto može biti ima kako cijeli također historija sretan februar "
        "januar juni kahva mehko dvije niko neko lijep lijepa lijepo bijeli bijela mjesto mjesta "
        "pjesma pjesme rijeka rijeci rijeke cvijet cvijeće svijet svijeta zvijezda djeca djece "
        "djevojka vijest vijesti dijete ljeti riječ riječi nedjelja nedjelje nedjelju snijeg vjetar "
        "mlijeka dijela cijela vidjeti živjeti htjeti ponedjeljak srijeda razumije rješenje primjer",
        "ca": "el la els les i de que en a per amb no un una es és són com més però del al dels "
        "als pel també aquest aquesta quan on què hi ha ser fer va molt sense fins perquè seva seu "
        "després li quina quin o",
        "ceb": "ang sa nga ug mga ni si og kay na ko siya sila kami kita ikaw unsa kinsa asa "
        "kanus-a ngano giunsa dili wala adunay naa aduna alang gikan niya nako nimo iyang ilang among "
        "atong akong imong usa ka kini kana kadto apan kung kon ania didto dinhi pinaagi tungod sama "
        "usab lang karon unya mao kaayo ba nila hain pila tibuok duna kinahanglan ayaw nganong kinsay "
        "unsay matag aron ra man moadto adto buot dako gamay balay tuig bulan adlaw gabii kaniadto "
        "daghan tawo kaon tubig buhat hangtod samtang human anaa mahimo mahimong diha niadto niini "
        "niana kanako kanimo kanamo duha tulo upat kabalo gahapon ugma igsoon igsuon bisan busa lamang "
        "pinakaiya gani dayon gayod jud gyud ayha kaniya nimong dihay kadtong ihatag atubangan trabaho "
        "siyang akoa imoha dunay nato ato para",
        "ckb": "و لە بە بۆ کە ئەم ئەو لەگەڵ بوو یەک دوو نییە هەیە ئەوە ئێمە من تۆ چی چۆن بۆچی کوێ "
        "لەسەر دەکات دەبێت هەموو زۆر دوای پێش لەو لەم ئەوان",
        "cs": "a v se na je že s z do o k i jako ale za by pro po to ve jsou byl byla bylo nebo "
        "který která které si při jsem jeho jejich už jen také ještě když kde proč co kdo není má může "
        "ze od aby tak být jsme nás mi mě protože než kdy jsi tento čem ji",
        "cy": "y yr a i o yn ar am gan mae ac ei eu oedd yw bod nid ond wedi at hyn sydd sut pam "
        "beth pwy ble pryd rhwng fel hwn hon ni fod roedd",
        "da": "og i at det er en til på som af de med han for der den ikke et jeg vi du har om var "
        "sig men kan fra hvad hvordan hvorfor hvor hvornår efter eller meget nogle nogen mig dig "
        "bliver blev være over også når skal kun ud op hun mod lige selv noget deres hvilken hvilket "
        "bedre nu uden siden mellem",
        "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als "
        "auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über so "
        "zum war haben nur oder aber vor zur bis mehr durch man was wer wo wann warum ich wir ihr kann "
        "einen",
        "en": "the of and to in a is that for it was on are as with his they at be this from have "
        "or by one had not but what all were when we there can an your which their if will how do does "
        "why who where has its than about between i you he she more did",
        "eo": "la kaj de en estas al por ne mi vi li ŝi ni ili kiu kio kiel kial kie kiam ke el "
        "sed ĝi oni pri kun ĉu tiu tio estis pli tre ankaŭ aŭ sur da ĝis unu",
        "es": "de la que el en y a los se del las un por con no una su para es al lo como más pero "
        "sus le ya o este sí porque esta entre cuando muy sin sobre también me hasta hay donde desde "
        "todo nos durante qué cómo cuál dónde cuándo quién son fue ser está yo él ella tiene",
        "et": "ja on ei ta et see ma kui oma ka oli mis aga või siis sa nad seda me ning kes "
        "kuidas miks kus millal selle olen ära veel pärast nii kõik väga üks pole olid mida minu tema "
        "juba sest kas vahel mille nende",
        "eu": "eta da ez bat du dira zen ere baina hau izan dute egin baino zer nola zergatik non "
        "noiz nor dago oso bere edo hori beste behar den ziren duen nik zuen",
        "fa": "و در به از که این را با است برای آن یک می های خود تا بر هم او ما من شما آنها اما یا "
        "چه چگونه چرا کجا کدام شد شده بود کرد هر دو نیز می‌شود می‌کند ای باید هستند نیست بین",
        "fi": "ja on ei se että hän oli joka mutta ovat kun niin tai kuin ole hänen myös minä sen "
        "jos mitä miten miksi missä milloin kuka sitten vain nyt ne en olen tämä jo sekä kaikki voi "
        "vielä mikä minun ovatko me te he siitä jälkeen ennen",
        "fo": "og í at ið er á við eru ikki tað til av fyri sum hann hon teir var ein frá men um "
        "tá hevur kann eg vit tú hví hvat hvussu hvar tær seg eisini so eitt",
        "fr": "de la le et les des en un une du que est pour qui dans a par plus pas au sur ne se "
        "ce il sont avec ou mais comme elle on nous vous leur cette ces aux sa son été fait être ont "
        "tout très comment pourquoi où quand quel quelle entre je tu",
        "fy": "de it en fan yn is dat hy in te op mei foar net as wie har wat mar ek út oer troch "
        "by nei sy ik jo wy binne hoe wêrom wêr nea dy syn oan sa kin hat",
        "ga": "an na agus a i ar is le go tá ag don ní sé sí bhí as seo sin ach mar cén conas cad "
        "cathain cé do faoi siad mé tú leis nach raibh ó cá bhfuil",
        "gd": "an a na agus air tha is am e i ann anns chan gu le do bha seo sin ach carson ciamar "
        "dè cuin cò càite bho iad mi thu leis nach às bhith aig",
        "gl": "de a o que e do da en os para as un unha se por con non no na dos das é como máis "
        "ao mais pero ou sobre foi ten este moi cando onde pola polo tamén xa súa seu hai son ata sen "
        "ser lle iso qué nos nas á eu el ela aquí agora ninguén moito",
        "ha": "da na a ya ta ne ce wannan don ba shi ita sun suna yana tana cikin ga kuma ko amma "
        "yadda yaya me ina mene yaushe wanda wata daga kan mai zuwa akwai sai",
        "he": "של את על לא הוא היא עם זה כי גם או אל יש אני אם כל היה מה איך למה איפה מתי מי זו "
        "בין לפני אחרי הם אבל כמו רק יותר אנחנו הזה שלו שלה אין לו",
        "hi": "के में है की और का को से यह हैं पर एक कि नहीं भी इस था थे थी तो ने वह हो जा या लिए "
        "करने किया साथ अपने कर रहा रहे रही गया गई होता होती होते क्या क्यों कैसे कहाँ कब कौन मैं हम आप "
        "तुम बाद उस उसके जो बहुत",
        "hr": "i u je na se da za su od sa što koji kao ali iz ne nije bio bila po do samo ili kad "
        "kada tko gdje uvijek poslije prije vrijeme dio tjedan tjedna tjedni kruh općina tisuća "
        "sveučilište ovdje mlijeko zašto može biti ima kako cijeli također povijest sretan veljača "
        "siječanj lipanj kava vlak zrak netko nitko tvrtka dvije ožujak srpanj svibanj vlaka lijep "
        "lijepa lijepo bijeli bijela mjesto mjesta pjesma pjesme rijeka rijeci rijeke cvijet cvijeće "
        "svijet svijeta zvijezda djeca djece djevojka vijest vijesti dijete ljeti riječ riječi "
        "nedjelja nedjelje nedjelju snijeg vjetar mlijeka dijela cijela vidjeti živjeti htjeti "
        "ponedjeljak srijeda razumije rješenje primjer",
        "ht": "ak nan yo li ki pou sa yon te ap pa gen se mwen ou nou la a an pi sou poukisa kijan "
        "kisa tout lè kote men oswa de moun fè konsa tankou",
        "hu": "a az és nem hogy is egy van ez meg de el volt csak mint már ki azt kell fel még "
        "lehet vagy minden be után le össze mi hogyan miért hol mikor én te ő sem között nagyon lesz "
        "ha aki ami amely",
        "id": "yang dan di ini itu dengan untuk dari tidak dalam akan pada adalah ke karena juga "
        "oleh ada saya bisa atau mereka telah seperti kami kita kamu dia sudah apa bagaimana mengapa "
        "kenapa kapan mana siapa bahwa lebih anda sangat bukan ketika antara namun uang kantor bahasa "
        "mobil sepeda tapi ingin boleh tetapi sekarang aku kepada sedang pernah hanya jika kalau pun "
        "lalu belum harus agar bagi hari tahun orang semua kalian bapak ibu apakah bisakah dimana nya",
        "ig": "na nke bụ ya ndị a ka maka ọ o di dị ma onye nwere mgbe kedu gịnị ebee gini ihe ha "
        "anyị m gị site banyere ọzọ niile",
        "is": "og að í er á sem til við um var ekki en það með af hann hún fyrir eru þeir þá ég þú "
        "hvað hvernig hvers hvar hvenær hver þetta verið eða frá hafa eftir svo þegar vegna sé þar",
        "it": "di e il la che in a per un è del della non le una con si da i dei come al gli nel "
        "più alla sono anche dal ha lo ma delle ed o se questo questa suo sua tra perché quando dove "
        "chi cosa quale io tu nella essere stato molto degli sul",
        "ja": "図 駅 対 気 働 込 円 広 発 読 売 変 経 検 続 歳 県 塩 焼 絵 団 応 仏 沢 権 弾 辺 齢 "
        "様 択 駄 匂 峠 畑 畠 枠 栃 凪 雫 辻 榊 枡 俣 々 渋 郷 総 労 営 単 験 両 価 児 悪 黒 戦 帰 囲 "
        "縄 渓 縁 黙 歩 毎 伝 実 楽 庁 桜 拡 拠 顕 挙 稲 関 徴 転 軽 圧 処 剤 済 鉄 覚 乗 亜 仮 壊 栄 "
        "鋭 駆 恵 撃 険 献 厳 桟 暁 嬢 穣 醸 専 浅 銭 繊 捜 騒 蔵 帯 滞 徳 悩 脳 廃 拝 髪 抜 浜 払 豊 "
        "満 訳 薬 揺 謡 頼 覧 竜 猟 緑 塁 励 霊 暦 録",
        "jv": "ing lan kang sing iku iki saka karo wong ora ana kanggo dadi uga menyang marang apa "
        "piye kepriye kenapa sapa ngendi kapan aku kowe dheweke utawa nanging luwih banget wis arep "
        "bisa yaiku",
        "kk": "және мен бір бұл да де үшін емес бар деп болып болды оның ол осы сол біз сіз қалай "
        "неге қайда қашан кім не жоқ арқылы туралы кейін көп бойынша ма ме",
        "ku": "û li di de ji ku bi bo ev ew nav ser yê ya yên da jî na ne ez tu em hûn çi çima "
        "çawa kî kengî hemû pir piştî berî wek an lê ye in bû",
        "ky": "жана менен бир бул да үчүн эмес бар деп болгон болуп анын ал ошол биз сиз кандай "
        "эмне качан ким жок аркылуу тууралуу кийин көп боюнча кайда кантип эле",
        "la": "et in est non ad cum ut quod sed qui ex si de quae sunt esse ab per hic nec aut "
        "enim etiam quam eius autem atque erat ac quid cur ubi quando quis sua se post ante pro inter",
        "lb": "de an ass a vun fir mat dat et net ze den dem sinn op si och huet als e eng gëtt "
        "wéi firwat wou wien ech mir dir hien awer nach vum zu bei no um ginn ware war",
        "lt": "ir yra kad į su iš tai o ne kaip ar už bet jis ji buvo nuo apie po prie tik jo dar "
        "aš mes jūs kas kur kodėl kada kuris kuri jau labai būti gali pagal tarp kai arba šis nėra "
        "todėl ką mano jos jie savo",
        "lv": "un ir ka ar no uz par kas tas tā nav arī vai es viņš viņa bija lai kā bet pie pēc "
        "ja tikai jau mēs jūs kāpēc kur kad cik kurš tiek var būt līdz starp vairāk ļoti šī šis gan "
        "savu to nekā",
        "mg": "ny ary ao dia izy no tsy fa ho ireo izany ity ka sy ahoana inona iza aiza oviana "
        "nahoana rehetra noho aho isika ianao misy",
        "mk": "и на во за од се да не со е по дека како но тој таа тие ќе беше или при до тоа оваа "
        "овој кои која кој само после има може што зошто каде кога му ги си биле сум ли веќе многу "
        "сите под најмногу",
        "mn": "ба нь байна юм энэ тэр бол нэг байсан гэж болно хүн их ч дээр харин биш бид та би "
        "юу яагаад хаана хэзээ хэн яаж мөн болон бүх үед",
        "mr": "आणि आहे या ते हे तो ती मध्ये आहेत नाही होते होता होती एक की पण च का कसे काय कुठे "
        "कोण केव्हा मी आम्ही तुम्ही त्या त्यांच्या असे करून साठी म्हणून झाला झाली झाले जे किंवा वर ला "
        "चा ची चे केले केला केली असतो असते",
        "ms": "yang dan di ini itu dengan untuk dari tidak dalam akan pada adalah ke kerana juga "
        "oleh ada saya atau mereka telah seperti kami kita awak dia sudah apa bagaimana mengapa kenapa "
        "bila mana siapa bahawa lebih anda sangat bukan apabila antara namun wang pejabat ialah "
        "basikal beliau iaitu daripada manakala sahaja hendak encik mahu aku kepada sedang pernah "
        "hanya jika kalau pun lalu belum harus agar bagi hari tahun orang semua ibu adakah bolehkah "
        "tak perlu tapi cuba sebab boleh tetapi ketika sekarang",
        "mt": "il- li u għal dan din hija huwa kien mhux minn jew imma kif għaliex fejn meta min "
        "aħna jiena int kollha wara qabel bejn tal- fil- fl- bil- iktar kienet",
        "nb": "og i å det er en til på som av de med han for der den ikke et jeg vi du har om var "
        "seg men kan fra hva hvordan hvorfor hvor når etter eller mye noen meg deg blir ble være over "
        "også skal bare ut opp hun mot selv noe deres hvilken hvilket bedre nå uten siden mellom dere "
        "uke sitt selskapet",
        "ne": "र छ को मा ले लाई यो हो छन् गर्न पनि भएको गरेको एक तर हुन् थियो थिए भने गर्ने किन "
        "कसरी के कहाँ कहिले म हामी तपाईं उनी उनको गर्छ हुन्छ छैन यस त्यो साथ देखि बाट पछि नेपाल रहेको "
        "लागि हुने वा जस्तै",
        "nl": "de van het een en in is dat op te zijn met voor die niet aan er om ook als dan maar "
        "bij nog uit door over ze hij wordt was naar heeft hoe waarom waar wanneer wie wat ik je wij "
        "tot kan meer geen deze dit worden werd tussen hun u",
        "nn": "og i å det er ein til på som av dei med han for der den ikkje eit eg vi du har om "
        "var seg men kan frå kva korleis kvifor kvar når etter eller mykje nokon meg deg blir vart "
        "vere over også skal berre ut opp ho mot sjølv noko deira betre no utan sidan mellom de veke "
        "sitt dykk me blei då",
        "oc": "lo la los las de e que en un una es per amb dels del al son dins a mas pas o aquel "
        "aquesta quand ont cossí perqué fòrça plan aver èsser sens tanben tot pus sus se foguèt",
        "pl": "i w na z do się nie to że jest o jak po co ale od za przez dla są czy lub przy był "
        "była było tylko jego jej ich który która które oraz już może ma jednak dlaczego gdzie kiedy "
        "kto tak bardzo także ten ta aby być między jako ze ja my wy jaki jaka",
        "ps": "په د او کې ته له دي چې يو دا هم نه وي سره يې کړي شوي لري څخه مو زه موږ څنګه ولې "
        "چېرته څوک څه کله ده کړ شي پر دوی هغه یې دی",
        "pt": "de a o que e do da em um para é com não uma os no se na por mais as dos como mas "
        "foi ao ele das tem à seu sua ou ser quando muito há nos já está eu também só pelo pela até "
        "isso ela entre era depois sem mesmo aos seus quem nas me esse eles qual onde quê porque são "
        "num numa",
        "ro": "și de în a la cu pe o un este nu care că din pentru mai să se sunt ca au fost prin "
        "dar dacă sau după într până lui ei lor al ale unei unui cum ce unde când cine foarte între "
        "această acest eu el ea noi îi am",
        "ru": "и в не на что с он как это по но из у к за от а для же так все она они был была "
        "было были или если при только его её их когда где почему кто уже ещё еще чтобы может есть "
        "который которая очень мы вы я до со ли после об сколько какие какой этот между",
        "sa": "च न अस्ति इति एव तु वा अपि सः तत् यत् यः तस्य भवति सन्ति किम् कथम् कुत्र कदा अहम् "
        "त्वम् सह ते अत्र तत्र सर्वे हि",
        "se": "ja lea ii dat leat go lei maid dan son mii sii mun don gos goas manne mo mat leai "
        "dain das daid muhto dahje birra gaskkas maŋŋel ovdal",
        "sk": "a v sa na je že s z do o k aj ako ale za by pre po to vo sú bol bola bolo alebo "
        "ktorý ktorá ktoré si pri som jeho ich už len tiež ešte keď kde prečo čo kto nie má môže zo od "
        "aby tak byť sme nás mi ma pretože než kedy tento čom jej iba veľmi medzi",
        "sl": "in v je na se da za so pa ne od kot tudi z s ki po ali bi do pri še le bil bila "
        "bilo če ko kako zakaj kje kdaj kdo kaj že lahko med samo smo sem ni iz to ta tem ima več "
        "katere kateri imajo ter pred ob",
        "so": "iyo ee ka ku waa in u la uu oo ay waxa si ah ayaa soo kala ama laga loo isku sida "
        "maxaa sidee halkee goorma yaa aan wuxuu waxay kuwa lagu badan inta waxaan kale",
        "sq": "dhe në e të i për me një që është nga si nuk ka më janë por u do ose kjo ky kur ku "
        "pse çfarë kush ishte duke shumë tij saj edhe kanë mund midis pas tek vetëm ju ne unë së",
        "sr": "и у је на се да за су од са што који као али из не није био била по до само или кад "
        "шта ко где увек после пре време део недеља хлеб лако овде млеко зашто може бити има како цео "
        "такође i u je na se da za su od sa što koji kao ali iz ne nije bio bila po do samo ili kad "
        "kada šta ko gde uvek posle pre vreme deo nedelja nedelje hleb hleba lako opština hiljada "
        "univerzitet ovde mleko zašto može biti ima kako ceo cela takođe istorija srećan januar "
        "februar jun kafa voz vazduh neko niko preduzeće dve svet reč reka леп река реч две пошто док "
        "те њих његов овај lepo cveće svetlo zvezda belo mesto pesma devojka lepa beli bela mesta "
        "pesme reci reke cvet sveta deca dece vest vesti dete leti nedelju sneg vetar mleka dela "
        "videti živeti hteti ponedeljak sreda razume rešenje primer",
        "st": "ea le ho ka e ba ke ha tsa la a mme hore hape empa ya o bona ena joang hobaneng kae "
        "neng mang tse tsena batho haholo jwang wa ntho lena sa",
        "sv": "och i att det som en på är av för den med till inte om ett han men var jag de vi du "
        "sig har från kan så vad hur varför när efter eller mycket några mig dig blir blev vara över "
        "också ska bara ut upp hon mot själv något deras vilken vilket bättre nu utan mellan där många "
        "än måste skulle er",
        "sw": "na ya wa kwa katika ni la za cha kuwa hii hiyo huo huu kama lakini au pia si yake "
        "wake kila ili bila jinsi gani nini nani wapi lini mimi wewe yeye sisi wao baada kabla kwamba "
        "sana hilo hizo ambayo zaidi kati mtu watu vipi vya",
        "tg": "ва дар аз ки ба ин бо барои як аст он буд мо шумо онҳо ман ҳам то ё чӣ чаро куҷо кӣ "
        "тавр вай бисёр шуд намуд баъд пеш байни",
        "tk": "we bir bu bilen üçin hem däl bar diýip bolup boldy onuň ol şol biz siz näme nähili "
        "näçe kim nirede haçan köp soň ýaly edip ýok barada",
        "tl": "ang ng mga sa na at ay si ni ko siya sila kami tayo ikaw ka ano sino saan kailan "
        "bakit paano hindi wala may mayroon para mula niya nila namin natin iyon ito iyan ngunit pero "
        "kung nasa doon dito dahil tulad din rin lang lamang ngayon noong upang ibang isang isa "
        "kanyang kanilang aking iyong kay po ba pag kapag nang pa naman akong ako araw tao bahay taon "
        "bulan dalawa tatlo apat huwag kailangan gusto pong ating aming anong sinong talaga lahat "
        "marami maraming bawat mas dati bukas kahapon kahit habang matapos pagkatapos maging gamit "
        "nito niyon kaya muna",
        "tn": "le mo go ka e ba ya ke fa tsa la a mme gore gape fela o bone jang goreng kae leng "
        "mang tse tseno batho thata wa sa eo tshwanang kwa jaaka yo dilo nne bua ga ne rona gonne",
        "tr": "ve bir bu da de için ile çok ne daha gibi olan olarak var kadar sonra ama o her ki "
        "mi mı değil en ben sen biz siz nasıl neden niçin nerede kim hangi idi şey bunu onun ise veya "
        "ya bana zaman arasında yok şu mu olduğu",
        "tt": "һәм бу бер белән өчен булган түгел да дә ләкин дип ничек кем нәрсә монда алар без "
        "сез мин аның күп булып буенча ул аша нинди кайда нигә инде соң",
        "ug": "ۋە بۇ بىر بىلەن ئۈچۈن ئەمەس بار دەپ بولۇپ ئۇ ئۇنىڭ بىز سىز مەن نېمە قانداق قەيەر "
        "كىم قاچان كۆپ كېيىن ئۇلار ھەم بولغان",
        "uk": "і в у на не що з як це до та й він вона вони за але від для про із був була було "
        "були або якщо при тільки його її їх коли де чому хто вже ще щоб може є який яка дуже ми ви я "
        "зі чи після скільки які цей між мене бути йому тебе мені",
        "ur": "کے میں ہے کی اور کا کو سے یہ ہیں پر ایک کہ نہیں بھی اس تھا تھے تھی تو نے وہ ہو جا "
        "یا لئے لیے کرنے کیا ساتھ اپنے کر رہا رہے رہی گیا گئی ہوتا ہوتی ہوتے کیوں کیسے کہاں کب کون ہم "
        "آپ بعد جو بہت",
        "uz": "va bir bu bilan uchun ham da emas bor deb boʻlib edi uning u shu biz siz men nima "
        "qanday nega qayerda kim qachon koʻp keyin yoki lekin kabi qilish ga haqida",
        "vi": "và của là có không được cho các trong một người những với để này đã khi từ ra đến "
        "như về nhiều cũng bị thì tại trên gì sao nào đâu ai bao thế vì ở tôi bạn anh chúng nếu hay "
        "hoặc phải làm còn",
        "xh": "kwaye ukuba ngokuba kuba xa njani ntoni phi nini ngubani thina mna wena bona lo le "
        "la apho kakhulu kodwa okanye yaye kule nge ukuze oku aba ezi enye njengoko yena into abantu "
        "kwi",
        "yi": "און די דער איז אַ אין פֿון צו האָט נישט ניט מיט דאָס איך ער זי מיר איר אַז וואָס "
        "ווי פאַר אויף אויך זענען וואו ווער ווען נאָר דעם האבן אבער אדער זיך זיין א דאס האט פון וואס",
        "yo": "ni ti ati awọn àwọn ó o si sí ń wọn fún fun kan lati láti náà naa pé jẹ bí gbogbo "
        "kí kini báwo nígbà ta ibo mo àti nínú wà sì tí",
        "yue": "嘅 咗 喺 唔 冇 佢 哋 啲 嗰 嚟 咁 乜 嘢 俾 畀 嗌 瞓 噉 嘥 攞 揾 搵 諗 嬲 嘞 㗎 咩 睇 "
        "冧 啱 嗱 咪 係 噏 孖 乸 嗮 晒",
        "zh": "们 这 说 没 吗 么 还 让 给 过 对 时 个 为 从 呢 您 她 它 你 很 爱 們 這 說 沒 嗎 麼 "
        "還 讓 對 會 為 從 妳 是 的 請 请 钱 錢 點 几 幾",
        "zu": "futhi ukuthi ngoba uma kanjani ini kuphi nini ubani thina mina wena bona lo le "
        "lapho kakhulu kodwa noma kule nge ukuze lokhu laba lezi enye njengoba yena into abantu ku "
        "yini ngani kwi",
    }.items()
}
"""Lower-case words of a language; single characters of those that are written without spaces."""
