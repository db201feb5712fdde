"""Packages that extend the workbook: what is wrong with one is said, and looking for them is cheap."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.command import sheetgen
from tests.support.extension import ROW, module, on_path, verdict, write_package
from tests.support.paths import SAMPLES

FOLDER = {"sheetgen.templates": "bad:templates", "sheetgen.quantities": "bad.lines"}


@pytest.mark.parametrize(
    ("points", "files", "message"),
    [
        (FOLDER, module("total_cost"), "extension bad 1.0: gives a quantity that sheetgen has already"),
        (FOLDER, module("other"), "extension bad 1.0: gives a quantity that has no row in its templates"),
        (FOLDER, module(needs="setup"), "extension bad 1.0: rests on 'setup', which is no key"),
        (FOLDER, module(needs="own_cost"), "extension bad 1.0: rest on each other: own_cost, own_cost"),
        (FOLDER, module(entries="counted_with: setup_total_cost, after: setup_total_cost, "),
         "extension bad 1.0: counted with nothing, the row says setup_total_cost"),
        (FOLDER, module(unit="GPU"), "extension bad 1.0: the unit is GPU, the row says currency"),
        (FOLDER, module() | {"bad/lines.py": "import nothing_such\n"}, "extension bad 1.0: its module cannot be "
         "imported: ModuleNotFoundError: No module named 'nothing_such'"),
        (FOLDER, module() | {"bad/lines.py": "def (:\n"}, "its module cannot be imported: SyntaxError"),
        (FOLDER, module() | {"bad/lines.py": "raise SystemError('no')\n"}, "cannot be imported: SystemError: no"),
        ({"sheetgen.templates": "bad:nowhere"}, module(), "extension bad 1.0: is no folder of a package"),
        ({"sheetgen.templates": "worse:templates"}, module(), "is no folder of a package (given: worse:templates"),
        ({"sheetgen.template": "bad:templates"}, module(), "no such group of entry points"),
        ({"sheetgen.catalogue": "bad:templates"}, module(), "the catalogue directory holds no table"),
    ],
)  # fmt: skip
def test_a_package_that_is_wrong(
    points: Mapping[str, str], files: Mapping[str, str], message: str, tmp_path: Path
) -> None:
    """One clear line, exit code 1, no traceback; and what needs no extension goes on working."""
    write_package(tmp_path / "site", "bad", points, files)
    out = tmp_path / "x.xlsx"
    done = sheetgen("build", "--scenario", SAMPLES["llama405b"], "-o", out, environment=on_path(tmp_path / "site"))

    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert not out.exists()


def test_two_packages_that_give_the_same(tmp_path: Path) -> None:
    """Two functions of one key, of two packages: both are named."""
    for name in ("bad", "worse"):
        files = {path.replace("bad", name): text for path, text in module().items()}
        row = {f"{name}/templates/cost.yaml": ROW if name == "bad" else ROW.replace("own_cost", "other_cost_line")}
        points = {group: value.replace("bad", name) for group, value in FOLDER.items()}
        write_package(tmp_path / "site", name, points, files | row)
    done = sheetgen("estimate", "--scenario", SAMPLES["llama405b"], environment=on_path(tmp_path / "site"))

    assert done.returncode == 1
    assert "extension worse 1.0: gives a quantity that extension bad 1.0 has already" in done.stderr


def test_the_written_package_is_one(tmp_path: Path) -> None:
    """Negative control of the two tests above: without a mistake it builds."""
    write_package(tmp_path / "site", "bad", FOLDER, module())
    out = tmp_path / "x.xlsx"
    done = sheetgen("build", "--scenario", SAMPLES["llama405b"], "-o", out, environment=on_path(tmp_path / "site"))

    assert (done.returncode, done.stderr) == (0, "")
    assert isinstance(verdict(out, environment=on_path(tmp_path / "site")), dict)


def test_a_package_that_breaks_gives_no_verdict(tmp_path: Path) -> None:
    """A workbook whose package cannot be imported any more: exit code 3, and why."""
    site, out = tmp_path / "site", tmp_path / "x.xlsx"
    write_package(site, "bad", FOLDER, module())
    assert sheetgen("build", "--scenario", SAMPLES["gpt4-epoch"], "-o", out, environment=on_path(site)).returncode == 0
    (site / "bad" / "lines.py").write_text("import nothing_such\n")
    done = sheetgen("verify", out, environment=on_path(site))

    assert (done.returncode, done.stdout) == (3, "")
    assert "extension bad 1.0: its module cannot be imported" in done.stderr


def test_looking_for_packages_reads_no_metadata() -> None:
    """Where no package has an entry point of ours, the reader of metadata, 50 ms, is not even imported."""
    code = (
        "import sys; from sheetgen.base.extensions import installed; found = installed(); "
        "print(found, 'importlib.metadata' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "() False\n"
