"""The Scaling sheet: shares of a forward pass against context length and model size, and the claims on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sheetgen.base.resources import template_data
from sheetgen.scenario.model import Scenario
from sheetgen.workbook.book import FIRST_CASE, KEY, LABEL, UNIT, Book, Cell, ChartPlan, Series, Sheet, Shown, address
from sheetgen.workbook.definitions import format_of, label_of, unit_of
from sheetgen.workbook.formula import names, parse
from sheetgen.workbook.sheets_inputs import FIRST_DATA_ROW
from sheetgen.workbook.sheets_sensitivity import expand

COLUMN_WIDTH = 13.0
WIDTHS: dict[int, float] = {LABEL: 50, KEY: 24, UNIT: 12}
CHART_ROWS = 17
CALLED_UP = {
    "claim_case_core": "attention_core_flops_per_token_kaplan",
    "claim_case_forward": "forward_flops_per_token_kaplan",
}
COLUMNS = 10  # the widest table: four dimensions and six components


def scaling_sheet(book: Book, scenario: Scenario) -> Sheet:
    """Tables of shares, each with its chart, and the claims of source B with verdicts computed from the tables."""
    data = template_data("scaling")
    sheet = Sheet("Scaling", data["kind"], data["title"])
    sheet.widths = WIDTHS | {FIRST_CASE + index: COLUMN_WIDTH for index in range(COLUMNS)}
    places: dict[str, str] = {}
    row = _case_table(book, sheet, scenario, data, FIRST_DATA_ROW)
    row = _ladder(book, sheet, data, row, places)
    row = _component_table(sheet, scenario, data, row, places)
    row = _quadratic_table(sheet, scenario, data, row, places)
    _claims(book, sheet, scenario, data["claims"], row, places)
    return sheet


def _title(sheet: Sheet, row: int, title: str, heads: Sequence[str]) -> int:
    """A section title and the heads of its columns; the row below them."""
    sheet.text(row, LABEL, title, "section")
    for column, head in enumerate(heads, start=FIRST_CASE):
        sheet.text(row + 1, column, head, "column_head")
    return row + 2


def _label(sheet: Sheet, row: int, label: str, key: str, unit: str) -> None:
    sheet.text(row, LABEL, label, "label")
    sheet.text(row, KEY, key, "key")
    sheet.text(row, UNIT, f"unit:{unit}", "unit")
    sheet.key_rows[key] = row


def _context(sheet: Sheet, row: int, table: str, context: int) -> None:
    _label(sheet, row, "Context length", f"{table}:{context}", "token/sequence")
    sheet.cells[row, UNIT] = Cell("axis:integer", context)


def _range(first: int, last: int, left: int, right: int) -> str:
    return f"Scaling!{address(first, left, absolute=True)}:{address(last, right, absolute=True)}"


def _case_table(book: Book, sheet: Sheet, scenario: Scenario, data: Mapping[str, Any], row: int) -> int:
    """Context lengths down, components across: each cell is the model's own share with the context put in."""
    shares, table = data["shares"], data["case_table"]
    formulas = {part["key"]: expand(parse(part["formula"]), ("sequence_length",)) for part in data["case_components"]}
    drivers = list(dict.fromkeys(name for formula in formulas.values() for name in names(formula)))
    sheet.text(row, LABEL, f"{table['title']}: what they rest on", "section")
    row += 1
    places: dict[str, str] = {}
    for name in drivers:
        if name == "sequence_length" or name in book.scalars:
            continue
        _label(sheet, row, label_of(name), f"case:{name}", unit_of(name))
        shows = Shown(name, scenario.chosen) if not book.helpers.get(name) else None
        cell = Cell(f"calc:{format_of(name)}", formula=book.chosen(name, "Scaling"), shows=shows)
        sheet.put(row, FIRST_CASE, cell)
        places[name] = address(row, FIRST_CASE, absolute=True)
        row += 1
    heads = [label_of(key) for key in shares]
    last = FIRST_CASE + len(shares) - 1
    row = above = _title(sheet, row, table["components"], heads)
    for context in data["contexts"]:
        _context(sheet, row, "flops", context)
        for column, key in enumerate(shares, start=FIRST_CASE):
            extra = places | {"sequence_length": f"${address(row, UNIT)}"}
            formula = book.excel(formulas[key], "Scaling", column, extra)
            sheet.put(row, column, Cell("calc:scientific", formula=formula))
        row += 1
    row = top = _title(sheet, row, table["title"], heads)
    for line, context in enumerate(data["contexts"], start=above):
        _context(sheet, row, "case", context)
        total = f"SUM(${address(line, FIRST_CASE)}:${address(line, last)})"
        for column, key in enumerate(shares, start=FIRST_CASE):
            shows = Shown(key, scenario.chosen, at=(("sequence_length", context),))
            formula = f"IF({total} > 0, {address(line, column)} / {total}, 0)"
            sheet.put(row, column, Cell("calc:share", formula=formula, shows=shows))
        row += 1
    series = tuple(
        Series(_range(top - 1, top - 1, column, column), _range(top, row - 1, column, column))
        for column in range(FIRST_CASE, FIRST_CASE + len(shares))
    )
    categories = _range(top, row - 1, UNIT, UNIT)
    return _chart(sheet, row, table["chart"], "column_stacked", categories, series)


