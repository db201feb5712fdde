"""The least that writing the same workbook takes: start Python, import XlsxWriter, write the cells, close.

Run as a process: ``python floor.py DUMP OUTPUT``. The dump (see ``dump.py``) holds every cell with its value and its
format, the column widths, row heights and validations, computed beforehand, so nothing is read, planned or evaluated
here. It is in marshal, which needs no import and loads fastest, and formulas are stored as they come, without
XlsxWriter's search for function names: both make the floor lower.
"""

from __future__ import annotations

import marshal
import sys

import xlsxwriter
from xlsxwriter.worksheet import Worksheet


class PlainSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no type information
    """A worksheet that stores formulas as given."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002 - the base's signature
        return formula


def main(dump: str, output: str) -> None:
    """Write the dump's cells to the output file."""
    with open(dump, "rb") as file:  # noqa: PTH123 - pathlib is an import more
        content = marshal.load(file)  # noqa: S302 - written a moment ago by the benchmark itself
    workbook = xlsxwriter.Workbook(output, {"in_memory": True, "default_format_properties": content["font"]})
    formats = [workbook.add_format(properties) for properties in content["formats"]]
    for sheet in content["sheets"]:
        page = workbook.add_worksheet(sheet["name"], worksheet_class=PlainSheet)
        for column, width, form in sheet["widths"]:
            page.set_column(column, column, width, formats[form])
        for row, height in sheet["heights"]:
            page.set_row(row, height)
        for row, column, kind, form, value, formula in sheet["cells"]:
            if kind == "formula":
                page.write_formula(row, column, formula, formats[form], value)
            elif kind == "blank":
                page.write_blank(row, column, None, formats[form])
            elif kind == "text":
                page.write_string(row, column, value, formats[form])
            else:
                page.write_number(row, column, value, formats[form])
        for validation in sheet["validations"]:
            page.data_validation(*validation)
    workbook.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
