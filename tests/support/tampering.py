"""Workbooks tampered with at random, from a seed: cells, looks and settings, each with what must be said of it.

``python -m tests.support.tampering --count 2000`` tries as many on three samples and prints what was missed. A file
carries many tamperings of cells at once, each in a place of its own, and each must be told by its cell.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

import click

from sheetgen import build, load_scenario, verify
from sheetgen.base.errors import NotVerifiable
from sheetgen.verification.findings import Finding, findings
from tests.support.attack import Attack
from tests.support.grid import column_letters
from tests.support.package import Cell
from tests.support.paths import SAMPLES

MUST_FAIL, MUST_BE_SAID = "meaning", "looks"
NAMES = ("llama405b", "procurement-70b", "mixtral-8x7b")
IN_A_FILE = 25
FOR_TYPING = frozenset({"Inputs", "Actuals"})
"""Sheets on which a user types: a figure beside is said, and does not fail."""


class Tampering(NamedTuple):
    """One change: its kind, where it is, and whether it must fail or be said."""

    kind: str
    sheet: str
    cell: str
    weight: str


Change = Callable[["Tamperer", str, Cell], str]


def _counted(text: str, name: str, more: int) -> str:
    return re.sub(rf'<{name} count="(\d+)"', lambda found: f'<{name} count="{int(found[1]) + more}"', text, count=1)


class Tamperer:
    """Makes tamperings of one workbook."""

    def __init__(self, path: Path, seed: int) -> None:
        self.path, self.random = path, random.Random(seed)  # noqa: S311 - tries that can be repeated, no secret
        self.count = 0
        self.fresh()

    def fresh(self) -> None:
        """Begin with the workbook as it was built."""
        self.attack = Attack(self.path)
        styles = self.attack.book.parts["xl/styles.xml"].decode()
        self._formats = re.findall(
            r"<xf [^>]*/>|<xf [^>]*>.*?</xf>", styles.split("<cellXfs")[1].split("</cellXfs>")[0]
        )
        self._new: list[str] = []
        self._extra: dict[str, list[str]] = {"numFmts": [], "fonts": []}
        self._fonts = int(re.findall(r'<fonts count="(\d+)"', styles)[0])
        self.rows: set[tuple[str, int]] = set()

    def open(self, cell: Cell) -> bool:
        """Whether a cell may be typed into."""
        return 'locked="0"' in self._formats[cell.style]

    def style(self, cell: Cell, *, code: str | None = None, colour: str | None = None) -> int:
        """A new style as the cell's, with another number format or colour of the font."""
        form = self._formats[cell.style]
        if code is not None:
            number = 600 + len(self._extra["numFmts"])
            quoted = escape(code, {'"': "&quot;"})
            self._extra["numFmts"].append(f'<numFmt numFmtId="{number}" formatCode="{quoted}"/>')
            form = re.sub(r'numFmtId="\d+"', f'numFmtId="{number}"', form)
        if colour is not None:
            number = self._fonts + len(self._extra["fonts"])
            self._extra["fonts"].append(f'<font><sz val="10"/><color rgb="FF{colour}"/><name val="Arial"/></font>')
            form = re.sub(r'fontId="\d+"', f'fontId="{number}"', form)
        self._new.append(form)
        return len(self._formats) + len(self._new) - 1

    def write(self, room: Path) -> Path:
        """The workbook with all changes."""
        new, extra = self._new, self._extra

        def styles(text: str) -> str:
            for name, parts in extra.items():
                text = text.replace(f"</{name}>", "".join(parts) + f"</{name}>")
                text = _counted(text, name, len(parts))
            return _counted(text.replace("</cellXfs>", "".join(new) + "</cellXfs>"), "cellXfs", len(new))

        if new:
            self.attack.edit("xl/styles.xml", styles)
        return self.attack.write(room)

    def cells(self, wanted: Callable[[str, Cell], bool]) -> tuple[str, Cell] | None:
        """A cell of a row in which nothing was changed yet."""
        found = [
            (sheet.name, cell)
            for sheet in self.attack.book.sheets
            for cell in sheet.cells
            if (sheet.name, cell.row) not in self.rows and wanted(sheet.name, cell)
        ]
        if not found:
            return None
        sheet, cell = self.random.choice(found)
        self.rows.add((sheet, cell.row))
        return sheet, cell

    def replace(self, sheet: str, cell: Cell, pattern: str, new: str) -> None:
        """Change the XML of a cell."""
        whole = re.compile(rf'<c r="{cell.address}"[^>]*?(?:/>|>.*?</c>)', re.DOTALL)

        def change(text: str) -> str:
            before = whole.search(text)
            assert before is not None, cell.address
            after = re.sub(pattern, lambda _: new, before[0], count=1, flags=re.DOTALL)
            assert after != before[0], before[0]
            return text.replace(before[0], after, 1)

        self.attack.edit(self.attack.part(sheet), change)


