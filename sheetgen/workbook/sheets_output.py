"""The sheets that an approver reads: Sensitivity, Summary and About."""

from __future__ import annotations

import textwrap

from sheetgen import __version__
from sheetgen.cases import Grid, Scenario
from sheetgen.fields import fields
from sheetgen.resources import template_data
from sheetgen.workbook.book import (
    FIRST_CASE,
    KEY,
    LABEL,
    SHEET_ORDER,
    UNIT,
    Book,
    Cell,
    ChartPlan,
    Series,
    Sheet,
    Shown,
    address,
)
from sheetgen.workbook.formula import Expr, Name, names, substitute
from sheetgen.workbook.sheets_inputs import CASE_WIDTH, FIRST_DATA_ROW
from sheetgen.workbook.template import (
    TemplateError,
    calculated_rows,
    calculation_sheets,
    format_of,
    label_of,
    unit_of,
)

ABOUT_WIDTH = 116
CHART_ROWS = 15
OUTPUT_WIDTHS: dict[int, float] = {LABEL: 36, KEY: 26, UNIT: 14}

COLOURS = (
    ("input_colour", "Input", "Change it; marked “input” in the last column of sheet Inputs"),
    ("constant:left", "Constant", "Fixed by definition or by the paper named"),
    ("calc:left", "Formula", "Follows from the inputs; locked"),
    ("total:left", "Result", "What other sheets or the approver use"),
    ("status_ok", "OK", "The check holds"),
    ("status_review", "REVIEW", "Somebody should say that it is intended"),
    ("status_fail", "FAIL", "Do not use the figures"),
)


def expand(output: Expr, axes: tuple[str, ...]) -> Expr:
    """A formula as one tree of the axes and of rows that do not depend on them.

    MFU stays as it is unless it is an axis.
    Raises TemplateError where a dependence runs through a look-up over a block of rows, which cannot be put in.
    """
    rows = calculated_rows()
    blocks = {
        f"block_{section.block}": [row.key for row in section.rows]
        for sheet in calculation_sheets()
        for section in sheet.sections
        if section.block
    }
    memory: dict[str, bool] = {} if "mfu" in axes else {"mfu": False}

    def depends(name: str) -> bool:
        if name not in memory:
            if name in axes:
                memory[name] = True
            elif name in blocks:
                memory[name] = any(depends(key) for key in blocks[name])
            else:
                memory[name] = name in rows and any(depends(part) for part in names(rows[name].formula))
        return memory[name]

    def put_in(name: str) -> Expr | None:
        if name in axes or not depends(name):
            return None
        if name in blocks:
            raise TemplateError(f"{names(output)} depends on {', '.join(axes)} through the look-up {name}")
        return substitute(rows[name].formula, put_in)

    return substitute(output, put_in)


def sensitivity_sheet(book: Book, scenario: Scenario) -> tuple[Sheet, dict[str, tuple[str, int, int]]]:
    """The tables of two axes, and for each the place of its centre cell."""
    data = template_data("sensitivity")
    sheet = Sheet("Sensitivity", data["kind"], data["title"])
    steps: list[int] = data["steps"]
    sheet.widths = OUTPUT_WIDTHS | {FIRST_CASE + index: CASE_WIDTH - 2.0 for index in range(len(steps))}
    centres: dict[str, tuple[str, int, int]] = {}
    row = FIRST_DATA_ROW
    for grid in scenario.grids:
        row, centre = _grid(book, sheet, scenario, grid, steps, row)
        centres[grid.key] = (grid.output, *centre)
        row += 1
    return sheet, centres


