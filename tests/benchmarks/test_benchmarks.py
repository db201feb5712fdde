"""How long ``build`` and ``verify`` take, as ratios to a baseline measured in the same run.

Seconds depend on the machine, ratios hardly: each round runs the baseline and the command one after the other as whole
processes, and the medians of all rounds are compared. The baselines are ``floor.py`` (the same cells written by
XlsxWriter and nothing else), LibreOffice recalculating the same file, and the same command on fewer cases.

The processes find compiled bytecode, as an installed package does (pip compiles it); it is kept in a temporary
directory, so that a tree that cannot be written, or PYTHONDONTWRITEBYTECODE, does not make each of them compile the
source again. Each command runs once before it is measured.

A ratio says nothing on a processor that other tests use, so pytest-benchmark switches these off under ``-n``; run
``pytest tests/benchmarks``.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.benchmarks.dump import write_dump
from tests.support.command import START, Usage, measure
from tests.support.office import XLSX, convert
from tests.support.package import cached_values, read_book
from tests.support.paths import SAMPLES

SAMPLE = SAMPLES["llama405b"]
FLOOR = Path(__file__).with_name("floor.py")
ROUNDS = 11
MOST_FLOORS = 3.0
MOST_OFFICE = 1 / 3  # a quarter before all that is shown was compared, for which the workbook is laid out anew

SIZES = (1, 10, 100)
SIZE_ROUNDS = 5
GROWTH = 1.3
SLACK = 0.5
"""Of the single case: the step from 1 to 10 cases takes about a fifth of that time, so that its noise, taken ten times,
is of that order. A quadratic part of 70 % of the linear one at 100 cases still fails."""


@pytest.fixture(autouse=True)
def bytecode(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every process of this module read and write bytecode in one place."""
    place = tmp_path_factory.getbasetemp() / "bytecode"
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(place))


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of the Llama sample, six cases."""
    path = tmp_path_factory.mktemp("benchmark") / "llama.xlsx"
    measure(build_command(SAMPLE, path))
    return path


def build_command(scenario: Path, output: Path) -> list[str | Path]:
    """``sheetgen build`` as a process."""
    return [*START, "build", "--scenario", scenario, "-o", output]


def verify_command(workbook: Path) -> list[str | Path]:
    """``sheetgen verify`` as a process."""
    return [*START, "verify", workbook]


def interleaved(
    benchmark: BenchmarkFixture, baseline: Callable[[], float], command: Callable[[], float], rounds: int
) -> float:
    """Median time of the command over that of the baseline, rounds in turn, the first not counted [ratio]."""
    if benchmark.disabled:
        pytest.skip("ratios need a processor of their own: run pytest tests/benchmarks, without -n")
    baseline()
    command()
    times: dict[str, list[float]] = {"baseline": [], "command": []}
    benchmark.pedantic(  # type: ignore[no-untyped-call]  # pytest-benchmark leaves it untyped
        lambda: times["command"].append(command()),
        setup=lambda: times["baseline"].append(baseline()),
        rounds=rounds,
        iterations=1,
    )
    medians = {name: statistics.median(values) for name, values in times.items()}
    ratio = medians["command"] / medians["baseline"]
    benchmark.extra_info.update(medians, ratio=ratio)
    return ratio


def linear(cost: Mapping[int, float]) -> bool:
    """Whether ten times the cases cost ten times the increase: from 10 to 100 against from 1 to 10.

    The fixed cost (start, imports, sheets that have no cases) cancels in the differences.
    """
    one, ten, hundred = (cost[size] for size in SIZES)
    return hundred - ten <= GROWTH * 10 * max(ten - one, 0) + SLACK * one


def test_build_against_floor(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """``sheetgen build`` takes at most three times what XlsxWriter needs to write the same cells."""
    dump = write_dump(SAMPLE, tmp_path / "dump.bin")
    floor: list[str | Path] = [sys.executable, FLOOR, dump, tmp_path / "floor.xlsx"]
    build = build_command(SAMPLE, tmp_path / "build.xlsx")
    ratio = interleaved(benchmark, lambda: measure(floor).seconds, lambda: measure(build).seconds, ROUNDS)
    assert ratio <= MOST_FLOORS, f"{ratio:.2f} times the floor"


def test_floor_writes_same_cells(workbook: Path, tmp_path: Path) -> None:
    """The floor's workbook holds the same sheets, the same formulas and the same values as the product's."""
    dump, floor = write_dump(SAMPLE, tmp_path / "dump.bin"), tmp_path / "floor.xlsx"
    measure([sys.executable, FLOOR, dump, floor])
    ours, theirs = read_book(workbook), read_book(floor)
    assert [sheet.name for sheet in ours.sheets] == [sheet.name for sheet in theirs.sheets]
    for sheet, other in zip(ours.sheets, theirs.sheets, strict=True):
        expected = {cell.address: (cell.formula, cell.kind, cell.value) for cell in sheet.cells}
        assert {cell.address: (cell.formula, cell.kind, cell.value) for cell in other.cells} == expected
        validations = [len(list(page.root.iter(f"{page.root.tag[:-9]}dataValidation"))) for page in (sheet, other)]
        assert validations[0] == validations[1]


def test_verify_against_libreoffice(benchmark: BenchmarkFixture, workbook: Path, tmp_path: Path) -> None:
    """``sheetgen verify`` takes at most a third of LibreOffice's forced recalculation of the same file."""

    def recalculate() -> float:
        start = time.perf_counter()
        (result,) = convert([workbook], XLSX, tmp_path)
        seconds = time.perf_counter() - start
        assert len(cached_values(result)) > 1000
        return seconds

    ratio = interleaved(benchmark, recalculate, lambda: measure(verify_command(workbook)).seconds, 11)
    assert ratio <= MOST_OFFICE, f"{ratio:.2f} of LibreOffice's time"


