"""The Evidence sheet: figures of five articles and published runs, each recomputed by a live formula.

What stands here is data of ``templates/evidence.yaml`` and the packaged tables of published runs; none of it feeds the
budget. The convention and the peak of a run are unlocked: editing one shows at once whether the run still fits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sheetgen.base.inputs import Field
from sheetgen.base.resources import template_data
from sheetgen.evidence.records import SIZES, PublishedRun, figures, published_runs, size_class_of, whole_runs
from sheetgen.scenario.model import Scenario
from sheetgen.workbook.book import (
    FIRST_CASE,
    HEADER_ROW,
    KEY,
    LABEL,
    UNIT,
    Book,
    Cell,
    Sheet,
    Shown,
    Validation,
    address,
    letter,
)
from sheetgen.workbook.evidence_charts import DIFFERENCE, FOUND, NAME, PUBLISHED, add_charts, label
from sheetgen.workbook.formula import parse, to_excel
from sheetgen.workbook.sheets_inputs import FIRST_DATA_ROW

ALLOWED, VERDICT, CONVENTION, PEAK, FIRST_SIZE = range(DIFFERENCE + 1, DIFFERENCE + 6)
OTHER_SIZES = tuple(name for name in SIZES if name != "peak_tflops")
CONVENTION_ROW, WEIGHTS, ATTENTION, RATE = range(FIRST_SIZE + len(OTHER_SIZES), FIRST_SIZE + len(OTHER_SIZES) + 4)
TRUST, SOURCE, NOTE = RATE + 1, RATE + 2, RATE + 3
REASON, BEYOND, STEPS, CITED = CONVENTION, FIRST_SIZE + 3, FIRST_SIZE + 4, FIRST_SIZE + 5  # of a figure
HEADS = ("Published", "Recomputed", "Difference, rounded", "Allowed", "Verdict", "Convention", "Peak, TFLOPS")
SIZE_HEADS = {
    "parameters": "Parameters N", "embedding_parameters": "Input embedding e", "layers": "Layers L",
    "d_model": "Width h", "n_heads": "Heads H", "attention_width": "Heads × head dimension a",
    "vocab_size": "Vocabulary V", "context_length": "Context s", "tokens": "Tokens D", "gpus": "GPUs",
    "achieved_tflops": "Achieved TFLOPS per GPU", "tokens_per_second": "Tokens per second",
    "step_seconds": "Seconds per step", "batch_tokens": "Tokens per step", "gpu_hours": "GPU-hours",
    "price": "Price per hour",
}  # fmt: skip
COMPUTED_HEADS = ("Row of the convention", "Weights, FLOP/token", "Attention, FLOP/token", "Tokens per second used")
WIDEST = 1e10  # the largest figure that is written out in a column of a run
CONVENTION_FIELD = Field(
    "convention", "Convention", "choice", "text", NAME, "case", None, None, "evidence_convention", None, None, None,
    "How the FLOPs of this run are counted.",
)  # fmt: skip
PEAK_FIELD = Field(
    "peak_tflops", "Peak", "number", "TFLOP/s/GPU", NAME, "case", 0, 1e9, None, None, None, None,
    "Dense peak in TFLOPS; 0 where none is needed.",
)  # fmt: skip


def evidence_sheet(book: Book, scenario: Scenario) -> Sheet:
    """Conventions, runs, the error band, the articles and the charts, in this order."""
    data = template_data("evidence")
    sheet = Sheet(NAME, data["kind"], data["title"], frozen_columns=1)
    sheet.widths = {LABEL: 46, KEY: 30, UNIT: 11, PUBLISHED: 16, FOUND: 16, DIFFERENCE: 10, ALLOWED: 9, VERDICT: 15}
    sheet.widths |= {CONVENTION: 20, PEAK: 11} | dict.fromkeys(range(FIRST_SIZE, TRUST), 12)
    sheet.widths |= {FIRST_SIZE: 16, FIRST_SIZE + 1: 16, TRUST: 6, SOURCE: 44, NOTE: 60}
    sheet.page_breaks = [BEYOND, CONVENTION_ROW]
    for column, head in enumerate(HEADS[:5], start=PUBLISHED):
        sheet.text(HEADER_ROW, column, head, "header")
    row = _shared(book, sheet, data, FIRST_DATA_ROW)
    row = _conventions(book, sheet, data, row)
    places: dict[str, list[tuple[int, int]]] = {}
    row = _runs(book, sheet, scenario, data, row, places)
    row = _band(book, sheet, data["band"], row)
    row = _documents(book, sheet, data, row)
    add_charts(sheet, data, row, places)
    return sheet


def evaluated(text: str, places: Mapping[str, str], book: Book) -> str:
    """A formula of the template with addresses: of this sheet where a key stands here, else of the workbook."""
    return to_excel(parse(text), lambda name: places[name] if name in places else book.place(name, NAME, FIRST_CASE))


ROW = "\x01"  # stands for the number of a run's row: a formula is rendered once for all runs
OF_THE_ROW = {"peak_tflops": PEAK, "convention_row": CONVENTION_ROW, "weights": WEIGHTS, "attention": ATTENTION}
OF_THE_ROW |= {"rate": RATE} | {name: column for column, name in enumerate(OTHER_SIZES, start=FIRST_SIZE)}
PLACES = {name: f"{letter(column)}{ROW}" for name, column in OF_THE_ROW.items()}


def _of_row(book: Book, text: str, row: int) -> str:
    """A formula of the template, in the heads of the runs' columns, for one row."""
    known = book.texts.get(text)
    if known is None:
        known = book.texts[text] = evaluated(text, PLACES, book)
    return known.replace(ROW, str(row + 1))