def _grid(
    book: Book, sheet: Sheet, scenario: Scenario, grid: Grid, steps: list[int], row: int
) -> tuple[int, tuple[int, int]]:
    key, output, down, across = grid
    formula = expand(Name(output), (down, across))
    chosen = scenario.chosen
    title = f"{label_of(output)} over {label_of(down)} (down) and {label_of(across)} (across)"
    sheet.text(row, LABEL, title, "section")
    row += 1
    extra: dict[str, str] = {}
    drivers = [down, across] + [name for name in names(formula) if name not in {down, across}]
    for name in drivers:
        if name in book.scalars:
            continue
        sheet.text(row, LABEL, label_of(name), "label")
        sheet.text(row, KEY, f"{key}:{name}", "key")
        sheet.text(row, UNIT, f"unit:{unit_of(name)}", "unit")
        cell = Cell(f"calc:{format_of(name)}", formula=book.chosen(name, "Sensitivity"), shows=Shown(name, chosen))
        sheet.put(row, FIRST_CASE, cell)
        sheet.key_rows[f"{key}:{name}"] = row
        extra[name] = address(row, FIRST_CASE, absolute=True)
        row += 1
    step = book.scalar("sensitivity_step", "Sensitivity")
    head, axis = row, row + 1
    sheet.text(head, LABEL, f"{label_of(output)}, {label_of(down)} down, {label_of(across)} across", "label_total")
    sheet.text(axis, LABEL, "Steps from the centre (down)", "label")
    sheet.text(axis, KEY, f"{key}:axis", "key")
    sheet.key_rows[f"{key}:axis"] = axis
    sheet.text(axis, UNIT, f"unit:{unit_of(down)}", "unit")
    for index, count in enumerate(steps):
        column = FIRST_CASE + index
        sheet.put(head, column, Cell("axis:step", count))
        value = f"{extra[across]} * (1 + {address(head, column)} * {step})"
        shows = Shown(across, chosen, ((across, count),))
        sheet.put(axis, column, Cell(f"axis:{format_of(across)}", formula=value, shows=shows))
    for offset, count in enumerate(steps, start=1):
        line = axis + offset
        sheet.put(line, LABEL, Cell("axis:step", count))
        sheet.text(line, KEY, f"{key}:{count:+d}", "key")
        sheet.key_rows[f"{key}:{count:+d}"] = line
        value = f"{extra[down]} * (1 + {address(line, LABEL)} * {step})"
        shows = Shown(down, chosen, ((down, count),))
        sheet.put(line, UNIT, Cell(f"axis:{format_of(down)}", formula=value, shows=shows))
        for index, other in enumerate(steps):
            column = FIRST_CASE + index
            places = extra | {down: f"${address(line, UNIT)}", across: f"{_row_fixed(axis, column)}"}
            text = book.excel(formula, "Sensitivity", column, places)
            weight = "total" if count == other == 0 else "calc"
            shows = Shown(output, chosen, ((down, count), (across, other)))
            sheet.put(line, column, Cell(f"{weight}:{format_of(output)}", formula=text, shows=shows))
    centre = (axis + 1 + steps.index(0), FIRST_CASE + steps.index(0))
    return axis + len(steps) + 1, centre


def _row_fixed(row: int, column: int) -> str:
    cell = address(row, column, absolute=True)
    return cell[1:]


def summary_sheet(book: Book, scenario: Scenario) -> Sheet:
    """One page for approval: the request, the case put forward, the cases side by side, a chart, signatures."""
    data = template_data("summary")
    sheet = Sheet("Summary", data["kind"], data["title"], landscape=False, one_page=True)
    columns = max(book.cases, 4)
    sheet.widths = OUTPUT_WIDTHS | {FIRST_CASE + index: CASE_WIDTH - 1.0 for index in range(columns)}
    row = FIRST_DATA_ROW
    for section in data["sections"]:
        if section["show"] == "cases":
            for column, head in ((LABEL, section["title"]), (KEY, "Key"), (UNIT, "Unit")):
                sheet.text(row, column, head, "header")
            case_heads(book, sheet, row)
        else:
            sheet.text(row, LABEL, section["title"], "section")
        row += 1
        for key in section["rows"]:
            row = _shown_row(book, sheet, scenario, key, section["show"], row)
    chart = data["chart"]
    sheet.text(row, LABEL, chart["title"], "section")
    key = chart["values"]
    series = Series(chart["title"], book.across(key, "Summary"))
    names = book.place("case_names", "Summary", FIRST_CASE)
    plan = ChartPlan(row + 1, chart["title"], chart["description"], "column", names, (series,), unit_of(key))
    sheet.charts.append(plan)
    row += CHART_ROWS + 1
    sheet.text(row, LABEL, "Approval", "section")
    for column, head in ((KEY, "Name"), (FIRST_CASE, "Date"), (FIRST_CASE + 1, "Signature")):
        sheet.text(row, column, head, "sign_head")
    for offset, role in enumerate(data["approval"], start=1):
        sheet.text(row + offset, LABEL, role, "sign")
        sheet.heights[row + offset] = 24
        for column in range(KEY, FIRST_CASE + 4):
            sheet.put(row + offset, column, Cell("sign", ""))
    return sheet


