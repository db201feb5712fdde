"""Six ways to one number: the workbook's formulas by five programs, and the reference engine, agree in every cell.

The programs are the product's evaluator (Formualizer), IronCalc, Cellrune, LibreOffice and Gnumeric; none has seen a
right cached value, because each reads a copy whose caches are poisoned. A probe is one input set to one value
(:mod:`tests.support.probes`). In memory, every numeric input cell of every sample is moved and every dropdown tried at
every choice, in Formualizer and IronCalc. For the programs that read files, one *probe book* holds a probe in each of
its case columns, so that a single file tries them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sheetgen.api.build import build_bytes
from sheetgen.base.inputs import fields
from sheetgen.catalogue import load_catalogue
from sheetgen.scenario.model import Scenario
from sheetgen.workbook.book import Book
from sheetgen.workbook.plan import plan
from tests.support.edits import edit_parts, set_cells
from tests.support.engines import (
    CellKey,
    ErrorValue,
    Value,
    cellrune_values,
    compare,
    formula_cells,
    gnumeric_values,
    ironcalc_values,
    libreoffice_values,
)
from tests.support.probes import (
    RELATIVE,
    SAMPLES,
    SAVED_BELOW,
    Expected,
    FormualizerMemory,
    IroncalcMemory,
    Probe,
    base_only,
    choices,
    disagreements,
    exact_cells,
    extremes,
    formula_places,
    input_cell,
    moves,
    probed,
    reference_cells,
    sample,
    scales,
    spread,
)

NAMED_CASES = {"chosen_case", "reference_case", "offer_case"}
PROBED_SAMPLE = "llama405b"
MOST_SHOWN = 8
ONE_OF_A_KIND = ("deepseek-v3", "gemma-2-9b", "gpt4-epoch", "procurement-70b", "vit-l16")
"""A mixture with latent attention, windows, an undisclosed model, a tender with every sheet, images."""


@dataclass(frozen=True)
class Built:
    """A sample's scenario, plan and file."""

    scenario: Scenario
    book: Book
    path: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Built]:
    """Every sample, built."""
    room = tmp_path_factory.mktemp("agreement")
    found = {}
    for name in SAMPLES:
        scenario = sample(name)
        path = room / f"{name}.xlsx"
        path.write_bytes(build_bytes(scenario))
        found[name] = Built(scenario, plan(scenario), path)
    return found


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Built]:
    """Every sample with its base and one case that changes something, built: an input moves a case like any other."""
    room = tmp_path_factory.mktemp("small")
    found = {}
    for name in SAMPLES:
        scenario = shortened(sample(name))
        path = room / f"{name}.xlsx"
        path.write_bytes(build_bytes(scenario))
        found[name] = Built(scenario, plan(scenario), path)
    return found


def shortened(scenario: Scenario) -> Scenario:
    """The base and the next case, the base put forward and compared with the other."""
    names = {"chosen_case": 0, "reference_case": 0, "offer_case": 1}
    values = {key: scenario.cases[index].name for key, index in names.items() if key in scenario.values}
    return replace(scenario, cases=scenario.cases[:2], values={**scenario.values, **values})


def one_at_a_time(item: Built, probes: Sequence[Probe], room: Path) -> Iterator[str]:
    """Set each probe in memory, recalculate with both engines, compare every cell, and set it back."""
    places, exact = formula_places(item.book), exact_cells(item.book)
    first, second = FormualizerMemory(item.path, room), IroncalcMemory(item.path, room)
    for probe in probes:
        scope = (
            item.scenario.values if fields()[probe.key].scope == "scenario" else item.scenario.cases[probe.case].values
        )
        cell = input_cell(item.book, probe)
        expected = reference_cells(probed(item.scenario, [probe]), None if probe.key in NAMED_CASES else item.book)
        results: list[dict[CellKey, Value]] = []
        for engine in (first, second):
            engine.set(cell, probe.value)
            results.append(engine.values(places))
            engine.set(cell, scope.get(probe.key))
            found = disagreements(expected, results[-1], exact)
            yield from (f"{probe}, {type(engine).__name__}: {line}" for line in found[:MOST_SHOWN])
        apart = compare(results[0], results[1], RELATIVE, scales(expected))
        yield from (f"{probe}, between the two: {line}" for line in apart[:MOST_SHOWN])


@pytest.mark.parametrize("name", SAMPLES)
def test_every_engine_agrees_at_the_base(built: dict[str, Built], name: str, tmp_path: Path) -> None:
    """In a sample as built, each cell has the reference engine's value in every program that reads the file."""
    item = built[name]
    expected, exact = reference_cells(item.scenario, item.book), exact_cells(item.book)
    ours = FormualizerMemory(item.path, tmp_path).values(formula_places(item.book))

    assert set(ours) == set(formula_cells(item.path))
    assert disagreements(expected, ours, exact) == []
    for engine in (ironcalc_values, cellrune_values, gnumeric_values):
        values = engine(item.path)

        assert disagreements(expected, values, exact) == [], engine.__name__
        assert compare(ours, values, RELATIVE, scales(expected)) == [], engine.__name__


