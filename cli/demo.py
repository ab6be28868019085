"""`scdeploy demo`: four files; which may ship?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sc_deploy.cli import options, output, verdicts
from sc_deploy.cli.progress import TerminalProgress
from sc_deploy.errors import ExitCode

if TYPE_CHECKING:
    from sc_deploy.pipeline.demo import Story


def command(
    *,
    output_folder: options.Output = Path("runs/demo"),
    as_json: options.AsJson = False,
) -> ExitCode:
    """Compress, export and audit on real digits: a leaky file, a broken one, and two that
    SafeCompress made; then tamper with one."""
    from sc_deploy.pipeline import demo

    with TerminalProgress() as progress:
        story = demo.tell(output_folder, progress)
    _tell(story, as_json=as_json)
    return ExitCode.OK if story.held else ExitCode.FAILED


def _tell(story: Story, *, as_json: bool) -> None:
    if as_json:
        output.emit(story.as_json())
    output.note("\nFour files. Which may ship?  (scikit-learn digits, 10 % of labels flipped)")
    verdicts.table(story.reports, letters="ABCD")
    for line in story.lines():
        output.note(line)
    output.note(f"report: {story.page}")
