"""The Sensitivity sheet: tables of an output over two axes, and what moves the total cost most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sheetgen.base.resources import template_data
from sheetgen.scenario.model import Grid, Scenario
from sheetgen.workbook.book import FIRST_CASE, KEY, LABEL, UNIT, Book, Cell, Sheet, Shown, address
from sheetgen.workbook.definitions import calculated_rows, format_of, label_of, packaged_definitions, unit_of
from sheetgen.workbook.formula import Expr, Name, names, substitute
from sheetgen.workbook.names import Place
from sheetgen.workbook.sheets_inputs import CASE_WIDTH, FIRST_DATA_ROW
from sheetgen.workbook.template import TemplateError

OUTPUT_WIDTHS: dict[int, float] = {LABEL: 36, KEY: 26, UNIT: 14}
SWING_HEADS = (
    "Its value",
    "Lower",
    "Higher",
    "Total, lower",
    "Total, higher",
    "Swing",
    "Share of the total",
    "Less a trifle",
)
DOWN, ACROSS = "\x01", "\x02"  # a table's formula is rendered once, its two axes filled in after
SOURCE_COLUMN = FIRST_CASE + len(SWING_HEADS)


@cache
def _names_of(key: str) -> tuple[str, ...]:
    """The names that the formula of a row uses."""
    return tuple(names(calculated_rows()[key].formula))


def expand(output: Expr, axes: tuple[str, ...]) -> Expr:
    """A formula as one tree of the axes and of rows that do not depend on them.

    MFU stays as it is unless it is an axis.
    Raises TemplateError where a dependence runs through a look-up over a block of rows, which cannot be put in.
    """
    rows = calculated_rows()
    blocks = packaged_definitions().blocks
    memory: dict[str, bool] = {} if "mfu" in axes else {"mfu": False}

    def depends(name: str) -> bool:
        if name not in memory:
            if name in axes:
                memory[name] = True
            elif name in blocks:
                memory[name] = any(depends(key) for key in blocks[name])
            else:
                memory[name] = name in rows and any(depends(part) for part in _names_of(name))
        return memory[name]

    trees: dict[str, Expr] = {}

    def put_in(name: str) -> Expr | None:
        if name in axes or not depends(name):
            return None
        if name in blocks:
            raise TemplateError(f"{names(output)} depends on {', '.join(axes)} through the look-up {name}")
        if name not in trees:
            trees[name] = substitute(rows[name].formula, put_in)
        return trees[name]

    return substitute(output, put_in)


def sensitivity_sheet(book: Book, scenario: Scenario) -> Sheet:
    """The tables of two axes."""
    data = template_data("sensitivity")
    sheet = Sheet("Sensitivity", data["kind"], data["title"])
    steps: list[int] = data["steps"]
    columns = max(len(steps), len(SWING_HEADS))
    sheet.widths = OUTPUT_WIDTHS | {FIRST_CASE + index: CASE_WIDTH - 2.0 for index in range(columns)}
    sheet.widths[SOURCE_COLUMN] = 34
    row = FIRST_DATA_ROW
    for grid in scenario.grids:
        row, centre = _grid(book, sheet, scenario, grid, steps, row)
        book.names[f"centre_{grid.key}"] = Place(
            sheet.name, centre[0], centre[0], centre[1], centre[1], False, False, True
        )
        row += 1
    _swings(book, sheet, scenario, data["swings"], row)
    return sheet


def _grid(
    book: Book, sheet: Sheet, scenario: Scenario, grid: Grid, steps: list[int], row: int
) -> tuple[int, tuple[int, int]]:
    key, output, down, across = grid
    formula = expand(Name(output), (down, across))
    chosen = scenario.chosen
    title = f"{label_of(output)} over {label_of(down)} (down) and {label_of(across)} (across)"
    sheet.text(row, LABEL, title, "section")
    row += 1
    drivers = [down, across] + [name for name in names(formula) if name not in {down, across}]
    row, extra = _driver_rows(book, sheet, chosen, key, drivers, row)
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
        value = _moved(across, extra[across], f"1 + {address(head, column)} * {step}")
        shows = Shown(across, chosen, ((across, count),))
        sheet.put(axis, column, Cell(f"axis:{format_of(across)}", formula=value, shows=shows))
    text = book.excel(formula, "Sensitivity", FIRST_CASE, extra | {down: DOWN, across: ACROSS})
    for offset, count in enumerate(steps, start=1):
        line = axis + offset
        sheet.put(line, LABEL, Cell("axis:step", count))
        sheet.text(line, KEY, f"{key}:{count:+d}", "key")
        sheet.key_rows[f"{key}:{count:+d}"] = line
        value = _moved(down, extra[down], f"1 + {address(line, LABEL)} * {step}")
        shows = Shown(down, chosen, ((down, count),))
        sheet.put(line, UNIT, Cell(f"axis:{format_of(down)}", formula=value, shows=shows))
        for index, other in enumerate(steps):
            column = FIRST_CASE + index
            own = text.replace(DOWN, f"${address(line, UNIT)}").replace(ACROSS, _row_fixed(axis, column))
            weight = "total" if count == other == 0 else "calc"
            shows = Shown(output, chosen, ((down, count), (across, other)))
            sheet.put(line, column, Cell(f"{weight}:{format_of(output)}", formula=own, shows=shows))
    centre = (axis + 1 + steps.index(0), FIRST_CASE + steps.index(0))
    return axis + len(steps) + 1, centre


def _moved(name: str, centre: str, factor: str) -> str:
    """The formula for an axis moved by a factor; a share is not lifted above 1 by that."""
    formula = f"{centre} * ({factor})"
    return f"MIN({formula}, MAX({centre}, 1))" if name in template_data("sensitivity")["at_most_one"] else formula


def _driver_rows(
    book: Book, sheet: Sheet, chosen: int, key: str, drivers: Iterable[str], row: int
) -> tuple[int, dict[str, str]]:
    """What a table rests on, of the case put forward, a row each; and by name the cell that it stands in."""
    places: dict[str, str] = {}
    for name in drivers:
        if name in book.scalars:
            continue
        sheet.text(row, LABEL, label_of(name), "label")
        sheet.text(row, KEY, f"{key}:{name}", "key")
        sheet.text(row, UNIT, f"unit:{unit_of(name)}", "unit")
        shows = None if book.helpers.get(name) else Shown(name, chosen)
        cell = Cell(f"calc:{format_of(name)}", formula=book.chosen(name, sheet.name), shows=shows)
        sheet.put(row, FIRST_CASE, cell)
        sheet.key_rows[f"{key}:{name}"] = row
        places[name] = address(row, FIRST_CASE, absolute=True)
        row += 1
    return row, places


def _swings(book: Book, sheet: Sheet, scenario: Scenario, data: Mapping[str, Any], row: int) -> None:
    """A driver a row, by itself one step lower and higher: the totals, how far apart, and the rank of that."""
    output, chosen = str(data["output"]), scenario.chosen
    formulas = {driver: expand(Name(output), (driver,)) for driver in data["drivers"]}
    rest = {name: None for driver, formula in formulas.items() for name in names(formula) if name != driver}
    sheet.text(row, LABEL, data["title"], "section")
    row, places = _driver_rows(book, sheet, chosen, "swing_of", rest, row + 1)
    sheet.text(row, LABEL, f"{label_of(output)}, one figure moved by one step", "label_total")
    for column, head in enumerate((*SWING_HEADS, "Source"), start=FIRST_CASE):
        sheet.text(row, column, head, "column_head")
    top, last = row + 1, row + len(formulas)
    step = book.scalar("sensitivity_step", sheet.name)
    source = book.after_cases + 2
    for line, (driver, formula) in enumerate(formulas.items(), start=top):
        sheet.text(line, LABEL, label_of(driver), "label")
        sheet.text(line, KEY, f"swing:{driver}", "key")
        sheet.text(line, UNIT, f"unit:{unit_of(driver)}", "unit")
        sheet.key_rows[f"swing:{driver}"] = line
        cells = [address(line, FIRST_CASE + index) for index in range(len(SWING_HEADS))]
        form, money = format_of(driver), format_of(output)
        total = book.chosen(output, sheet.name)
        above = [address(line - 1, FIRST_CASE + index) for index in (6, 7)]
        before = f"({above[0]} - {above[1]})" if line > top else "0"
        moved = [book.excel(formula, sheet.name, FIRST_CASE, places | {driver: cells[side]}) for side in (1, 2)]
        for index, (style, text, shows) in enumerate((
            (form, book.chosen(driver, sheet.name), Shown(driver, chosen)),
            (form, f"{cells[0]} * (1 - {step})", Shown(driver, chosen, ((driver, -1),))),
            (form, _moved(driver, cells[0], f"1 + {step}"), Shown(driver, chosen, ((driver, 1),))),
            (money, moved[0], Shown(output, chosen, ((driver, -1),))),
            (money, moved[1], Shown(output, chosen, ((driver, 1),))),
            (money, f"ABS({cells[4]} - {cells[3]})", Shown(f"swing:{driver}", chosen)),
            ("share", f"IF({total} > 0, {cells[5]} / {total}, 0)", Shown(f"swing_share:{driver}", chosen)),
            ("ratio", f"{cells[6]} - {before} - {book.scalar('tie_breaker', sheet.name)}", None),
        )):  # fmt: skip
            sheet.put(line, FIRST_CASE + index, Cell(f"calc:{style}", formula=text, shows=shows))
        text = f"Inputs!{address(book.sheets['Inputs'].key_rows[data['drivers'][driver]], source)}"
        room = book.scalar("source_letters", sheet.name)
        short = f'IF(LEN({text}) > {room}, LEFT({text}, {room} - 1) & "…", {text})'
        sheet.put(line, SOURCE_COLUMN, Cell("calc:left", formula=short))
    ranks = _rank_rows(sheet, chosen, list(formulas), top, last + 1)
    book.ranges["swings_rank"] = f"Sensitivity!{_range(*ranks, 0)}"
    for name, index in (("low", 3), ("high", 4), ("share", 6), ("source", 8)):
        book.ranges[f"swings_{name}"] = f"Sensitivity!{_range(top, last, index)}"
    book.ranges["swings_label"] = f"Sensitivity!{_range(top, last, LABEL - FIRST_CASE)}"


def _rank_rows(sheet: Sheet, chosen: int, drivers: list[str], top: int, row: int) -> tuple[int, int]:
    """The place of each swing, the largest first, equal ones in the order above; the first and the last row."""
    sheet.text(row, LABEL, "Rank of the swing, the largest first", "label_total")
    worth = _range(top, top + len(drivers) - 1, 7)
    for offset, driver in enumerate(drivers):
        line = row + 1 + offset
        own = address(top + offset, FIRST_CASE + 7, absolute=True)
        rank = f"1 + SUMPRODUCT(({worth} > {own}) * 1)"
        sheet.text(line, LABEL, label_of(driver), "label")
        sheet.text(line, KEY, f"rank:{driver}", "key")
        sheet.text(line, UNIT, "unit:count", "unit")
        sheet.key_rows[f"rank:{driver}"] = line
        shows = Shown(f"swing_rank:{driver}", chosen)
        sheet.put(line, FIRST_CASE, Cell("calc:integer", formula=rank, shows=shows))
    return row + 1, row + len(drivers)


def _range(top: int, last: int, index: int) -> str:
    column = FIRST_CASE + index
    return f"{address(top, column, absolute=True)}:{address(last, column, absolute=True)}"


def _row_fixed(row: int, column: int) -> str:
    cell = address(row, column, absolute=True)
    return cell[1:]
