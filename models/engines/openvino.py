"""OpenVINO, which reads the same file as LiteRT does, once flips along several axes are taken apart."""

from __future__ import annotations

import sys
import tempfile
from typing import TYPE_CHECKING, Any

from models.engines.base import Answers, EngineError, Network, content_of

if TYPE_CHECKING:
    from models.engines.base import Floats

SETTINGS = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
LONGEST_REASON = 200  # characters of what OpenVINO says


class OpenVinoEngine:
    """A network on OpenVINO, in 32-bit floats: left to itself it rounds to 16 bits where the processor can.

    EngineError if it can't read the network; ImportError where the package is missing.
    """

    name = "openvino"

    def __init__(self, network: Network, threads: int) -> None:
        openvino = silent_openvino()
        from models.engines.flips import one_axis_at_a_time  # noqa: PLC0415 - NumPy and LiteRT

        wanted = {**SETTINGS, "INFERENCE_NUM_THREADS": threads}
        try:
            readable, names = one_axis_at_a_time(content_of(network))
            with tempfile.NamedTemporaryFile(suffix=".tflite") as file:  # it knows the format by the name
                file.write(readable)
                file.flush()
                model = openvino.Core().read_model(file.name)
                compiled = openvino.compile_model(model, "CPU", wanted)
        except (RuntimeError, TypeError, ValueError) as error:
            raise EngineError(f"OpenVINO can't read it: {str(error).strip()[-LONGEST_REASON:]}") from error
        self._request = compiled.create_infer_request()
        self._outputs = {names[output.get_any_name()]: output for output in compiled.outputs}

    def run(self, image: Floats) -> Answers:
        """Return what the network answers for one scaled picture."""
        self._request.infer([image])
        return {name: self._request.get_tensor(output).data.copy() for name, output in self._outputs.items()}


def silent_openvino() -> Any:
    """Import OpenVINO without the part that tells its maker over the network that it was imported."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None: it can't be imported
    import openvino  # noqa: PLC0415 - an extra, and a large library

    return openvino
