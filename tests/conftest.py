"""Fixtures shared by all tests: every sample scenario built once in a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sheetgen import build, load_scenario
from tests.support.edits import PartEdit, edit_parts
from tests.support.package import Book, read_book

SAMPLES = {path.stem: path for path in sorted((Path(__file__).parents[1] / "samples").glob("*.yaml"))}

Break = Callable[..., Book]


@pytest.fixture(scope="session")
def built_samples(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The workbook of every file in ``samples/``, by the name of the scenario without ``.yaml``."""
    room = tmp_path_factory.mktemp("samples")
    return {name: build(load_scenario(path), room / f"{name}.xlsx") for name, path in SAMPLES.items()}


@pytest.fixture(scope="session")
def read_samples(built_samples: Mapping[str, Path]) -> Mapping[str, Book]:
    """The same workbooks as parts and XML."""
    return {name: read_book(path) for name, path in built_samples.items()}


@pytest.fixture(params=sorted(SAMPLES))
def sample(request: pytest.FixtureRequest) -> str:
    """The name of one sample after the other."""
    return str(request.param)


@pytest.fixture
def path(built_samples: Mapping[str, Path], sample: str) -> Path:
    """The workbook of each sample in turn."""
    return built_samples[sample]


@pytest.fixture
def book(read_samples: Mapping[str, Book], sample: str) -> Book:
    """The workbook of each sample in turn, as parts and XML."""
    return read_samples[sample]


@pytest.fixture(scope="session")
def llama(built_samples: Mapping[str, Path]) -> Path:
    """The workbook of the Llama 3.1 405B sample: six cases, everything OK. Negative controls break a copy of it."""
    return built_samples["llama405b"]


@pytest.fixture
def break_parts(llama: Path, tmp_path: Path) -> Break:
    """A function that edits parts of a copy of the Llama workbook and reads the copy."""

    def broken(edits: Mapping[str, PartEdit], add: Mapping[str, bytes] | None = None) -> Book:
        out = tmp_path / "broken.xlsx"
        edit_parts(llama, out, edits, add=add)
        return read_book(out)

    return broken


@pytest.fixture
def break_cell(llama: Path, read_samples: Mapping[str, Book], break_parts: Break) -> Break:
    """A function ``(sheet, address, old, new)`` that replaces text inside one ``<c>`` element of the Llama workbook."""
    import re

    def broken(sheet: str, address: str, old: str, new: str) -> Book:
        part = read_samples["llama405b"].sheet_by_name[sheet.lower()].part
        pattern = re.compile(rf'<c r="{address}"(?:[^>]*/>|.*?</c>)', re.DOTALL)

        def edit(text: str) -> str:
            return pattern.sub(lambda match: match[0].replace(old, new, 1), text, count=1)

        return break_parts({part: edit})

    assert llama.is_file()
    return broken
