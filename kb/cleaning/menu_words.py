"""Words of menus, share bars, comment forms and page feet around the world. Data only.

As in :mod:`kb.cleaning.phrases`, nothing here takes a line out by itself: the rules also ask where it stands,
what stands beside it, and whether the article speaks of it.
"""

from __future__ import annotations

import regex

from kb.cleaning.phrases import SHARE, table

__all__ = ["ADVERT", "COMMENTS", "LEGAL", "NAVIGATION", "PAGER", "SHARE_START", "SHARING", "SOCIAL"]

# The entries of menus: home, about, contact, search, log in …
NAVIGATION = table("""
home | home page | homepage | main page | menu | main menu | navigation | search | log in | login |
sign in | sign up | register | my account | account | cart | basket | about | about us | about me |
contact | contact us | contacts | blog | news | shop | store | faq | help | archive | archives |
categories | all categories | services | subscribe | donate | gallery | events | team | careers |
press | strona główna | start | o nas | o mnie | kontakt | szukaj | zaloguj | zaloguj się |
rejestracja | koszyk | aktualności | startseite | über uns | über mich | suche | suchen | anmelden |
registrieren | warenkorb | mein konto | aktuelles | accueil | à propos | qui sommes-nous |
nous contacter | contactez-nous | recherche | rechercher | connexion | s'inscrire | panier |
actualités | inicio | quiénes somos | sobre nosotros | sobre mí | contacto | contáctanos | buscar |
iniciar sesión | acceder | registrarse | carrito | noticias | tienda | início | página inicial | sobre |
sobre nós | quem somos | contato | contactos | fale conosco | pesquisar | entrar | iniciar sessão |
notícias | loja | chi siamo | contatti | cerca | accedi | registrati | carrello | notizie |
pagina iniziale | negozio | over ons | over mij | zoeken | inloggen | aanmelden | winkelwagen | nieuws |
winkel | hjem | forside | om oss | om meg | om os | om mig | kontakt oss | kontakt os | søk | søg |
logg inn | log ind | nyheter | nyheder | butikk | hem | kontakta oss | sök | logga in | butik |
etusivu | tietoa meistä | meistä | yhteystiedot | ota yhteyttä | haku | hae | kirjaudu |
kirjaudu sisään | uutiset | kauppa | avaleht | esileht | meist | otsi | logi sisse | uudised | pood |
sākums | sākumlapa | par mums | kontakti | meklēt | pieslēgties | reģistrēties | jaunumi | ziņas |
veikals | pradžia | pagrindinis | apie mus | kontaktai | ieškoti | paieška | prisijungti |
registruotis | naujienos | parduotuvė | главная | главная страница | на главную | о нас | о сайте |
о проекте | о компании | контакты | обратная связь | поиск | найти | войти | вход | регистрация |
корзина | новости | магазин | меню | личный кабинет | головна | головна сторінка | про нас | про сайт |
контакти | пошук | увійти | вхід | реєстрація | новини | галоўная | пра нас | кантакты | úvod | domů |
domov | o nás | o mně | hledat | hľadať | vyhledávání | přihlásit | přihlásit se | prihlásiť sa |
registrace | košík | novinky | aktuality | obchod | naslovnica | početna | početna strana |
početna stranica | naslovna | o nama | traži | pretraga | prijava | registracija | vijesti | vesti |
trgovina | o meni | iskanje | novice | почетна | о нама | контакт | претрага | вести | начало | за нас |
търсене | почетна страница | барај | acasă | despre noi | despre mine | despre | căutare | caută |
autentificare | coș | știri | kezdőlap | főoldal | nyitólap | rólunk | rólam | kapcsolat | keresés |
bejelentkezés | regisztráció | kosár | hírek | αρχική | αρχική σελίδα | σχετικά | σχετικά με εμάς |
ποιοι είμαστε | επικοινωνία | αναζήτηση | σύνδεση | εγγραφή | νέα | ειδήσεις | ballina | rreth nesh |
ana sayfa | anasayfa | hakkımızda | hakkımda | iletişim | bize ulaşın | arama | ara | giriş |
giriş yap | üye ol | sepet | haberler | ana səhifə | haqqımızda | əlaqə | басты бет | біз туралы |
байланыс | bosh sahifa | biz haqimizda | aloqa | գլխավոր | մեր մասին | կապ | მთავარი | ჩვენს შესახებ |
კონტაქტი | الرئيسية | الصفحة الرئيسية | من نحن | عن الموقع | اتصل بنا | بحث | تسجيل الدخول | أخبار |
صفحه اصلی | خانه | درباره ما | تماس با ما | جستجو | ورود | ثبت نام | اخبار | صفحۂ اول | ہمارے بارے میں |
رابطہ | דף הבית | ראשי | אודות | אודותינו | צור קשר | צרו קשר | חיפוש | התחברות | חדשות | होम |
मुख्य पृष्ठ | मुखपृष्ठ | हमारे बारे में | संपर्क | संपर्क करें | हमसे संपर्क करें | खोजें | लॉग इन |
समाचार | হোম | প্রচ্ছদ | আমাদের সম্পর্কে | যোগাযোগ | முகப்பு | எங்களைப் பற்றி | தொடர்புக்கு | หน้าแรก |
หน้าหลัก | เกี่ยวกับเรา | ติดต่อเรา | ค้นหา | เข้าสู่ระบบ | ข่าว | trang chủ | giới thiệu |
về chúng tôi | liên hệ | tìm kiếm | đăng nhập | đăng ký | tin tức | beranda | tentang | tentang kami |
kontak | hubungi kami | cari | masuk | daftar | berita | laman utama | hubungi | nyumbani |
kuhusu sisi | mawasiliano | tahanan | tungkol sa amin | tungkol sa akin | makipag-ugnayan | balita |
首页 | 首頁 | 主页 | 关于我们 | 關於我們 | 关于 | 联系我们 | 聯絡我們 | 搜索 | 搜尋 | 登录 |
登入 | 注册 | 註冊 | 新闻 | 新聞 | 导航 | ホーム | トップ |
トップページ | お問い合わせ | 会社概要 | 検索 | ログイン | 新規登録 | お知らせ | サイトマップ |
홈 | 처음으로 | 회사 소개 | 소개 | 문의하기 | 문의 | 검색 |
로그인 | 회원가입 | 공지사항
""")