@pytest.mark.parametrize("name", [*ONE_OF_A_KIND, PROBED_SAMPLE])
def test_every_numeric_input_moves_alike(small: dict[str, Built], name: str, tmp_path: Path) -> None:
    """Each number typed on sheet Inputs, moved by 5 % alone, gives the same cells by two evaluators and the engine."""
    item = small[name]
    probes = moves(item.scenario)

    assert len(probes) >= len([spec for spec in item.scenario.fields.values() if spec.is_number])
    assert list(one_at_a_time(item, probes, tmp_path)) == []


@pytest.mark.parametrize("name", ONE_OF_A_KIND)
def test_every_choice_computes_alike(small: dict[str, Built], name: str, tmp_path: Path) -> None:
    """Each dropdown at each of its choices gives the same cells by two evaluators and the engine, and no error.

    In a sample of each kind: the formulas are the same in all, and a kind decides which of them a choice reaches.
    """
    item = small[name]
    probes = choices(item.scenario)

    tried = Counter(probe.key for probe in probes)
    assert tried["accelerator"] == len(load_catalogue().accelerators)
    assert tried["flops_convention"] == tried["mfu_convention"] == 9
    assert (tried["recomputation"], tried["precision"], tried["peak"], tried["efficiency_basis"]) == (4, 7, 2, 3)
    assert list(one_at_a_time(item, probes, tmp_path)) == []


@pytest.mark.parametrize("name", ONE_OF_A_KIND)
def test_no_cell_is_an_error_at_any_bound(small: dict[str, Built], name: str, tmp_path: Path) -> None:
    """Each number at its minimum and at its maximum: checks may say FAIL, but every cell holds the engine's value.

    In a sample of each kind, as above.
    """
    item = small[name]

    assert list(one_at_a_time(item, extremes(item.scenario), tmp_path)) == []


def test_conventions_combine_alike(built: dict[str, Built], tmp_path: Path) -> None:
    """Every convention with every recomputation, and every pair of conventions, agrees, with each efficiency basis."""
    item = built[PROBED_SAMPLE]
    engine = FormualizerMemory(item.path, tmp_path)
    places, exact = formula_places(item.book), exact_cells(item.book)
    offered: dict[str, list[Probe]] = {}
    for probe in choices(item.scenario):
        offered.setdefault(probe.key, []).append(probe)
    pairs = [[one, two] for one in offered["flops_convention"] for two in offered["recomputation"]]
    pairs += [[one, two] for one in offered["flops_convention"] for two in offered["mfu_convention"]]
    pairs += [[one, two] for one in offered["flops_convention"] for two in offered["efficiency_basis"]]
    lines = []
    for pair in pairs:
        for probe in pair:
            engine.set(input_cell(item.book, probe), probe.value)
        expected = reference_cells(probed(item.scenario, pair), item.book)
        lines += [f"{pair}: {line}" for line in disagreements(expected, engine.values(places), exact)[:MOST_SHOWN]]
        for probe in pair:
            engine.set(input_cell(item.book, probe), item.scenario.cases[0].values[probe.key])

    assert len(pairs) == 9 * (4 + 9 + 3)
    assert lines == []


@dataclass(frozen=True)
class ProbeBook:
    """A workbook with one probe in each case column, what the engine expects of it, and the product's own values."""

    path: Path
    expected: Expected
    exact: dict[CellKey, str]
    ours: dict[CellKey, Value]


def probe_book(probes: Sequence[Probe], room: Path, name: str) -> ProbeBook:
    """Build a workbook with a column for each probe, then type the probes into it, as a user would."""
    scenario = spread(sample(PROBED_SAMPLE), probes)
    book = plan(scenario)
    placed = [Probe(index, probe.key, probe.value) for index, probe in enumerate(probes, start=1)]
    clean, path = room / f"{name}-clean.xlsx", room / f"{name}.xlsx"
    clean.write_bytes(build_bytes(scenario))
    set_cells(clean, path, {input_cell(book, probe): probe.value for probe in placed})
    expected = reference_cells(probed(scenario, placed), book)
    ours = FormualizerMemory(path, room).values(formula_places(book))
    return ProbeBook(path, expected, exact_cells(book), ours)


@pytest.fixture(scope="module")
def probe_books(tmp_path_factory: pytest.TempPathFactory) -> list[ProbeBook]:
    """Two files: every input moved and every choice, a column each; and every input at each of its bounds."""
    room = tmp_path_factory.mktemp("probes")
    scenario = base_only(sample(PROBED_SAMPLE))
    by_case = [probe for probe in moves(scenario) + choices(scenario) if fields()[probe.key].scope == "case"]
    bounds = [probe for probe in extremes(scenario) if fields()[probe.key].scope == "case"]
    return [probe_book(by_case, room, "moves-and-choices"), probe_book(bounds, room, "bounds")]


def test_probe_books_hold_the_probes(probe_books: list[ProbeBook]) -> None:
    """The product's own evaluator agrees with the engine in the probe books, which have some 36,000 formulas."""
    for book in probe_books:
        assert disagreements(book.expected, book.ours, book.exact) == []
        assert set(book.ours) == set(formula_cells(book.path))
    assert sum(len(book.ours) for book in probe_books) > 36_000


