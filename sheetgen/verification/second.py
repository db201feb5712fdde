"""A second evaluator, of unrelated code: IronCalc computes what the first one has computed, and both must agree.

It is asked for (``--thorough``), and where an input is a formula of a user's own, for such a formula is in no plan. It
is given the same bare file, with the same poison in the place of every stored result.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from sheetgen.base.errors import NotVerifiable, one_line
from sheetgen.verification.stored_results import compare_stored
from sheetgen.verification.verdict import StoredResults
from sheetgen.workbook.evaluator import Evaluator
from sheetgen.workbook.file.cells import ErrorText, Stored
from sheetgen.workbook.file.stored import POISON, StoredSheet
from sheetgen.workbook.file.xml_part import MAIN

HOW_TO_GET_IT = "the second evaluator, IronCalc, is not installed: pip install 'sheetgen[thorough]'"
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Arial"/></font></fonts><fills '
    'count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="1"><xf/></cellXfs><cellStyles count="1"><cellStyle '
    'name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
"""IronCalc asks for a part of styles."""


def is_there() -> bool:
    """Whether it is installed."""
    return find_spec("ironcalc") is not None


def second_opinion(data: bytes, sheets: Sequence[StoredSheet], evaluator: Evaluator) -> StoredResults:
    """What another program computes of the formulas of a bare file, held to what the evaluator has computed.

    Raises NotVerifiable where it is not installed, cannot read the file, or hands a stored result back.
    """
    if not is_there():
        raise NotVerifiable(HOW_TO_GET_IT)
    import ironcalc

    with tempfile.TemporaryDirectory(prefix="sheetgen-") as room:
        path = Path(room) / "bare.xlsx"
        path.write_bytes(_with_styles(data))
        try:
            model = ironcalc.load_from_xlsx(str(path))
            model.evaluate()
        except Exception as error:  # its loader raises many types; each means that there is no second opinion
            raise NotVerifiable(
                f"the second evaluator cannot read the workbook: {one_line(str(error))[:200]}"
            ) from error
    index = {entry["name"]: number for number, entry in enumerate(model.get_worksheets_properties())}

    def computed(sheet: str, row: int, column: int, cell: Stored) -> Stored:
        place = index[sheet], row + 1, column + 1
        value = model.get_cell_value(*place)
        if value == POISON:
            raise NotVerifiable(f"sheet {one_line(sheet)}: the second evaluator read a stored result")
        if model.get_cell_type(*place) == ironcalc.CellType.ErrorValue:
            value = ErrorText(value)
        return cell._replace(value="" if value is None else value)

    found = [
        sheet._replace(
            cells={
                at: cell if cell.formula is None else computed(sheet.name, *at, cell)
                for at, cell in sheet.cells.items()
            }
        )
        for sheet in sheets
    ]
    return compare_stored(found, evaluator)


def _with_styles(data: bytes) -> bytes:
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(zipfile.ZipInfo("xl/styles.xml"), STYLES)
    return file.getvalue()
