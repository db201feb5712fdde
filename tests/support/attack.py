"""Edits of a workbook by somebody who knows the format: cells, formats and parts changed in the XML, nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from xml.sax.saxutils import escape

from sheetgen import verify
from sheetgen.verification.verdict import Verdict
from tests.support.edits import PartEdit, edit_parts
from tests.support.package import cached_values, read_book


class Attack:
    """Edits of the parts of a workbook, cell by cell, as a program that knows the format makes them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = read_book(path)
        self.edits: dict[str, list[PartEdit]] = {}
        self.values = cached_values(path)

    def part(self, sheet: str) -> str:
        """The part of a sheet."""
        return next(found.part for found in self.book.sheets if found.name == sheet)

    def row(self, sheet: str, key: str) -> int:
        """The row of a key, as the sheet counts it."""
        cells = self.book.sheet_by_name[sheet.lower()].cells
        return next(cell.row for cell in cells if cell.text == key)

    def edit(self, part: str, change: PartEdit) -> Attack:
        """Change a part."""
        self.edits.setdefault(part, []).append(change)
        return self

    def cell(self, sheet: str, address: str, content: str, kind: str = "") -> Attack:
        """Put other content into a cell that is there, in its style."""
        pattern = re.compile(rf'(<c r="{address}"(?: s="\d+")?)[^>]*?(?:/>|>.*?</c>)')
        new = rf"\g<1>{kind}>{content}</c>"

        def change(text: str) -> str:
            assert pattern.search(text), f"{sheet}!{address} is not there"
            return pattern.sub(new.replace("\\g<1>", "\\g<1>"), text, count=1)

        return self.edit(self.part(sheet), change)

    def formula(self, sheet: str, address: str, formula: str, shown: object) -> Attack:
        """A formula in a cell, with a stored result."""
        return self.cell(sheet, address, f"<f>{escape(formula)}</f><v>{shown}</v>")

    def text(self, sheet: str, address: str, text: str) -> Attack:
        """A text in a cell."""
        return self.cell(sheet, address, f"<is><t>{escape(text)}</t></is>", ' t="inlineStr"')

    def beside(self, sheet: str, row: int, cells: str) -> Attack:
        """A row of cells below all others."""
        new = f'<row r="{row}">{cells}</row></sheetData>'
        return self.edit(self.part(sheet), lambda text: text.replace("</sheetData>", new))

    def verdict(self, room: Path) -> Verdict:
        """What verify says of the copy."""
        copy = self.write(room)
        return verify(copy)

    def write(self, room: Path) -> Path:
        """The copy."""
        copy = room / "attacked.xlsx"

        def all_of(changes: list[PartEdit]) -> PartEdit:
            def change(text: str) -> str:
                for one in changes:
                    text = one(text)
                return text

            return change

        edit_parts(self.path, copy, {part: all_of(changes) for part, changes in self.edits.items()})
        return copy


def with_format(attack: Attack, sheet: str, address: str, code: str) -> Attack:
    """A cell with a number format of its own."""

    quoted = escape(code, {'"': "&quot;"})

    def styles(text: str) -> str:
        text = text.replace("</numFmts>", f'<numFmt numFmtId="400" formatCode="{quoted}"/></numFmts>')
        return re.sub(r"</cellXfs>", '<xf numFmtId="400" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>', text)

    own = attack.book.parts["xl/styles.xml"].decode()
    count = own.split("<cellXfs")[1].split("</cellXfs>")[0].count("<xf ")
    attack.edit("xl/styles.xml", styles)
    return attack.edit(
        attack.part(sheet), lambda text: re.sub(rf'(<c r="{address}" s=")\d+', rf"\g<1>{count}", text, count=1)
    )


def told(verdict: Verdict) -> list[tuple[str, str]]:
    """Aspect and sheet of each difference that is said."""
    return [(item.aspect, item.sheet) for item in verdict.differences if item.weight != "harmless"]
