"""Two classifiers of the same data, as somebody else might hand them over: ONNX and samples.

Both are random features and least squares. With 40 features the model has to generalise; with
3,000 it can learn 4,000 samples nearly by heart, wrong labels included.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

CLASSES, INPUTS, SAMPLES = 5, 20, 4000
FILES = Path("files")


def draw(rng: np.random.Generator, centres: np.ndarray, n: int) -> dict[str, np.ndarray]:
    """Samples around the centres of their classes; one label in five is wrong."""
    y = rng.integers(0, CLASSES, n)
    x = (centres[y] + rng.normal(size=(n, INPUTS))).astype(np.float32)
    wrong = rng.random(n) < 0.2
    return {"x": x, "y": np.where(wrong, rng.integers(0, CLASSES, n), y)}


def train(rng: np.random.Generator, seen: dict[str, np.ndarray], width: int) -> list[np.ndarray]:
    """Weights of relu(x @ first) @ second, fitted by ridge regression on +-1 targets."""
    first = rng.normal(size=(INPUTS, width)) / np.sqrt(INPUTS)
    features = np.maximum(seen["x"] @ first, 0.0)
    targets = 6.0 * np.eye(CLASSES)[seen["y"]] - 1.0
    gram = features.T @ features + 1e-1 * np.eye(width)
    second = np.linalg.solve(gram, features.T @ targets)
    return [first.astype(np.float32), second.astype(np.float32)]


def export(weights: list[np.ndarray], path: Path) -> None:
    """An ONNX file that answers probabilities, as most do."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes = [
        helper.make_node("MatMul", ["x", "first"], ["mixed"]),
        helper.make_node("Relu", ["mixed"], ["features"]),
        helper.make_node("MatMul", ["features", "second"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"]),
    ]
    named = [
        numpy_helper.from_array(weight, name)
        for weight, name in zip(weights, ("first", "second"), strict=True)
    ]
    graph = helper.make_graph(
        nodes,
        "classifier",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", INPUTS])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", CLASSES])],
        named,
    )
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), path)


def answers(weights: list[np.ndarray], given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What the first model says of these samples, as somebody else's runtime would write it."""
    first, second = weights
    return {"logits": np.maximum(given["x"] @ first, 0.0) @ second, "labels": given["y"]}


def main() -> None:
    rng = np.random.default_rng(0)
    FILES.mkdir(exist_ok=True)
    centres = 0.7 * rng.normal(size=(CLASSES, INPUTS))
    members, others = draw(rng, centres, SAMPLES), draw(rng, centres, SAMPLES)
    np.savez(FILES / "members.npz", **members)
    np.savez(FILES / "non-members.npz", **others)
    modest = train(rng, members, 40)
    export(modest, FILES / "modest.onnx")
    export(train(rng, members, 3000), FILES / "memorising.onnx")
    np.savez(FILES / "member-logits.npz", **answers(modest, members))
    np.savez(FILES / "other-logits.npz", **answers(modest, others))


if __name__ == "__main__":
    main()