def _deviation(row: int) -> str:
    """Recomputed over published, less 1: rounded, for the last digits of nearly equal figures say nothing."""
    return f"ROUND({address(row, FOUND)} / {address(row, PUBLISHED)} - 1, 12)"


def _form(value: float, unit: str) -> str:
    if unit == "fraction":
        return "share"
    if abs(value) >= 1e12 or 0 < abs(value) < 1e-3:
        return "scientific"
    return "integer" if value == int(value) else "decimal"


def _documents(book: Book, sheet: Sheet, data: Mapping[str, Any], row: int) -> int:
    """Each article: its inputs, what several figures share, and the figures with their verdicts."""
    places: dict[str, str] = {}
    known = {figure.key: figure for figure in figures()}
    sheet.text(row, LABEL, data["verdict_note"], "note_line")
    row += 1
    for document in data["documents"]:
        sheet.text(row, LABEL, document["title"], "section")
        row += 1
        for entry in document["inputs"]:
            label(sheet, row, entry["label"], entry["key"], entry["unit"])
            value = entry["value"]
            sheet.put(row, PUBLISHED, Cell(f"constant:{_form(value, entry['unit'])}", value))
            sheet.text(row, REASON, book.cite(entry.get("source", document["source"]), entry["key"]), "note_line")
            places[entry["key"]] = address(row, PUBLISHED, absolute=True)
            row += 1
        helpers = document.get("helpers", [])
        for entry in helpers:
            label(sheet, row, entry["label"], entry["key"], entry["unit"])
            formula = evaluated(entry["formula"], places, book)
            sheet.put(row, FOUND, Cell("calc:scientific", formula=formula))
            sheet.text(row, REASON, book.cite(document["source"], entry["key"]), "note_line")
            places[entry["key"]] = address(row, FOUND, absolute=True)
            row += 1
        for column, head in ((REASON, "Why"), (BEYOND, "Beyond that"), (STEPS, "Rounded steps"), (CITED, "Source")):
            sheet.text(row, column, head, "column_head_left")
        row += 1
        for entry in document["figures"]:
            _figure_row(book, sheet, entry, known[entry["key"]].source, row, places)
            row += 1
    return row


def _shared(book: Book, sheet: Sheet, data: Mapping[str, Any], row: int) -> int:
    """What articles and runs share."""
    sheet.text(row, LABEL, "What articles and runs share", "section")
    row += 1
    for entry in data["shared"]:
        label(sheet, row, entry["label"], entry["key"], entry["unit"])
        if "value" in entry:
            sheet.put(row, PUBLISHED, Cell("constant:integer", entry["value"]))
        else:
            sheet.put(row, PUBLISHED, Cell("calc:integer", formula=evaluated(entry["formula"], {}, book)))
        sheet.text(row, REASON, book.cite(entry.get("source", "identity"), entry["key"]), "note_line")
        book.scalars[entry["key"]] = (NAME, row)
        row += 1
    return row


