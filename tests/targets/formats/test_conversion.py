from __future__ import annotations

import logging
import os
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING

import pytest

from sc_deploy.errors import ConversionError, InferenceError, UsageError
from sc_deploy.targets.formats.conversion import converting, reading, require_written

if TYPE_CHECKING:
    from pathlib import Path


def make_noise() -> None:
    os.write(1, b"native stdout\n")
    os.write(2, b"native stderr\n")
    subprocess.run([sys.executable, "-c", "print('a child')"], check=True)
    warnings.warn("a warning", stacklevel=1)
    logging.getLogger("exporter").warning("a log line")


def test_a_converter_that_succeeds_is_not_heard(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with converting("the export"):
        make_noise()
    heard = capfd.readouterr()
    assert (heard.out, heard.err, caplog.text) == ("", "", "")


def test_output_works_again_afterwards(capfd: pytest.CaptureFixture[str]) -> None:
    with converting("the export"):
        pass
    os.write(1, b"after\n")
    assert capfd.readouterr().out == "after\n"
    assert logging.root.manager.disable == 0


def test_a_converter_that_fails_is_quoted_and_is_the_cause() -> None:
    broken = KeyError("no kernel\nmore")
    refused = pytest.raises(ConversionError, match="the export failed: KeyError")
    with refused as caught, converting("the export"):
        os.write(2, b"unsupported: aten.bincount\n")
        raise broken
    assert "| unsupported: aten.bincount" in caught.value.what
    assert caught.value.__cause__ is broken
    assert caught.value.remedy


def test_our_own_errors_pass_as_they_are() -> None:
    with pytest.raises(UsageError, match="mine"), converting("the export"):
        raise UsageError("mine", remedy="none")


def test_an_interrupt_is_not_a_failed_conversion() -> None:
    with pytest.raises(KeyboardInterrupt), converting("the export"):
        raise KeyboardInterrupt


def test_a_reader_that_fails_is_an_inference_error_about_the_file(tmp_path: Path) -> None:
    refused = pytest.raises(InferenceError, match=r"model\.x cannot be read: OSError")
    with refused, reading(tmp_path / "model.x"):
        raise OSError("short")


def test_a_converters_word_is_no_proof_that_it_wrote(tmp_path: Path) -> None:
    (tmp_path / "full").write_text("x")
    (tmp_path / "empty").touch()
    assert require_written(tmp_path, ("full",)) == ("full",)
    with pytest.raises(ConversionError, match="wrote no empty, absent"):
        require_written(tmp_path, ("full", "empty", "absent"))
