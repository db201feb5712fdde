"""What stands below the rows of two optional sheets: the bridge of Offers and the tornado of Risk, each with its
chart."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgen.scenario.model import Scenario
from sheetgen.workbook.book import FIRST_CASE, KEY, LABEL, UNIT, Book, Cell, ChartPlan, Series, Sheet, Shown, address
from sheetgen.workbook.definitions import label_of

STEPS = {
    "bridge_price": "Price", "bridge_peak": "Peak", "bridge_mfu": "MFU", "bridge_goodput": "Goodput",
    "bridge_work": "Work", "bridge_overheads": "Overheads",
}  # fmt: skip
DRIVERS = ("mfu", "goodput", "price", "tokens", "runs")
MONEY, SIGNED = "calc:money", "calc:signed_money"
BARS = (
    ("base", "Base of the bar", "{amount} - {after}", "MIN({before}, {after})"),
    ("whole", "Whole", "{amount}", "{amount} - {amount}"),
    ("more", "More", "{after} - {amount}", "MAX({amount}, 0)"),
    ("less", "Less", "{whole} - {amount}", "MAX({before} - {after}, 0)"),
)
"""Of each part of a bar: its key, its name, its formula at either end of the bridge, and at a step."""


def add_bridge(book: Book, scenario: Scenario) -> None:
    """From the offer compared with to the one shown, a step a row, and the parts of the columns of a waterfall."""
    sheet = book.sheets["Offers"]
    number, shown = book.scalar("offer_case_number", sheet.name), scenario.named("offer_case")

    def of_offer(key: str) -> str:
        return f"INDEX({book.across(key, sheet.name)}, 1, {number})"

    start = book.place("reference_total_cost", sheet.name, FIRST_CASE)
    lines = [("start", "Compared with", start, Shown("total_cost", scenario.named("reference_case")))]
    lines += [(key, word, of_offer(key), Shown(key, shown)) for key, word in STEPS.items()]
    lines.append(("end", "Offer shown", of_offer("total_cost"), Shown("total_cost", shown)))
    amounts = _block(book, sheet, "Bridge from the offer compared with to the offer shown", "amount", lines, SIGNED)
    after = sheet.last_row + 2
    ends = (0, len(lines) - 1)
    cumulated = [
        (
            key,
            label,
            _cell(amounts + index) if index in ends else f"{_cell(after + index - 1)} + {_cell(amounts + index)}",
        )
        for index, (key, label, _, _) in enumerate(lines)
    ]
    _block(book, sheet, "After each step", "after", [(*line, None) for line in cumulated], MONEY)
    bars: list[Series] = []
    wholes = 0
    for name, title, at_end, at_step in BARS:
        cells = []
        for index, (key, label, _, _) in enumerate(lines):
            places = {"amount": _cell(amounts + index), "after": _cell(after + index), "whole": _cell(wholes + index)}
            places["before"] = _cell(after + index - 1)
            cells.append((key, label, (at_end if index in ends else at_step).format(**places), None))
        top = _block(book, sheet, f"{title}, for the chart", name, cells, MONEY)
        wholes = top if name == "whole" else wholes
        bars.append(Series(title, _column(sheet, top, len(lines), FIRST_CASE)))
    title = "Bridge from the offer compared with to the offer shown"
    words = "Waterfall chart of what makes the offer shown dearer or cheaper than the one compared with, sheet Offers."
    labels = _column(sheet, amounts, len(lines), LABEL)
    row = sheet.last_row + 1
    sheet.charts.append(ChartPlan(row, title, words, "waterfall", labels, tuple(bars), "currency"))


def add_tornado(book: Book, scenario: Scenario) -> None:
    """What moves the total of the case put forward, the largest swing first."""
    sheet = book.sheets["Risk"]
    chosen, count = scenario.chosen, len(DRIVERS)
    ranks = [
        (
            driver,
            label_of(f"swing_{driver}"),
            book.chosen(f"rank_{driver}", sheet.name),
            Shown(f"rank_{driver}", chosen),
        )
        for driver in DRIVERS
    ]
    top = _block(book, sheet, "Rank in the case put forward", "ranked", ranks, "calc:integer")
    labels, ranked = (_column(sheet, top, count, column).partition("!")[2] for column in (LABEL, FIRST_CASE))
    total = book.chosen("total_cost", sheet.name)
    bars: list[Series] = []
    first = 0
    for end, name in (("low", "below"), ("high", "above")):
        block = book.blocks[f"block_totals_{end}"]
        column = f"INDEX({{}}, 1, {book.scalar('chosen_case_number', sheet.name)})"
        amounts = [column.format(_across(book, row)) for row in range(block[1], block[2] + 1)]
        own = [
            (d, label_of(f"swing_{d}"), text, Shown(f"total_at_{end}_{d}", chosen))
            for d, text in zip(DRIVERS, amounts, strict=True)
        ]
        source = _block(book, sheet, f"Total with one figure {end}, case put forward", f"chosen_{end}", own, MONEY)
        values = _column(sheet, source, count, FIRST_CASE).partition("!")[2]
        lines = []
        for number in range(1, count + 1):
            line = f"MATCH({number}, {ranked}, 0)"
            shows = Shown(f"tornado_{name}:{number}", chosen)
            lines.append((str(number), f"=INDEX({labels}, {line})", f"INDEX({values}, {line}) - {total}", shows))
        title = f"{end.capitalize()} less budget, the largest swing first"
        top = _block(book, sheet, title, f"tornado_{end}", lines, SIGNED)
        first = first or top
        bars.append(Series(f"{end.capitalize()} less budget", _column(sheet, top, count, FIRST_CASE)))
    title = "What moves the total cost of the case put forward"
    words = "Tornado chart: total cost with each figure low and high, less the budgeted total, from sheet Risk."
    labels = _column(sheet, first, count, LABEL)
    row = sheet.last_row + 1
    sheet.charts.append(ChartPlan(row, title, words, "tornado", labels, tuple(bars), "currency"))


def _block(
    book: Book, sheet: Sheet, title: str, prefix: str, lines: Sequence[tuple[str, str, str, Shown | None]], style: str
) -> int:
    """A titled run of rows in the first case column, each with key, label (or its formula) and formula; its first
    row."""
    row = sheet.last_row + 1
    sheet.text(row, LABEL, title, "section")
    for offset, (key, label, formula, shows) in enumerate(lines, start=1):
        name = f"{prefix}:{key}"
        if label.startswith("="):
            sheet.put(row + offset, LABEL, Cell("line:left", formula=label.removeprefix("=")))
        else:
            sheet.text(row + offset, LABEL, label, "label")
        sheet.text(row + offset, KEY, name, "key")
        sheet.key_rows[name] = row + offset
        sheet.text(row + offset, UNIT, "unit:count" if style.endswith("integer") else "unit:currency", "unit")
        sheet.put(row + offset, FIRST_CASE, Cell(style, formula=formula, shows=shows))
        sheet.text(row + offset, book.after_cases + 1, book.cite("identity", name), "note")
    return row + 1


def _cell(row: int) -> str:
    return address(row, FIRST_CASE, absolute=True)


def _across(book: Book, row: int) -> str:
    first, last = (address(row, column, absolute=True) for column in (FIRST_CASE, book.after_cases - 1))
    return f"{first}:{last}"


def _column(sheet: Sheet, top: int, count: int, column: int) -> str:
    first, last = (address(row, column, absolute=True) for row in (top, top + count - 1))
    return f"{sheet.name}!{first}:{last}"