@pytest.mark.parametrize("engine", [ironcalc_values, cellrune_values, gnumeric_values])
def test_file_engines_agree_at_every_probe(
    probe_books: list[ProbeBook], engine: Callable[[Path], dict[CellKey, Value]]
) -> None:
    """IronCalc, Cellrune and Gnumeric compute every move, choice and bound as the engine does, without an error."""
    for book in probe_books:
        values = engine(book.path)

        assert disagreements(book.expected, values, book.exact) == []
        assert compare(book.ours, values, RELATIVE, scales(book.expected)) == []


def test_libreoffice_agrees_at_every_probe_and_with_all_inputs_moved(
    built: dict[str, Built], probe_books: list[ProbeBook], tmp_path: Path
) -> None:
    """LibreOffice, in one run: a sample, all samples with every input moved at once, and every probe."""
    expected: list[Expected] = []
    exact: list[dict[CellKey, str]] = []
    paths: list[Path] = []
    for name, item in built.items():
        runs = {"moved": moves(item.scenario)} | ({"base": []} if name == PROBED_SAMPLE else {})
        for label, probes in runs.items():
            path = tmp_path / f"{name}-{label}.xlsx"
            set_cells(item.path, path, {input_cell(item.book, probe): probe.value for probe in probes})
            paths.append(path)
            expected.append(reference_cells(probed(item.scenario, probes), item.book))
            exact.append(exact_cells(item.book))
    for book in probe_books:
        paths.append(book.path)
        expected.append(book.expected)
        exact.append(book.exact)

    for path, values, want, cells in zip(paths, libreoffice_values(paths, tmp_path), expected, exact, strict=True):
        assert disagreements(want, values, cells, SAVED_BELOW) == [], path.name


def test_all_inputs_moved_at_once_agree(built: dict[str, Built], tmp_path: Path) -> None:
    """With every input moved together, or all at a bound, two evaluators and the engine agree."""
    for name, item in built.items():
        low = [probe for probe in extremes(item.scenario) if probe.value == fields()[probe.key].minimum]
        high = [probe for probe in extremes(item.scenario) if probe.value == fields()[probe.key].maximum]
        for label, probes in {"moved": moves(item.scenario), "low": low, "high": high}.items():
            expected = reference_cells(probed(item.scenario, probes), item.book)
            for kind in (FormualizerMemory, IroncalcMemory):
                engine = kind(item.path, tmp_path)
                for probe in probes:
                    engine.set(input_cell(item.book, probe), probe.value)
                values = engine.values(formula_places(item.book))

                assert disagreements(expected, values, exact_cells(item.book)) == [], (name, label, kind.__name__)


def test_a_wrong_formula_is_seen_by_every_engine(built: dict[str, Built], tmp_path: Path) -> None:
    """Negative control: one formula changed in its XML is told, by each program, as that cell and those behind it."""
    item = built[PROBED_SAMPLE]
    row = item.book.sheets["Cost"].key_rows["tax_cost"] + 1
    cell = ("Cost", f"D{row}")
    formula = formula_cells(item.path)[cell]
    sheets = [sheet.name for sheet in item.book.ordered()]
    path = tmp_path / "wrong.xlsx"
    part = f"xl/worksheets/sheet{sheets.index('Cost') + 1}.xml"
    edit_parts(item.path, path, {part: lambda text: text.replace(f"<f>{formula}</f>", f"<f>{formula} + 1</f>", 1)})
    expected, exact = reference_cells(item.scenario, item.book), exact_cells(item.book)

    results = [
        ironcalc_values(path),
        cellrune_values(path),
        gnumeric_values(path),
        *libreoffice_values([path], tmp_path),
    ]
    results.append(FormualizerMemory(path, tmp_path).values(formula_places(item.book)))
    for values in results:
        found = disagreements(expected, values, exact)

        assert any(line.startswith(f"Cost!D{row}:") for line in found)


def test_differences_are_told() -> None:
    """Negative control: an error, a relative difference of 2e-9, a missing cell and a parameter off by one are told."""
    places = [("Model", f"D{row}") for row in range(1, 7)]
    expected: dict[CellKey, Value] = dict(zip(places, (1.0, 1.0, 1.0, 10**12, 6 * 10**12, "OK"), strict=True))
    right: dict[CellKey, Value] = dict(expected)
    exact = {places[3]: "parameter", places[4]: "FLOP/token"}
    wrong: dict[CellKey, Value] = dict(
        zip(places, (ErrorValue("#DIV/0!"), 1 + 2e-9, 1 - 2e-9, 10**12 + 1, 6 * 10**12 + 1, "FAIL"), strict=True)
    )

    assert disagreements(expected, right, exact) == []
    for place in places:
        assert disagreements(expected, {**right, place: wrong[place]}, exact) != [], place
    assert disagreements(expected, {**right, places[4]: 6e12 + 0.001}, exact) == []
