"""Honest edits of workbooks by other programs, from a seed: re-saves, inputs, rows, columns, other names and places.

``python -m tests.support.honest --count 200`` tries as many with openpyxl, LibreOffice, Gnumeric, exceljs and SheetJS,
on two samples, and prints each alarm that ``verify`` raises. A row that makes the workbook's own figures others, as
LibreOffice computes them, is told rightly; such alarms are counted apart.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click
import openpyxl

from sheetgen import build, load_scenario, verify
from sheetgen.base.errors import NotVerifiable
from sheetgen.verification.evaluate import complete
from sheetgen.verification.findings import findings
from sheetgen.workbook.book import Book, address
from sheetgen.workbook.plan import plan
from tests.support.macro import Insertion, NewColumn, NewName, NewPlace, Step, Typed, insert_rows
from tests.support.package import cached_values, read_book
from tests.support.paths import ROOT, SAMPLES
from tests.support.tools import lacking, need, run

NAMES = {"procurement-70b": (), "mixtral-8x7b": ("technical",)}
MODULES = ROOT / ".ci" / "node" / "node_modules"
NPM_PACKAGES = ("exceljs@4.4.0", "xlsx@0.18.5")
SECONDS = 120.0
SHARES = {"LibreOffice": 0.6, "openpyxl": 0.2, "exceljs": 0.08, "SheetJS": 0.06, "Gnumeric": 0.06}
CLOSE = 1e-9
IN_A_RUN = 3
"""Edits in one run of LibreOffice, whose time is limited: a busy machine takes half a minute for each."""
EXCELJS = """
const [source, target, text, sheet, cell] = process.argv.slice(1);
const Excel = require("exceljs"), book = new Excel.Workbook();
book.xlsx.readFile(source).then(() => {
  if (cell) book.getWorksheet(sheet).getCell(cell).value = text;
  return book.xlsx.writeFile(target);
}).catch((error) => { console.error(error); process.exit(1); });
"""
SHEETJS = """
const [source, target, text, sheet, cell] = process.argv.slice(1);
const XLSX = require("xlsx"), book = XLSX.readFile(source, {cellStyles: true, cellNF: true});
if (cell) book.Sheets[sheet][cell] = {t: "s", v: text};
XLSX.writeFile(book, target, {cellStyles: true});
"""


class Edited(NamedTuple):
    """A copy: by which program, what was done to it, and where it is."""

    program: str
    what: str
    path: Path


class Alarm(NamedTuple):
    """What ``verify`` says of an honest copy; ``right`` where the workbook's own figures are others."""

    edited: Edited
    words: str
    right: bool


