"""Six ways to one number: the workbook's formulas by five programs, and the reference engine, agree in every cell.

The programs are the product's evaluator (Formualizer), IronCalc, Cellrune, LibreOffice and Gnumeric; none has seen a
right cached value, because each reads a copy whose caches are poisoned. A probe is one input set to one value
(:mod:`tests.support.probes`). In memory, in a sample of each kind, every numeric input is moved and every dropdown
tried at every choice, in Formualizer and IronCalc. For the programs that read files, a *probe book* holds in each of
its case columns a choice and a bound, in many a move too, so that one file tries them all.
"""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from sheetgen.api.build import build_bytes
from sheetgen.base.inputs import fields
from sheetgen.catalogue import load_catalogue
from sheetgen.engine import CONVENTIONS, RECOMPUTATIONS
from sheetgen.engine.efficiency import BASES
from sheetgen.verification.evaluate import evaluate
from sheetgen.workbook.plan import plan
from tests.support.differences import SizesOfParts
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
from tests.support.memories import FormualizerMemory
from tests.support.package import read_book
from tests.support.paths import SAMPLES
from tests.support.probes import (
    RELATIVE,
    SAVED_BELOW,
    Expected,
    Probe,
    base_only,
    choices,
    disagreements,
    exact_cells,
    expected_cells,
    extremes,
    formula_places,
    input_cell,
    moves,
    probed,
    reference_cells,
    sample,
    spread,
)
from tests.support.shared import made_once
from tests.support.trials import Built, one_at_a_time, shortened, together

OFFERED = ("flops_convention", "mfu_convention", "recomputation", "precision", "peak", "efficiency_basis")
PROBED_SAMPLE, TENDER = "llama405b", "procurement-70b"
SHEETS_OF_THE_KIND = {"Model", "FLOPs", "Time", "Inference", "Optimal"}
ONE_OF_A_KIND = ("deepseek-v3", "gemma-2-9b", "gpt4-epoch", "procurement-70b", "vit-l16")
"""A mixture with latent attention, windows, an undisclosed model, a tender with every sheet, images."""


Finder = Callable[[str], Built]


@pytest.fixture(scope="module")
def built(built_samples: Mapping[str, Path]) -> Iterator[Finder]:
    """Any sample, built; let go of at the end, for two evaluators hold it."""

    @cache
    def find(name: str) -> Built:
        return Built(sample(name), built_samples[name])

    yield find
    find.cache_clear()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finder]:
    """Any sample with its base and one case that changes something, built: an input moves a case like any other."""

    @cache
    def find(name: str) -> Built:
        scenario = shortened(sample(name))
        room = made_once(tmp_path_factory, f"small-{name}", lambda room: Built(scenario, room / f"{name}.xlsx"))
        return Built(scenario, room / f"{name}.xlsx")

    yield find
    find.cache_clear()


@pytest.mark.parametrize("name", SAMPLES)
def test_every_engine_agrees_at_the_base(built: Finder, name: str) -> None:
    """In a sample as built, each cell has the reference engine's value in every program that reads the file."""
    item = built(name)
    expected, exact = expected_cells(item.evaluation, item.shown), item.exact
    ours = item.values[0]
    sizes = SizesOfParts(read_book(item.path), ours, expected.scales)

    assert set(ours) == set(formula_cells(item.path))
    assert disagreements(expected, ours, exact) == []
    for engine in (ironcalc_values, cellrune_values, gnumeric_values):
        values = engine(item.path)

        assert disagreements(expected, values, exact) == [], engine.__name__
        assert compare(ours, values, RELATIVE, sizes) == [], engine.__name__


def of_the_kind(item: Built, probes: Sequence[Probe]) -> list[Probe]:
    """What to try in a sample: in the tender, which has every sheet, all.

    In the others what reaches a formula of the model, its FLOPs, the time, a request or the optimum: of which kind a
    model is says nothing of the formulas of money. Of the accelerators, rows of one table, one in eight.
    """
    if "offers" in item.scenario.sheets:
        return list(probes)
    accelerators = [probe for probe in probes if probe.key == "accelerator"]
    return [
        probe
        for probe in probes
        if SHEETS_OF_THE_KIND & {sheet for sheet, _ in item.resting(input_cell(item.book, probe))}
        and (probe.key != "accelerator" or probe in accelerators[::8])
    ]