def _chart(sheet: Sheet, row: int, title: str, kind: str, categories: str, series: tuple[Series, ...]) -> int:
    description = f"{title}, from the table above."
    sheet.charts.append(ChartPlan(row, title, description, kind, categories, series, "fraction"))
    return row + CHART_ROWS


def _ladder(book: Book, sheet: Sheet, data: Mapping[str, Any], row: int, places: dict[str, str]) -> int:
    """The models of a published family: their dimensions, and FLOPs per token of each component."""
    ladder = data["ladder"]
    dimensions, components = ladder["columns"], ladder["components"]
    heads = [label_of(key) for key in dimensions] + [label_of(part["key"]) for part in components]
    row = _title(sheet, row, ladder["title"], heads)
    sheet.text(
        row - 1,
        LABEL,
        f"{book.cite(ladder['source'], 'ladder')}; the quadratic part also per token of context",
        "note_line",
    )
    for model in ladder["models"]:
        _label(sheet, row, model["label"], model["key"], "FLOP/token")
        extra = {}
        for column, (name, value) in enumerate(zip(dimensions, model["values"], strict=True), start=FIRST_CASE):
            sheet.put(row, column, Cell("constant:integer", value))
            extra[name] = f"${address(row, column)}"
            places[f"{name}_{model['key']}"] = address(row, column, absolute=True)
        for column, part in enumerate(components, start=FIRST_CASE + len(dimensions)):
            formula = book.excel(parse(part["formula"]), "Scaling", column, extra)
            sheet.put(row, column, Cell("calc:integer", formula=formula))
            places[f"{part['key']}:{model['key']}"] = f"${address(row, column)}"
        key = model["key"]
        places[f"heads_width_{key}"] = f"{places[f'n_heads_{key}']} * {places[f'head_dim_{key}']}"
        row += 1
    return row + 1


def _parts(data: Mapping[str, Any], key: str, places: Mapping[str, str]) -> tuple[str, str]:
    """Of one model: the sum of its linear components, and its quadratic one per token of context."""
    shares = [share for share in data["shares"] if share != "share_quadratic"]
    return " + ".join(places[f"{share}:{key}"] for share in shares), places[f"share_quadratic:{key}"]


def _at(data: Mapping[str, Any], model: Mapping[str, Any], context: int) -> tuple[tuple[str, float], ...]:
    return (*zip(data["ladder"]["columns"], model["values"], strict=True), ("sequence_length", context))


