"""What a rule reports, and the list of all rules with the harm that each one prevents."""

from __future__ import annotations

from dataclasses import dataclass

RULES = {
    "array-formula": "dynamic or legacy arrays spill differently from program to program",
    "beyond-grid": "Excel has 1,048,576 rows and 16,384 columns; it repairs a file that goes further",
    "broken-reference": "#REF! inside a formula is a reference that somebody lost",
    "calculation-settings": "manual or iterative calculation shows stale or guessed numbers",
    "cell-order": "cells of a row stand in column order, inside the row that they name",
    "chart-alt-text": "a screen reader has nothing to say about a chart without a description",
    "chart-cache": "a preview draws the cached points, not the cells",
    "contrast": "text below 4.5:1 against its fill is hard to read (WCAG 2.1, 1.4.3)",
    "duplicate-cell": "two cells at one address: programs choose differently",
    "duplicate-part": "two parts of one name: programs choose differently, Excel repairs",
    "error-value": "an error in a cell spreads to every total above it",
    "external-content": "links, macros, connections and embedded objects stop a mail filter or a reviewer",
    "formula-length": "Excel refuses more than 8,192 characters",
    "formula-nesting": "Excel refuses more than 64 levels",
    "formula-syntax": "Excel refuses or repairs a formula that it cannot parse",
    "formula-without-value": "Protected View and previews show the stored value, not the formula",
    "function-not-allowed": "only functions that every program computes alike, and none that is volatile",
    "hidden": "a reviewer must see everything that takes part in the result",
    "leading-equals": "the file stores a formula without its =; with it Excel repairs the file",
    "list-length": "an inline list of choices holds at most 255 characters",
    "local-path": "a path of the machine that built the file is nobody's business",
    "malformed-part": "a part that is missing, no well-formed XML, or declares entities cannot be read",
    "merged-cells": "merged cells break sorting, filling, selecting and screen readers",
    "missing-prefix": "a function newer than Excel 2007 is #NAME? in Excel unless stored with _xlfn.",
    "name-duplicate": "defined names differ by more than case",
    "name-like-cell": "a name that reads as a cell (H100, R1C1) is taken for that cell, or refused",
    "name-syntax": "Excel repairs a workbook with a name that it would not accept",
    "name-target": "a defined name points at a cell or range that exists and holds something",
    "prompt-length": "a validation's titles hold 32 characters, its texts 255",
    "protection-password": "protection guards against slips; a password locks the reader out",
    "row-order": "rows stand in ascending order, once each",
    "sheet-name": "Excel repairs a sheet name that it would not accept; ' breaks other programs",
    "sheet-name-duplicate": "sheet names differ by more than case",
    "sheet-name-like-cell": "a sheet named like a cell needs quotes in every reference, and people forget",
    "sheet-not-protected": "formula cells are locked only while their sheet is protected",
    "structured-reference": "Gnumeric and two formula engines do not read table references",
    "table-column-duplicate": "the columns of a table differ by more than case",
    "table-header": "a table column has the text of its header cell, or Excel repairs the table",
    "table-name": "a table's name is a valid name, like no cell, and used once",
    "text-length": "a cell holds at most 32,767 characters",
    "text-without-type": 'a text result needs t="str", or Excel repairs the file',
    "unknown-name": "a formula uses a name that is not defined, or is defined in other case",
    "unknown-sheet": "a reference to a sheet that is not in the workbook",
    "value-not-a-number": "None, nan, inf or a date where a number belongs makes Excel repair the file",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of one rule; ``sheet`` and ``cell`` are empty where the whole file or sheet is meant."""

    sheet: str
    cell: str
    rule: str
    message: str

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise ValueError(f"no such rule: {self.rule}")

    def __str__(self) -> str:
        place = "!".join(part for part in (self.sheet, self.cell) if part)
        return f"{place or 'workbook'}: {self.rule}: {self.message}"


def excel_length(text: str) -> int:
    """The length as Excel counts it: UTF-16 code units, so that an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
