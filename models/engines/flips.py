"""A compiled network that other engines can read: OpenVINO mirrors along one axis at a time, and LiteRT along several.

The file is taken apart and put together by the schema that comes with LiteRT; nothing in it is run.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from models.engines.base import SIGNATURE

IDENTIFIER = b"TFL3"


def one_axis_at_a_time(network: bytes) -> tuple[bytes, dict[str, str]]:
    """Return a network without flips along several axes, and its outputs' names by those of their tensors."""
    model = schema.ModelT.InitFromPackedBuf(network, 0)
    graph = model.subgraphs[0]
    graph.operators = [part for operator in graph.operators for part in _parts(model, graph, operator)]
    builder = flatbuffers.Builder(len(network))
    builder.Finish(model.Pack(builder), IDENTIFIER)
    return bytes(builder.Output()), _outputs(model, graph)


def _parts(model: Any, graph: Any, operator: Any) -> Iterator[Any]:
    """Yield the operators that do what one does: a flip along each axis, one after the other, or itself."""
    axes = _axes(model, graph, operator)
    if len(axes) < 2:  # noqa: PLR2004 - one is what can be read
        yield operator
        return
    source, places, result = operator.inputs[0], operator.inputs[1], operator.outputs[0]
    for turn, axis in enumerate(axes):
        target = result if turn == len(axes) - 1 else _like(graph, result, f"mirrored_{result}_{turn}")
        along = _like(graph, places, f"along_{result}_{turn}", shape=(1,))
        model.buffers.append(_buffer(axis))
        graph.tensors[along].buffer = len(model.buffers) - 1
        part = copy.copy(operator)
        part.inputs, part.outputs = np.array([source, along], np.int32), np.array([target], np.int32)
        yield part
        source = target


def _axes(model: Any, graph: Any, operator: Any) -> list[int]:
    if model.operatorCodes[operator.opcodeIndex].builtinCode != schema.BuiltinOperator.REVERSE_V2:
        return []
    held = model.buffers[graph.tensors[operator.inputs[1]].buffer].data
    return [] if held is None else np.asarray(held, np.uint8).view(np.int32).tolist()


def _like(graph: Any, tensor: int, name: str, shape: tuple[int, ...] | None = None) -> int:
    """Add a tensor like another one, and return its index."""
    added = copy.copy(graph.tensors[tensor])
    added.name = name.encode()
    if shape is not None:
        added.shape = np.array(shape, np.int32)
    graph.tensors.append(added)
    return len(graph.tensors) - 1


def _buffer(axis: int) -> Any:
    buffer = schema.BufferT()
    buffer.data = np.array([axis], np.int32).view(np.uint8)
    return buffer


def _outputs(model: Any, graph: Any) -> dict[str, str]:
    signature = next(found for found in model.signatureDefs if found.signatureKey == SIGNATURE.encode())
    return {graph.tensors[each.tensorIndex].name.decode(): each.name.decode() for each in signature.outputs}
