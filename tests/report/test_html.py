from sc_deploy.report import html


def test_look(summary, unexecuted) -> None:
    from dataclasses import replace
    from pathlib import Path

    Path("/tmp/rep").mkdir(exist_ok=True)
    Path("/tmp/rep/a.html").write_text(html.render(summary))
    Path("/tmp/rep/b.html").write_text(html.render(replace(summary, reports=(unexecuted,))))
