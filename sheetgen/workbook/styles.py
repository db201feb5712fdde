"""How cells look: a style is ``weight:format``, the weight saying what the cell is, the format how its value is shown.

Every text has a contrast of at least 4.5 to 1 with its fill, and colour never stands alone: input rows say ``input``,
checks say OK, REVIEW or FAIL.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from sheetgen.workbook.money import SCALED

FONT = "Arial"
FONT_SIZE = 9

NAVY, GREY, RULE = "#1F3864", "#595959", "#BFBFBF"
SPARSE_NOTE = '" sparse"'

Sizes = tuple[tuple[float, str], ...]
"""Formats by the size of the value: each up to a limit, the last for all that is larger."""


def _sizes(decimals: str = "#,##0.00", tiny: tuple[float, str] = (0.1, "0.00####")) -> Sizes:
    """Decimals while they say something and the column has room for them, then none; then scientific, never ####.

    The limits lie so that a cell whose value is edited still says what it holds when that is hundreds of times
    smaller or larger.
    """
    return (tiny, (1e4, decimals), (1e15, "#,##0"), (math.inf, "0.0000E+00"))


_UNIT_MONEY = "#,##0.00####"
# No format names a currency, which an edit may change: heads and units do. None has a condition in brackets, for behind
# one LibreOffice drops the minus; which format fits a value is known when its cell is written.
NUMBER_FORMATS: dict[str, str | Sizes] = {
    "integer": ((1e15, "#,##0"), (math.inf, "0.0000E+00")),
    "number": ((1e-4, "0.0####E+00"), (1e15, "#,##0.0#####"), (math.inf, "0.0000E+00")),
    "plain": "0",
    "absent": '"–"',
    "decimal": _sizes(),
    "decimal_short": "#,##0.0#",  # for numbers with decimals: Excel shows 16 by "#,##0.##" as "16."
    "fine": _sizes(decimals="0.000000", tiny=(1e-3, "0.000E+00")),
    "scientific": "0.00000E+00;-0.00000E+00;0",
    "scientific_short": "0.0##E+00",
    "percent": "0.0##%",
    "share": "0.00%",
    "share_fine": "0.0000%",
    "ratio": "0.000000",
    "money": _sizes(),
    "whole_money": ((1e15, "#,##0"), (math.inf, "0.0000E+00")),
    "unit_money": ((1e-4, "0.0####E+00"), (1e15, _UNIT_MONEY), (math.inf, "0.0000E+00")),
    "quoted_money": _UNIT_MONEY,
    "fine_money": ((1e-6, "0.0####E+00"), (1, "0.00######"), (1e15, _UNIT_MONEY), (math.inf, "0.0000E+00")),
    SCALED: "#,##0",
    "rate": "#,##0.00",
    "change": '+0.00%;-0.00%;"–"',
    "plain_money": '#,##0;-#,##0;"–"',
    "month": "yyyy-mm",
    "fiscal_year": '"from "yyyy-mm-dd',
    "date": "yyyy-mm-dd",
    "date_left": "yyyy-mm-dd",
    "share_if_any": '0.00%;-0.00%;"–"',
    "step": '+0" steps";-0" steps";"centre"',
    "status": "@",
    "text": "@",
    "choice": "@",
    "wrapped": "@",
    "left": "@",
    "case": "@",
}
NUMBER_FORMATS["signed_money"] = NUMBER_FORMATS["money"]
WHOLE = {"money": "whole_money", "signed_money": "whole_money"}
"""The forms of amounts in a currency that has no decimals."""

_TOP = {"valign": "top"}
_WRAP = {"text_wrap": True, "valign": "top"}

WEIGHTS: dict[str, dict[str, Any]] = {
    "input": {
        "font_color": "#0000FF",
        "bg_color": "#FFF8DC",
        "border": 1,
        "border_color": RULE,
        "locked": False,
        **_TOP,
    },
    "constant": {"bg_color": "#F2F2F2", **_TOP},
    "bound": {"font_color": GREY, "font_size": 8, **_TOP},
    "calc": _TOP,
    "total": {"bold": True, "top": 1, "top_color": NAVY, "bg_color": "#EAF0F8", **_TOP},
    "axis": {"bold": True, "bg_color": "#DCE6F1", **_TOP},
    "table": _TOP,
    "master": {"bold": True, "align": "center", "border": 1, "border_color": NAVY},
    "title": {"bold": True, "font_size": 14, "font_color": NAVY},
    "title_wrapped": {"bold": True, "font_size": 11, "font_color": NAVY, **_WRAP},
    "kind": {"font_color": GREY},
    "tile_head": {
        "font_size": 9,
        "font_color": GREY,
        "bg_color": "#EAF0F8",
        "top": 2,
        "top_color": NAVY,
        "align": "left",
    },
    "tile": {"bold": True, "font_size": 14, "font_color": NAVY, "bg_color": "#EAF0F8", "align": "left"},
    "tile_date": {"bold": True, "font_size": 11, "font_color": NAVY, "bg_color": "#EAF0F8", "align": "left"},
    "label_live": _TOP,
    "tile_note": {"font_size": 9, "font_color": "#404040", "bg_color": "#EAF0F8", "align": "left"},
    "sentence": {"font_size": 10, "font_color": "#1A1A1A", **_TOP},
    "bar": {"font_color": "#2F5597", "valign": "top"},
    "strong": {"bold": True, "font_size": 11},
    "master_label": {"bold": True, "align": "right"},
    "intro": {"italic": True, "font_color": "#404040"},
    "header": {
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": NAVY,
        "text_wrap": True,
        "valign": "vcenter",
    },
    "header_right": {
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": NAVY,
        "text_wrap": True,
        "valign": "vcenter",
        "align": "right",
    },
    "header_words": {
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": NAVY,
        "indent": 1,
        "valign": "vcenter",
    },
    "column_head": {"bold": True, "font_color": NAVY, "font_size": 9, "align": "right", **_WRAP},
    "column_head_left": {"bold": True, "font_color": NAVY, "font_size": 9, "align": "left", "indent": 1, **_TOP},
    "note_line": {"font_size": 9, "font_color": "#404040", "align": "left", "indent": 1, **_TOP},
    "insert": {"italic": True, "font_size": 7, "font_color": GREY, **_TOP},
    "group": {"bold": True, "font_color": NAVY},
    "section": {"bold": True, "font_color": NAVY, "bottom": 1, "bottom_color": NAVY, "text_wrap": True},
    "section_line": {"bold": True, "font_color": NAVY, "bottom": 1, "bottom_color": NAVY},
    "section_head": {"bold": True, "font_color": NAVY, "bottom": 1, "bottom_color": NAVY, "align": "right"},
    "label": _WRAP,
    "label_total": {"bold": True, **_WRAP},
    "key": {"font_size": 7, "font_color": GREY, **_TOP},
    "unit": {"font_size": 8, "font_color": GREY, **_TOP},
    "note": {"font_size": 8, "font_color": "#404040", "align": "left", "indent": 1, **_WRAP},
    "words": {"font_size": 8, "font_color": "#404040", "align": "left", "indent": 1, **_WRAP},
    "source": {
        "font_size": 8,
        "font_color": "#0000FF",
        "align": "left",
        "indent": 1,
        "locked": False,
        **_WRAP,
    },
    "built": {"font_size": 8, "font_color": GREY, **_TOP},
    "mark": {"font_size": 8, "bold": True, "font_color": "#7A4B00", **_TOP},
    "text": _TOP,
    "wrapped": _WRAP,
    "choice": {"bold": True, **_TOP},
    "line": _TOP,
    "input_colour": {"font_color": "#0000FF", "bg_color": "#FFF8DC", "border": 1, "border_color": RULE},
    "link": {"font_color": "#0000FF", "underline": 1},
    "sign_here": {"bottom": 1, "bottom_color": GREY, "valign": "bottom", "locked": False},
    "sign": {"bottom": 1, "bottom_color": GREY, "valign": "bottom"},
    "sign_head": {"font_color": GREY, "font_size": 9},
    "edited": {"bg_color": "#FFC94D"},
    "status_ok": {"bold": True, "font_color": "#0B5A1E", "bg_color": "#DDF2E3"},
    "status_review": {"bold": True, "font_color": "#7A4B00", "bg_color": "#FFF0CC"},
    "status_fail": {"bold": True, "font_color": "#9C0006", "bg_color": "#FFD9DC"},
}

TABS = {
    "Output": NAVY,
    "Inputs": "#FFE699",
    "Checks": "#548235",
    "Reference": "#8EA9DB",
    "About": "#8EA9DB",
    "Calculation": NAVY,
}
"""The colour of a tab in front by the type of its sheet; those behind are grey."""
GREY_TAB = "#A6A6A6"
STATUS_STYLES = {"OK": "status_ok", "REVIEW": "status_review", "FAIL": "status_fail"}


def fitting(form: str, value: object) -> str:
    """The number format of a form for a value of this size; for anything but a number, of ordinary size."""
    number = float(value) if isinstance(value, int | float) else 1.0
    if form == "integer" and number % 1 and abs(number) < 1e4:
        form = "decimal"
    if form == "decimal_short" and not number % 1:
        form = "integer"
    found = NUMBER_FORMATS[form]
    if isinstance(found, str):
        return found
    return next(text for limit, text in found if (abs(number) or 1.0) < limit or limit == math.inf)


def number_formats(style: str) -> set[str]:
    """Every number format that a style may come to, whatever the value and the currency."""
    form = style.partition(":")[2]
    sizes = (0.3, 1.5, 1.0, 1e-9, 1e-5, 1e-3, 0.05, 12_345.0, 1e16)
    if not form:
        return {number_format(style)}
    return {number_format(style, size, whole=whole) for size in sizes for whole in (False, True)}


def number_format(style: str, value: object = None, *, whole: bool = False) -> str:
    """What the format of a style comes to for a value; empty for no format. Separators follow the reader's program.

    ``whole`` says that the currency has no decimals: amounts have none then, prices of a unit may have.
    """
    text = _whatever_the_value(style)
    if text is not None:
        return text
    form = style.partition(":")[2]
    return fitting(WHOLE.get(form, form) if whole else form, value)


@cache
def _whatever_the_value(style: str) -> str | None:
    """The number format of a style that is the same for every value; None for one that goes by it."""
    form = style.partition(":")[2]
    if not form:
        return ""
    found = NUMBER_FORMATS[form]
    return found if isinstance(found, str) and form != "decimal_short" else None


def properties(style: str, text: str = "") -> dict[str, Any]:
    """The format properties of a style with its number format, as XlsxWriter names them. Raises KeyError for an unknown
    style.
    """
    weight, _, form = style.partition(":")
    result: dict[str, Any] = {"font_name": FONT, "font_size": FONT_SIZE, "font_scheme": "none", **WEIGHTS[weight]}
    if text:
        result["num_format"] = text
    if form == "wrapped":
        result |= _WRAP
    if form in {"text", "choice", "status", "case", "wrapped"} and weight in {
        "input",
        "calc",
        "total",
        "header",
    }:
        result["align"] = "right"
    if form in {"left", "date_left", "fiscal_year"} and weight != "axis":
        result["align"] = "left"
    return result


def sparse_format(form: str, largest: float) -> str:
    """The number format with `` sparse`` behind every value of a row, for a time that rests on a sparse peak.

    With the word behind it a number runs out of room earlier, and turns to scientific notation earlier.
    """
    plain = "0.000E+00" if largest >= 1e9 else fitting(form, largest)
    return ";".join(f"{part}{SPARSE_NOTE}" for part in plain.split(";"))
