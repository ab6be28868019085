"""Which packages a format needs, and which of them are here, without importing any."""

from __future__ import annotations

from importlib import metadata
from importlib.util import find_spec


def absent(modules: tuple[str, ...]) -> tuple[str, ...]:
    """Those top-level modules that cannot be found here."""
    return tuple(name for name in modules if find_spec(name) is None)


def versions(distributions: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Name and version of each distribution that is here: an auditor needs no exporter."""
    return tuple((name, found) for name in distributions if (found := _version(name)))


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None
