"""Texts as vectors, by a sentence model in a folder: `model.onnx`, `tokenizer.json` and perhaps `manifest.json`.

Such a folder is what `openline sentences make` writes, and what exporters of sentence models write. Nothing in it is
ever executed or unpickled: the graph is read by onnxruntime, the word pieces by tokenizers. Both packages are an extra
(`pip install openline[sentences]`) and are imported only where a model is loaded.
"""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from openline.triage.linear import Floats

MODEL, TOKENIZER, MANIFEST = "model.onnx", "tokenizer.json", "manifest.json"
LARGEST = {MODEL: 600_000_000, TOKENIZER: 40_000_000, MANIFEST: 100_000}
"""Bytes that a file may have."""
PIECES = 128
"""Word pieces of a text that are read: some 500 characters of English."""
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}


class SentenceModelError(Exception):
    """The sentence model cannot be used; the message says why and what to do."""


class Encoder(Protocol):
    """Whatever makes vectors of texts; `checksum` tells models apart whose vectors cannot be compared."""

    @property
    def checksum(self) -> str:
        """The same for the same model, on every machine."""

    @property
    def name(self) -> str:
        """What it is called."""

    def vectors(self, texts: Sequence[str]) -> Floats:
        """A row of length one for each text."""


class SentenceEncoder:
    """A sentence model in use; threads may share it.

    Texts are read one by one: a batch is no faster on one core, needs padding, and would make the vector of a text
    depend on its neighbours, because an int8 model takes one scale for all that it reads together.
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        """Raises SentenceModelError if the folder holds no model that can be used here."""
        files = {name: _bytes(folder / name) for name in (MODEL, TOKENIZER)}
        self.manifest = _manifest(folder, files)
        self.name = str(self.manifest.get("name") or folder.name)
        self.checksum = hashlib.sha256(b"".join(hashlib.sha256(data).digest() for data in files.values())).hexdigest()
        try:
            self._session, self._tokenizer = _session(folder / MODEL, threads), _tokenizer(files[TOKENIZER])
            self._inputs = [given.name for given in self._session.get_inputs()]
            self._output = self._session.get_outputs()[0].name
            self._check()
        except ImportError as error:
            raise SentenceModelError(f"{error.name} is not installed: pip install 'openline[sentences]'.") from None
        except Exception as error:  # onnxruntime and tokenizers raise classes of their own, some bare Exception
            raise SentenceModelError(f"The sentence model in {folder} cannot be used: {error}") from error

    def vectors(self, texts: Sequence[str]) -> Floats:
        """A row of length one for each text."""
        rows = [self._vector(text) for text in texts]
        return np.array(rows, np.float32) if rows else np.zeros((0, self.dimensions), np.float32)

    def _vector(self, text: str) -> Floats:
        pieces = np.array([self._tokenizer.encode(text).ids or [0]], np.int64)
        one = np.ones_like(pieces)
        given = {"input_ids": pieces, "attention_mask": one, "token_type_ids": one - 1}
        found = self._session.run([self._output], {name: given[name] for name in self._inputs})[0][0]
        vector = found.mean(axis=0) if found.ndim == 2 else found  # exports without pooling give a row per piece
        return vector / max(float(np.linalg.norm(vector)), 1e-9)

    def _check(self) -> None:
        """Read something: what is no sentence model must not be found out by a resident's post."""
        if not set(self._inputs) <= _INPUTS:
            raise ValueError(f"it wants {', '.join(self._inputs)}")
        found = self.vectors(["There is a pothole", ""])
        self.dimensions = found.shape[-1]
        if found.ndim != 2 or not np.isfinite(found).all():
            raise ValueError("it gives no vectors")


class Remembering:
    """An encoder that remembers what it has read, for trainings that ask for the same texts again and again."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self._known = encoder, dict[str, Floats]()
        self.checksum, self.name = encoder.checksum, encoder.name

    def vectors(self, texts: Sequence[str]) -> Floats:
        """A row of length one for each text."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.vectors(new), strict=True))
        return np.array([self._known[text] for text in texts], np.float32)


def present(folder: Path | None) -> bool:
    """Whether there is a sentence model, be it usable or not."""
    return folder is not None and (folder / MODEL).is_file()


def _bytes(path: Path) -> bytes:
    """A file of the model, if it is neither too large nor open to everyone's writing."""
    try:
        found = path.stat()
        if found.st_size > LARGEST[path.name]:
            raise SentenceModelError(f"{path} is larger than a sentence model may be.")
        if found.st_mode & stat.S_IWOTH:
            raise SentenceModelError(f"Everyone may write {path}: chmod o-w it.")
        return path.read_bytes()
    except OSError as error:
        raise SentenceModelError(f"{path} cannot be read: {error.strerror}.") from None


def _manifest(folder: Path, files: dict[str, bytes]) -> dict[str, Any]:
    """What the manifest says, if there is one and the files are those that it names."""
    if not (folder / MANIFEST).is_file():
        return {}
    try:
        manifest = json.loads(_bytes(folder / MANIFEST))
        sums = {name: manifest["files"][name] for name in files}
    except (ValueError, KeyError, TypeError):
        raise SentenceModelError(f"{folder / MANIFEST} is no manifest: make the model again.") from None
    for name, data in files.items():
        if hashlib.sha256(data).hexdigest() != sums[name]:
            raise SentenceModelError(f"{folder / name} is damaged or not the file that was made: make it again.")
    return dict(manifest)


def _session(model: Path, threads: int) -> Any:
    """By path: a session that is given bytes keeps them, 23 MB that are of no further use."""
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.enable_cpu_mem_arena = False  # texts of many lengths would make it keep far more than it needs
    options.log_severity_level = 3
    # Fused, this normalisation is seven times slower than its parts: a third of the whole time.
    without = ["SkipLayerNormFusion"]
    return InferenceSession(str(model), options, providers=["CPUExecutionProvider"], disabled_optimizers=without)


def _tokenizer(data: bytes) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_buffer(data)
    tokenizer.no_padding()
    tokenizer.enable_truncation(PIECES)
    return tokenizer
