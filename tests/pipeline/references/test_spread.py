"""Which GPU each process of the training gets."""

from __future__ import annotations

from typing import Protocol

import pytest

from sc_deploy.pipeline.problem import Problem
from sc_deploy.pipeline.references.plan import Reference
from sc_deploy.pipeline.references.spread import devices_of, environment_of
from sc_deploy.tasks import roles as role_files
from sc_deploy.workspace import RunFolder


class Ask(Protocol):
    def __call__(self, *attacks: str) -> Problem: ...


def reference(run: RunFolder, asked: Problem, device: str) -> Reference:
    section = asked.recipe.compress.model_copy(update={"device": device})
    recipe = asked.recipe.model_copy(update={"compress": section})
    problem = Problem(recipe, asked.policy, asked.task, asked.brought)
    return Reference(0, run, problem, role_files.load(run.roles), "0" * 64)


def test_processes_take_the_visible_gpus_in_turn(
    alone_once: RunFolder, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,GPU-5e")
    devices = devices_of(reference(alone_once, ask(), "cuda"))
    seen = [environment_of(devices, slot)["CUDA_VISIBLE_DEVICES"] for slot in range(4)]
    assert seen == ["2", "GPU-5e", "2", "GPU-5e"]


def test_on_the_cpu_the_environment_stays_as_it_is(
    alone_once: RunFolder, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    devices = devices_of(reference(alone_once, ask(), "cpu"))
    assert environment_of(devices, 1)["CUDA_VISIBLE_DEVICES"] == "0,1"
