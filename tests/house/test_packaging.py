"""What is shipped: wheel and sdist, their content, their dependencies, and the shape of the source."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.support.paths import ROOT

SHIPPED = ("sheetgen", "templates", "tests", "samples", ".ci")
LONGEST_MODULE = 350
SMALL = tuple(sorted(path.name for path in (ROOT / "sheetgen").iterdir() if (path / "__init__.py").exists()))
TIMEOUT = 300
PERMISSIVE = re.compile(r"\b(MIT|BSD|Apache|ISC|PSF|Python Software Foundation|0BSD)\b", re.IGNORECASE)
COPYLEFT = re.compile(r"\b(A?GPL|LGPL|MPL|EUPL|SSPL|GNU)", re.IGNORECASE)
# Not shipped, never imported by sheetgen, so a file-level copyleft does no harm; each needs its reason here.
DEV_EXCEPTIONS = {"hypothesis": "MPL 2.0: property tests only, not changed and not distributed"}
# The distributions whose modules are named otherwise.
MODULES = {
    "pyyaml": "yaml", "xlsxwriter": "xlsxwriter", "pytest-xdist": "xdist", "pytest-benchmark": "pytest_benchmark",
    "openxml-audit": "openxml_audit", "pandas-stubs": "pandas_stubs",
}  # fmt: skip


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """The output of a command that must end with 0."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=TIMEOUT, check=False, env={**os.environ, **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def build_packages(source: Path, out: Path) -> tuple[Path, Path]:
    """The wheel and the sdist of a source tree, built without a network; the sdist first, the wheel from the tree."""
    run(sys.executable, "-m", "build", "--no-isolation", "--sdist", "--wheel", "--outdir", out, source, cwd=out.parent)
    (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
    return wheel, sdist


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Wheel and sdist of a copy of the source, so that nothing of a build is left in the tree."""
    room = tmp_path_factory.mktemp("packages")
    source = room / "source"
    source.mkdir()
    for name in SHIPPED:
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc", "venv", "node")
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    return build_packages(source, room / "dist")


def files_below(folder: str) -> set[str]:
    """The files of a folder of the tree, by their path from the root; what Python and tools leave is not counted."""
    paths = (path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file())
    return {path for path in paths if "__pycache__" not in path and not re.match(r"\.ci/(venv|node)/", path)}


def contents(wheel: Path) -> dict[str, bytes]:
    """The files of a wheel by name."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


class TestPackages:
    """Wheel and sdist."""

    def test_wheel_content(self, packages: tuple[Path, Path]) -> None:
        """The wheel holds every module, template, model and table, the typing marker and the licence; no tests."""
        inside = set(contents(packages[0]))
        assert files_below("sheetgen") <= inside
        assert {f"sheetgen/{name}" for name in files_below("templates")} <= inside
        assert "sheetgen/py.typed" in inside
        assert any(name.endswith("/licenses/LICENSE") for name in inside)
        assert all(name.startswith(("sheetgen/", "sheetgen-")) for name in inside)

    def test_sdist_content(self, packages: tuple[Path, Path]) -> None:
        """The sdist holds everything that builds and tests the project."""
        with tarfile.open(packages[1]) as archive:
            inside = {name.partition("/")[2] for name in archive.getnames()}
        for folder in SHIPPED:
            assert files_below(folder) <= inside
        assert {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "PKG-INFO"} <= inside

    def test_sdist_rebuilds_wheel(self, packages: tuple[Path, Path], tmp_path: Path) -> None:
        """The wheel that the sdist builds is the wheel that the tree builds, byte for byte inside."""
        wheel, sdist = packages
        run("tar", "-xf", sdist, "-C", tmp_path, cwd=tmp_path)  # tarfile's filter is not in Debian 12's Python 3.11.2
        rebuilt, _ = build_packages(tmp_path / sdist.name.removesuffix(".tar.gz"), tmp_path / "dist")
        assert rebuilt.name == wheel.name
        assert contents(rebuilt) == contents(wheel)

    def test_installed_wheel(self, packages: tuple[Path, Path], tmp_path: Path) -> None:
        """The wheel, installed away from the tree, makes a starter scenario, builds it and verifies the workbook."""
        environment, elsewhere = tmp_path / "environment", tmp_path / "elsewhere"
        elsewhere.mkdir()
        run(sys.executable, "-m", "venv", "--without-pip", environment, cwd=tmp_path)
        (site,) = environment.glob("lib/python*/site-packages")
        pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", environment / "bin" / "python", "install"]
        run(*pip, "--no-deps", "--no-index", "--quiet", packages[0], cwd=elsewhere)
        # The dependencies come from this environment, after the wheel; a .pth in it, which an editable install of the
        # tree would be, is not followed from here.
        (site / "dependencies.pth").write_text("\n".join(path for path in sys.path if path.endswith("-packages")))
        python, command = environment / "bin" / "python", environment / "bin" / "sheetgen"
        home = run(python, "-c", "import sheetgen; print(sheetgen.__file__)", cwd=elsewhere, PYTHONPATH="").strip()
        assert Path(home).is_relative_to(environment)
        run(command, "new", "-o", "a.yaml", cwd=elsewhere, PYTHONPATH="")
        run(command, "build", "--scenario", "a.yaml", "-o", "a.xlsx", cwd=elsewhere, PYTHONPATH="")
        assert "a.xlsx: agrees" in run(command, "verify", "a.xlsx", cwd=elsewhere, PYTHONPATH="")
        assert "llama-3.1-405b" in run(command, "models", cwd=elsewhere, PYTHONPATH="")


PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RUNTIME = [Requirement(text) for text in PROJECT["dependencies"]]
ON_REQUEST = [Requirement(text) for text in PROJECT["optional-dependencies"]["thorough"]]
DEVELOPMENT = [Requirement(text) for text in PROJECT["optional-dependencies"]["dev"]]


def licence(distribution: str) -> str:
    """What a distribution says of its licence: expression, classifiers, and the first line of its free text."""
    data = metadata(distribution)
    classifiers = [line for line in data.get_all("Classifier", []) if line.startswith("License")]
    free_text = [text.strip().partition("\n")[0] for text in data.get_all("License", [])]
    return "; ".join([*data.get_all("License-Expression", []), *classifiers, *free_text])


class TestDependencies:
    """What sheetgen leans on."""

    def test_each_justified(self) -> None:
        """Every dependency that a user installs has a comment saying what for, and its licence."""
        text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        for requirement in RUNTIME:
            (line,) = [line for line in text.splitlines() if line.strip().startswith(f'"{requirement.name}>')]
            comment = line.partition("#")[2]
            assert len(comment.split()) >= 4, line
            assert PERMISSIVE.search(comment), line

    @pytest.mark.parametrize("requirement", [*RUNTIME, *DEVELOPMENT], ids=lambda requirement: requirement.name)
    def test_licence(self, requirement: Requirement) -> None:
        """Every dependency is under a permissive licence by its metadata, or a named exception of development."""
        found = licence(requirement.name)
        if requirement.name in DEV_EXCEPTIONS:
            assert requirement not in RUNTIME
            return
        assert PERMISSIVE.search(found), found
        assert not COPYLEFT.search(found), found

    def test_copyleft_would_be_seen(self) -> None:
        """The control: an LGPL is seen as copyleft, an MPL too, and neither as permissive."""
        for text in ("License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)", "MPL-2.0"):
            assert COPYLEFT.search(text)
            assert not PERMISSIVE.search(text)

    def test_bounded(self) -> None:
        """Every runtime dependency has a lower bound, and is installed here within its bounds."""
        for requirement in RUNTIME:
            assert any(bound.operator in {">=", "=="} for bound in requirement.specifier), requirement
            try:
                version = metadata(requirement.name)["Version"]
            except PackageNotFoundError:
                pytest.fail(f"{requirement.name} is not installed")
            assert version in requirement.specifier

    def test_imports(self) -> None:
        """sheetgen imports each of its runtime dependencies, those that a user may add, and nothing of development."""
        added = {module(requirement) for requirement in ON_REQUEST}
        runtime = {module(requirement) for requirement in RUNTIME} | added
        imported = {name for path in python_files("sheetgen") for name in imports(path)}
        foreign = imported - set(sys.stdlib_module_names) - {"sheetgen", "_typeshed"}
        assert foreign == runtime
        assert not (foreign - added) & ({module(requirement) for requirement in DEVELOPMENT} | {"tests"})

    def test_import_would_be_seen(self, tmp_path: Path) -> None:
        """The control: an import inside a function, and one behind TYPE_CHECKING, are both found."""
        path = tmp_path / "module.py"
        path.write_text("def f():\n    from ironcalc.x import y\nif TYPE_CHECKING:\n    import hypothesis.strategies\n")
        assert set(imports(path)) == {"ironcalc", "hypothesis"}


def module(requirement: Requirement) -> str:
    """The name under which a distribution is imported."""
    return MODULES.get(requirement.name.lower(), requirement.name.lower().replace("-", "_"))


def python_files(folder: str) -> list[Path]:
    """The modules below a folder of the tree."""
    return sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """The top-level names that a module imports anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]


def oversized(path: Path) -> Iterator[str]:
    """What of a module is larger than a reader takes in at once."""
    text = path.read_text(encoding="utf-8")
    if (lines := len(text.splitlines())) > LONGEST_MODULE:
        yield f"module: {path}, {lines} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and (lines := (node.end_lineno or 0) - node.lineno + 1) > 60:
            yield f"function: {path}, {node.name}, {lines} lines"
        if isinstance(node, ast.Call) and (count := len(node.args) + len(node.keywords)) > 8:
            yield f"call: {path}, line {node.lineno}, {count} arguments"


class TestSource:
    """The shape of the source."""

    @pytest.mark.parametrize("folder", ["sheetgen", "tests"])
    def test_module_length(self, folder: str) -> None:
        """No module is longer than a reader takes in at once."""
        lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files(folder)}
        assert {str(path.relative_to(ROOT)): count for path, count in lines.items() if count > LONGEST_MODULE} == {}

    @pytest.mark.parametrize("room", SMALL)
    def test_parts_are_small(self, room: str) -> None:
        """No module of these rooms is over 350 lines, no function over 60, no call has more than eight arguments."""
        found = [line for path in python_files(f"sheetgen/{room}") for line in oversized(path)]
        assert not found

    def test_what_is_too_large_would_be_seen(self, tmp_path: Path) -> None:
        """The control: a long module with a long function that makes a call of nine arguments."""
        path = tmp_path / "module.py"
        path.write_text("def f():\n" + "    f(1, 2, 3, 4, 5, 6, 7, 8, a=9)\n" * 360)
        assert [line.partition(":")[0] for line in oversized(path)][:3] == ["module", "function", "call"]

    @pytest.mark.parametrize("folder", ["sheetgen", "tests"])
    def test_exceptions_have_reasons(self, folder: str) -> None:
        """Every noqa, type: ignore and pragma has its reason behind it on the line."""
        bare = re.compile(r"#\s*(noqa|type:\s*ignore|pragma)(:?\s*[\w\[\], -]*?)\s*$")
        found = [
            f"{path.relative_to(ROOT)}:{number}"
            for path in python_files(folder)
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
            if re.search(r"#\s*(noqa|type:\s*ignore|pragma)\b", line) and bare.search(line) and " - " not in line
        ]
        assert not found

    def test_modules_documented(self) -> None:
        """Every module says at its top what it is."""
        files = [*python_files("sheetgen"), *python_files("tests")]
        assert not [path for path in files if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]

    def test_ci_is_executable(self) -> None:
        """``.ci/run`` can be started as it is, and stops at the first error."""
        script = ROOT / ".ci" / "run"
        assert os.access(script, os.X_OK)
        assert "set -euo pipefail" in script.read_text(encoding="utf-8")
