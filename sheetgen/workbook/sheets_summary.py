"""The Summary sheet: one page that an approver reads and signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sheetgen.base.inputs import fields
from sheetgen.base.resources import template_data
from sheetgen.scenario.model import Scenario
from sheetgen.workbook.book import (
    FIRST_CASE,
    KEY,
    LABEL,
    PIXELS_PER_UNIT,
    UNIT,
    Book,
    Cell,
    ChartPlan,
    Series,
    Sheet,
    Shown,
    address,
)
from sheetgen.workbook.definitions import calculated_rows, format_of, label_of, unit_of
from sheetgen.workbook.sheets_inputs import CASE_WIDTH, FIRST_DATA_ROW

MARGIN = 16  # pixels
FEWEST_COLUMNS = 6  # of figures: three of a swing and three for its source
MOST_ALTERNATIVES = 8  # that fit beside each other on a page that can be read; the other sheets have every case


def summary_sheet(book: Book, scenario: Scenario) -> Sheet:
    """One page for approval: the request, the case put forward, the cases side by side, a chart, signatures."""
    data = template_data("summary")
    sheet = Sheet("Summary", data["kind"], data["title"], landscape=False, one_page=True)
    columns = max(_alternatives(book), FEWEST_COLUMNS)
    sheet.widths = {LABEL: 36, KEY: 24, UNIT: 12} | {FIRST_CASE + index: CASE_WIDTH - 1.0 for index in range(columns)}
    row = FIRST_DATA_ROW
    for section in data["sections"]:
        show = section["show"]
        if show == "cases":
            title, count = section["title"], _alternatives(book)
            title += f": {count} of {book.cases} cases" if count < book.cases else ""
            for column, head in ((LABEL, title), (KEY, "Key"), (UNIT, "Unit")):
                sheet.text(row, column, head, "header")
            case_heads(book, sheet, row, count)
        else:
            sheet.text(row, LABEL, section["title"], "section")
        for column, head in enumerate(section.get("heads", ()), start=FIRST_CASE):
            sheet.text(row, column, head, "column_head_left" if head == "Source" else "column_head")
        row += 1
        if section["title"] == data["chart"]["beside"]:
            _chart(book, sheet, data["chart"], row)
        if show == "years":
            row = _years(book, sheet, scenario, section, row)
        elif show == "swings":
            row = _top(book, sheet, scenario, section["count"], row)
        for key in section["rows"] if show not in {"years", "swings"} else ():
            if show == "texts":
                sheet.put(row, LABEL, Cell("line:left", formula=book.scalar(key, "Summary"), shows=Shown(key, 0)))
                row += 1
                continue
            row = _shown_row(book, sheet, scenario, key, show, row)
            if show == "lines":
                amount = address(row - 1, FIRST_CASE)
                words = f'IF({amount} = 0, "{section["zero"]}", "{section["other"]}")'
                sheet.put(row - 1, FIRST_CASE + 1, Cell("note_line:left", formula=words))
    sheet.text(row, LABEL, "Approval", "section")
    for column, head in ((KEY, "Name"), (FIRST_CASE, "Date"), (FIRST_CASE + 1, "Signature")):
        sheet.text(row, column, head, "sign_head")
    for offset, role in enumerate(data["approval"], start=1):
        sheet.text(row + offset, LABEL, role, "sign")
        sheet.heights[row + offset] = 24
        for column in range(KEY, FIRST_CASE + 4):
            sheet.put(row + offset, column, Cell("sign", ""))
    return sheet


def _alternatives(book: Book) -> int:
    """How many cases stand beside each other, the first ones."""
    return min(book.cases, MOST_ALTERNATIVES)


def _side_of(book: Book, home: str, row: int) -> str:
    """The cells of a row in the cases that stand beside each other."""
    last = FIRST_CASE + _alternatives(book) - 1
    return f"{home}!{address(row, FIRST_CASE, absolute=True)}:{address(row, last, absolute=True)}"


def _chart(book: Book, sheet: Sheet, chart: Mapping[str, str], row: int) -> None:
    """The total of the cases side by side, right of a section that has one column of figures."""
    key, first = chart["values"], FIRST_CASE + 1
    series = Series(chart["title"], _side_of(book, *book.case_rows[key]))
    names = _side_of(book, "Inputs", book.sheets["Inputs"].key_rows["case_name"])
    room = sum(width for column, width in sheet.widths.items() if column >= first)
    plan = ChartPlan(
        row, chart["title"], chart["description"], "column", names, (series,), unit_of(key),
        column=first, width=int(room * PIXELS_PER_UNIT) - MARGIN,
    )  # fmt: skip
    sheet.charts.append(plan)


def _years(book: Book, sheet: Sheet, scenario: Scenario, section: Mapping[str, Any], row: int) -> int:
    """A fiscal year a row: what accrues and what is paid in it, of the case put forward; and what comes later."""
    home, top, _ = book.blocks[f"series_{section['rows'][0]}"]
    unit = unit_of(section["rows"][0])
    for number in range(1, book.years + 1):
        key = f"year:{number}"
        sheet.put(row, LABEL, Cell("line:fiscal_year", formula=f"{home}!{address(top + number - 1, LABEL)}"))
        cells = [(book.chosen_month(name, number, sheet.name), f"{name}:{number}") for name in section["rows"]]
        row = _side_by_side(sheet, scenario, key, unit, cells, row)
    sheet.text(row, LABEL, "later", "line")
    cells = [(book.chosen(name, sheet.name), name) for name in section["later"]]
    return _side_by_side(sheet, scenario, "year:later", unit, cells, row)


def _side_by_side(
    sheet: Sheet, scenario: Scenario, key: str, unit: str, cells: Sequence[tuple[str, str]], row: int
) -> int:
    sheet.text(row, KEY, key, "key")
    sheet.key_rows[key] = row
    sheet.text(row, UNIT, f"unit:{unit}", "unit")
    for column, (formula, name) in enumerate(cells, start=FIRST_CASE):
        shows = Shown(name, scenario.chosen)
        sheet.put(row, column, Cell(f"calc:{format_of(name)}", formula=formula, shows=shows))
    return row + 1


def _top(book: Book, sheet: Sheet, scenario: Scenario, count: int, row: int) -> int:
    """The assumptions of the largest swings: the total one step lower and higher, and where the figure comes from."""
    ranks = book.place("swings_rank", sheet.name, FIRST_CASE)
    for number in range(1, count + 1):
        key = f"top:{number}"

        def found(name: str, number: int = number) -> str:
            return f"INDEX({book.place(f'swings_{name}', sheet.name, FIRST_CASE)}, MATCH({number}, {ranks}, 0))"

        sheet.put(row, LABEL, Cell("line:left", formula=found("label")))
        sheet.text(row, KEY, key, "key")
        sheet.key_rows[key] = row
        sheet.text(row, UNIT, "unit:currency", "unit")
        for column, (name, form) in enumerate(
            (("low", "money"), ("high", "money"), ("share", "share")), start=FIRST_CASE
        ):
            shows = Shown(f"top_{name}:{number}", scenario.chosen)
            sheet.put(row, column, Cell(f"calc:{form}", formula=found(name), shows=shows))
        sheet.put(row, FIRST_CASE + 3, Cell("note_line:left", formula=found("source")))
        row += 1
    return row


def case_heads(book: Book, sheet: Sheet, row: int, count: int | None = None) -> None:
    """The names of the cases, or of the first ``count`` of them, as column heads, live from sheet Inputs."""
    source = book.sheets["Inputs"].key_rows["case_name"]
    prefix = "" if sheet.name == "Inputs" else "Inputs!"
    width = sheet.widths.get(FIRST_CASE, CASE_WIDTH)
    for index in range(book.cases if count is None else count):
        column = FIRST_CASE + index
        formula = f"{prefix}{address(source, column)}"
        sheet.put(row, column, Cell("header:case", formula=formula, shows=Shown("case_name", index)))
        name = book.sheets["Inputs"].cells[source, column].value
        sheet.wrap(row, str(name), width - 2)


def _as_elsewhere(book: Book, key: str) -> tuple[str, str, str]:
    """Label, unit and number format of a key; of a check of the whole workbook those of its row on sheet Checks."""
    if key not in book.scalars or key in fields():
        return label_of(key), unit_of(key), format_of(key)
    home, row = book.scalars[key]
    cells = book.sheets[home].cells
    form = cells[row, FIRST_CASE].style.partition(":")[2]
    return str(cells[row, LABEL].value), str(cells[row, UNIT].value).removeprefix("unit:"), form


def _shown_row(book: Book, sheet: Sheet, scenario: Scenario, key: str, mode: str, row: int) -> int:
    label, unit, form = _as_elsewhere(book, key)
    total = key == "total_cost"
    sheet.text(row, LABEL, label, "label_total" if total else "label")
    name = key if mode == "cases" or key in book.scalars else f"{key}@chosen"
    sheet.text(row, KEY, name, "key")
    sheet.key_rows[name] = row
    sheet.text(row, UNIT, f"unit:{unit}", "unit")
    weight = "total" if total else "calc"
    sparse = key in calculated_rows() and calculated_rows()[key].sparse
    if sparse:
        sheet.sparse_rows[row] = "peak" if mode == "cases" else "peak@chosen"
    for index in range(_alternatives(book) if mode == "cases" else 1):
        column = FIRST_CASE + index
        if mode == "cases":
            formula, case = book.place(key, "Summary", column), index
        else:
            formula, case = book.chosen(key, "Summary"), scenario.chosen
        style = form
        value = scenario.inputs(case).get(key)
        if mode == "cases" and isinstance(value, str) and len(value) > CASE_WIDTH - 1:
            style = "wrapped"
            sheet.wrap(row, value, CASE_WIDTH - 1)
        elif mode != "cases" and isinstance(value, str) and form != "status":
            style = "left"
        sheet.put(row, column, Cell(f"{weight}:{style}", formula=formula, shows=Shown(key, case)))
    return row + 1
