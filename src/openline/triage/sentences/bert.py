"""A BERT that makes one vector of a text, as an ONNX graph: built from its weights, with no framework to export it.

Needs the package `onnx`, which only the making of a sentence model needs. Devlin et al. 2019, "BERT"; the mean over the
word pieces as in Reimers and Gurevych 2019, "Sentence-BERT".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

OPSET, _IR = 20, 10
INPUTS, OUTPUT = ("input_ids", "attention_mask"), "sentence_embedding"
Weights = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the network is: `layers` of `heads`, vectors of `width`, `epsilon` in its normalisations."""

    layers: int
    heads: int
    width: int
    epsilon: float

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Shape:
        """The shape in a `config.json`. Raises ValueError for what is no BERT as it is built here."""
        kind = config.get("model_type"), config.get("hidden_act"), config.get("position_embedding_type", "absolute")
        if kind != ("bert", "gelu", "absolute"):
            raise ValueError(f"Only a BERT with GELU and absolute positions can be made, not {kind}.")
        layers, heads = int(config["num_hidden_layers"]), int(config["num_attention_heads"])
        return cls(layers, heads, int(config["hidden_size"]), float(config["layer_norm_eps"]))


def graph(weights: Weights, shape: Shape) -> ModelProto:
    """The whole network: word pieces in, for each text a vector of length one out. Raises KeyError for a weight that
    is missing."""
    build = _Builder(weights, shape)
    build.pooled(_layers(build, _embedded(build)))
    ids = [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "pieces"]) for name in INPUTS]
    out = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["texts", shape.width])
    whole = helper.make_graph(build.nodes, "sentence", ids, [out], build.constants)
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="openline")
    model.ir_version = _IR
    checker.check_model(model)
    return model


class _Builder:
    """Nodes and constants as they come; every method returns the name of what it computes."""

    def __init__(self, weights: Weights, shape: Shape) -> None:
        self.weights, self.shape = weights, shape
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def node(self, kind: str, *inputs: str, named: str = "", **more: Any) -> str:
        """A node; its one output is named by its number, or `named`."""
        name = named or f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=f"node_{name}", **more))
        return name

    def constant(self, value: NDArray[Any] | list[int]) -> str:
        """A constant; lists are int64."""
        name = f"constant_{len(self.constants)}"
        array = np.array(value, np.int64) if isinstance(value, list) else np.ascontiguousarray(value, np.float32)
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def linear(self, value: str, part: str) -> str:
        """A dense layer."""
        by = self.node("MatMul", value, self.constant(self.weights[f"{part}.weight"].T))
        return self.node("Add", by, self.constant(self.weights[f"{part}.bias"]))

    def normal(self, value: str, part: str) -> str:
        """A layer normalisation."""
        scale, bias = (self.constant(self.weights[f"{part}.{name}"]) for name in ("weight", "bias"))
        return self.node("LayerNormalization", value, scale, bias, epsilon=self.shape.epsilon)

    def heads(self, value: str, order: list[int]) -> str:
        """Split into attention heads: texts, heads, pieces, width of a head, in this `order`."""
        apart = self.constant([0, 0, self.shape.heads, self.shape.width // self.shape.heads])
        return self.node("Transpose", self.node("Reshape", value, apart), perm=order)

    def pooled(self, value: str) -> None:
        """The mean over the pieces that are text, made as long as one."""
        one = self.constant([1])
        mask = self.node("Unsqueeze", self.node("Cast", INPUTS[1], to=TensorProto.FLOAT), self.constant([2]))
        total = self.node("ReduceSum", self.node("Mul", value, mask), one, keepdims=0)
        self.node("LpNormalization", total, named=OUTPUT, axis=1, p=2)  # the direction of the sum is that of the mean


def _embedded(build: _Builder) -> str:
    """Word pieces with their positions; every text is a first sentence, so its type is part of each position."""
    table = "embeddings.{}_embeddings.weight".format
    places = build.weights[table("position")] + build.weights[table("token_type")][0]
    words = build.node("Gather", build.constant(build.weights[table("word")]), INPUTS[0])
    length = build.node("Shape", INPUTS[0], start=1, end=2)
    used = build.node("Slice", build.constant(places), build.constant([0]), length, build.constant([0]))
    return build.normal(build.node("Add", words, used), "embeddings.LayerNorm")


def _layers(build: _Builder, value: str) -> str:
    unseen = _unseen(build)
    for number in range(build.shape.layers):
        part = f"encoder.layer.{number}"
        heard = build.linear(_attention(build, value, unseen, part), f"{part}.attention.output.dense")
        value = build.normal(build.node("Add", value, heard), f"{part}.attention.output.LayerNorm")
        inner = build.node("Gelu", build.linear(value, f"{part}.intermediate.dense"))
        outer = build.linear(inner, f"{part}.output.dense")
        value = build.normal(build.node("Add", value, outer), f"{part}.output.LayerNorm")
    return value


def _unseen(build: _Builder) -> str:
    """What is added to the attention: nothing for text, a large negative number for padding."""
    mask = build.node("Cast", INPUTS[1], to=TensorProto.FLOAT)
    padding = build.node("Sub", build.constant(np.array(1.0)), mask)
    return build.node("Unsqueeze", build.node("Mul", padding, build.constant(np.array(-1e4))), build.constant([1, 2]))


def _attention(build: _Builder, value: str, unseen: str, part: str) -> str:
    query, key, worth = (build.linear(value, f"{part}.attention.self.{name}") for name in ("query", "key", "value"))
    alike = build.node("MatMul", build.heads(query, [0, 2, 1, 3]), build.heads(key, [0, 2, 3, 1]))
    root = build.constant(np.array(np.sqrt(build.shape.width / build.shape.heads)))
    share = build.node("Softmax", build.node("Add", build.node("Div", alike, root), unseen), axis=-1)
    mixed = build.node("MatMul", share, build.heads(worth, [0, 2, 1, 3]))
    return build.node(
        "Reshape", build.node("Transpose", mixed, perm=[0, 2, 1, 3]), build.constant([0, 0, build.shape.width])
    )
