"""Reviewer's checklist, chapter H: security, protection and provenance."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from sheetgen import __version__, build, load_scenario, verify
from tests.conftest import Breaker
from tests.support.edits import set_cells
from tests.support.package import Book, formula_cells, read_book
from tests.support.paths import ROOT, SAMPLES, TECHNICAL
from tests.support.reviewer import h_security, layout
from tests.support.reviewer.controls import Check, Control, fired
from tests.support.reviewer.graph import r1c1

HOSTILE = ("=cmd|' /C calc'!A0", "+1+1", "-2-3", "@SUM(1+9)", '=HYPERLINK("http://example.org", "x")', "=1+1")

OWNERS = frozenset({"properties_are_the_scenarios"})  # the requester is also the author

CONTROLS = [
    Control(
        h_security.formulas_are_templates_only, "Inputs", "requester D", ' t="s"><v>', ' t="str"><f>1+1</f><v>', OWNERS
    ),
    Control(h_security.formulas_are_templates_only, "Cost", "total_cost D", "<f>", '<f>0 * ("H100, MFU 41%" = "") + '),
    Control(
        h_security.sheets_are_protected_gently, "Cost", "", "<sheetProtection ", '<sheetProtection password="CC1A" '
    ),
    Control(h_security.sheets_are_protected_gently, "Cost", "", ' formatColumns="0"', ""),
    Control(h_security.sheets_are_protected_gently, "Cost", "", "<sheetProtection[^>]*/>", ""),
    Control(h_security.properties_are_the_scenarios, "docProps/core.xml", "", "<dc:creator>.*?<", "<dc:creator>root<"),
    Control(h_security.properties_are_the_scenarios, "docProps/core.xml", "", "T00:00:00Z", "T07:45:00Z"),
    Control(
        h_security.properties_are_the_scenarios,
        "xl/sharedStrings.xml",
        "",
        "llama405b.yaml",
        "/home/ada/llama405b.yaml",
    ),
]


@pytest.mark.parametrize("check", h_security.CHECKS, ids=lambda check: check.__name__)
def test_security_holds(check: Check, book: Book) -> None:
    """Items 62, 63, 64: what each check of chapter H promises holds on every sample."""
    assert check(book) == []


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: f"{control}-{control.new[:8]}")
def test_broken_security_is_found(control: Control, llama: Book, break_copy: Breaker) -> None:
    """Items 62, 63, 64, negative control: the broken copy fires its check, and no other."""
    assert fired(h_security.CHECKS, llama, break_copy(control)) == {control.check.__name__} | control.also


def forms(path: Path) -> set[tuple[str, str]]:
    """The distinct formulas of a file, whatever the number of rows and cases."""
    book = read_book(path)
    return {(s.name, r1c1(c.formula, c.row, c.column)) for s in book.sheets for c in s.cells if c.formula is not None}


def test_hostile_text_stays_text(llama: Book, tmp_path: Path) -> None:
    """Item 62: labels that begin like formulas give the formulas that harmless ones give, and stand as given."""
    data: dict[str, Any] = yaml.safe_load(SAMPLES["llama405b"].read_text(encoding="utf-8"))
    texts = dict(
        zip(("scenario", "requester", "purpose", "exclusion_1", "price_source", "base_case"), HOSTILE, strict=True)
    )
    data |= texts
    data["cases"][0]["name"] = "=2+2"
    data["sources"]["tokens"] = "=3+3"
    file = tmp_path / "hostile.yaml"
    file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    built = build(load_scenario(file, sheets=TECHNICAL), tmp_path / "hostile.xlsx")

    assert formula_cells(built) == formula_cells(llama.path)
    inputs = layout.sheet(read_book(built), "Inputs")
    rows = layout.key_rows(inputs)
    keys = {key if key != "base_case" else "case_name": text for key, text in texts.items()}
    assert {key: layout.text(inputs, rows[key], layout.FIRST_CASE) for key in keys} == keys
    assert layout.text(inputs, rows["case_name"], layout.FIRST_CASE + 1) == "=2+2"


def test_same_scenario_gives_the_same_bytes(built_samples: Mapping[str, Path], tmp_path: Path) -> None:
    """Item 65: folder, time zone, language, user, hash seed and the way the file is named change no byte.

    Here the files were built by the API, named by their whole path; there by the command line, named from their folder,
    one in a process of its own and the others in one.
    """
    other = {"TZ": "Pacific/Kiritimati", "LANG": "de_DE.UTF-8", "USER": "ada", "LOGNAME": "ada", "PYTHONHASHSEED": "1"}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **other, "HOME": str(tmp_path)}
    build_all = "\n".join((
        "import sys; from sheetgen.cli.main import main",
        "for name in sys.argv[2:]:",
        "    asked = ['build', '--scenario', f'{name}.yaml', '--sheets', 'technical']",
        "    main([*asked, '-o', f'{sys.argv[1]}/{name}.xlsx'], standalone_mode=False)",
    ))  # fmt: skip
    first, *others = built_samples
    for names in ([first], others):
        command = [sys.executable, "-c", build_all, str(tmp_path), *names]
        subprocess.run(command, cwd=SAMPLES[first].parent, check=True, capture_output=True, env=environment)
    for name, path in built_samples.items():
        assert (tmp_path / f"{name}.xlsx").read_bytes() == path.read_bytes(), name


def test_another_scenario_gives_other_bytes(llama: Book, tmp_path: Path) -> None:
    """Item 65, negative control: one digit of the scenario changes the file."""
    text = SAMPLES["llama405b"].read_text(encoding="utf-8").replace("contingency: 10%", "contingency: 11%")
    file = tmp_path / "llama405b.yaml"
    file.write_text(text, encoding="utf-8")
    assert build(load_scenario(file, sheets=TECHNICAL), tmp_path / "other.xlsx").read_bytes() != llama.path.read_bytes()


def test_provenance_is_the_scenario_files(book: Book) -> None:
    """Item 66: About names the file, its SHA-256, the version and the command, and verify agrees with the workbook."""
    said = h_security.provenance(book)
    sample = SAMPLES[book.path.stem]
    assert said["Scenario file"] == sample.name
    assert said["Scenario SHA-256"] == hashlib.sha256(sample.read_bytes()).hexdigest()
    assert said["Generator"] == f"sheetgen {__version__}"
    asked = "inference,optimal,scaling,evidence"
    if sample.stem == "procurement-70b":
        asked = "inference,optimal,offers,rent_or_buy,actuals,scaling,evidence"
    assert said["Command"] == f"sheetgen build --scenario {sample.name} --sheets {asked} -o budget.xlsx"
    assert verify(book.path).agrees


def test_a_typed_over_total_is_not_verified(llama: Book, tmp_path: Path) -> None:
    """Item 66, negative control: verify disagrees with a workbook whose total is typed over."""
    row = layout.key_rows(layout.sheet(llama, "Cost"))["total_cost"]
    set_cells(llama.path, tmp_path / "typed.xlsx", {("Cost", f"D{row}"): 60_000_000.0})
    assert not verify(tmp_path / "typed.xlsx").agrees
