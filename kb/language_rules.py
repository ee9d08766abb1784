"""Language-specific data beside the table of :mod:`kb.languages`: for splitting and identifying."""

from __future__ import annotations

__all__ = [
    "ABBREVIATIONS",
    "CLOSE_GROUPS",
    "ORDINAL_DOT",
    "SEEN_AS",
    "SPACE_ENDED",
    "abbreviations",
    "close_to",
    "same_for_passages",
]

# Languages that write ordinal numbers with a full stop ("3. mai", "5. maijā", "19. Jahrhundert").
_ORDINAL_DOT = "az bs cs da de et eu fi fo hr hu is lb lt lv mk nb nn pl se sk sl sr tk tr"
ORDINAL_DOT = frozenset(_ORDINAL_DOT.split())

# Languages that write no full stop: a space ends a sentence, and a clause as well.
SPACE_ENDED = frozenset({"lo", "th"})

# Words that take a full stop without ending a sentence, where sentencex's own lists have gaps.
# Only ones that are followed by more text: "etc." and its kin may well end a sentence.
ABBREVIATIONS: dict[str, frozenset[str]] = {
    code: frozenset(words.split())
    for code, words in {
        "cs": "např tj tzv resp str obr č p mj popř sv ul dr mgr ing prof doc roč",
        "da": "bl ca dvs eks f.eks fhv kap kl mht nr pga s sml tlf vedr vha",
        "de": "abb aufl bd bspw bzw ca d.h dr ggf hrsg inkl jh kap nr prof s sog st str vgl z.b",
        "en": "approx ca cf dr e.g ed eds eq eqs fig figs i.e jr mr mrs nos p pp prof rev sr st viz vol vs",
        "es": "av cap cf dr dra ed fig gral lic núm p pág págs pp prof sr sra srta ud uds vol",
        "et": "dr hr lk lp nr nt pr prof s.t st tn vt",
        "fi": "esim fil jkr klo ks mm n ns nro prof s siv tri ts vrt",
        "fr": "av cf ch dr ed éd ex fig m mlle mm mme n p pp prof st ste vol",
        "hr": "br dr gđa god itd npr prof ref sl st str sv tj tzv",
        "hu": "dr ill kb ld pl prof ún vö",
        "it": "avv cap cfr dott dr ed fig geom ing n p pag pagg pp prof sig vol",
        "lt": "a angl dr g gerb kt m pan pav plg pr prof psl pvz r st š t.y tel v žr",
        "lv": "a.g apm att dr g.k gs iel kab kl kr lpp lv m mag mlj n.p nod p.k piem plkst prof resp rub"
        " sal sk skat st sv t.i t.s tab tel u.c",
        "nb": "bl ca dr dvs eks f.eks fig hr inkl jf jfr kap kl m.a.o nr obs pga prof ref s st tlf vedr",
        "nl": "bijv blz ca dhr dr drs ed fig ing jl mevr mr nl nr p prof resp st vgl",
        "nn": "bl ca dr dvs eks f.eks fig hr inkl jf jfr kap kl nr pga prof s st tlf vedr",
        "pl": "ang art dr doc fot godz hab im in inż itp jw k lek łac m.in mgr mjr mln muz nb np nr ok os pkt"
        " pl płk pn prof przyp pt r rozdz ryc s św tab tel tj tł tzn tzw ul v ww wg wł zob",
        "pt": "av cap cf dr dra ed fig gen lic n núm p pág págs pp prof profa sr sra vol",
        "ro": "cap dl dna dr ex fig ing nr p pag prof sec str urm vol",
        "ru": "акад англ г гг гл ср см стр рис табл т.е т.н т.к напр проф ул д кв тыс млн млрд руб чел обл св"
        " доц изд вып греч фр",
        "sk": "napr tj tzv resp str obr č sv ul dr mgr ing prof doc",
        "sl": "angl dr gl itd npr oz prof sl str sv t.i tj",
        "sq": "dr p.sh prof nr f fq",
        "sr": "бр др год нпр проф сл ст стр св тј тзв br dr god npr prof sl st str sv tj tzv",
        "sv": "bl.a ca dr dvs eg fig fr.o.m inkl jfr kap kl m.a.o nr obs resp s s.k st t.ex tel vol",
        "tl": "atbp bb bld blg dr g gng gg hal hon kgg nb p prop sto sta",
        "tr": "alb av bkz c dr doç ing örn prof s sn st sy vb vs yy",
        "uk": "англ акад вул гл див ін напр пор проф рр с св ст стор табл т.зв т.ін тис млн млрд",
        "bg": "бр вж вкл г гр др инж напр нар проф св см ср стр т.е т.нар ул фиг",
        "be": "акад вул гл г інш напр праф рыс с св см стар тыс",
        "id": "bpk dr drs hlm hal jl kab kec prof sdr tn tgl yth",
        "vi": "gs pgs th ts tp tr q p",
    }.items()
}

# Languages so near to one another that an identifier needs a long text to tell them apart.
CLOSE_GROUPS: tuple[frozenset[str], ...] = tuple(
    frozenset(group.split())
    for group in (
        "nb nn da sv fo is",
        "cs sk sl",
        "bs hr sr sl",
        "ru uk be bg mk sr",
        "es pt gl ca ast oc it",
        "id ms jv",
        "hi mr ne sa",
        "tl ceb",
        "lv lt",
        "et fi",
        "de lb nl af fy",
        "az tr tk",
        "kk ky tt ba mn",
        "ar fa ur ps ckb ug",
        "zu xh",
        "st tn",
        "bn as",
        "zh yue ja",
    )
)

# Languages of which one article holds but one, however clear a passage seems: few words tell them apart.
_ONE_AN_ARTICLE = tuple(frozenset(group.split()) for group in ("bs hr sr", "id ms", "zh yue"))

SEEN_AS: dict[str, str] = {"bs": "sr", "ceb": "tl", "ms": "id", "tn": "st", "yi": "he", "yue": "zh"}
"""Languages that the identifier's model lacks, or takes for another: their own small words tell them."""


def abbreviations(code: str) -> frozenset[str]:
    """Lower-case abbreviations of a language, without their final stop; empty when it has no list."""
    return ABBREVIATIONS.get(code, frozenset())


def close_to(code: str) -> frozenset[str]:
    """The languages easily taken for ``code``, itself included."""
    return frozenset({code}).union(*(group for group in CLOSE_GROUPS if code in group))


def same_for_passages(code: str) -> frozenset[str]:
    """The languages that no passage of an article in ``code`` is said to be in, itself included."""
    return frozenset({code}).union(*(group for group in _ONE_AN_ARTICLE if code in group))
