"""What a report says of how a model was made names every choice, and no path or key."""

from __future__ import annotations

from sc_deploy.pipeline import settings
from sc_deploy.recipe import NetworkSection, Recipe, RolesSection, TaskSection
from sc_deploy.recipe.defence import Hamp

RECIPE = Recipe(
    task=TaskSection(name="idx", path="/home/someone/data"),
    roles=RolesSection(key="ab" * 32),
    network=NetworkSection(name="small-cnn", weights="/home/someone/first.safetensors"),
    defence=(Hamp(name="hamp"),),
)


def test_network_pattern_defences_and_objective_are_named() -> None:
    told = dict(settings.told(RECIPE))
    assert told["network"] == "small-cnn, brought first weights"
    assert told["defences"] == "hamp (entropy 0.5, strength 0.005)"
    assert told["sparsity pattern"] == "unstructured"
    assert told["objective"].startswith("tm-score")


def test_neither_paths_nor_the_key_are_told() -> None:
    text = str(settings.told(RECIPE))
    assert "someone" not in text
    assert "abab" not in text