class Editor:
    """Edits copies of one workbook."""

    def __init__(self, path: Path, book: Book, room: Path, seed: int) -> None:
        self.path, self.book, self.room = path, book, room
        self.random = random.Random(seed)  # noqa: S311 - edits that can be repeated, no secret
        self.sheets = [sheet.name for sheet in read_book(path).sheets]
        self.count = 0

    def edits(self, program: str, count: int) -> Iterator[Edited]:
        """So many copies by a program."""
        if program == "LibreOffice":
            yield from self._by_libreoffice(count)
            return
        ways: dict[str, Callable[[Path], str]] = {
            "openpyxl": self._by_openpyxl,
            "exceljs": lambda target: self._by_node(EXCELJS, "exceljs", target),
            "SheetJS": lambda target: self._by_node(SHEETJS, "xlsx", target),
            "Gnumeric": self._by_gnumeric,
        }
        for _ in range(count):
            target = self._target()
            yield Edited(program, ways[program](target), target)

    def _target(self) -> Path:
        self.count += 1
        return self.room / f"{self.path.stem}-{self.count}.xlsx"

    def _input(self) -> tuple[str, str, float]:
        """A number of sheet Inputs that may be typed, and one beside it within its bounds."""
        sheet = self.book.sheets["Inputs"]
        found = [
            (at, cell.value)
            for at, cell in sheet.cells.items()
            if cell.unlocked and isinstance(cell.value, float) and cell.value % 1
        ]
        at, value = self.random.choice(found)
        return sheet.name, address(*at), float(f"{value * self.random.uniform(0.97, 0.999):.12g}")

    def _text(self) -> tuple[str, str]:
        """A source of sheet Inputs: a text that may be typed and that nothing computes with."""
        sheet = self.book.sheets["Inputs"]
        found = [at for at, cell in sheet.cells.items() if cell.style == "source"]
        return sheet.name, address(*self.random.choice(found))

    def _by_libreoffice(self, count: int) -> Iterator[Edited]:
        for first in range(0, count, IN_A_RUN):
            steps = [self._step(number) for number in range(first, min(first + IN_A_RUN, count))]
            for step, path in zip(steps, insert_rows(self.path, [[own] for own in steps], self.room), strict=True):
                yield Edited("LibreOffice", str(step), path)

    def _step(self, number: int) -> Step:
        sheet = self.sheets[number % len(self.sheets)]  # each in turn
        last = self.book.sheets[sheet].last_row + 1
        kind = self.random.choice(["row"] * 6 + ["column", "name", "place", "input"])
        if kind == "row":
            return Insertion(sheet, self.random.randint(1, last + 1))
        if kind == "column":
            return NewColumn(sheet, self.random.randint(1, 3))
        if kind == "name":
            return NewName(sheet, self.random.choice(["Kosten 2027", "Chef's page", "Übersicht", "a b"]))
        if kind == "place":
            return NewPlace(sheet, self.random.randrange(len(self.sheets)))
        return Typed(*self._input())

    def _by_openpyxl(self, target: Path) -> str:
        book = openpyxl.load_workbook(self.path)
        kind = self.random.choice(["re-saved", "input", "source", "comment", "sheet", "order"])
        if kind == "input":
            sheet, cell, value = self._input()
            book[sheet][cell].value = value
            kind = f"{cell} = {value}"
        elif kind == "source":
            sheet, cell = self._text()
            book[sheet][cell].value = "Quote 17 of a vendor"
        elif kind == "comment":
            book["Cost"]["D10"].comment = openpyxl.comments.Comment("is this right?", "me")
        elif kind == "sheet":
            book.create_sheet("My notes")["A1"] = "asked on Monday"
        elif kind == "order":
            book.move_sheet(self.random.choice(self.sheets), 2)
        book.save(target)
        return kind

    def _by_node(self, script: str, module: str, target: Path) -> str:
        node = need("node", "nodejs")
        if not (MODULES / module).is_dir():
            lacking(f"{module} is not installed: npm install --prefix .ci/node {' '.join(NPM_PACKAGES)}")
        typed = self.random.random() < 0.5
        where = self._text() if typed else ()
        arguments = [str(self.path), str(target), "Quote 17 of a vendor", *where]
        done = run([node, "-e", script, *arguments], timeout=SECONDS, environment={"NODE_PATH": str(MODULES)})
        assert target.is_file(), done.stderr
        return f"source in {where[1]}" if where else "re-saved"

    def _by_gnumeric(self, target: Path) -> str:
        done = run([need("ssconvert", "gnumeric"), "--recalc", str(self.path), str(target)], timeout=SECONDS)
        assert target.is_file(), done.stderr
        return "re-saved"

    def alarm(self, edited: Edited) -> Alarm | None:
        """What is wrong by ``verify``; None where the copy agrees."""
        try:
            verdict = verify(edited.path)
        except NotVerifiable as error:
            return Alarm(edited, str(error), False)
        if verdict.agrees:
            return None
        words = "; ".join(own.text for own in findings(verdict) if own.weight == "meaning")
        return Alarm(edited, words[:300], self._other_figures(edited))

    def _other_figures(self, edited: Edited) -> bool:
        """Whether the workbook computes other figures than before, as the program that saved it stores them."""
        if edited.program != "LibreOffice":
            return False
        before, after = (_figures(path) for path in (self.path, edited.path))
        same = len(before) == len(after) and all(
            abs(one - other) <= CLOSE * max(abs(one), abs(other), 1) for one, other in zip(before, after, strict=True)
        )
        return not same


def _figures(path: Path) -> list[float]:
    """The numbers that formulas store, by size: rows and columns may have moved."""
    values = (cell.value for cell in cached_values(path).values())
    return sorted(float(value) for value in values if isinstance(value, (int, float)) and not isinstance(value, bool))


def tried(editor: Editor, programs: Sequence[str], count: int) -> Iterator[tuple[Edited, Alarm | None]]:
    """So many edits shared among the programs, each with its alarm."""
    whole = sum(SHARES[name] for name in programs)
    for program in programs:
        for edited in editor.edits(program, max(1, round(count * SHARES[program] / whole))):
            yield edited, editor.alarm(edited)
            edited.path.unlink()


@click.command()
@click.option("--count", default=200, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(count: int, seed: int) -> None:
    """Try so many honest edits and print the alarms."""
    total = false = right = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, sheets) in enumerate(NAMES.items()):
            scenario = load_scenario(SAMPLES[name], sheets=sheets)
            path = build(scenario, Path(folder) / f"{name}.xlsx")
            editor = Editor(path, plan(complete(scenario)), Path(folder), seed + number)
            for _, alarm in tried(editor, list(SHARES), -(-count // len(NAMES))):
                total += 1
                if alarm is not None:
                    right, false = right + alarm.right, false + (not alarm.right)
                    word = "right" if alarm.right else "FALSE"
                    click.echo(f"{name}, {alarm.edited.program}, {alarm.edited.what}: {word}: {alarm.words}")
    click.echo(f"{total:,} honest edits, {false:,} false alarms, {right:,} right ones (the figures are others)")


if __name__ == "__main__":
    main()
