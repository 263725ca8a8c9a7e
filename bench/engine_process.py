"""``python -m bench.engine_process ENGINE THREADS FOLDER``: one engine, alone in a process, that does what it is told.

Orders come by lines on the standard input, answers go by lines of JSON to the standard output.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

Pass = Callable[[Any], Any]

NAME = "mobilenetv2-ham7"
WEIGHTS = Path("models/weights") / NAME
NETWORK = WEIGHTS / "network.tflite"
SIDE = 1024  # of the matrices whose product tells how fast the machine can be


def litert(threads: int, folder: Path) -> tuple[Pass, Pass]:
    """Run the file that is served; batches by one with a free number of pictures."""
    from models.engines.litert import LiteRtEngine

    batches = cache(lambda: LiteRtEngine(folder / "batch.tflite", threads))
    return LiteRtEngine(NETWORK, threads).run, lambda images: batches().run(images)


def openvino(threads: int, folder: Path) -> tuple[Pass, Pass]:
    """Run the file that is served, as it would be; batches by the ONNX file."""
    from models.engines.openvino import SETTINGS, OpenVinoEngine, silent_openvino

    @cache
    def batches() -> Any:
        wanted = {**SETTINGS, "INFERENCE_NUM_THREADS": threads}
        return silent_openvino().Core().compile_model(str(folder / "batch.onnx"), "CPU", wanted)

    return OpenVinoEngine(NETWORK, threads).run, lambda images: batches()([images])


def onnxruntime(threads: int, folder: Path) -> tuple[Pass, Pass]:
    """Run the ONNX file."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(folder / "batch.onnx"), options, providers=["CPUExecutionProvider"])
    names, image = [output.name for output in session.get_outputs()], session.get_inputs()[0].name

    def run(images: Any) -> Any:
        return dict(zip(names, session.run(names, {image: images}), strict=True))

    return run, run


def predict(threads: int, _folder: Path) -> tuple[Pass, Pass]:
    """Call ``keras.Model.predict``."""
    network = _keras(threads)

    def run(images: Any) -> Any:
        return network.predict(images, batch_size=len(images), verbose=0)

    return run, run


def function(threads: int, _folder: Path) -> tuple[Pass, Pass]:
    """Call the network as a compiled TensorFlow function."""
    network = _keras(threads)
    import tensorflow as tf

    compiled = tf.function(lambda images: network(images, training=False))

    def run(images: Any) -> Any:
        return {name: answer.numpy() for name, answer in compiled(images).items()}

    return run, run


def product(_threads: int, _folder: Path) -> tuple[Pass, Pass]:
    """Multiply two matrices: what the machine can do at most. `OPENBLAS_NUM_THREADS` says on how many threads."""
    import numpy as np

    left, right = np.random.default_rng(0).random((2, SIDE, SIDE), dtype=np.float32)
    return lambda _images: left @ right, lambda _images: left @ right


ENGINES: Mapping[str, Callable[[int, Path], tuple[Pass, Pass]]] = {
    "LiteRT": litert,
    "OpenVINO": openvino,
    "ONNX Runtime": onnxruntime,
    "keras.Model.predict": predict,
    "tf.function": function,
    "GEMM": product,
}


def _keras(threads: int) -> Any:
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf

    from models.card import read_card
    from models.keras_engine import served_network

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    return served_network(read_card(WEIGHTS), WEIGHTS)


def _timed(run: Pass, images: Any) -> tuple[float, float]:
    wall, processor = time.perf_counter(), time.process_time()
    run(images)
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - processor)


def _for_a_while(run: Pass, image: Any, seconds: float) -> list[float]:
    end, times = time.perf_counter() + seconds, []
    while time.perf_counter() < end:
        times.append(_timed(run, image)[0])
    return times


def main() -> None:
    """Load, answer once, and do what is ordered until the orders end."""
    name, threads, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    start = time.perf_counter()
    import numpy as np

    one, many = ENGINES[name](threads, folder)
    image = np.load(folder / "images.npy")[:1]
    first = one(image)
    print(json.dumps({"loaded_ms": 1000 * (time.perf_counter() - start)}), flush=True)
    for line in sys.stdin:
        order, *arguments = line.split()
        answer: Any
        if order == "pass":
            one(image)  # after the others' turns its threads and caches are elsewhere: not a server at work
            answer = _timed(one, image)
        elif order == "batch":
            answer = _timed(many, np.load(folder / "images.npy")[: int(arguments[0])])
        elif order == "loop":
            answer = _for_a_while(one, image, float(arguments[0]))
        else:  # "answers"
            answer = {key: np.asarray(value).ravel().tolist() for key, value in first.items()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