def _number(cell: Cell) -> bool:
    return cell.kind in {"", "n"} and isinstance(cell.value, float)


def _formula(own: Tamperer) -> tuple[str, Cell] | None:
    return own.cells(lambda _sheet, cell: cell.formula is not None and _number(cell))


def _fixed_text(own: Tamperer) -> tuple[str, Cell] | None:
    return own.cells(
        lambda _sheet, cell: cell.formula is None and bool(str(cell.text or "").strip()) and not own.open(cell)
    )


def _typed_result(own: Tamperer, sheet: str, cell: Cell) -> None:
    own.replace(sheet, cell, "<f>.*?</f>", "")


def _half_a_result(own: Tamperer, sheet: str, cell: Cell) -> None:
    own.attack.cell(sheet, cell.address, f"<v>{(cell.value or 1) / 2!r}</v>")  # type: ignore[operator]  # a number


def _another_formula(own: Tamperer, sheet: str, cell: Cell) -> None:
    end = own.random.choice(["+0", "*1", "/1", "-0"])
    own.replace(sheet, cell, "<f>(.*?)</f>", f"<f>({escape(cell.formula or '')}){end}</f>")


def _forged_result(own: Tamperer, sheet: str, cell: Cell) -> None:
    shown = float(cell.value) * 0.5 if cell.value else 1234.5  # type: ignore[arg-type]  # a number
    own.replace(sheet, cell, "<v>.*?</v>", f"<v>{shown!r}</v>")


def _emptied(own: Tamperer, sheet: str, cell: Cell) -> None:
    own.replace(sheet, cell, ".+", f'<c r="{cell.address}" s="{cell.style}"/>')


def _another_text(own: Tamperer, sheet: str, cell: Cell) -> None:
    own.count += 1
    own.attack.text(sheet, cell.address, f"{cell.text} {own.count}")


def _text_by_formula(own: Tamperer, sheet: str, cell: Cell) -> None:
    quoted = escape(str(cell.text).replace('"', '""'))
    own.attack.cell(sheet, cell.address, f'<f>"{quoted}"</f><v>{escape(str(cell.text))}</v>', ' t="str"')


def _another_constant(own: Tamperer, sheet: str, cell: Cell) -> None:
    own.attack.cell(sheet, cell.address, f"<v>{float(cell.value) * 1.01 + 1e-3!r}</v>")  # type: ignore[arg-type]  # a number


def _false_format(own: Tamperer, sheet: str, cell: Cell) -> None:
    own.count += 1
    code = own.random.choice([f'"{own.count},000"', f'0.0,,"m{own.count}"', f'0%"x{own.count}"', f';;;"{own.count}"'])
    own.replace(sheet, cell, r's="\d+"', f's="{own.style(cell, code=code)}"')


def _another_colour(own: Tamperer, sheet: str, cell: Cell) -> None:
    own.count += 1
    own.replace(sheet, cell, r's="\d+"', f's="{own.style(cell, colour=f"{0xF00000 + own.count:06X}")}"')


def _an_input(own: Tamperer, sheet: str, cell: Cell) -> None:
    own.attack.cell(sheet, cell.address, f"<v>{float(cell.value) * 0.999!r}</v>")  # type: ignore[arg-type]  # a number


def _a_hidden_row(own: Tamperer, sheet: str, cell: Cell) -> None:
    row = f'<row r="{cell.row}"'
    own.attack.edit(own.attack.part(sheet), lambda text: text.replace(row, f'{row} hidden="1"', 1))


def _beside(content: str) -> Callable[[Tamperer, str, Cell], None]:
    def put(own: Tamperer, sheet: str, cell: Cell) -> None:
        new = f'<c r="{column_letters(60)}{cell.row}"{content}</c>'
        row = re.compile(rf'(<row r="{cell.row}"[^>]*>.*?)(</row>)', re.DOTALL)
        own.attack.edit(own.attack.part(sheet), lambda text: row.sub(rf"\g<1>{new}\g<2>", text, count=1))

    return put


class Kind(NamedTuple):
    """A kind of tampering: how a cell is found, what is done to it, and what must follow."""

    find: Callable[[Tamperer], tuple[str, Cell] | None]
    change: Callable[[Tamperer, str, Cell], None]
    weight: str
    column: int = 0


def _constant(own: Tamperer) -> tuple[str, Cell] | None:
    return own.cells(
        lambda sheet, cell: cell.formula is None and _number(cell) and not own.open(cell) and sheet != "Inputs"
    )


