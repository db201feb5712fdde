"""Whether two checkouts build the same: every part of every sample's workbook, and what ``estimate --all`` prints.

    python -m tests.support.same_build OLD NEW [sample ...]

``OLD`` and ``NEW`` are checkouts (folders with ``sheetgen/``, ``templates/`` and ``samples/``), for instance the commit
before a change, taken with ``git worktree add ../before HEAD~1``, and ``.``. Samples are named without ``.yaml`` (all
when none is named) and read from ``OLD``, so that both build the same scenarios. Run it from the root of a checkout
with the Python that has the dependencies. What differs is printed a line each, by sample, sheet and cell. Differences
that ``NAMED`` lists, each with its reason, are only counted. The exit code is 1 where any other is left, else 0.

A cell is compared as it reads: shared strings and styles are resolved, so that their order in the file says nothing.
All else of a part (columns, heights, validations, conditional formats, print set-up, charts, metadata) is compared
element by element.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, tostring

from tests.support.package import MAIN, Book, Sheet, read_book

SHEET_DATA, ROW = f"{MAIN}sheetData", f"{MAIN}row"
RESOLVED = {"xl/styles.xml", "xl/sharedStrings.xml"}
"""Parts that hold nothing but what cells and conditional formats name by number."""
SHOWN_AT_MOST = 200
BUILD = """
import sys
from pathlib import Path
from sheetgen import build, load_scenario
try:
    from sheetgen.cli.main import main
except ImportError:
    from sheetgen.cli import main
out = Path(sys.argv[1])
for name in sys.argv[2:]:
    build(load_scenario(Path(name)), out / f"{Path(name).stem}.xlsx")
    sys.stdout = (out / f"{Path(name).stem}.json").open("w", encoding="utf-8")
    main(["estimate", "--scenario", name, "--all", "--format", "json"], standalone_mode=False)
    sys.stdout.close()
