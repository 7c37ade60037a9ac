"""Computes a trained network with ONNX Runtime: torch's answers in less time, without the time and memory of torch.

ONNX Runtime merges normalisation, activation and residual sums into the convolutions, where torch makes a pass over
memory for each (``python -m benchmarks.inference``). A graph comes without weights, as ``graph_writer`` writes it: its
first input are the images, the others the weights, named as in the network's state dict.
"""

import math
from collections.abc import Mapping

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, compose, helper, numpy_helper

from fashion_core.models.base import PIXEL_MEAN, PIXEL_STD, normalise_images
from fashion_core.models.inference import concatenate_batches, split_into_batches
from fashion_core.models.threads import inference_pool

CLASSES_DIMENSION = "classes"  # name of the dimension of weights that there is a row for each class of


class OnnxEngine:
    """An ``Engine``. Each batch is computed on one thread, several batches on all threads of ``inference_pool``."""

    def __init__(self, graph: onnx.ModelProto, state: Mapping[str, np.ndarray]) -> None:
        self._session = create_session(graph, state)
        self._images = self._session.get_inputs()[0].name

    def compute(self, images: np.ndarray) -> tuple[np.ndarray, ...]:
        """See ``Engine``."""
        batches = split_into_batches(images)
        compute = map if len(batches) == 1 else inference_pool().map
        return concatenate_batches(compute(self._compute_batch, batches))

    def _compute_batch(self, batch: np.ndarray) -> list[np.ndarray]:
        outputs: list[np.ndarray] = self._session.run(None, {self._images: normalise_images(batch)})
        return outputs


def create_session(graph: onnx.ModelProto, state: Mapping[str, np.ndarray]) -> onnxruntime.InferenceSession:
    """A session that computes ``graph`` with the weights ``state`` on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = with_weights(graph, state).SerializeToString()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def with_weights(graph: onnx.ModelProto, state: Mapping[str, np.ndarray]) -> onnx.ModelProto:
    """A copy of ``graph`` that holds the weights ``state``, so that the images are its only input."""
    model = onnx.ModelProto()
    model.CopyFrom(graph)
    used = {name for node in model.graph.node for name in node.input}
    del model.graph.input[1:]
    model.graph.initializer.extend(
        numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in state.items() if name in used
    )
    return model


def with_raw_images(model: onnx.ModelProto, n_classes: int) -> onnx.ModelProto:
    """``model``, whose only input are normalised images, for other programs: ``images`` uint8 [n, 28, 28], light on
    black, to ``logits`` float32 [n, ``n_classes``]. It normalises the images itself, as ``normalise_images`` does."""
    model = compose.add_prefix(model, "network/")  # so that no name is taken
    graph = model.graph
    constants = {"scale": np.float32(255), "mean": np.float32(PIXEL_MEAN), "std": np.float32(PIXEL_STD)}
    graph.initializer.extend(numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items())
    graph.initializer.append(numpy_helper.from_array(np.array([1], np.int64), "channel_axis"))
    steps = [
        helper.make_node("Cast", ["images"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["pixels", "scale"], ["fractions"]),
        helper.make_node("Sub", ["fractions", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "std"], ["normalised"]),
        helper.make_node("Unsqueeze", ["normalised", "channel_axis"], [graph.input[0].name]),
        *graph.node,
        helper.make_node("Identity", [graph.output[0].name], ["logits"]),
    ]
    inputs = [helper.make_tensor_value_info("images", TensorProto.UINT8, ["n", 28, 28])]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", n_classes])]
    whole = helper.make_graph(steps, graph.name, inputs, outputs, graph.initializer)
    return helper.make_model(whole, opset_imports=model.opset_import, ir_version=model.ir_version)


def count_multiply_adds(graph: onnx.ModelProto, state: Mapping[str, np.ndarray]) -> int:
    """Multiplications, each with an addition, of the convolutions and linear layers for one image."""
    model = onnx.shape_inference.infer_shapes(with_weights(graph, state))
    shapes = {
        value.name: [dimension.dim_value for dimension in value.type.tensor_type.shape.dim]
        for value in (*model.graph.value_info, *model.graph.output)
    }
    return sum(
        state[node.input[1]].size * math.prod(shapes[node.output[0]][2:])  # each weight is used once per position
        for node in model.graph.node
        if node.op_type in ("Conv", "Gemm")
    )