def _figure_row(
    book: Book, sheet: Sheet, entry: Mapping[str, Any], source: str, row: int, places: dict[str, str]
) -> None:
    """One figure: published, recomputed, the difference, and a verdict that follows from it."""
    key = entry["key"]
    label(sheet, row, entry["label"], key, entry["unit"])
    difference, printed, steps = address(row, DIFFERENCE), address(row, ALLOWED), address(row, STEPS)
    sheet.put(row, ALLOWED, Cell("constant:share", entry["printed"]))
    sheet.text(row, REASON, entry["reason"], "note_line")
    sheet.text(row, BEYOND, entry.get("otherwise", "wrong"), "text")
    sheet.put(row, STEPS, Cell("constant:share", entry.get("steps", 0)))
    sheet.text(row, CITED, book.cite(source, key), "note_line")
    places[key] = address(row, FOUND, absolute=True)
    text = evaluated(entry["formula"], places, book)
    form = _form(float(entry["published"]) if not isinstance(entry["published"], str) else 1e15, entry["unit"])
    form = {"integer": "decimal"}.get(form, form) if entry["unit"] != "parameter" else form
    if isinstance(entry["published"], str):
        shows = Shown(f"evidence:{key}:published", 0)
        form = "share" if entry["unit"] == "fraction" else "scientific"
        formula = evaluated(entry["published"], places, book)
        sheet.put(row, PUBLISHED, Cell(f"calc:{form}", formula=formula, shows=shows))
    else:
        sheet.put(row, PUBLISHED, Cell(f"constant:{form}", entry["published"]))
    sheet.put(row, FOUND, Cell(f"calc:{form}", formula=text, shows=Shown(f"evidence:{key}:recomputed", 0)))
    shows = Shown(f"evidence:{key}:deviation", 0)
    sheet.put(row, DIFFERENCE, Cell("calc:share", formula=_deviation(row), shows=shows))
    words = book.place("list_verdict", NAME, FIRST_CASE)
    size = f"ABS({difference})"
    mild = f"INDEX({words}, 1 + ({size} > {printed}) * 1)"
    formula = f"IF({size} > MAX({printed}, {steps}), {address(row, BEYOND)}, {mild})"
    sheet.put(row, VERDICT, Cell("total:text", formula=formula, shows=Shown(f"evidence:{key}:verdict", 0)))


def _conventions(book: Book, sheet: Sheet, data: Mapping[str, Any], row: int) -> int:
    """The conventions as coefficients of six terms, which the runs below look up."""
    table = data["conventions"]
    sheet.text(row, LABEL, "Conventions of the runs below: training FLOPs per token as coefficients", "section")
    row += 1
    columns = [PUBLISHED + index for index in range(len(table["columns"]))]
    heads = ("N", "e", "L·h²", "L·a·s", "L·H·s", "V·h")
    for column, head in zip(columns, heads, strict=True):
        sheet.text(row, column, head, "column_head")
    row += 1
    top = row
    for entry in table["rows"]:
        sheet.text(row, LABEL, entry["meaning"], "label")
        sheet.text(row, KEY, entry["key"], "choice")
        sheet.text(row, UNIT, "unit:FLOP/token", "unit")
        for column, name in zip(columns, table["columns"], strict=True):
            sheet.put(row, column, Cell("constant:integer", entry.get(name, 0)))
        sheet.text(row, PEAK, book.cite(entry["source"], entry["key"]), "note_line")
        row += 1

    def block(column: int) -> str:
        return f"{NAME}!{letter(column)}${top + 1}:{letter(column)}${row}"

    first, last = address(top, KEY, absolute=True), address(row - 1, KEY, absolute=True)
    book.ranges["list_evidence_convention"] = f"{NAME}!{first}:{last}"
    for column, name in zip(columns, table["columns"], strict=True):
        book.ranges[f"conventions_{name}"] = block(column)
    for entry in data["constants"]:
        label(sheet, row, entry["label"], entry["key"], "count")
        sheet.put(row, PUBLISHED, Cell("constant:integer", entry["value"]))
        sheet.text(row, REASON, book.cite(entry["source"], entry["key"]), "note_line")
        book.scalars[entry["key"]] = (NAME, row)
        row += 1
    return row


