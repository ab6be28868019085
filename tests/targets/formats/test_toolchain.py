from __future__ import annotations

import sys

import numpy as np
import pytest

from sc_deploy.targets.formats import toolchain


def test_only_modules_that_are_not_here_are_absent() -> None:
    assert toolchain.absent(("json", "no_such_module", "numpy")) == ("no_such_module",)


def test_a_blocked_module_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert toolchain.absent(("numpy",)) == ("numpy",)


def test_versions_are_those_of_the_distributions() -> None:
    assert toolchain.versions(("numpy",)) == (("numpy", np.__version__),)


def test_a_distribution_that_is_not_here_has_no_version() -> None:
    assert toolchain.versions(("no-such-distribution", "numpy")) == (("numpy", np.__version__),)