"""


class Difference(NamedTuple):
    """One thing that two builds say differently: of a sample, where, of what, and both sides (empty: not there)."""

    sample: str
    where: str
    what: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.sample} {self.where} {self.what}:\n    - {self.old}\n    + {self.new}"


class Named(NamedTuple):
    """Differences that are meant: patterns that where, what, old and new match, and the reason."""

    reason: str
    where: str
    what: str
    old: str = ".*"
    new: str = ".*"

    def covers(self, found: Difference) -> bool:
        """Whether a difference is one of these."""
        pairs = ((self.where, found.where), (self.what, found.what), (self.old, found.old), (self.new, found.new))
        return all(re.fullmatch(pattern, text, re.DOTALL) for pattern, text in pairs)


PLAIN = r"(?!.*\[[<>=]).*"
NAMED = (
    Named("no number format has a condition: LibreOffice drops the minus behind one", ".*", "number format",
          r".*\[[<>=].*", PLAIN),
    Named("the same of conditional formats and charts", ".*", "xml", r".*ormatCode.*\[(>|&gt;)=.*",
          r".*ormatCode(?!.*\[(>|&gt;)=).*"),
    Named("differences of money have cents below 10,000 as all money has", ".*", "number format",
          r'("[A-Z]{3} ")?#,##0;-("[A-Z]{3} ")?#,##0;("[A-Z]{3} ")?0', r'("[A-Z]{3} ")?(#,##0|#,##0\.00|0\.00####)'),
    Named("peaks of the table of accelerators: whole ones have no point at the end", r"Accelerators!.*",
          "number format", r"#,##0\.##;-#,##0\.##;0", r"#,##0(\.##)?"),
    Named("the master check, one for the whole workbook, names its counts absolutely", r"Checks!D\d+", "formula",
          r"INDEX\(Choices!.*, 1 \+ MAX\(2 \* MIN\(D\d+, 1\), MIN\(D\d+, 1\)\)\)",
          r"INDEX\(Choices!.*, 1 \+ MAX\(2 \* MIN\(\$D\$\d+, 1\), MIN\(\$D\$\d+, 1\)\)\)"),
)  # fmt: skip


def build(checkout: Path, scenarios: Sequence[Path], out: Path) -> None:
    """Build scenarios by a checkout, and its estimates. Raises SystemExit with its message where it fails."""
    out.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "PYTHONPATH": str(checkout.resolve()), "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-c", BUILD, str(out.resolve()), *(str(path.resolve()) for path in scenarios)]
    done = subprocess.run(command, env=environment, cwd=out, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{checkout} does not build: {done.stderr}")


def differences(sample: str, old: Path, new: Path) -> Iterator[Difference]:
    """What two folders of builds say differently of a sample."""
    yield from of_estimates(sample, old / f"{sample}.json", new / f"{sample}.json")
    yield from of_books(sample, read_book(old / f"{sample}.xlsx"), read_book(new / f"{sample}.xlsx"))


def of_estimates(sample: str, old: Path, new: Path) -> Iterator[Difference]:
    """Figure by figure."""
    sides = [dict(_leaves(json.loads(path.read_text(encoding="utf-8")), "")) for path in (old, new)]
    yield from _of_mappings(sample, "estimate", *sides)


def of_books(sample: str, old: Book, new: Book) -> Iterator[Difference]:
    """Part by part, and of sheets cell by cell."""
    yield from _of_lists(sample, "workbook", "parts", sorted(old.part_names), sorted(new.part_names))
    sheets = {sheet.part for sheet in (*old.sheets, *new.sheets)}
    for part in sorted(old.parts.keys() & new.parts.keys()):
        if part in sheets | RESOLVED or old.parts[part] == new.parts[part]:
            continue
        if part in old.xml:
            yield from _of_lists(sample, part, "xml", list(_lines(old.xml[part])), list(_lines(new.xml[part])))
        else:
            yield Difference(sample, part, "bytes", f"{len(old.parts[part])} bytes", f"{len(new.parts[part])} bytes")
    looks = [_looks(book) for book in (old, new)]
    for before, after in zip(old.sheets, new.sheets, strict=False):
        if before.name == after.name:
            yield from _of_sheets(sample, before, after, *looks)


def _of_sheets(sample: str, old: Sheet, new: Sheet, old_looks: Looks, new_looks: Looks) -> Iterator[Difference]:
    for address in dict.fromkeys((*old.by_address, *new.by_address)):
        sides = [dict(_cell(sheet, address, looks)) for sheet, looks in ((old, old_looks), (new, new_looks))]
        if sides[0] != sides[1]:
            yield from _of_mappings(sample, f"{old.name}!{address}", *sides)
    sides_of_all = [
        [line for child in sheet.root for line in _outside_cells(child, looks)]
        for sheet, looks in ((old, old_looks), (new, new_looks))
    ]
    yield from _of_lists(sample, old.name, "xml", *sides_of_all)


class Looks(NamedTuple):
    """What the numbers of styles mean: by aspect for cells, as one text for conditional formats."""

    cells: list[dict[str, str]]
    conditional: list[str]


def _looks(book: Book) -> Looks:
    root = book.xml["xl/styles.xml"]
    formats = {entry.get("numFmtId"): entry.get("formatCode", "") for entry in root.iter(f"{MAIN}numFmt")}
    parts = {
        name: [_text(entry) for entry in (root.find(f"{MAIN}{name}") or ())] for name in ("fonts", "fills", "borders")
    }
    cells = []
    for entry in root.find(f"{MAIN}cellXfs") or ():
        number = entry.get("numFmtId", "0")
        look = {"number format": formats.get(number, number)}
        look |= {name: parts[f"{name}s"][int(entry.get(f"{name}Id", "0"))] for name in ("font", "fill", "border")}
        look["alignment and protection"] = " ".join(_text(child) for child in entry)
        cells.append(look)
    conditional = [re.sub(r' numFmtId="\d+"', "", _text(entry)) for entry in root.find(f"{MAIN}dxfs") or ()]
    return Looks(cells, conditional)


def _cell(sheet: Sheet, address: str, looks: Looks) -> Iterator[tuple[str, str]]:
    cell = sheet.by_address.get(address)
    if cell is not None:
        yield "formula", cell.formula or ""
        yield "value", f"{cell.kind.replace('inlineStr', 's')} {cell.text if cell.text is not None else cell.raw}"
        yield from looks.cells[cell.style].items()


def _outside_cells(child: Element, looks: Looks) -> Iterator[str]:
    """The lines of a child of a sheet; of its data, the rows without their cells."""
    if child.tag == SHEET_DATA:
        yield from (f"row {row.attrib}" for row in child if row.keys() != ["r", "spans"])
    else:
        for line in _lines(child):
            yield re.sub(r' dxfId="(\d+)"', lambda found: f" {looks.conditional[int(found[1])]}", line)


def _lines(element: Element, depth: int = 0) -> Iterator[str]:
    """An element, a line each, indented by depth, its text behind it."""
    name = element.tag.rpartition("}")[2]
    attributes = "".join(f' {key.rpartition("}")[2]}="{value}"' for key, value in element.attrib.items())
    yield f"{'  ' * depth}{name}{attributes} {(element.text or '').strip()}".rstrip()
    for child in element:
        yield from _lines(child, depth + 1)


def _text(element: Element) -> str:
    return re.sub(r' ?xmlns:?\w*="[^"]*"|ns\d+:', "", tostring(element, encoding="unicode")).strip()


def _leaves(value: object, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            name = inner.get("key", index) if isinstance(inner, dict) else index
            yield from _leaves(inner, f"{place}[{name}]")
    else:
        yield place, repr(value)


def _of_mappings(sample: str, where: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    for key in dict.fromkeys((*old, *new)):
        if old.get(key) != new.get(key):
            yield Difference(sample, where, key, old.get(key, ""), new.get(key, ""))


def _of_lists(sample: str, where: str, what: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Difference]:
    """What was taken out and put in, line beside line."""
    for kind, top, end, first, last in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            for index in range(max(end - top, last - first)):
                before = old[top + index] if top + index < end else ""
                after = new[first + index] if first + index < last else ""
                yield Difference(sample, where, what, before.strip(), after.strip())


def main(old: Path, new: Path, samples: Sequence[str]) -> int:
    """Build, compare and print; 1 where a difference is left that is not named."""
    scenarios = sorted((old / "samples").glob("*.yaml"))
    if unknown := set(samples) - {path.stem for path in scenarios}:
        raise SystemExit(f"no such sample: {', '.join(sorted(unknown))}")
    scenarios = [path for path in scenarios if not samples or path.stem in samples]
    named: Counter[str] = Counter()
    left = 0
    with tempfile.TemporaryDirectory() as folder:
        sides = [Path(folder) / "old", Path(folder) / "new"]
        for checkout, out in zip((old, new), sides, strict=True):
            build(checkout, scenarios, out)
        for path in scenarios:
            for found in differences(path.stem, *sides):
                if reason := next((entry.reason for entry in NAMED if entry.covers(found)), ""):
                    named[reason] += 1
                else:
                    left += 1
                    if left <= SHOWN_AT_MOST:
                        print(found)
    for reason, count in named.items():
        print(f"{count} named: {reason}")
    print(f"{left} differences left in {len(scenarios)} samples, the first {min(left, SHOWN_AT_MOST)} above")
    return 1 if left else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    raise SystemExit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
