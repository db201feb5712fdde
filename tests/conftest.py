"""Fixtures shared by all tests: every sample scenario built, printed and saved by LibreOffice once in a run."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

from sheetgen import build, load_scenario
from sheetgen.scenario.model import Scenario
from sheetgen.verification.evaluate import complete
from sheetgen.workbook.book import Book as Plan
from sheetgen.workbook.plan import plan
from tests.support.edits import edit_parts
from tests.support.office import XLSX, convert
from tests.support.package import Book, read_book
from tests.support.paths import SAMPLES, TECHNICAL
from tests.support.reviewer.controls import Control
from tests.support.shared import made_once
from tests.support.trials import shortened

Breaker = Callable[[Control], Book]

settings.register_profile("unhurried", deadline=None)  # a busy machine is not a broken law
settings.load_profile("unhurried")


@pytest.fixture(scope="session", autouse=True)
def seldom_collected() -> Iterator[None]:
    """What was imported and collected is not looked through for cycles again: a seventh of a build's time in here."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.fixture(scope="session")
def built_samples(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The workbook of every file in ``samples/`` with the technical sheets, by the file's name without ``.yaml``."""

    def make(room: Path) -> None:
        for name, path in SAMPLES.items():
            build(load_scenario(path, sheets=TECHNICAL), room / f"{name}.xlsx")

    room = made_once(tmp_path_factory, "samples", make)
    return {name: room / f"{name}.xlsx" for name in SAMPLES}


@pytest.fixture(scope="session")
def saved_samples(built_samples: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The same workbooks as LibreOffice saves them after it has opened and recalculated them."""

    def make(room: Path) -> None:
        for name, saved in zip(built_samples, convert(list(built_samples.values()), XLSX, room), strict=True):
            saved.rename(room / f"{name}.xlsx")

    room = made_once(tmp_path_factory, "saved", make)
    return {name: room / f"{name}.xlsx" for name in built_samples}


@pytest.fixture(scope="session")
def read_samples(built_samples: Mapping[str, Path]) -> Mapping[str, Book]:
    """The same workbooks as parts and XML."""
    return {name: read_book(path) for name, path in built_samples.items()}


@pytest.fixture(params=sorted(SAMPLES))
def book(request: pytest.FixtureRequest, read_samples: Mapping[str, Book]) -> Book:
    """The workbook of each sample in turn; ``book.path`` is its file."""
    return read_samples[request.param]


@pytest.fixture(scope="session")
def llama(read_samples: Mapping[str, Book]) -> Book:
    """The workbook of the Llama 3.1 405B sample: six cases, every check OK. Negative controls break a copy of it."""
    return read_samples["llama405b"]


@pytest.fixture(scope="session")
def two_cases(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The same with its base and one more case, for tests that compute it hundreds of times."""

    def make(room: Path) -> None:
        build(shortened(load_scenario(SAMPLES["llama405b"])), room / "two.xlsx")

    return read_book(made_once(tmp_path_factory, "two-cases", make) / "two.xlsx")


@pytest.fixture
def break_copy(llama: Book, tmp_path: Path) -> Breaker:
    """A function that breaks a copy of the Llama workbook as a control says, and reads the copy."""

    def broken(control: Control) -> Book:
        out = tmp_path / "broken.xlsx"
        edit_parts(llama.path, out, dict([control.edit(llama)]))
        return read_book(out)

    return broken


@pytest.fixture(scope="session")
def llama_trio() -> Scenario:
    """Three of the Llama sample's cases, the base first and B200 last, with the technical sheets, for tests that verify
    often."""
    return shortened(load_scenario(SAMPLES["llama405b"], sheets=TECHNICAL), (0, 1, 4))


@pytest.fixture(scope="session")
def llama_file(llama_trio: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its workbook as a file."""
    room = made_once(tmp_path_factory, "llama-trio", lambda room: build(llama_trio, room / "llama.xlsx"))
    return room / "llama.xlsx"


@pytest.fixture(scope="session")
def llama_plan(llama_trio: Scenario) -> Plan:
    """Where every key of that workbook stands."""
    return plan(complete(llama_trio))
