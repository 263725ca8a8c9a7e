"""How many products of numbers a compiled network adds up: counted by its operators, once it has run."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType


def multiply_adds(network: bytes) -> int:
    """Return the multiply-adds of one pass: of convolutions and dense layers; the rest is less than a hundredth.

    How many views are in a batch shows only when the network runs; without the delegate, which hides its operators.
    """
    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(model_content=network, num_threads=2, experimental_op_resolver_type=plain)
    interpreter.allocate_tensors()
    (image,) = interpreter.get_input_details()
    interpreter.set_tensor(image["index"], np.zeros(image["shape"], image["dtype"]))
    interpreter.invoke()
    shapes = {tensor["index"]: [int(side) for side in tensor["shape"]] for tensor in interpreter.get_tensor_details()}

    def of(operator: dict[str, Any]) -> int:
        kind = operator["op_name"]
        if kind not in {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"}:
            return 0
        weights, answers = shapes[operator["inputs"][1]], shapes[operator["outputs"][0]]
        each = prod(weights[1:3]) if kind == "DEPTHWISE_CONV_2D" else prod(weights[1:])
        return prod(answers) * each

    return sum(map(of, interpreter._get_ops_details()))