# What stands in a page's foot: privacy, terms, imprint, cookie settings, site map.
LEGAL = table("""
privacy | privacy policy | privacy notice | terms | terms of use | terms of service |
terms and conditions | imprint | legal notice | disclaimer | cookie policy | cookie settings | cookies |
sitemap | site map | accessibility | advertise | advertise with us | polityka prywatności | regulamin |
polityka cookies | mapa strony | ustawienia plików cookie | impressum | datenschutz |
datenschutzerklärung | agb | nutzungsbedingungen | cookie-einstellungen | mentions légales |
politique de confidentialité | conditions d'utilisation | conditions générales | plan du site |
gestion des cookies | política de privacidad | aviso legal | política de cookies |
términos y condiciones | mapa del sitio | política de privacidade | termos de uso | termos e condições |
mapa do site | informativa sulla privacy | informativa privacy | note legali | termini e condizioni |
mappa del sito | privacyverklaring | privacybeleid | algemene voorwaarden | cookiebeleid | personvern |
personvernerklæring | vilkår | informasjonskapsler | privatlivspolitik | handelsbetingelser |
cookiepolitik | integritetspolicy | användarvillkor | om cookies | tietosuoja | tietosuojaseloste |
tietosuojakäytäntö | käyttöehdot | evästeet | evästeasetukset | privaatsuspoliitika | privaatsus |
kasutustingimused | küpsised | privātuma politika | lietošanas noteikumi | sīkdatnes |
privatumo politika | naudojimosi taisyklės | slapukai | slapukų politika | политика конфиденциальности |
пользовательское соглашение | правила | карта сайта | политика cookie | політика конфіденційності |
умови користування | правила користування | карта сайту | ochrana osobních údajů | obchodní podmínky |
zásady ochrany osobních údajů | mapa stránek | ochrana osobných údajov | obchodné podmienky |
politika privatnosti | pravila privatnosti | uvjeti korištenja | pravila o kolačićima |
politika zasebnosti | pogoji uporabe | piškotki | политика приватности | услови коришћења |
политика за поверителност | общи условия | бисквитки | politica de confidențialitate |
termeni și condiții | politica cookies | adatvédelem | adatvédelmi tájékoztató |
felhasználási feltételek | süti beállítások | πολιτική απορρήτου | όροι χρήσης | πολιτική cookies |
politika e privatësisë | gizlilik | gizlilik politikası | kullanım koşulları | çerez politikası | kvkk |
site haritası | سياسة الخصوصية | شروط الاستخدام | خريطة الموقع | حریم خصوصی | قوانین و مقررات |
מדיניות פרטיות | תנאי שימוש | מפת האתר | गोपनीयता नीति | नियम और शर्तें | নীতিমালা | গোপনীয়তা নীতি |
นโยบายความเป็นส่วนตัว | ข้อกำหนดการใช้งาน | chính sách bảo mật | điều khoản sử dụng |
kebijakan privasi | syarat dan ketentuan | dasar privasi | sera ya faragha | patakaran sa privacy |
隐私政策 | 隱私政策 | 使用条款 | 免责声明 | 网站地图 | プライバシーポリシー | 利用規約 |
特定商取引法に基づく表記 | 개인정보처리방침 | 개인정보 처리방침 | 이용약관
""")

