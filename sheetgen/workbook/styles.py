"""How cells look: a style is ``weight:format``, the weight saying what the cell is, the format how its value is shown.

Every text has a contrast of at least 4.5 to 1 with its fill, and colour never stands alone: input rows say ``input``,
checks say OK, REVIEW or FAIL.
"""

from __future__ import annotations

from typing import Any

FONT = "Arial"
FONT_SIZE = 9

NAVY, GREY, RULE = "#1F3864", "#595959", "#BFBFBF"
SPARSE_NOTE = '" sparse"'

# A value too long for its column turns to scientific notation instead of ####.
HUGE = "[>=1000000000000000]0.0000E+00;"

HUGE_MONEY = "[>=1000000000000000]¤0.0000E+00;"
# ¤ stands for the currency of the budget, ¢ for that of the quotes.
NUMBER_FORMATS = {
    "integer": f"{HUGE}#,##0",
    "number": f"{HUGE}#,##0.0#####",
    "plain": "0",
    "absent": '"–"',
    "decimal": f"{HUGE}[>=1000]#,##0;#,##0.00",
    "decimal_short": "#,##0.##;-#,##0.##;0",
    "fine": "[>=1000]#,##0;0.000000",
    "scientific": "[=0]0;0.00000E+00",
    "scientific_short": "0.0##E+00",
    "percent": "0.0##%",
    "share": "0.00%",
    "share_fine": "0.0000%",
    "ratio": "0.000000",
    "money": f"{HUGE_MONEY}[>=1000]¤#,##0;¤#,##0.00",
    "signed_money": "¤#,##0;-¤#,##0;¤0",
    "unit_money": f"{HUGE_MONEY}¤#,##0.00####",
    "quoted_money": "¢#,##0.00####",
    "fine_money": f"{HUGE_MONEY}[>=1]¤#,##0.00####;¤0.00######",
    "month": "yyyy-mm",
    "fiscal_year": '"from "yyyy-mm-dd',
    "date": "yyyy-mm-dd",
    "date_left": "yyyy-mm-dd",
    "share_if_any": '[=0]"–";0.00%',
    "step": '+0" steps";-0" steps";"centre"',
    "status": "@",
    "text": "@",
    "choice": "@",
    "wrapped": "@",
    "left": "@",
    "case": "@",
}

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
    "master_label": {"bold": True, "align": "right"},
    "intro": {"italic": True, "font_color": "#404040"},
    "header": {
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": NAVY,
        "text_wrap": True,
        "valign": "vcenter",
    },
    "header_words": {
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": NAVY,
        "indent": 1,
        "valign": "vcenter",
    },
    "column_head": {"bold": True, "font_color": NAVY, "font_size": 8, "align": "right", **_WRAP},
    "column_head_left": {"bold": True, "font_color": NAVY, "font_size": 8, "align": "left", "indent": 1, **_TOP},
    "note_line": {"font_size": 8, "font_color": "#404040", "align": "left", "indent": 1, **_TOP},
    "group": {"bold": True, "font_color": NAVY},
    "section": {"bold": True, "font_color": NAVY, "bottom": 1, "bottom_color": NAVY, "text_wrap": True},
    "label": _WRAP,
    "label_total": {"bold": True, **_WRAP},
    "key": {"font_size": 7, "font_color": GREY, **_TOP},
    "unit": {"font_size": 8, "font_color": GREY, **_TOP},
    "note": {"font_size": 8, "font_color": "#404040", "align": "left", "indent": 1, **_WRAP},
    "words": {"font_size": 8, "font_color": "#404040", "align": "left", "indent": 1, **_WRAP},
    "text": _TOP,
    "wrapped": _WRAP,
    "choice": {"bold": True, **_TOP},
    "line": _TOP,
    "input_colour": {"font_color": "#0000FF", "bg_color": "#FFF8DC", "border": 1, "border_color": RULE},
    "link": {"font_color": "#0000FF", "underline": 1},
    "sign": {"bottom": 1, "bottom_color": GREY, "valign": "bottom"},
    "sign_head": {"font_color": GREY, "font_size": 8},
    "status_ok": {"bold": True, "font_color": "#0B5A1E", "bg_color": "#DDF2E3"},
    "status_review": {"bold": True, "font_color": "#7A4B00", "bg_color": "#FFF0CC"},
    "status_fail": {"bold": True, "font_color": "#9C0006", "bg_color": "#FFD9DC"},
}

STATUS_STYLES = {"OK": "status_ok", "REVIEW": "status_review", "FAIL": "status_fail"}


def number_format(form: str, currency: str = "", quoted: str = "") -> str:
    """The number format of a form, with the currencies in front of money; separators follow the reader's program."""
    text = NUMBER_FORMATS[form]
    for sign, code in (("¤", currency), ("¢", quoted)):
        text = text.replace(sign, f'"{code} "' if code else "")
    return text


def properties(style: str, currency: str = "", quoted: str = "") -> dict[str, Any]:
    """The format properties of a style, as XlsxWriter names them. Raises KeyError for an unknown one."""
    weight, _, form = style.partition(":")
    result: dict[str, Any] = {"font_name": FONT, "font_size": FONT_SIZE, "font_scheme": "none", **WEIGHTS[weight]}
    if form:
        bare = weight == "bound"  # a narrow column, beside the unit that names the currency
        result["num_format"] = number_format(form) if bare else number_format(form, currency, quoted)
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


def sparse_format(form: str) -> str:
    """The number format with `` sparse`` behind every value, for a time that rests on a sparse peak.

    With the word behind it a number runs out of room earlier, and turns to scientific notation earlier.
    """
    plain = NUMBER_FORMATS[form].replace(HUGE, "[>=1000000000]0.000E+00;")
    return ";".join(f"{part}{SPARSE_NOTE}" for part in plain.split(";"))