@pytest.mark.parametrize("name", ONE_OF_A_KIND)
def test_every_numeric_input_moves_alike(small: Finder, name: str) -> None:
    """Each number typed on sheet Inputs, moved by 5 %, gives the same cells by two evaluators and the engine.

    Three are moved together, from different places of the sheet: each leaves its mark on every cell that rests on it.
    """
    item = small(name)
    probes = moves(item.scenario)

    assert len(probes) >= len([spec for spec in item.scenario.fields.values() if spec.is_number])
    tried = of_the_kind(item, probes)
    assert len(tried) > 40
    third = -(-len(tried) // 3)
    groups = [tried[start::third] for start in range(third)]
    assert sum(map(len, groups)) == len(tried)
    assert [line for group in groups for line in together(item, group)] == []


@pytest.mark.parametrize("name", ONE_OF_A_KIND)
def test_every_choice_computes_alike(small: Finder, name: str) -> None:
    """Each dropdown at each of its choices gives the same cells by two evaluators and the engine, and no error.

    In a sample of each kind: the formulas are the same in all, and a kind decides which of them a choice reaches.
    """
    item = small(name)
    probes = of_the_kind(item, choices(item.scenario))

    tried = Counter(probe.key for probe in probes)
    assert tried["accelerator"] == len(load_catalogue().accelerators) or (name != TENDER and tried["accelerator"] > 5)
    offered = {key: len(spec.listed) for key, spec in item.scenario.fields.items() if spec.listed}
    assert {key: tried[key] for key in OFFERED} == {key: offered[key] for key in OFFERED}
    assert min(tried[key] for key in OFFERED) > 1
    assert one_at_a_time(item, probes) == []


@pytest.mark.parametrize("name", ONE_OF_A_KIND)
def test_no_cell_is_an_error_at_any_bound(small: Finder, name: str) -> None:
    """Each number at its minimum and at its maximum: checks may say FAIL, but every cell holds the engine's value.

    In a sample of each kind, as above; by the second evaluator in the tender and in the probe book.
    """
    item = small(name)
    evaluators = 2 if name == TENDER else 1

    assert one_at_a_time(item, of_the_kind(item, extremes(item.scenario)), evaluators) == []


def test_conventions_combine_alike(small: Finder) -> None:
    """Every convention with every recomputation, and every pair of conventions, agrees, with each efficiency basis."""
    item = small(PROBED_SAMPLE)
    offered: dict[str, list[Probe]] = {}
    for probe in choices(item.scenario):
        offered.setdefault(probe.key, []).append(probe)
    pairs = [[one, two] for one in offered["flops_convention"] for two in offered["recomputation"]]
    pairs += [[one, two] for one in offered["flops_convention"] for two in offered["mfu_convention"]]
    pairs += [[one, two] for one in offered["flops_convention"] for two in offered["efficiency_basis"]]
    lines = [f"{pair}: {line}" for pair in pairs for line in together(item, pair, evaluators=1)]

    assert len(pairs) == len(CONVENTIONS) * (len(RECOMPUTATIONS) + len(CONVENTIONS) + len(BASES))
    assert lines == []


@dataclass(frozen=True)
class ProbeBook:
    """A workbook with probes in each case column, what the engine expects of it, and the product's own values."""

    path: Path
    expected: Expected
    exact: dict[CellKey, str]
    ours: dict[CellKey, Value]


def probe_book(columns: Sequence[Sequence[Probe]], room: Path) -> ProbeBook:
    """Build a workbook with a column for each set of probes, then type the probes into it, as a user would."""
    scenario = spread(sample(PROBED_SAMPLE), len(columns))
    book = plan(scenario)
    placed = [Probe(index, probe.key, probe.value) for index, probes in enumerate(columns, start=1) for probe in probes]
    clean, path = room / "clean.xlsx", room / "probes.xlsx"
    clean.write_bytes(build_bytes(scenario))
    set_cells(clean, path, {input_cell(book, probe): probe.value for probe in placed})
    expected = reference_cells(probed(scenario, placed), book)
    ours = FormualizerMemory(path).values(formula_places(book))
    return ProbeBook(path, expected, exact_cells(book), ours)


def probes_by_column() -> list[list[Probe]]:
    """Every choice beside a bound of an input, and every input moved beside others of these: a set for each column."""
    scenario = base_only(sample(PROBED_SAMPLE))
    moved, chosen, bounds = (
        [probe for probe in probes if fields()[probe.key].scope == "case"]
        for probes in (moves(scenario), choices(scenario), extremes(scenario))
    )
    columns: list[list[Probe]] = [[] for _ in range(max(len(moved), len(chosen), len(bounds)))]
    for probes in (chosen, bounds):
        for column, probe in zip(columns, probes, strict=False):
            column.append(probe)
    free = columns[::-1]
    for probe in moved:
        column = next(column for column in free if probe.key not in {other.key for other in column})
        column.append(probe)
        free = [other for other in free if other is not column]
    return columns


@pytest.fixture(scope="module")
def probes(tmp_path_factory: pytest.TempPathFactory) -> ProbeBook:
    """A file in which every choice, every input moved and every input at each of its bounds is tried."""

    def make(room: Path) -> None:
        (room / "book.pickle").write_bytes(pickle.dumps(probe_book(probes_by_column(), room)))

    content = (made_once(tmp_path_factory, "probes", make) / "book.pickle").read_bytes()
    found: ProbeBook = pickle.loads(content)  # noqa: S301 - written above
    return found


def test_the_probe_book_holds_the_probes(probes: ProbeBook) -> None:
    """The product's own evaluator agrees with the engine in the probe book, whose columns try all there is to try, each
    input once."""
    columns = probes_by_column()
    tried = {(probe.key, probe.value) for column in columns for probe in column}
    scenario = base_only(sample(PROBED_SAMPLE))
    wanted = [*moves(scenario), *choices(scenario), *extremes(scenario)]
    assert tried == {(probe.key, probe.value) for probe in wanted if fields()[probe.key].scope == "case"}
    assert all(len({probe.key for probe in column}) == len(column) <= 3 for column in columns)
    assert len(columns) > 200

    assert disagreements(probes.expected, probes.ours, probes.exact) == []
    assert set(probes.ours) == set(formula_cells(probes.path))
    assert len(probes.ours) > 500 * len(columns)


@pytest.mark.parametrize("engine", [ironcalc_values, cellrune_values, gnumeric_values])
def test_file_engines_agree_at_every_probe(probes: ProbeBook, engine: Callable[[Path], dict[CellKey, Value]]) -> None:
    """IronCalc, Cellrune and Gnumeric compute every move, choice and bound as the engine does, without an error."""
    values = engine(probes.path)
    sizes = SizesOfParts(read_book(probes.path), probes.ours, probes.expected.scales)

    assert disagreements(probes.expected, values, probes.exact) == []
    assert compare(probes.ours, values, RELATIVE, sizes) == []


def test_libreoffice_agrees_at_every_probe(probes: ProbeBook, tmp_path: Path) -> None:
    """So does LibreOffice."""
    (values,) = libreoffice_values([probes.path], tmp_path)
    assert disagreements(probes.expected, values, probes.exact, SAVED_BELOW) == []


def test_libreoffice_agrees_with_all_inputs_moved(built: Finder, tmp_path: Path) -> None:
    """LibreOffice, in one run: a sample as built, and all samples with every input moved at once."""
    runs = [(name, moves(built(name).scenario)) for name in SAMPLES]
    runs.append((PROBED_SAMPLE, []))
    paths = [tmp_path / f"{number}-{name}.xlsx" for number, (name, _) in enumerate(runs)]
    for path, (name, typed) in zip(paths, runs, strict=True):
        item = built(name)
        set_cells(item.path, path, {input_cell(item.book, probe): probe.value for probe in typed})

    for (name, typed), values in zip(runs, libreoffice_values(paths, tmp_path), strict=True):
        item = built(name)
        expected = expected_cells(evaluate(probed(item.scenario, typed)), item.shown)
        assert disagreements(expected, values, item.exact, SAVED_BELOW) == [], (name, len(typed))


@pytest.mark.parametrize("name", SAMPLES)
def test_all_inputs_moved_at_once_agree(built: Finder, name: str) -> None:
    """With every input moved together, or all at a bound, two evaluators and the engine agree."""
    item = built(name)
    low = [probe for probe in extremes(item.scenario) if probe.value == fields()[probe.key].minimum]
    high = [probe for probe in extremes(item.scenario) if probe.value == fields()[probe.key].maximum]
    for label, typed in {"moved": moves(item.scenario), "low": low, "high": high}.items():
        assert list(together(item, typed)) == [], label


def test_a_wrong_formula_is_seen_by_every_engine(built: Finder, tmp_path: Path) -> None:
    """Negative control: one formula changed in its XML is told, by each program, as that cell and those behind it."""
    item = built(PROBED_SAMPLE)
    row = item.book.sheets["Cost"].key_rows["tax_cost"] + 1
    cell = ("Cost", f"D{row}")
    formula = formula_cells(item.path)[cell]
    sheets = [sheet.name for sheet in item.book.ordered()]
    path = tmp_path / "wrong.xlsx"
    part = f"xl/worksheets/sheet{sheets.index('Cost') + 1}.xml"
    edit_parts(item.path, path, {part: lambda text: text.replace(f"<f>{formula}</f>", f"<f>{formula} + 1</f>", 1)})
    expected, exact = expected_cells(item.evaluation, item.shown), item.exact

    results = [
        ironcalc_values(path),
        cellrune_values(path),
        gnumeric_values(path),
        *libreoffice_values([path], tmp_path),
    ]
    results.append(FormualizerMemory(path).values(item.places))
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