COMMENTS = table("""
comment | comments | leave a comment | leave a reply | add a comment | post a comment |
write a comment | no comments | no comments yet | join the discussion | komentarz | komentarze |
komentarzy | dodaj komentarz | zostaw komentarz | brak komentarzy | kommentar | kommentare |
kommentar schreiben | kommentar hinterlassen | schreibe einen kommentar | keine kommentare |
commentaire | commentaires | laisser un commentaire | aucun commentaire | ajouter un commentaire |
comentario | comentarios | deja un comentario | dejar un comentario | deja una respuesta |
sin comentarios | comentário | comentários | deixe um comentário | deixar um comentário |
sem comentários | commento | commenti | lascia un commento | nessun commento | reactie | reacties |
geef een reactie | laat een reactie achter | plaats een reactie | kommentarer |
legg igjen en kommentar | skriv en kommentar | ingen kommentarer | efterlad en kommentar |
lämna en kommentar | lämna ett svar | skriv kommentar | kommentit | kommentoi | jätä kommentti |
ei kommentteja | kommentaarid | kommentaarid puuduvad | lisa kommentaar | jäta kommentaar | komentāri |
pievienot komentāru | atstāt komentāru | rakstīt komentāru | komentarai | komentuoti |
rašyti komentarą | palikti komentarą | комментарий | комментарии | комментариев | комментария |
добавить комментарий | оставить комментарий | нет комментариев | обсуждение | коментар | коментарі |
коментарів | залишити коментар | додати коментар | diskuze | diskuse | diskusia | komentáře |
komentáre | přidat komentář | napsat komentář | pridať komentár | komentari | komentara |
ostavi komentar | dodaj komentar | napiši komentar | brez komentarjev | komentarji | коментари |
коментара | остави коментар | напиши коментар | оставете коментар | comentariu | comentarii |
lasă un comentariu | adaugă comentariu | lasă un răspuns | hozzászólás | hozzászólások | hozzászólok |
szólj hozzá | új hozzászólás | megjegyzések | σχόλιο | σχόλια | αφήστε ένα σχόλιο | αφήστε σχόλιο |
προσθήκη σχολίου | δεν υπάρχουν σχόλια | lini një koment | komente | yorum | yorumlar | yorum yapın |
yorum yap | yorum yaz | bir yanıt yazın | bir cevap yazın | şərhlər | şərh yaz | пікірлер |
пікір қалдыру | fikrlar | تعليق | تعليقات | التعليقات | اترك تعليقا | أضف تعليقا | اترك تعليقاً |
أضف تعليق | نظر | نظرات | دیدگاه | دیدگاه‌ها | دیدگاهتان را بنویسید | ارسال نظر | تبصرے | تبصرہ کریں |
תגובות | תגובה | הוסף תגובה | השאר תגובה | כתיבת תגובה | टिप्पणी | टिप्पणियाँ | टिप्पणियां |
टिप्पणी करें | टिप्पणी लिखें | एक टिप्पणी छोड़ें | মন্তব্য | মন্তব্য করুন | கருத்துகள் | ความคิดเห็น |
แสดงความคิดเห็น | bình luận | để lại bình luận | viết bình luận | komentar | tinggalkan komentar |
tulis komentar | beri komentar | tinggalkan balasan | maoni | mag-iwan ng komento | mga komento | 评论 |
发表评论 | 暂无评论 | 留言 | 發表評論 | 發佈留言 | 條評論 | コメント | コメントを残す |
コメントする | コメントを書く | 댓글 | 댓글 남기기 | 댓글 달기 | 댓글 쓰기
""")