def case_heads(book: Book, sheet: Sheet, row: int) -> None:
    """The names of the cases as column heads, live from sheet Inputs."""
    source = book.sheets["Inputs"].key_rows["case_name"]
    prefix = "" if sheet.name == "Inputs" else "Inputs!"
    width = sheet.widths.get(FIRST_CASE, CASE_WIDTH)
    for index in range(book.cases):
        column = FIRST_CASE + index
        formula = f"{prefix}{address(source, column)}"
        sheet.put(row, column, Cell("header:case", formula=formula, shows=Shown("case_name", index)))
        name = book.sheets["Inputs"].cells[source, column].value
        sheet.wrap(row, str(name), width - 2)


def _shown_row(book: Book, sheet: Sheet, scenario: Scenario, key: str, mode: str, row: int) -> int:
    label = fields()[key].label if key in fields() else label_of(key)
    total = key == "total_cost"
    sheet.text(row, LABEL, label, "label_total" if total else "label")
    name = key if mode == "cases" or key in book.scalars else f"{key}@chosen"
    sheet.text(row, KEY, name, "key")
    sheet.key_rows[name] = row
    sheet.text(row, UNIT, f"unit:{unit_of(key)}", "unit")
    weight = "total" if total else "calc"
    form = format_of(key)
    sparse = key in calculated_rows() and calculated_rows()[key].sparse
    if sparse:
        sheet.sparse_rows.append(row)
    for index in range(book.cases if mode == "cases" else 1):
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


def about_sheet(book: Book, scenario: Scenario) -> Sheet:
    """How to use the workbook, its limits, its contents, and where it comes from."""
    data = template_data("about")
    sheet = Sheet("About", data["kind"], data["title"], frozen_columns=0, landscape=False, one_page=True)
    sheet.widths = {LABEL: 34, KEY: 30, UNIT: 40, FIRST_CASE: 40}
    row = FIRST_DATA_ROW - 1
    for section in data["sections"]:
        sheet.text(row, LABEL, section["title"], "section")
        row += 1
        for line in section["lines"]:
            for part in textwrap.wrap(line, ABOUT_WIDTH, subsequent_indent="    " if line[:1].isdigit() else ""):
                sheet.text(row, LABEL, part, "line")
                row += 1
    sheet.text(row, LABEL, "Colours", "section")
    row += 1
    for style, word, meaning in COLOURS:
        sheet.text(row, LABEL, word, style)
        sheet.text(row, KEY, meaning, "line")
        row += 1
    sheet.text(row, LABEL, "Contents", "section")
    row += 1
    for name in SHEET_ORDER[1:]:
        sheet.put(row, LABEL, Cell("link", name, link=name))
        sheet.text(row, KEY, f"{book.sheets[name].kind}: {book.sheets[name].title}", "line")
        row += 1
    sheet.text(row, LABEL, "Where it comes from", "section")
    row += 1
    for key in ("scenario", "requester", "as_of"):
        sheet.text(row, LABEL, fields()[key].label, "label")
        style = f"line:{'date_left' if key == 'as_of' else 'left'}"
        sheet.put(row, KEY, Cell(style, formula=book.scalar(key, "About"), shows=Shown(key, 0)))
        row += 1
    output = "budget.xlsx"
    for label, text in (
        ("Scenario file", scenario.file),
        ("Scenario SHA-256", scenario.sha256),
        ("Inputs fingerprint", "fingerprint: inputs"),
        ("Accelerators fingerprint", "fingerprint: accelerators"),
        ("Generator", f"sheetgen {__version__}"),
        ("Command", scenario.command or f"sheetgen build --scenario {scenario.file} -o {output}"),
    ):
        sheet.text(row, LABEL, label, "label")
        sheet.text(row, KEY, text, "line")
        sheet.key_rows[label] = row
        row += 1
    return sheet