def _runs(
    book: Book,
    sheet: Sheet,
    scenario: Scenario,
    data: Mapping[str, Any],
    row: int,
    places: dict[str, list[tuple[int, int]]],
) -> int:
    """The published runs, metric by metric; ``places`` gets the rows of each metric for the charts."""
    sheet.text(row, LABEL, "Published runs: predicted from their own sizes", "section")
    row += 1
    verdicts: list[tuple[int, int]] = []
    for metric in data["metrics"]:
        members = [run for run in published_runs() if run.metric == metric["key"]]
        sheet.text(row, LABEL, metric["title"], "section")
        for column, head in enumerate((*HEADS[4:], *(SIZE_HEADS[name] for name in OTHER_SIZES)), start=VERDICT):
            sheet.text(row, column, head, "column_head")
        for column, head in enumerate((*COMPUTED_HEADS, "Trust", "Source", "Note"), start=CONVENTION_ROW):
            sheet.text(row, column, head, "column_head" if column < TRUST else "column_head_left")
        row += 1
        top = row
        for run in members:
            _run_row(book, sheet, scenario, data, metric, run, row)
            row += 1
        verdicts.append((top, row - 1))
        places.setdefault(metric.get("chart", ""), []).append((top, row - 1))
        if metric.get("block"):
            cells = f"{address(top, FOUND, absolute=True)}:{address(row - 1, FOUND, absolute=True)}"
            book.ranges[f"block_{metric['block']}"] = f"{NAME}!{cells}"
    label(sheet, row, "Published figures of runs beyond their tolerance", "evidence_outside", "count")
    cells = f"{address(verdicts[0][0], VERDICT)}:{address(verdicts[-1][1], VERDICT)}"
    formula = f'COUNTIF({cells}, "OUTSIDE")'
    sheet.put(row, PUBLISHED, Cell("total:integer", formula=formula, shows=Shown("evidence:outside", 0)))
    book.scalars["evidence_outside"] = (NAME, row)
    return row + 1


def _run_row(
    book: Book,
    sheet: Sheet,
    scenario: Scenario,
    data: Mapping[str, Any],
    metric: Mapping[str, Any],
    run: PublishedRun,
    row: int,
) -> None:
    key = run.key
    convention, peak = scenario.run_edits.get(key, (run.convention, run.sizes.peak_tflops))
    label(sheet, row, run.run, key, metric["unit"])
    form = metric["format"]
    sheet.put(row, PUBLISHED, Cell(f"constant:{form}", run.published))
    sheet.put(row, ALLOWED, Cell("constant:share", run.tolerance))
    sheet.put(row, CONVENTION, Cell("input:choice", convention, unlocked=True))
    sheet.put(row, PEAK, Cell("input:decimal", peak, unlocked=True))
    sheet.validations.append(Validation(row, CONVENTION, CONVENTION_FIELD, "evidence_convention"))
    sheet.validations.append(Validation(row, PEAK, PEAK_FIELD, None))
    for column, name in enumerate(OTHER_SIZES, start=FIRST_SIZE):
        value = getattr(run.sizes, name)
        wide = column < FIRST_SIZE + 2 or value < WIDEST
        size_form = _form(value, "") if wide else "scientific"
        sheet.put(row, column, Cell(f"constant:{size_form if value else 'absent'}", value))
    names = book.place("list_evidence_convention", NAME, FIRST_CASE)
    formula = f"MATCH({address(row, CONVENTION)}, {names}, 0)"
    sheet.put(row, CONVENTION_ROW, Cell("calc:integer", formula=formula))
    columns = data["run_columns"]
    for column, name in ((WEIGHTS, "weights"), (ATTENTION, "attention")):
        shows = Shown(f"evidence:{key}:{name}", 0)
        sheet.put(row, column, Cell("calc:scientific", formula=_of_row(book, columns[name], row), shows=shows))
    shows = Shown(f"evidence:{key}:rate", 0)
    sheet.put(row, RATE, Cell("calc:decimal", formula=_of_row(book, columns["rate"], row), shows=shows))
    shows = Shown(f"evidence:{key}:predicted", 0)
    sheet.put(row, FOUND, Cell(f"calc:{form}", formula=_of_row(book, metric["formula"], row), shows=shows))
    shows = Shown(f"evidence:{key}:deviation", 0)
    sheet.put(row, DIFFERENCE, Cell("calc:share", formula=_deviation(row), shows=shows))
    shows = Shown(f"evidence:{key}:verdict", 0)
    formula = f'IF(ABS({address(row, DIFFERENCE)}) <= {address(row, ALLOWED)}, "fits", "OUTSIDE")'
    sheet.put(row, VERDICT, Cell("total:text", formula=formula, shows=shows))
    sheet.text(row, TRUST, run.trust, "text")
    sheet.text(row, SOURCE, book.cite_text(run.source, key, run.source_url), "note_line")
    if run.notes:
        sheet.text(row, NOTE, run.notes, "note_line")


