"""``verify``: a workbook's cells recomputed without Excel, compared with the engine run on the workbook's own inputs.

The file may have been edited and saved by any program. Its formulas are evaluated from its cells, with every cached
value replaced by poison first; its inputs are read back by key; the engine computes every quantity from them; each cell
that shows a quantity must agree. Then all inputs are moved at once, twice, and everything is compared again, because a
typed-in total passes at one point only. Formulas are compared with those that the templates give.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sheetgen.verification.compare import judge
from sheetgen.verification.verdict import Verdict
from sheetgen.workbook.evaluator import Evaluator
from sheetgen.workbook.package import open_package, poisoned

if TYPE_CHECKING:
    from sheetgen.scenario.model import Scenario


def verify(file: str | Path, scenario: Scenario | None = None) -> Verdict:
    """The verdict on a workbook; with a scenario, also the inputs that differ from it.

    Raises NotVerifiable when there is no verdict: the file cannot be read, is no workbook of ours, or the evaluator was
    caught reading cached values.
    """
    path = Path(file)
    data, count = poisoned(open_package(path))
    evaluator = Evaluator.from_bytes(data)
    evaluator.recalculate()
    return judge(evaluator, Verdict(str(path), poisoned=count), scenario)
