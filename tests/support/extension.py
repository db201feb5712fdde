"""Packages that extend the workbook, installed into a folder of their own: by pip, or as little as makes one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support.command import sheetgen
from tests.support.paths import ROOT

EXAMPLE = ROOT / "tests" / "example_package"


def install(package: Path, site: Path) -> None:
    """Install a package into a folder, without a network and without anything that it rests on."""
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", site, package]
    subprocess.run(command, check=True, capture_output=True, text=True)


def write_package(site: Path, name: str, points: Mapping[str, str], files: Mapping[str, str]) -> None:
    """An installed package as its files: what it says of itself, and ``files`` by their paths."""
    about = site / f"{name}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "".join(f"[{group}]\n{name} = {value}\n" for group, value in points.items())
    )
    for path, text in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text)


def on_path(site: Path) -> dict[str, str]:
    """The environment in which a command finds the packages of a folder."""
    return {"PYTHONPATH": os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH"))))}


FUNCTION = """from sheetgen.engine.quantity import quantity


@quantity("{unit}")
def {key}({needs}):
    return {needs}
"""


ROW = (
    "sections:\n  - title: Cost of the run\n    rows:\n      - {key: own_cost, label: Own, unit: currency, "
    "formula: setup_cost, source: identity, format: money}\n"
)


def module(
    key: str = "own_cost", unit: str = "currency", needs: str = "setup_cost", entries: str = ""
) -> dict[str, str]:
    """The files of a package with one row, that has further ``entries``, and one function, that rests on ``needs``."""
    code = FUNCTION.format(key=key, unit=unit, needs=needs)
    row = ROW.replace("{key", f"{{{entries}key")
    return {"bad/__init__.py": "", "bad/lines.py": code, "bad/templates/cost.yaml": row}


def verdict(path: Path, *options: str | Path, environment: Mapping[str, str] | None = None, code: int = 0) -> object:
    """What ``verify`` says of a workbook as JSON."""
    done = sheetgen("verify", path, "--format", "json", *options, environment=environment)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)