ADVERT = table("""
advertisement | advertisements | advert | sponsored | sponsored content | ad | ads | promoted |
reklama | materiał sponsorowany | artykuł sponsorowany | anzeige | werbung | publicité | annonce |
publicidad | anuncio | publicidade | anúncio | pubblicità | annuncio | advertentie | annonse |
annonsørinnhold | reklame | annons | mainos | reklaam | reklāma | реклама | на правах рекламы | oglas |
oglasi | reklamy | inzerce | reclamă | publicitate | hirdetés | διαφήμιση | reklam | إعلان | إعلانات |
آگهی | تبلیغات | פרסומת | विज्ञापन | বিজ্ঞাপন | โฆษณา | quảng cáo | iklan | patalastas | 广告 | 廣告 |
スポンサーリンク | 広告 | 광고
""")

# Previous and next, back to the top, and other ways out.
PAGER = table("""
previous | next | previous post | next post | previous article | next article | previous page |
next page | older posts | newer posts | back | go back | back to top | top | to top | back to home |
continue reading | poprzedni | następny | poprzedni wpis | następny wpis | poprzedni artykuł |
następny artykuł | do góry | wróć | zurück | weiter | vorheriger beitrag | nächster beitrag |
nach oben | vorheriger artikel | nächster artikel | précédent | suivant | article précédent |
article suivant | retour | haut de page | retour en haut | anterior | siguiente | entrada anterior |
entrada siguiente | artículo anterior | artículo siguiente | volver | volver arriba | subir | próximo |
seguinte | artigo anterior | próximo artigo | voltar | voltar ao topo | topo | precedente | successivo |
articolo precedente | articolo successivo | torna su | torna indietro | vorige | volgende |
vorig bericht | volgend bericht | terug | terug naar boven | naar boven | forrige | neste | næste |
til toppen | tilbake | tilbage | föregående | nästa | till toppen | tillbaka | edellinen | seuraava |
takaisin | takaisin ylös | sivun alkuun | eelmine | järgmine | tagasi | üles | iepriekšējais |
nākamais | atpakaļ | uz augšu | ankstesnis | kitas | atgal | į viršų | предыдущая | следующая |
предыдущая запись | следующая запись | предыдущая статья | следующая статья | назад | вперёд | вперед |
наверх | попередня | наступна | попередній запис | наступний запис | вгору | нагору | předchozí |
další | další článek | předchozí článek | zpět | nahoru | predchádzajúci | ďalší | späť | hore |
prethodni | sljedeći | sledeći | natrag | na vrh | vrh | prejšnji | naslednji | nazaj | претходни |
следећи | на врх | предишна | следваща | нагоре | обратно | înapoi | înainte | articolul anterior |
articolul următor | sus | előző | következő | vissza | vissza a tetejére | fel | προηγούμενο | επόμενο |
επιστροφή | επιστροφή στην κορυφή | önceki | sonraki | önceki yazı | sonraki yazı | geri | yukarı |
başa dön | السابق | التالي | المقال السابق | المقال التالي | عودة | أعلى | قبلی | بعدی | بازگشت |
بازگشت به بالا | הקודם | הבא | חזרה | למעלה | पिछला | अगला | ऊपर | ก่อนหน้า | ถัดไป | กลับ |
กลับขึ้นด้านบน | trước | tiếp | bài trước | bài tiếp theo | bài sau | quay lại | lên đầu trang |
sebelumnya | selanjutnya | berikutnya | kembali | kembali ke atas | nakaraan | susunod | bumalik | 上一篇 |
下一篇 | 上一页 | 下一页 | 返回 | 返回顶部 | 回到顶部 | 前の記事 | 次の記事 | 前へ | 次へ | 戻る |
ページトップへ | トップへ戻る | 이전 글 | 다음 글 | 이전글 |
다음글 | 이전 | 다음 | 맨 위로 | 위로
""")

