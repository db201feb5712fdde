"""The shape of a user's own template: which entries are texts, numbers, lists, and what a key may be called."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sheetgen.base.errors import did_you_mean, list_choices
from sheetgen.base.templates import TemplateError
from sheetgen.workbook.styles import NUMBER_FORMATS

KEY = re.compile(r"[a-z][a-z0-9_]{1,59}")
ADDRESS = re.compile(r"[a-z]{1,3}[0-9]+")
NO_KEYS = ("across_", "block_", "chosen_", "labels_", "list_", "previous_", "reference_", "series_", "sheet_", "table_")
"""How names begin that mean something else in a formula."""
MAX_TEXT = 2_000

Kinds = tuple[type, ...]
TEXT, NUMBER, FLAG, LIST, TABLE = (str,), (int, float), (bool,), (list,), (dict,)
OF_A_SHEET: Mapping[str, Kinds] = {
    "sheet": TEXT, "order": NUMBER, "kind": TEXT, "title": TEXT, "intro": TEXT, "optional": TEXT, "columns": LIST,
    "header": FLAG, "header_height": NUMBER, "freeze": TABLE, "page": TABLE, "status_colours": FLAG,
    "rests_on_nothing": FLAG, "read_back": FLAG, "lists": TABLE, "sections": LIST, "exact": TABLE,
}  # fmt: skip
OF_A_SECTION: Mapping[str, Kinds] = {
    "title": TEXT, "note": TEXT, "after": TEXT, "sheet": TEXT, "rows": LIST, "inputs": LIST, "constants": LIST,
    "show": LIST, "text": LIST, "block": TEXT, "choices": TEXT, "scope": TEXT, "cited": FLAG, "series": TEXT,
    "total": TEXT, "over": TEXT, "most": NUMBER, "in_cases": FLAG, "source": TEXT, "insert": TEXT, "sums": LIST,
}  # fmt: skip
OF_A_ROW: Mapping[str, Kinds] = {
    "key": TEXT, "label": TEXT, "unit": TEXT, "formula": (str, int, float), "source": TEXT, "format": TEXT,
    "style": TEXT, "helper": FLAG, "structure": FLAG, "scope": TEXT, "sheet": TEXT, "words": TEXT, "shows": TEXT,
    "sparse": TEXT, "counted_with": TEXT, "difference_of": TEXT, "exact": TEXT, "key_figure": FLAG, "held": FLAG,
    "limit": NUMBER, "after": TEXT, "type": TEXT, "min": NUMBER, "max": NUMBER, "choices": TEXT, "pattern": TEXT,
    "default": (str, int, float, bool), "help": TEXT, "example": (str, int, float, bool), "shape": TEXT,
    "aliases": LIST, "of": TEXT, "in_cases": FLAG, "workload": TEXT, "needed": NUMBER, "combine": TEXT,
    "value": NUMBER, "each": TEXT, "route": TEXT, "label_formula": TEXT, "usual": LIST,
}  # fmt: skip
WORDS: Mapping[str, tuple[str, ...]] = {"scope": ("case", "scenario"), "style": ("total",), "combine": ("first",)}
CALLED = {str: "a text", int: "a number", float: "a number", bool: "yes or no", list: "a list", dict: "a mapping"}
OF_ROWS = ("rows", "inputs", "constants")


def check_head(slug: str, data: Mapping[str, Any]) -> None:
    """Raise TemplateError where the head of a sheet is not of its shape."""
    _check_entries(slug, data, OF_A_SHEET, data)
    missing = [name for name in ("kind", "title", "sections") if name not in data]
    if missing:
        raise TemplateError(f"{slug}: a sheet needs {', '.join(missing)}", data)
    optional = data.get("optional")
    if optional is not None and not KEY.fullmatch(optional):
        raise TemplateError(f"{slug}: optional is what a scenario calls the sheet, such as {slug}", data)
    for name, entries in data.get("lists", {}).items():
        if not isinstance(entries, list):
            raise TemplateError(f"{slug}: list {name} must be a list", data["lists"])


def check_section(sheet: str, section: Mapping[str, Any], is_own: Callable[[object], bool]) -> None:
    """Raise TemplateError where a section of a user's, or a row that a user adds, is not of its shape."""
    own = is_own(section)
    if own:
        _check_entries(f"{sheet}, {section.get('title', 'a section')}", section, OF_A_SECTION, section)
        if not all(isinstance(key, str) for key in section.get("show", ())):
            where = f"{sheet}, {section.get('title', 'a section')}"
            raise TemplateError(f"{where}: each of show is a key", section)
    for name in OF_ROWS:
        for row in section.get(name, ()):
            if is_own(row):
                _check_row(sheet, row)
            elif own or not isinstance(row, dict):
                where = f"{sheet}, {section.get('title', 'a section')}"
                raise TemplateError(f"{where}: each of {name} is a mapping, not {row!r}", section)


def _check_row(sheet: str, row: Any) -> None:
    if not isinstance(row, dict):
        raise TemplateError(f"{sheet}: a row is a mapping of entries", row)
    where = f"{sheet}, row {row.get('key', '')}"
    _check_entries(where, row, OF_A_ROW, row)
    key = row.get("key")
    if key is None:
        raise TemplateError(f"{sheet}: a row needs a key", row)
    if "each" in row:
        raise TemplateError(f"{where}: a row for each of a list is the package's own", row)
    if not KEY.fullmatch(key) or ADDRESS.fullmatch(key) or key.startswith(NO_KEYS):
        allowed = f"small letters, digits and _, no address, and not beginning with {', '.join(NO_KEYS)}"
        raise TemplateError(f"{where}: cannot be a key ({allowed})", row)
    form = row.get("format")
    if form is not None and form not in NUMBER_FORMATS:
        hint, known = did_you_mean(form, NUMBER_FORMATS), list_choices(NUMBER_FORMATS)
        raise TemplateError(f"{where}: there is no format {form!r}{hint} ({known})", row)


def _check_entries(where: str, data: Mapping[str, Any], kinds: Mapping[str, Kinds], origin: object) -> None:
    """Raise TemplateError for an entry that is not of its kind; unknown ones are left to who reads them."""
    for name, value in data.items():
        wanted = kinds.get(name)
        if wanted is None:
            continue
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            called = " or ".join(dict.fromkeys(CALLED[kind] for kind in wanted))
            raise TemplateError(f"{where}: {name} must be {called}, not {value!r}"[:300], origin)
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise TemplateError(f"{where}: {name} is longer than {MAX_TEXT:,} characters", origin)
        if name in WORDS and value not in WORDS[name]:
            raise TemplateError(f"{where}: {name} is {' or '.join(WORDS[name])}, not {value!r}", origin)