def _band(book: Book, sheet: Sheet, data: Mapping[str, Any], row: int) -> int:
    """What a default MFU would have predicted for whole runs, by model size."""
    sheet.text(row, LABEL, data["title"], "section")
    row += 1
    sheet.text(row, LABEL, data["note"], "note_line")
    row += 1
    defaults = row
    label(sheet, row, "Default MFU", "band_default", "fraction")
    names = (SIZE_HEADS["parameters"], SIZE_HEADS["tokens"], "GPU-hours", "Peak, TFLOPS")
    columns = dict(zip(("parameters", "tokens", "gpu_hours", "peak"), range(FIRST_SIZE, FIRST_SIZE + 4), strict=True))
    sheet.text(row, PUBLISHED, "Implied MFU", "column_head")
    for index, value in enumerate(data["defaults"]):
        sheet.put(row, FOUND + index, Cell("constant:percent", value))
    for column, head in zip((*columns.values(), TRUST, SOURCE, NOTE), (*names, "Trust", "Source", "Note"), strict=True):
        sheet.text(row, column, head, "column_head")
    row += 1
    groups: dict[str, tuple[int, int]] = {}
    six, tera = book.place("flops_per_mac", NAME, FIRST_CASE), book.place("flops_per_tflop", NAME, FIRST_CASE)
    backward, hour = book.place("backward_ratio", NAME, FIRST_CASE), book.place("seconds_per_hour", NAME, FIRST_CASE)
    for run in whole_runs():
        key = f"whole:{run.key}"
        label(sheet, row, run.run, key, "ratio")
        values = (run.parameters, run.tokens, run.gpu_hours, run.peak_tflops)
        for column, value in zip(columns.values(), values, strict=True):
            sheet.put(row, column, Cell(f"constant:{_form(value, '')}", value))
        n, d, hours, peak = (address(row, column) for column in columns.values())
        formula = f"{six} * (1 + {backward}) * {n} * {d} / ({hours} * {hour} * {peak} * {tera})"
        shows = Shown(f"evidence:{run.key}:implied", 0)
        sheet.put(row, PUBLISHED, Cell("calc:share", formula=formula, shows=shows))
        for index in range(len(data["defaults"])):
            fixed = f"{address(defaults, FOUND + index, absolute=True)}"
            formula = f"${address(row, PUBLISHED)} / {fixed}"
            shows = Shown(f"evidence:{run.key}:ratio{index}", 0)
            sheet.put(row, FOUND + index, Cell("calc:decimal", formula=formula, shows=shows))
        sheet.text(row, TRUST, run.trust, "text")
        sheet.text(row, SOURCE, book.cite_text(run.source, key, run.source_url), "note_line")
        if run.notes:
            sheet.text(row, NOTE, run.notes, "note_line")
        size = size_class_of(run.parameters)
        groups[size] = (groups.get(size, (row, row))[0], row)
        row += 1
    for size in data["sizes"]:
        first, last = groups[size["key"]]
        for word, function in (("low", "MIN"), ("high", "MAX")):
            key = f"band_{size['key']}_{word}"
            label(sheet, row, f"{size['label']}: {'lowest' if word == 'low' else 'highest'}", key, "ratio")
            for index in range(len(data["defaults"])):
                column = FOUND + index
                formula = f"{function}({address(first, column)}:{address(last, column)})"
                shows = Shown(f"evidence:{key}:ratio{index}", 0)
                sheet.put(row, column, Cell("total:decimal", formula=formula, shows=shows))
            row += 1
    return row
