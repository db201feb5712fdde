"""What a template file says, read: rows, and the entries that a row, a section or a sheet may have.

Whatever is wrong is refused with the sheet, the row and the reason: an unknown or missing entry, a function outside the
portable subset, a text that is no formula.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from sheetgen.base.resources import AFTER
from sheetgen.base.templates import TemplateError
from sheetgen.workbook.cells import EXACT, NEVER, Compared
from sheetgen.workbook.formula import Expr, FormulaError, check_portable, parse
from sheetgen.workbook.names import Prefix

DEFAULT_FORMATS = {
    "FLOP": "scientific",
    "FLOP/s": "scientific",
    "FLOP/s/GPU": "scientific",
    "FLOP/sequence": "scientific",
    "FLOP/request": "scientific",
    "fraction": "percent",
    "ratio": "ratio",
    "date": "date",
    "currency": "money",
    "currency/(GPU*h)": "unit_money",
    "quoted/(GPU*h)": "quoted_money",
    "token/s": "decimal",
    "status": "status",
    "text": "text",
    "GB/GPU": "decimal",
    "TFLOP/s/GPU": "decimal",
}
"""The number format of an input by its unit; a calculated fraction is a ``share``, and whatever else an ``integer``."""
_GAP = re.compile(r"\{([a-z0-9_.]+)(:[a-z]+)?(\?)?\}")
_OWN_GAP = re.compile(r"<([a-z0-9_.]+)(:[a-z]+)?(\?)?>")


OfKey = Callable[[str, str], str]
"""What a key is called elsewhere: its ``label``, ``unit`` or ``format``."""


def format_for(unit: str) -> str:
    """The number format of a calculated figure in a unit, where its row says nothing else."""
    return "share" if unit == "fraction" else DEFAULT_FORMATS.get(unit, "integer")


Filler = Callable[[Mapping[str, Any], OfKey | None], Any]


def filled(value: Any, record: Mapping[str, Any], of_key: OfKey | None = None) -> Any:
    """A value of a template with ``{name}`` replaced by what a record says; a gap alone takes the value as it is.

    ``{name:label}`` is the label (unit, format) of the key that the record says, by ``of_key``; ``{name?}`` may be
    missing. Raises KeyError for a name that the record does not have.
    """
    if not isinstance(value, str) or "{" not in value:
        return value
    return _filler(value, _GAP)(record, of_key)


@cache
def _filler(text: str, gap: re.Pattern[str]) -> Filler:
    """How a text with gaps is filled, read once."""

    def one(match: re.Match[str]) -> Filler:
        name, what, may_miss = match.groups()

        def fill(record: Mapping[str, Any], of_key: OfKey | None) -> Any:
            known = record.get(name) if may_miss else record[name]
            return of_key(what[1:], str(known)) if what and of_key is not None else known

        return fill

    whole = gap.fullmatch(text)
    if whole is not None:
        return one(whole)
    gaps = [one(match) for match in gap.finditer(text)]
    texts = gap.sub("\0", text).split("\0")

    def all_gaps(record: Mapping[str, Any], of_key: OfKey | None) -> str:
        parts = [texts[0]]
        for fill, after in zip(gaps, texts[1:], strict=True):
            parts += (str(fill(record, of_key)), after)
        return "".join(parts)

    return all_gaps


def deeply_filled(value: Any, record: Mapping[str, Any], of_key: OfKey | None = None) -> Any:
    """A part of a template with every ``<name>`` in it replaced by what a record says."""
    if isinstance(value, dict):
        return {name: deeply_filled(item, record, of_key) for name, item in value.items()}
    if isinstance(value, list):
        return [deeply_filled(item, record, of_key) for item in value]
    if not isinstance(value, str) or "<" not in value:
        return value
    return _filler(value, _OWN_GAP)(record, of_key)


def as_records(entries: Iterable[Any]) -> list[Mapping[str, Any]]:
    """The entries of a list, each with its ``number`` from 1 and ``index`` from 0, and plain ones as a ``value``."""
    return [
        {"number": index + 1, "index": index, **(entry if isinstance(entry, Mapping) else {"value": entry})}
        for index, entry in enumerate(entries)
    ]


class Entries:
    """The entries of a mapping in a template, taken one by one; what nobody takes is refused."""

    def __init__(self, where: str, data: Any, origin: object = None) -> None:
        if not isinstance(data, dict):
            raise TemplateError(f"{where}: must be a list of entries, name: value", data)
        self.where = where
        self.origin = data if origin is None else origin
        self._data: dict[str, Any] = data
        self._taken = {AFTER}  # where an addition stands was seen to when it was added

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def error(self, message: str) -> TemplateError:
        """What is wrong with these entries, to be raised."""
        return TemplateError(f"{self.where}: {message}", self.origin)

    def take(self, name: str, default: Any = None) -> Any:
        """The value of an entry, or the default."""
        self._taken.add(name)
        return self._data.get(name, default)

    def take_all(self, names: Collection[str], defaults: Mapping[str, Any]) -> dict[str, Any]:
        """The values of several entries, each with its default."""
        self._taken.update(names)
        return {name: self._data.get(name, defaults.get(name)) for name in names}

    def end(self, required: Collection[str] = ()) -> None:
        """Raise TemplateError for an entry that was not taken, or one that is required and not there."""
        unknown, missing = set(self._data) - self._taken, set(required) - set(self._data)
        if unknown or missing:
            found = (("unknown", unknown), ("missing", missing))
            raise self.error(", ".join(f"{word} {sorted(map(str, entries))}" for word, entries in found if entries))


class Row(NamedTuple):
    """One calculated row: a key, a label, a unit and one formula that is copied across the cases.

    ``helper`` rows are look-ups without a meaning of their own (a row number); ``structure`` rows speak of the workbook
    and not of the run. The engine has a quantity for every other row. ``scope`` is ``case``, or ``scenario`` for one
    cell in the first case column; ``sheet`` names the optional sheet without which the row is left out. ``sparse`` is
    the key of the row that says whether the figure rests on a sparse peak. ``words`` are said in place of the formula;
    ``prefix`` is there where the row is the number of a case. What is ``held`` stays as it is in a sensitivity table
    unless it is an axis; no step lifts a row above its ``limit``. Where it is ``counted_with`` another row, what reads
    that one reads the sum of both. ``route`` is the key of a row that gives the same
    figure in another way, written out in its place where axes are put in; ``label_formula`` is what stands where a
    label follows the inputs, ``label`` being what the row is called elsewhere.
    ``origin`` is the part of the file that it was read from.
    """

    key: str
    label: str
    unit: str
    formula: Expr
    format: str
    source: str | None
    total: bool = False
    helper: bool = False
    structure: bool = False
    sparse: str | None = None
    scope: str = "case"
    sheet: str | None = None
    words: str = ""
    shows: str = ""
    prefix: Prefix | None = None
    compared: Compared = Compared()
    key_figure: str = ""
    held: bool = False
    limit: float | None = None
    counted_with: str = ""
    route: str | None = None
    label_formula: Expr | None = None
    origin: object = None

    @property
    def shown(self) -> str | None:
        """The quantity that its cells are compared with; None for a helper."""
        return None if self.helper else self.shows or self.key


ROW_ENTRIES = ("key", "label", "unit", "formula")
KEPT = (
    "key", "label", "unit", "source", "helper", "structure", "sparse", "scope", "sheet", "words", "shows", "key_figure",
    "held", "limit", "counted_with", "route",
)  # fmt: skip
"""The entries of a row that are kept as they are written."""


def formula_of(where: str, text: object, origin: object) -> Expr:
    """The tree of a formula. Raises TemplateError for what is no formula or is not portable."""
    try:
        formula = parse(str(text))
        check_portable(formula, str(text))
    except FormulaError as error:
        raise TemplateError(f"{where}: {error}", origin) from error
    return formula


def _compared(entries: Entries) -> Compared:
    """How the figure of a row is compared. Raises TemplateError for an unknown word."""
    exact = entries.take("exact", NEVER)
    if exact not in EXACT:
        raise entries.error(f"exact is one of {', '.join(EXACT)}, not {exact!r}")
    return Compared(exact, entries.take("difference_of", ""))


def _prefix(entries: Entries) -> Prefix | None:
    data = entries.take("prefix")
    if data is None:
        return None
    inner = Entries(f"{entries.where}, prefix", data)
    prefix = Prefix(entries.take("key"), inner.take("word"), inner.take("words"), inner.take("input"))
    inner.end(("word", "words", "input"))
    return prefix


def read_row(sheet: str, data: Any, defaults: Mapping[str, Any] | None = None, *, cited: bool = True) -> Row:
    """A row of a sheet; ``defaults`` are what its section says for all, ``cited`` whether it needs a source."""
    name = data.get("key", data) if isinstance(data, dict) else data
    whole = {**(defaults or {}), **data} if isinstance(data, dict) else data
    entries = Entries(f"{sheet}, row {name}", whole, data)
    kept = entries.take_all(KEPT, Row._field_defaults)
    label = entries.take("label_formula")
    row = Row(
        formula=formula_of(entries.where, entries.take("formula", "0"), data),
        format=entries.take("format") or format_for(kept["unit"]),
        total=entries.take("style") == "total",
        prefix=_prefix(entries),
        compared=_compared(entries),
        origin=data,
        label_formula=None if label is None else formula_of(entries.where, label, data),
        **kept,
    )
    entries.end((*ROW_ENTRIES, "source") if cited else ROW_ENTRIES)
    return row
