"""The networks in OpenVINO: OpenCV's answers in half the time, in bf16 in a third.

Importing this module imports OpenVINO (0.3 s, 40 MB): only who looks at faces does it.
Why it may compute in bf16 is told in docs/decisions/0015-two-precisions.md.
"""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import openvino
from numpy.typing import NDArray
from openvino import opset13
from openvino.frontend.onnx import ConversionExtension
from openvino.preprocess import PrePostProcessor

from faces.vision.alignment import ALIGNED_SIDE
from faces.vision.detection import Floats
from faces.vision.networks import FAINTEST_SCORE, MOST_ROWS, SHARED_AREA, Backend
from photos.imaging.pixels import Pixels

# YuNet looks at the picture in squares of these sides, and takes pictures of whole squares.
STRIDES = (8, 16, 32)
# What it answers for each of them.
HEADS = ("cls", "obj", "bbox", "kps")
F32, BF16 = "f32", "bf16"


class OpenVinoDetection:
    def __init__(self, path: Path, precision: str = F32) -> None:
        self._request = _compiled(path, precision, (1, -1, -1, 3)).create_infer_request()

    def rows(self, picture: Pixels) -> Floats:
        height, width = picture.shape[:2]
        canvas = np.zeros((1, *(-(-side // 32) * 32 for side in (height, width)), 3), np.uint8)
        canvas[0, :height, :width] = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
        heads = self._request.infer([canvas], share_inputs=True)
        squares = [_seen_in_squares(heads, stride, canvas.shape[2]) for stride in STRIDES]
        return _each_once(np.concatenate(squares))


class OpenVinoEmbedding:
    def __init__(self, path: Path, precision: str = F32) -> None:
        shape = (1, ALIGNED_SIDE, ALIGNED_SIDE, 3)
        self._request = _compiled(path, precision, shape).create_infer_request()

    def vector(self, crop: Pixels) -> Floats:
        answer = self._request.infer([crop[None]], share_inputs=True)[0]
        return np.array(answer.reshape(-1), np.float32)


@cache
def _core() -> openvino.Core:
    core = openvino.Core()
    core.add_extension(ConversionExtension("DequantizeLinear", _whole_weights))
    return core


def _whole_weights(node: Any) -> Any:
    """Weights as numbers, where the file has bytes with a scale for each block of them.

    OpenVINO itself refuses blocks (ONNX, DequantizeLinear, `block_size`).
    """
    weights, scales, zeros = (node.get_input(i).get_node().data for i in range(3))
    axis, block = node.get_attribute("axis", 1), node.get_attribute("block_size", 0)
    if block:
        scales, zeros = (
            np.repeat(each, block, axis=axis).take(range(weights.shape[axis]), axis=axis)
            for each in (scales, zeros)
        )
    whole = (weights.astype(np.float32) - zeros.astype(np.float32)) * scales
    return opset13.constant(whole).outputs()


@cache
def _compiled(path: Path, precision: str, shape: tuple[int, ...]) -> openvino.CompiledModel:
    """The network, for pictures as we have them; one for all threads of the process.

    For pictures of any size, not one for each: that takes 190 ms and up to 120 MB a size, and gains
    at most 5 ms of 170 (measured with copies of 2000 and 640 px in turns).
    """
    model = _core().read_model(path)
    for parameter in model.get_parameters():
        # SFace's file lists its weights as inputs too, where nobody reads them.
        if not parameter.output(0).get_target_inputs():
            model.remove_parameter(parameter)
    shaping = PrePostProcessor(model)
    picture = shaping.input()
    picture.tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    picture.preprocess().convert_layout(openvino.Layout("NCHW"))
    model = shaping.build()
    model.reshape(list(shape))
    # Throughput comes from one worker process per core.
    one_thread = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
    hints = {**one_thread, "INFERENCE_PRECISION_HINT": precision}
    return _core().compile_model(model, "CPU", hints)


def _seen_in_squares(heads: Any, stride: int, width: int) -> Floats:
    """The faces whose middles are in squares of one side; what the heads say is in squares."""
    face, there, box, points = (heads[f"{head}_{stride}"][0] for head in HEADS)
    scores = np.sqrt(np.clip(face[:, 0], 0, 1) * np.clip(there[:, 0], 0, 1))
    found = np.flatnonzero(scores >= FAINTEST_SCORE)
    corners = np.stack([found % (width // stride), found // (width // stride)], axis=1)
    middles, sizes = corners + box[found, :2], np.exp(box[found, 2:])
    landmarks = (points[found].reshape(-1, 5, 2) + corners[:, None]).reshape(-1, 10)
    pixels = stride * np.hstack([middles - sizes / 2, sizes, landmarks])
    return np.hstack([pixels, scores[found, None]]).astype(np.float32)


def _each_once(rows: Floats) -> Floats:
    """The best row of each face, the best first."""
    boxes: NDArray[np.int32] = rows[:, :4].astype(np.int32)
    kept = cv2.dnn.NMSBoxes(
        boxes.tolist(), rows[:, 14].tolist(), FAINTEST_SCORE, SHARED_AREA, top_k=MOST_ROWS
    )
    return rows[np.asarray(kept, np.intp).reshape(-1)]


def backend(precision: str | None = None) -> Backend:
    """In that precision, else in bf16 where the processor computes in it."""
    if precision is None:
        has_bf16 = "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        precision = BF16 if has_bf16 else F32
    return Backend(
        f"OpenVINO {precision}",
        partial(OpenVinoDetection, precision=precision),
        partial(OpenVinoEmbedding, precision=precision),
    )
