"""Who may import whom: the rules of the house, read from the source of every module.

Imports run one way, the two sides of the check stay strangers, XlsxWriter has one door, and what is slow to import is
imported where it is used.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import sheetgen

PACKAGE = Path(sheetgen.__file__).parent

LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"sheetgen"}),  # the version; the API is imported when it is used
    frozenset({"base"}),
    frozenset({"engine"}),
    frozenset({"catalogue"}),
    frozenset({"scenario"}),
    frozenset({"evidence"}),
    frozenset({"workbook"}),
    frozenset({"verification"}),
    frozenset({"api"}),
    frozenset({"cli"}),
)
"""From the ground up: a module imports from lower layers, or from its own package."""

SLOW = {"pandas", "openpyxl", "rich"}


class Import(NamedTuple):
    """One import: the full name, whether it runs when the module is loaded, and whether it is for types only."""

    name: str
    at_once: bool
    typing: bool


def imports(source: str) -> Iterator[Import]:
    """Every import of a module's source; relative ones are refused."""

    def visit(node: ast.AST, at_once: bool, typing: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from (Import(alias.name, at_once, typing) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, "a relative import"
                assert child.module is not None
                for alias in child.names:
                    full = f"{child.module}.{alias.name}" if child.module == "sheetgen" else child.module
                    yield Import(full, at_once, typing)
            elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                yield from visit(child, at_once, True)
            else:
                lazy = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
                yield from visit(child, at_once and not lazy, typing)

    yield from visit(ast.parse(source), True, False)


def part(name: str) -> str:
    """``workbook`` for ``sheetgen.workbook.writer``; ``sheetgen`` for the package's own names."""
    pieces = name.split(".")
    known = frozenset().union(*LAYERS)
    return pieces[1] if len(pieces) > 1 and pieces[1] in known else pieces[0]


def modules() -> dict[str, list[Import]]:
    """The imports of every module of the package, by its full name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(("sheetgen", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
        found[name] = list(imports(path.read_text(encoding="utf-8")))
    return found


MODULES = modules()


TABLES_OF_EVIDENCE = {"sheetgen.evidence.records", "sheetgen.evidence.measurements"}
"""What was published, as data: all that the workbook may know of the evidence."""


def upward(name: str, found: list[Import]) -> list[str]:
    """The imports of a module that go to its own layer or above, its own package and those for types only excepted."""
    rank = {key: height for height, layer in enumerate(LAYERS) for key in layer}
    own = part(name)
    return [
        item.name
        for item in found
        if item.name.split(".")[0] == "sheetgen"
        and not item.typing
        and part(item.name) != own
        and rank[part(item.name)] >= rank[own]
    ]


def test_every_module_has_its_layer() -> None:
    """A new module is given its place in LAYERS."""
    known = frozenset().union(*LAYERS)

    assert {name.split(".")[1] for name in MODULES if "." in name} == known - {"sheetgen"}


@pytest.mark.parametrize("name", [name for name in MODULES if name != "sheetgen"])
def test_imports_run_one_way(name: str) -> None:
    """A module imports from lower layers or its own package, lazily or at once."""
    assert upward(name, MODULES[name]) == []


def test_the_api_is_imported_when_used() -> None:
    """``import sheetgen`` loads no other module of the package."""
    assert [item.name for item in MODULES["sheetgen"] if item.at_once and not item.typing and "." in item.name] == []


def test_engine_and_workbook_are_strangers() -> None:
    """The engine knows itself, errors and what an accelerator is, the workbook neither engine nor verification."""
    for name, found in MODULES.items():
        ours = {part(item.name) for item in found if item.name.split(".")[0] == "sheetgen"}
        if part(name) == "engine":
            typed = {item.name for item in found if item.typing}
            assert ours - {part(item) for item in typed} <= {"engine", "base"}, name
            assert typed <= {"sheetgen.catalogue.accelerators"}, name
            assert not {"formualizer", "xlsxwriter", "openpyxl", "yaml"} & {item.name for item in found}, name
        if part(name) == "workbook":
            assert not ours & {"engine", "verification", "api"}, name
            records = {item.name for item in found if part(item.name) == "evidence"}
            assert records <= TABLES_OF_EVIDENCE, name
    for name in TABLES_OF_EVIDENCE:
        assert not {part(item.name) for item in MODULES[name]} & {"engine", "evidence"}


def test_one_module_writes_workbooks() -> None:
    """XlsxWriter is imported in workbook/writer.py and nowhere else."""
    users = {name for name, found in MODULES.items() if any(item.name.startswith("xlsxwriter") for item in found)}

    assert users == {"sheetgen.workbook.writer"}


def test_one_engine_evaluates() -> None:
    """Formualizer is imported by the evaluator and the formula tree only."""
    users = {name for name, found in MODULES.items() if any(item.name.startswith("formualizer") for item in found)}

    assert users == {"sheetgen.workbook.evaluator", "sheetgen.workbook.formula"}


def test_slow_libraries_are_imported_where_they_are_used() -> None:
    """pandas, openpyxl and rich load inside the function that needs them, or for the type checker only."""
    early = {
        (name, item.name)
        for name, found in MODULES.items()
        for item in found
        if item.name.split(".")[0] in SLOW and item.at_once and not item.typing
    }

    assert early == set()


def test_the_reader_of_imports_sees_them() -> None:
    """Negative control: an import upwards, a lazy one, one for types and one inside try are told apart."""
    source = """
import pandas
from sheetgen.cli.main import main
from sheetgen.workbook.plan import plan
if TYPE_CHECKING:
    import openpyxl
try:
    import rich
except ImportError:
    pass
class Table:
    import numpy
    def late(self):
        from sheetgen.cli.main import main
"""
    found = list(imports(source))

    assert found == [
        Import("pandas", True, False),
        Import("sheetgen.cli.main", True, False),
        Import("sheetgen.workbook.plan", True, False),
        Import("openpyxl", True, True),
        Import("rich", True, False),
        Import("numpy", True, False),
        Import("sheetgen.cli.main", False, False),
    ]
    assert upward("sheetgen.engine.cost", found) == ["sheetgen.cli.main", "sheetgen.workbook.plan", "sheetgen.cli.main"]
    assert upward("sheetgen.workbook.plan", found) == ["sheetgen.cli.main", "sheetgen.cli.main"]