def _component_table(
    sheet: Sheet, scenario: Scenario, data: Mapping[str, Any], row: int, places: dict[str, str]
) -> int:
    """Models down, components across, at one context length."""
    table, shares = data["component_table"], data["shares"]
    context = int(table["context"])
    row = _title(sheet, row, table["title"], [label_of(key) for key in shares])
    _label(sheet, row, "Context length of this table", "components:context", "token/sequence")
    sheet.put(row, FIRST_CASE, Cell("axis:integer", context))
    at = address(row, FIRST_CASE, absolute=True)
    row = top = row + 1
    for model in data["ladder"]["models"]:
        _label(sheet, row, model["label"], f"components:{model['key']}", "fraction")
        linear, quadratic = _parts(data, model["key"], places)
        for column, key in enumerate(shares, start=FIRST_CASE):
            part = places[f"{key}:{model['key']}"] + (f" * {at}" if key == "share_quadratic" else "")
            shows = Shown(key, scenario.chosen, at=_at(data, model, context))
            sheet.put(row, column, Cell("calc:share", formula=f"{part} / ({linear} + {quadratic} * {at})", shows=shows))
            places[f"{key}_{model['key']}"] = address(row, column, absolute=True)
        row += 1
    series = tuple(
        Series(_range(top - 2, top - 2, column, column), _range(top, row - 1, column, column))
        for column in range(FIRST_CASE, FIRST_CASE + len(shares))
    )
    return _chart(sheet, row, table["chart"], "column_stacked", _range(top, row - 1, LABEL, LABEL), series)


def _quadratic_table(
    sheet: Sheet, scenario: Scenario, data: Mapping[str, Any], row: int, places: dict[str, str]
) -> int:
    """Models down, context lengths across: the share of the quadratic part."""
    table, contexts = data["quadratic_table"], data["contexts"]
    row = _title(sheet, row, table["title"], [])
    head = row - 1
    last = FIRST_CASE + len(contexts) - 1
    _label(sheet, head, "Context length", "quadratic:context", "token/sequence")
    for column, context in enumerate(contexts, start=FIRST_CASE):
        sheet.put(head, column, Cell("axis:integer", context))
    places["contexts"] = _range(head, head, FIRST_CASE, last).removeprefix("Scaling!")
    top = row
    for model in data["ladder"]["models"]:
        key = model["key"]
        _label(sheet, row, model["label"], f"quadratic:{key}", "fraction")
        linear, quadratic = _parts(data, key, places)
        for column, context in enumerate(contexts, start=FIRST_CASE):
            part = f"{quadratic} * {address(head, column).replace(str(head + 1), f'${head + 1}')}"
            shows = Shown("share_quadratic", scenario.chosen, at=_at(data, model, context))
            sheet.put(row, column, Cell("calc:share", formula=f"{part} / ({linear} + {part})", shows=shows))
            places[f"at_{key}_{context}"] = address(row, column, absolute=True)
        places[f"row_{key}"] = _range(row, row, FIRST_CASE, last).removeprefix("Scaling!")
        row += 1
    series = tuple(
        Series(_range(line, line, LABEL, LABEL), _range(line, line, FIRST_CASE, last)) for line in range(top, row)
    )
    return _chart(sheet, row, table["chart"], "line", _range(head, head, FIRST_CASE, last), series)


def _claims(
    book: Book, sheet: Sheet, scenario: Scenario, data: Mapping[str, Any], row: int, places: dict[str, str]
) -> None:
    """What a source says, the cells that speak to it, and a verdict computed from them."""
    places["kaplan_core"] = book.chosen("attention_core_flops_per_token_kaplan", "Scaling")
    places["kaplan_forward"] = book.chosen("forward_flops_per_token_kaplan", "Scaling")
    sheet.text(row, LABEL, data["title"], "section")
    sheet.text(row + 1, LABEL, data["note"], "note_line")
    row += 2
    for claim in data["rows"]:
        verdict = claim.get("verdict", False)
        _label(sheet, row, claim["label"], claim["key"], claim["unit"])
        if verdict:
            sheet.cells[row, LABEL].style = "label_total"
        formula = book.excel(parse(claim["formula"]), "Scaling", FIRST_CASE, places)
        form = {"fraction": "share", "ratio": "ratio", "text": "text"}.get(claim["unit"], "integer")
        shown = CALLED_UP.get(claim["key"], claim["key"])
        shows = Shown(shown, scenario.chosen)
        sheet.put(row, FIRST_CASE, Cell(f"{'total' if verdict else 'calc'}:{form}", formula=formula, shows=shows))
        places[claim["key"]] = address(row, FIRST_CASE, absolute=True)
        row += 1
