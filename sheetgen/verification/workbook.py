"""``verify``: a workbook's cells recomputed without Excel, compared with the engine run on the workbook's own inputs.

The file may have been edited and saved by any program, and may come from anybody: all of this is done in a child
process with limits of time and memory, which reads the file strictly. Its formulas are evaluated from its cells, with
poison in the place of every cached value; its inputs are read back by key; the engine computes every quantity from
them; each cell that shows a quantity must agree. Then all inputs are moved at once, twice, and everything is compared
again, because a typed-in total passes at one point only. Formulas are compared with those that the templates give.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sheetgen.base.child import MEGABYTE, Limits, begun, beside
from sheetgen.base.errors import one_line
from sheetgen.verification.verdict import Asked, Origin, Verdict

if TYPE_CHECKING:
    from sheetgen.scenario.model import Scenario
    from sheetgen.workbook.file.package import Package
    from sheetgen.workbook.file.stored import StoredBook

LEAST, EACH_MEGABYTE, MOST = Limits(7.0, 330), Limits(4.0, 200), Limits(60.0, 1_000)
"""For a file of no size, for each megabyte of it, and for any. A budget of one case has 0.2 MB and takes 0.5 seconds
and 60 MB, one of 200 cases has 2 MB and takes 11 seconds and 490 MB."""


def verify(
    file: str | Path,
    scenario: Scenario | None = None,
    *,
    templates: Sequence[str | Path] = (),
    content: bool = False,
    thorough: bool = False,
) -> Verdict:
    """The verdict on a workbook; with a scenario, also the inputs that differ from it.

    ``templates`` are the directories that it was built with; packages that extend the workbook are found by themselves.
    ``content`` asks for the SHA-256 of what it says, too, which a seal signs, ``thorough`` for a second evaluator that
    computes every formula again (it does so by itself where an input is a formula, if it is installed).

    Raises NotVerifiable when there is no verdict: the file cannot be read, takes more time or memory than any budget
    does, is no workbook of ours, was built with an extension that is not here, or the evaluator was caught reading
    cached values.
    """
    path = Path(file)
    limits = limits_of(path)
    asked = Asked(content=content, thorough=thorough)
    judged = begun(lambda: _verify(path, scenario, templates, limits, asked), limits, one_line(str(path)))
    origin = _judge()
    verdict = judged()
    verdict.origin = origin._replace(sha256=verdict.origin.sha256, size=verdict.origin.size)
    return verdict


def _judge() -> Origin:
    """By what a file is verified, and when; found out while the child is at work."""
    from importlib.metadata import version

    from sheetgen import __version__
    from sheetgen.base.resources import templates_digest

    python = ".".join(map(str, sys.version_info[:3]))
    programs = f"sheetgen {__version__}, formualizer {version('formualizer')}, Python {python}"
    return Origin("", 0, programs, templates_digest(), time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()))


def limits_of(path: Path) -> Limits:
    """What reading and computing a file may take, by its size."""
    try:
        size = path.stat().st_size / MEGABYTE
    except (OSError, ValueError):
        size = 0.0  # what is wrong is said when it is read
    return Limits(
        min(LEAST.seconds + size * EACH_MEGABYTE.seconds, MOST.seconds),
        int(min(LEAST.megabytes + size * EACH_MEGABYTE.megabytes, MOST.megabytes)),
    )


def _verify(
    path: Path, scenario: Scenario | None, directories: Sequence[str | Path], limits: Limits, asked: Asked
) -> Verdict:
    """The verdict, in the child: what it needs is imported there."""
    from sheetgen.workbook.file.package import open_package  # before there are two processes, which both need it
    from sheetgen.workbook.file.stored import read_stored

    def read() -> tuple[Package, StoredBook]:
        package = open_package(path)
        book = read_stored(package)
        book.prepare()
        return package, book

    reading = beside(read, limits, one_line(str(path)))
    from sheetgen.verification.compare import judge  # a sixth of the time, spent while the file is read
    from sheetgen.verification.computed import computing
    from sheetgen.workbook.definitions import packaged_definitions

    packaged_definitions()
    file = computing(*reading(), directories)
    package = file.opened.package
    origin = Origin(package.sha256, package.size)
    verdict = Verdict(str(path), origin, poisoned=file.formulas, foreign=list(file.opened.book.foreign))
    verdict.unread = [sheet.name for sheet in file.sheets.values() if sheet.cells and sheet not in file.needed]
    judge(file, verdict, scenario, limits, asked)
    return verdict
