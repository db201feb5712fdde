"""``rows``: a key a row, with label, unit and a formula that is copied across the cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sheetgen.base.inputs import options_of
from sheetgen.workbook.blocks.block import Block, Home
from sheetgen.workbook.formula import names, parse, substitute
from sheetgen.workbook.names import Place
from sheetgen.workbook.sheet import FIRST_DATA_ROW, KEY, LABEL
from sheetgen.workbook.template import Row, filled, read_row

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page


class Rows(Block):
    """Calculated rows. ``block`` names their cells as one range; ``choices`` is the list whose order they follow.

    ``insert`` are words in a row that ends the range, so that a row inserted above it belongs to it; the range is then
    that of the rows that it ``sums`` and of those counted with one of them, and others stand behind it.

    ``scope: scenario`` is one cell each; ``each`` in a row repeats it for every entry of a list. ``exact`` is when
    counts are exact, where it is not what the sheet says of their unit, or the choice that labels a row.
    """

    def __init__(self, home: Home, data: Mapping[str, Any]) -> None:
        super().__init__(home, data)
        self.block: str | None = self.entries.take("block")
        self.choices: str | None = self.entries.take("choices")
        self.insert: str = self.entries.take("insert", "")
        self.sums: list[str] = self.entries.take("sums", [])
        scope = self.entries.take("scope")
        self._defaults = {} if scope is None else {"scope": scope}
        self._cited = self.entries.take("cited", True)
        self._exact: str | None = self.entries.take("exact")
        choices = () if self.choices is None else options_of(home.templates, self.choices)
        self._of_choices = {choice.value: choice.exact for choice in choices}
        self._lines: list[Row | Mapping[str, Any]] = [
            line if isinstance(line, dict) and "each" in line else self._row(line) for line in self.entries.take("rows")
        ]
        self.entries.end(("title", "rows"))

    def _row(self, line: Any) -> Row:
        usual = self.home.exact.get(line.get("unit", "")) if isinstance(line, dict) else None
        implied = dict(self._defaults)
        if usual is not None:
            implied["exact"] = self._exact or self._of_choices.get(line.get("label")) or usual
        return read_row(self.home.name, line, implied, cited=self._cited)

    def rows(self) -> Iterator[Row]:
        return (line for line in self._lines if isinstance(line, Row))

    def is_summed(self, row: Row) -> bool:
        """Whether a row stands in the range that a sum of the block reads."""
        return row.key in self.sums or row.counted_with in self.sums

    def take_along(self, lines: Mapping[str, tuple[str, ...]]) -> None:
        """Let what reads a line read those that are counted with it, too, but these themselves."""

        def along(row: Row) -> Row:
            reads = {name: lines[name] for name in names(row.formula) if name in lines and row.key not in lines[name]}
            sums = {name: parse(" + ".join((name, *added))) for name, added in reads.items()}
            return row._replace(formula=substitute(row.formula, sums.get)) if sums else row

        self._lines = [along(line) if isinstance(line, Row) else line for line in self._lines]

    def defines(self, lists: Mapping[str, Any]) -> dict[str, str]:  # noqa: ARG002 - of every block
        if self.block is None:
            return {}
        first = next(self.rows(), None)
        if first is None:
            raise self.entries.error("a block of no rows")
        return {f"block_{self.block}": first.unit, f"labels_{self.block}": "text"}

    def _of(self, page: Page) -> Iterator[Row]:
        """The rows that this workbook has."""
        for line in self._lines:
            if isinstance(line, Row):
                if line.sheet is None or line.sheet in page.scenario.sheets:
                    yield line
                continue
            plain = {name: value for name, value in line.items() if name != "each"}
            for record in page.records(line["each"]):
                yield self._row({name: filled(value, record) for name, value in plain.items()})

    def lay(self, page: Page) -> None:
        sheet = page.sheet
        above = page.row - 1
        if self.title:
            page.section(self.title, self.note)
        top = page.row
        words = f"sheet {sheet.name}"
        rows_above = Place.of_rows(sheet.name, FIRST_DATA_ROW, above, words)
        local = {"rows_above": rows_above, "across_rows_above": rows_above.across(page.book.cases)}
        present = list(self._of(page))
        summed = [row for row in present if self.is_summed(row)] if self.insert else present
        for row in summed:
            page.calculated(row, local)
        if self.insert:
            sheet.text(page.row, LABEL, self.insert, "insert")
            sheet.text(page.row, KEY, f"{self.block}:end", "key")
            sheet.key_rows[f"{self.block}:end"] = page.row
            page.row += 1
        last = page.row - 1
        for row in present if self.insert else ():
            if row not in summed:
                page.calculated(row, local)
        if self.block:
            known = page.book.names
            known[f"block_{self.block}"] = Place.of_rows(sheet.name, top, last, f"“{self.title}”")
            known[f"labels_{self.block}"] = Place(sheet.name, top, last, LABEL, LABEL, words="their labels")