@pytest.mark.parametrize("command", ["build", "verify"])
def test_growth_with_cases(benchmark: BenchmarkFixture, tmp_path: Path, command: str) -> None:
    """Processor time and peak memory of ``build`` and ``verify`` grow no faster than the number of cases.

    Processor time, smallest of five rounds: a stop of the machine in one round must not look like growth.
    """
    if benchmark.disabled:
        pytest.skip("ratios need a processor of their own: run pytest tests/benchmarks, without -n")
    commands = {}
    for size in SIZES:
        scenario, output = tmp_path / f"{size}.yaml", tmp_path / f"{size}.xlsx"
        scenario.write_text(scenario_text(size))
        commands[size] = build_command(scenario, output)
        if command == "verify":
            measure(commands[size])
            commands[size] = verify_command(output)
    for size in SIZES:
        measure(commands[size])
    usages: dict[int, list[Usage]] = {size: [] for size in SIZES}

    def run(sizes: Sequence[int]) -> None:
        for size in sizes:
            usages[size].append(measure(commands[size]))

    benchmark.pedantic(  # type: ignore[no-untyped-call]  # pytest-benchmark leaves it untyped
        lambda: run(SIZES[-1:]), setup=lambda: run(SIZES[:-1]), rounds=SIZE_ROUNDS, iterations=1
    )
    seconds = {size: min(usage.processor_seconds for usage in found) for size, found in usages.items()}
    memory = {size: min(usage.peak_kib for usage in found) for size, found in usages.items()}
    benchmark.extra_info.update(
        {f"time of {size} cases, in single cases": seconds[size] / seconds[1] for size in SIZES[1:]}
        | {f"memory of {size} cases, in single cases": memory[size] / memory[1] for size in SIZES[1:]}
    )
    assert linear(seconds), seconds
    assert linear(memory), memory


def scenario_text(cases: int) -> str:
    """The base of the Llama sample with further cases that each change the MFU and the number of GPUs."""
    base = SAMPLE.read_text(encoding="utf-8").partition("cases:\n")[0]
    more = [
        f"  - name: Case {case}\n    stated_mfu: {3000 + case}e-4\n    gpus: {8000 + case}\n"
        for case in range(2, cases + 1)
    ]
    return base + ("cases:\n" + "".join(more) if more else "")


def test_growth_would_be_seen() -> None:
    """The control: linear cost passes, cost with a quadratic part of 70 % at 100 cases does not."""
    fixed, each = 0.3, 0.0065
    assert linear({size: fixed + each * size for size in SIZES})
    assert not linear({size: fixed + each * size + 0.7 * each / 100 * size**2 for size in SIZES})


def test_slow_command_would_be_seen(benchmark: BenchmarkFixture) -> None:
    """The control: a process that waits half a second is more than three times one that does nothing."""
    idle, slow = ([sys.executable, "-S", "-c", code] for code in ("pass", "import time; time.sleep(0.5)"))
    assert interleaved(benchmark, lambda: measure(idle).seconds, lambda: measure(slow).seconds, 3) > MOST_FLOORS
