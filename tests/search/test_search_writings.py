"""Words, phrases, exclusions and numbers in a library, typed in another way than its texts are written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import search

TEXTS = {
    "tr": "IĞDIR kayısısı temmuzda olgunlaşır. Bahçıvan ağaçları sular ve meyveleri elle toplar.",
    "tr2": "İzmir körfezinde yelken yarışları yapılır. Rüzgâr öğleden sonra güçlenir.",
    "de": "Frau Häußler züchtet Schäferhunde. Im Frühjahr zählt sie 2.318.400 Bienen in zwölf Körben.",
    "ar": "القِـــطَارُ يَصِلُ إلى المَحَطَّةِ عام ١٨٩٤. المسافرون ينتظرون على الرصيف ويشربون الشاي.",
    "zh": "漁船在黃昏時駛進港口。孩子們在碼頭上數螃蟹，老人修補漁網。",
    "ja": "ｵﾙｶﾞﾝの修理は冬に行う。職人は鍵盤を外して磨く。窓の外で雪が降る。",
    "ru": "Трёхногий табурет стоит у печи. Дед чинит его каждую осень и жалуется на сырость.",
    "hi": "मुर्ग़ी अण्डे देती है। बच्चा टोकरी में उन्हें गिनता है और दादी को बताता है।",
    "vi": "Bà ngoại nấu chè đậu đỏ vào rằm tháng bảy. Cả xóm ngồi quanh sân nghe kể chuyện.",
    "en": "The quarry closed in the winter of the great frost. Its last block, of 1,876 pounds, is a bench.",
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[search.Engine]:
    folder = tmp_path_factory.mktemp("writings")
    for name, text in TEXTS.items():
        (folder / f"{name}.txt").write_text(text, "utf-8")
    search.build([str(folder)], str(folder / "kb"))
    with search.open(str(folder / "kb")) as opened:
        yield opened


def sources(engine: search.Engine, query: str) -> set[str]:
    return {Path(hit.article.source).stem for hit in engine.search(query, limit=20)}


@pytest.mark.parametrize(
    ("phrase", "source"),
    [
        ("ığdır kayısısı", "tr"),
        ("Igdir kayisisi", "tr"),
        ("izmir körfezinde", "tr2"),
        ("Haeussler zuechtet", "de"),
        ("2318400 Bienen", "de"),
        ("2,318,400", "de"),
        ("القطار يصل", "ar"),
        ("1894", "ar"),
        ("渔船", "zh"),
        ("螃", "zh"),
        ("黄昏时驶进港口", "zh"),
        ("オルガン", "ja"),
        ("雪", "ja"),
        ("трехногий табурет", "ru"),
        ("मुर्गी अंडे", "hi"),
        ("ba ngoai", "vi"),
        ("1876 pounds", "en"),
    ],
)
def test_a_phrase_is_found_however_it_is_typed(engine: search.Engine, phrase: str, source: str) -> None:
    assert sources(engine, f'"{phrase}"') == {source}


@pytest.mark.parametrize("phrase", ["kayısısı ığdır", "фарфоровый табурет", "碼頭港口", "876 Bienen"])
def test_a_phrase_that_no_text_has_is_not_found(engine: search.Engine, phrase: str) -> None:
    assert sources(engine, f'"{phrase}"') == set()


@pytest.mark.parametrize(
    ("query", "source"),
    [
        ("kayısısı temmuzda -ığdır", "tr"),
        ("-ığdır kayısısı temmuzda", "tr"),
        ("табурет у печи -трехногий", "ru"),
        ("Schäferhunde -Haeussler", "de"),
        ("渔船港口 -黄昏", "zh"),
    ],
)
def test_an_exclusion_keeps_out_what_is_written_otherwise(
    engine: search.Engine, query: str, source: str
) -> None:
    kept = " ".join(word for word in query.split() if not word.startswith("-"))
    assert source in sources(engine, kept)
    assert source not in sources(engine, query)