SOCIAL = table("""
facebook | twitter | x | instagram | youtube | linkedin | pinterest | whatsapp | telegram | reddit |
tumblr | tiktok | vkontakte | вконтакте | вк | vk | одноклассники | ok | viber | вайбер | email |
e-mail | mail | messenger | line | rss | skype | flipboard | pocket | mastodon | bluesky | threads |
xing | digg | snapchat | google | google+ | weibo | wechat | 微信 | 微博 | qq空间 | qq | 豆瓣 |
はてなブックマーク |
はてブ | ツイート | 카카오톡 | 카카오스토리 | 네이버 | 밴드 | 페이스북 | 트위터 | فيسبوك | تويتر |
واتساب | تيليجرام | فیسبوک |
توییتر | تلگرام | فייסבוק | פייסבוק | טוויטר | וואטסאפ | телеграм | фейсбук | твиттер | draugiem |
draugiem.lv | copy link | link kopieren | copier le lien | copiar enlace | nk | wykop | tweet | pin |
pin it | tweeten | twittern | tweeter
""")

# Whole-line sharing, printing and mailing, beyond the table of :mod:`kb.cleaning.phrases`.
SHARING = SHARE | table("""
share by email | send by email | email | email this | pin it | like | like this | save | save article |
listen | bookmark | wydrukuj | poleć | poleć znajomemu | lubię to | wyślij | artikel drucken |
per e-mail versenden | per e-mail senden | per mail versenden | seite drucken | merken |
weiterempfehlen | envoyer par e-mail | envoyer par mail | enregistrer | enviar por correo |
enviar por email | guardar | imprimir | enviar por e-mail | invia per email | invia | salva |
afdrukken | printen | e-mailen | skriv ut | udskriv | utskrift | skriva ut | tulosta | trüki | prindi |
drukāt | izdrukāt | spausdinti | печать | распечатать | отправить | отправить другу | друк |
роздрукувати | tisk | vytisknout | vytlačiť | tlač | ispis | ispiši | natisni | штампај | печат |
изпрати | tipărește | printează | nyomtatás | küldés | εκτύπωση | yazdır | gönder | طباعة | إرسال |
چاپ | הדפסה | प्रिंट करें | शेयर | शेयर करें | พิมพ์ | in bài viết | cetak | i-print | 打印 | 列印 | 印刷 |
인쇄 | 프린트 | podziel się | mehr teilen | paylaşın | udostępnij artykuł | udostępnij post | sdílejte |
zdieľajte | podijelite | поделись | поделитесь | поділись | поділіться | споделете |
distribuie articolul | dela artikeln | del artikel | del artiklen | tykkää | dalīties ar draugiem |
pasidalinkite | dalintis | pasidalinti | jaga artiklit | ossza meg | μοιραστείτε | κοινοποιήστε |
condividi su | compartilhe este artigo | شارك هذا المقال | مشاركة المقال | साझा करें |
chia sẻ bài viết | bagikan artikel | bagikan ini | ibahagi ito
""")

_SHARE_STEM = (
    r"share|tweet|pin|udostępnij|podziel|teilen|auf|partager|compartir|compartilhar|compartilhe|"
    r"partilhar|condividi|"
    r"deel|delen|del|dela|jaa|jaga|dalīties|dalies|dalintis|dalinkitės|поделиться|поделитесь|поділитися|"
    r"sdílet|zdieľať|"
    r"podijeli|podeli|deli|подели|сподели|distribuie|megosztás|megosztom|κοινοποίηση|κοινοποιήστε|"
    r"paylaş|شارك|مشاركة|שתף|"
    r"שתפו|chia sẻ|bagikan|kongsi|ibahagi|แชร์|साझा|शेयर|分享|공유"
)
SHARE_START = regex.compile(rf"(?:{_SHARE_STEM})(?![\p{{L}}\p{{M}}])")
