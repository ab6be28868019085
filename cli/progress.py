"""Progress as bars on a terminal, and as one line a stage anywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.cli import output

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from rich.progress import Progress as Bars
    from rich.progress import TaskID


class TerminalProgress:
    """A context manager that satisfies `sc_deploy.progress.Progress`."""

    def __init__(self) -> None:
        self._console = output.console()
        self._bars: Bars | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bars = _bars(self._console)
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def start(self, stage: str, total: int) -> None:
        if self._bars is None:
            self.say(f"{stage} …")
            return
        if self._task is not None:
            self._bars.update(self._task, completed=self._total(), note="")
        self._task = self._bars.add_task(stage, total=total, note="")

    def advance(self, done: int = 1, *, note: str = "") -> None:
        if self._bars is not None and self._task is not None:
            if note:
                self._bars.update(self._task, note=note)
            self._bars.advance(self._task, done)
        elif note:
            self.say(f"  {note}")

    def say(self, message: str) -> None:
        self._console.print(message, highlight=False, markup=False, soft_wrap=True)

    def _total(self) -> float:
        tasks = {} if self._bars is None else {task.id: task for task in self._bars.tasks}
        found = None if self._task is None else tasks.get(self._task)
        return (found.total or 0.0) if found else 0.0


def _bars(console: object) -> Bars:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    assert isinstance(console, Console)
    return Progress(
        TextColumn("{task.description:<24}"),
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[note]}"),
        console=console,
    )