def _input(own: Tamperer) -> tuple[str, Cell] | None:
    def wanted(sheet: str, cell: Cell) -> bool:
        value = cell.value
        number = isinstance(value, float) and _number(cell) and value % 1 != 0
        return sheet == "Inputs" and cell.formula is None and number and own.open(cell)

    return own.cells(wanted)


def _calculation(own: Tamperer) -> tuple[str, Cell] | None:
    return own.cells(lambda sheet, cell: sheet not in FOR_TYPING and cell.formula is not None)


KINDS: Mapping[str, Kind] = {
    "a result typed over its formula": Kind(_formula, _typed_result, MUST_FAIL),
    "half of a result typed over its formula": Kind(_formula, _half_a_result, MUST_FAIL),
    "another formula of the same result": Kind(_formula, _another_formula, MUST_FAIL),
    "a stored result forged": Kind(_formula, _forged_result, MUST_FAIL),
    "a formula emptied": Kind(_formula, _emptied, MUST_FAIL),
    "another text": Kind(_fixed_text, _another_text, MUST_FAIL),
    "a text by a formula": Kind(_fixed_text, _text_by_formula, MUST_FAIL),
    "another constant": Kind(_constant, _another_constant, MUST_FAIL),
    "a format that shows another figure": Kind(_formula, _false_format, MUST_FAIL),
    "a figure beside": Kind(_calculation, _beside("><v>4567890</v>"), MUST_FAIL, 60),
    "a text beside": Kind(_calculation, _beside(' t="inlineStr"><is><t>approved</t></is>'), MUST_BE_SAID, 60),
    "another colour": Kind(_formula, _another_colour, MUST_BE_SAID),
    "a hidden row": Kind(_formula, _a_hidden_row, MUST_BE_SAID),
    "an input": Kind(_input, _an_input, MUST_BE_SAID),
}


def tampered(own: Tamperer, count: int, kinds: Mapping[str, Kind] = KINDS) -> list[Tampering]:
    """So many tamperings of a fresh workbook, of all kinds in turn."""
    own.fresh()
    done: list[Tampering] = []
    names = list(kinds)
    own.random.shuffle(names)
    for number in range(count):
        name = names[number % len(names)]
        kind = kinds[name]
        found = kind.find(own)
        if found is None:
            continue
        sheet, cell = found
        kind.change(own, sheet, cell)
        place = f"{column_letters(kind.column)}{cell.row}" if kind.column else cell.address
        done.append(Tampering(name, sheet, place, kind.weight))
    return done


def missed(done: list[Tampering], found: list[Finding], inputs_edited: bool | None) -> list[Tampering]:
    """Those that nothing is said of, or too little."""
    strong = {MUST_FAIL: {MUST_FAIL}, MUST_BE_SAID: {MUST_FAIL, MUST_BE_SAID}}

    def told(item: Tampering) -> bool:
        if item.kind == "an input":
            return bool(inputs_edited)
        if (item.kind, item.sheet) == ("another constant", "Accelerators"):
            return any(one.weight == MUST_FAIL and "sheet Accelerators" in one.text for one in found)
        row = re.sub(r"\D", "", item.cell)
        return any(
            one.weight in strong[item.weight]
            and one.sheet == item.sheet
            and (one.cell == item.cell or (item.kind == "a hidden row" and f"row {row}" in one.text.split(": ")))
            for one in found
        )

    return [item for item in done if not told(item)]


def tried(
    name: str, path: Path, seed: int, count: int, room: Path
) -> Iterator[tuple[list[Tampering], list[Tampering]]]:
    """Files of a sample with tamperings, and those of them that were missed."""
    own = Tamperer(path, seed)
    while count > 0:
        done = tampered(own, min(IN_A_FILE, count))
        count -= len(done)
        copy = own.write(room)
        try:
            verdict = verify(copy)
        except NotVerifiable as error:
            click.echo(f"{name}: not verified: {error}")
            yield done, []
            continue
        assert verdict.exit_code == int(any(item.weight == MUST_FAIL for item in done))
        yield done, missed(done, findings(verdict), verdict.edited)


@click.command()
@click.option("--count", default=2_000, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(count: int, seed: int) -> None:
    """Try so many tamperings and print what was missed."""
    total = lost = 0
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        for number, name in enumerate(NAMES):
            path = build(load_scenario(SAMPLES[name]), room / f"{name}.xlsx")
            for done, silent in tried(name, path, seed + number, -(-count // len(NAMES)), room):
                total, lost = total + len(done), lost + len(silent)
                for item in silent:
                    click.echo(f"{name}: missed: {item}")
    click.echo(f"{total:,} tamperings, {lost:,} missed")


if __name__ == "__main__":
    main()
