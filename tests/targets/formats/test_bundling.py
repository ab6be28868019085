from __future__ import annotations

from pathlib import Path

from sc_deploy.contracts import Artifact, FileDigest, TensorSpec
from sc_deploy.targets.formats.bundling import python_bundle

ARTIFACT = Artifact(
    target="t",
    format="f",
    precision="fp32",
    encoding="dense",
    files=(FileDigest("model.x", "0" * 64, 1),),
    parent="",
    roles_digest="",
    preprocessing_digest="",
    toolchain=(),
    input=TensorSpec("input", (1, 8, 8), "float32"),
    output=TensorSpec("logits", (10,), "float32"),
    tensors=(),
    quantization=None,
)


def test_a_bundle_holds_all_that_a_device_must_fill_in() -> None:
    bundle = python_bundle("onnx_session.py", ARTIFACT, Path("artifact"))
    for place in ("{python}", "{inputs}", "{outputs}", "{record}", "{batch}"):
        assert bundle.argv.count(place) == 1
    assert dict(bundle.files)["model.x"] == Path("artifact/model.x")
    assert "1,8,8" in bundle.argv


def test_the_scripts_of_a_bundle_exist_and_do_not_import_us() -> None:
    for session in ("onnx_session.py", "executorch_session.py", "litert_session.py"):
        for name, source in python_bundle(session, ARTIFACT, Path("artifact")).files:
            if name.endswith(".py"):
                assert "import sc_deploy" not in source.read_text()
                assert "from sc_deploy" not in source.read_text()
