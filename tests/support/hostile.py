"""Hostile files as a program makes them from tables: workbooks, scenarios and configurations of models.

``python -m tests.support.hostile`` tries all of them, each in a process of its own, and prints what took more than ten
seconds or 500 MB, showed a traceback, ended with another code than it may, or said nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import click

from sheetgen import build, load_scenario
from sheetgen.base.inputs import fields
from tests.support.command import START
from tests.support.paths import SAMPLES

SAMPLE = SAMPLES["gpt3-175b"]
SECONDS, MEGABYTES, PATIENCE = 10.0, 500, 60.0
AGREES, WRONG, UNVERIFIED = 0, 1, 3
Parts = dict[str, bytes]
LAUNCHER = """
import os, sys
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as report:
    print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status), file=report)
"""


class Hostile(NamedTuple):
    """A file: its name, what is run on it, and the codes that it may end with."""

    name: str
    path: Path
    arguments: tuple[str, ...]
    codes: frozenset[int]


class Outcome(NamedTuple):
    """How a run went: processor seconds, peak memory [MB], exit code, and what is wrong with that."""

    seconds: float
    megabytes: float
    code: int
    wrong: tuple[str, ...]


def run(file: Hostile, room: Path) -> Outcome:
    """Run a command on a file."""
    report = room / "usage"
    command = [sys.executable, "-I", "-S", "-c", LAUNCHER, str(report), *START, *file.arguments]
    start = time.perf_counter()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False)
    waited = time.perf_counter() - start
    seconds, peak, code = (float(text) for text in report.read_text().split())
    said = (done.stdout + done.stderr).decode(errors="replace")
    wrong = []
    if seconds > SECONDS or waited > PATIENCE / 2:
        wrong.append(f"{seconds:.1f} s")
    if peak / 1024 > MEGABYTES:
        wrong.append(f"{peak / 1024:.0f} MB")
    if "Traceback" in said:
        wrong.append("a traceback")
    if int(code) not in file.codes:
        wrong.append(f"ended with {int(code)}")
    if int(code) and not said.strip():
        wrong.append("said nothing")
    if any(ord(sign) < 32 and sign not in "\n\t" for sign in said):
        wrong.append("control characters")
    return Outcome(seconds, peak / 1024, int(code), tuple(wrong))


# Workbooks


def _sheet(change: Callable[[str], str]) -> Callable[[Parts], None]:
    def edit(parts: Parts) -> None:
        name = "xl/worksheets/sheet1.xml"
        parts[name] = change(parts[name].decode()).encode()

    return edit


def _in_rows(xml: str) -> Callable[[Parts], None]:
    return _sheet(lambda text: text.replace("</sheetData>", f"{xml}</sheetData>"))


def _formulas(formulas: list[str]) -> Callable[[Parts], None]:
    """Formulas on a sheet beside, below each other."""

    def edit(parts: Parts) -> None:
        rows = "".join(f'<row r="{n}"><c r="A{n}"><f>{text}</f></c></row>' for n, text in enumerate(formulas, start=1))
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        parts["xl/worksheets/own.xml"] = f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'.encode()
        _replace(parts, "xl/workbook.xml", "</sheets>", '<sheet name="Own" sheetId="990" r:id="rId990"/></sheets>')
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
        link = f'<Relationship Id="rId990" Type="{kind}" Target="worksheets/own.xml"/></Relationships>'
        _replace(parts, "xl/_rels/workbook.xml.rels", "</Relationships>", link)
        content = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
        own = f'<Override PartName="/xl/worksheets/own.xml" ContentType="{content}"/></Types>'
        _replace(parts, "[Content_Types].xml", "</Types>", own)

    return edit


def _without(parts: Parts, name: str) -> None:
    del parts[name]


def _emptied(parts: Parts, name: str) -> None:
    parts[name] = b""


def _replace(parts: Parts, name: str, old: str, new: str) -> None:
    assert old.encode() in parts[name], (name, old)
    parts[name] = parts[name].replace(old.encode(), new.encode(), 1)


def _setting(old: str, new: str) -> Callable[[Parts], None]:
    return lambda parts: _replace(parts, "xl/workbook.xml", old, new)


FORMULAS: Mapping[str, list[str]] = {
    "text doubled 40 times": ['"a"', *(f"A{n}&amp;A{n}" for n in range(1, 40))],
    "a text replaced by texts": ['LEN(SUBSTITUTE(REPT("a",32767),"a",REPT("b",32767)))'] * 5,
    "sums of all sums": [f"SUMPRODUCT($B$1:$B$5000*{n})" for n in range(3000)],
    "whole columns": ["SUM(B:XFD)"] * 1000,
    "the whole sheet moved": ["SUM(OFFSET(A1,0,0,1048576,16384))"],
    "a million numbers": ["SUM(SEQUENCE(1000,1000))"] * 200,
    "nested": ["(" * 5000 + "1" + ")" * 5000],
    "negatives": ["-" * 20_000 + "1"],
    "a circle": ["A2", "A1"],
    "of itself": ["A1+1"],
    "a chain": ["1", *(f"A{n}+1" for n in range(1, 20_000))],
    "unknown": ["NOSUCH(1)", "[1]Sheet1!A1", "#REF!", "WEBSERVICE(&quot;http://127.0.0.1/&quot;)"],
    "clocks": ["NOW()", "RAND()", "TODAY()"],
    "broken": ["1+", ")", "IF(", "&quot;", "{1,2", "A1:", "'x!A1"],
    "indirect": ['INDIRECT("A"&amp;ROW())'] * 100,
}
SHEETS: Mapping[str, Callable[[Parts], None]] = {
    "a comment of open tags": _in_rows("<!--" + "<c " * 60_000 + "-->"),
    "deep elements": _in_rows("<x>" * 3000 + "</x>" * 3000),
    "text in cells' place": _in_rows("text" * 1000),
    "a cell beyond": _in_rows('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    "a cell far beyond": _in_rows('<row r="99999999"><c r="ZZZZZ99999999"><v>1</v></c></row>'),
    "rows without end": _in_rows("".join(f'<row r="{n}"/>' for n in range(5000, 200_000))),
    "a value twice": _in_rows('<row r="9000"><c r="A9000"><v>1</v><v>2</v></c></row>'),
    "CDATA": _in_rows('<row r="9000"><c r="A9000"><v><![CDATA[1]]></v></c></row>'),
    "a comment in a value": _in_rows('<row r="9000"><c r="A9000"><v>1<!-- -->2</v></c></row>'),
    "a foreign element": _in_rows('<row r="9000"><c r="A9000"><y xmlns="u:x"/><v>1</v></c></row>'),
    "alternate content": _in_rows(
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"/>'
    ),
    "a cell without a name": _in_rows('<row r="9000"><c><v>1</v></c></row>'),
    "an unknown type": _in_rows('<row r="9000"><c r="A9000" t="zz"><v>1</v></c></row>'),
    "a shared text that is not there": _in_rows('<row r="9000"><c r="A9000" t="s"><v>99999999</v></c></row>'),
    "a style that is not there": _in_rows('<row r="9000"><c r="A9000" s="99999"><v>1</v></c></row>'),
    "a number that is none": _in_rows('<row r="9000"><c r="A9000"><v>1e999</v></c></row>'),
    "not a number": _in_rows('<row r="9000"><c r="A9000"><v>NaN</v></c></row>'),
    "an array formula": _in_rows('<row r="9000"><c r="A9000"><f t="array" ref="A9000:A9001">1</f></c></row>'),
    "a table of data": _in_rows('<row r="9000"><c r="A9000"><f t="dataTable" ref="A9000:A9001" r1="A1"/></c></row>'),
    "a shared formula of none": _in_rows('<row r="9000"><c r="A9000"><f t="shared" si="77"/></c></row>'),
    "a control character": _in_rows('<row r="9000"><c r="A9000" t="inlineStr"><is><t>_x001B_[2J</t></is></c></row>'),
    "a document type": _sheet(lambda text: text.replace("?>", '?><!DOCTYPE x [<!ENTITY a "b">]>', 1)),
    "no end": _sheet(lambda text: text[: len(text) // 2]),
    "nothing": _sheet(lambda _: ""),
    "another root": _sheet(lambda _: "<html/>"),
    "UTF-7": _sheet(lambda text: text.replace("UTF-8", "UTF-7", 1)),
}
SETTINGS: Mapping[str, Callable[[Parts], None]] = {
    "1904": _setting("<workbookPr", '<workbookPr date1904="1"'),
    "precision as displayed": _setting("<calcPr", '<calcPr fullPrecision="0"'),
    "computed by hand": _setting("<calcPr", '<calcPr calcMode="manual"'),
    "a name of a link": _setting(
        "<calcPr", '<definedNames><definedName name="x">[1]S!A1</definedName></definedNames><calcPr'
    ),
    "a macro": lambda parts: parts.update({"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}),
    "a connection": lambda parts: parts.update({"xl/connections.xml": b"<connections/>"}),
    "a thousand parts": lambda parts: parts.update({f"xl/media/{n}.png": b"x" for n in range(1000)}),
    "a part above": lambda parts: parts.update({"../../etc/passwd": b"x"}),
    "a part with a line break": lambda parts: parts.update({"xl/a\nbudget.xlsx: agrees": b"x"}),
}
"""Changes of the package as a whole; ``computed by hand`` may agree where the file is none that the reader refuses."""


def workbooks(room: Path) -> Iterator[Hostile]:
    """Workbooks for ``verify``, made of a small budget."""
    honest = build(load_scenario(SAMPLE), room / "honest.xlsx")
    with zipfile.ZipFile(honest) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    any_code = frozenset({AGREES, WRONG, UNVERIFIED})  # what stands beside the budget may be harmless
    refused = any_code - {AGREES}
    changes: dict[str, tuple[Callable[[Parts], None], frozenset[int]]] = {}
    changes |= {f"formulas: {name}": (_formulas(own), any_code) for name, own in FORMULAS.items()}
    changes |= {f"sheet: {name}": (change, refused) for name, change in SHEETS.items()}
    harmless = {
        "a style that is not there",
        "rows without end",
        "a cell beyond",
        "deep elements",
        "a control character",
    }
    changes |= {f"sheet: {name}": (SHEETS[name], any_code) for name in harmless | {"a comment of open tags"}}
    changes |= {f"package: {name}": (change, any_code) for name, change in SETTINGS.items()}
    for name in ("1904", "precision as displayed", "a macro"):
        changes[f"package: {name}"] = (SETTINGS[name], refused)
    for part in sorted(parts):
        changes[f"without {part}"] = (partial(_without, name=part), any_code)
        changes[f"empty {part}"] = (partial(_emptied, name=part), any_code)
    for number, (name, (change, codes)) in enumerate(changes.items()):
        own = dict(parts)
        change(own)
        path = room / f"w{number}.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            for part, data in own.items():
                package.writestr(part, data)
        yield Hostile(name, path, ("verify", str(path)), codes)
    data = honest.read_bytes()
    for number in range(10):
        path = room / f"t{number}.xlsx"
        path.write_bytes(data[: len(data) * number // 10])
        yield Hostile(f"the first {number * 10} %", path, ("verify", str(path)), frozenset({UNVERIFIED}))


# Scenarios and configurations

TEXTS: Mapping[str, str] = {
    "an anchor": "a: &x 1\n",
    "an alias": "a: *x\n",
    "a tag": "a: !!python/object:os.system x\n",
    "two documents": "a: 1\n---\nb: 2\n",
    "a tab": "a:\n\tb: 1\n",
    "deep": "a: " + "[" * 5000,
    "a key twice": "scenario: x\nscenario: y\n",
    "empty": "",
    "a list": "- a\n",
    "a NUL": "a: \x00\n",
    "an escape": 'a: "\\x1b[2J"\n',
    "no end": 'a: "x',
    "a merge": "<<: {a: 1}\n",
    "a complex key": "? [a]\n: 1\n",
    "many keys": "".join(f"key_{n}: 1\n" for n in range(20_000)),
    "a long line": "a: " + "x" * 900_000,
    "a binary": "\ufffe\uffff",
}
BAD_VALUES = ("-1e300", "1e301", "nan", "0x10", "1,5", "[1]", "=1+1")
CONFIGS: Mapping[str, Any] = {
    "an empty one": {},
    "a list": [],
    "a number": 1,
    "a text": "x",
    "no family": {"model_type": "nosuch"},
    **{
        f"{key}: {json.dumps(value)[:20]}": {
            "model_type": "llama",
            "hidden_size": 64,
            "num_hidden_layers": 2,
            "vocab_size": 100,
            "num_attention_heads": 4,
            "intermediate_size": 128,
            key: value,
        }
        for key in ("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "intermediate_size")
        for value in (-1, 0, 10**30, "64", None, [64], {"x": 1})
    },
}


def scenarios(room: Path) -> Iterator[Hostile]:
    """Scenarios for ``estimate``: each input with a value that it cannot have, and texts that are no scenario."""
    text, number = SAMPLE.read_text(encoding="utf-8"), 0
    bad = [(f"{key}: {BAD_VALUES[place % len(BAD_VALUES)]}", key, BAD_VALUES[place % len(BAD_VALUES)])
           for place, (key, spec) in enumerate(fields().items())
           if spec.is_number and spec.sheet is None and spec.of != "model" and key != "case_name"]  # fmt: skip
    for name, key, value in bad:
        lines = [line for line in text.splitlines() if not line.startswith(f"{key}:")]
        yield _scenario(room, number := number + 1, name, "\n".join([f"{key}: {value}", *lines]))
    for name, own in TEXTS.items():
        yield _scenario(room, number := number + 1, name, own)


def _scenario(room: Path, number: int, name: str, text: str) -> Hostile:
    path = room / f"s{number}.yaml"
    path.write_text(text, encoding="utf-8")
    return Hostile(name, path, ("estimate", "--scenario", str(path)), frozenset({WRONG}))


def configurations(room: Path) -> Iterator[Hostile]:
    """Configurations for ``import``."""
    for number, (name, data) in enumerate(CONFIGS.items()):
        path = room / f"c{number}.json"
        path.write_text(json.dumps(data), encoding="utf-8")
        codes = frozenset({WRONG} | ({0} if ": null" in name else set()))
        yield Hostile(name, path, ("import", str(path), "-o", str(room / f"c{number}.yaml")), codes)


@click.command()
def main() -> None:
    """Try all files and print what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        for title, kind in (("workbooks", workbooks), ("scenarios", scenarios), ("configurations", configurations)):
            total = wrong = 0
            slowest, largest, codes = 0.0, 0.0, dict[int, int]()
            for file in kind(room):
                outcome = run(file, room)
                total += 1
                slowest, largest = max(slowest, outcome.seconds), max(largest, outcome.megabytes)
                codes[outcome.code] = codes.get(outcome.code, 0) + 1
                if outcome.wrong:
                    wrong += 1
                    click.echo(f"{title}: {file.name}: {', '.join(outcome.wrong)}")
            ends = ", ".join(f"{count} with {code}" for code, count in sorted(codes.items()))
            click.echo(f"{total} {title}, {wrong} wrong; {ends}; at most {slowest:.1f} s and {largest:.0f} MB")


if __name__ == "__main__":
    main()
