"""How do files of the state folder come to the other processes, which have folders of their own?"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from sc_deploy import workspace
from sc_deploy.compress.processes.ranks import PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sc_deploy.compress.processes.ranks import Ranks


def hand_over(ranks: Ranks, folder: Path) -> None:
    """Make every process's folder hold what the first one's does, so that all resume alike."""
    if ranks.alone:
        return
    names = json.loads(ranks.shared(0, partial(_names, folder), PLAIN))
    for name in names:
        content = ranks.shared(0, (folder / name).read_bytes, PLAIN)
        if not ranks.first:
            workspace.write_bytes(folder / name, content, mode=workspace.SECRET)


def make_spread(ranks: Ranks, tasks: Mapping[Path, Callable[[], object]]) -> None:
    """Let processes take turns in writing these files, and give each file to all of them."""
    made = ranks.spread([partial(_made, path, task) for path, task in tasks.items()], PLAIN)
    for at, (path, content) in enumerate(zip(tasks, made, strict=True)):
        if ranks.owner(at) != ranks.index:
            workspace.write_bytes(path, content, mode=workspace.SECRET)


def _names(folder: Path) -> bytes:
    return json.dumps(sorted(path.name for path in folder.iterdir())).encode()


def _made(path: Path, task: Callable[[], object]) -> bytes:
    task()
    return path.read_bytes()
