"""The commands for who writes a scenario: the starter, the keys listed, their schema."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from tests.support.command import invoked as run


class TestNew:
    """The starter scenario."""

    def test_builds_and_verifies(self, tmp_path: Path) -> None:
        """What ``new`` writes builds as it stands, and its workbook agrees."""
        scenario, book = tmp_path / "mine.yaml", tmp_path / "mine.xlsx"
        assert f"{scenario} written" in run("new", "-o", scenario).stdout
        run("build", "--scenario", scenario, "-o", book)
        assert run("verify", book).stdout.endswith(f"{book}: agrees\n")

    def test_prints_without_output(self, tmp_path: Path) -> None:
        """Without -o the same text goes to standard output."""
        path = tmp_path / "mine.yaml"
        run("new", "-o", path)
        assert run("new").stdout == path.read_text(encoding="utf-8")

    def test_refuses_to_overwrite(self, tmp_path: Path) -> None:
        """An existing file is left as it is."""
        path = tmp_path / "mine.yaml"
        path.write_text("my work")
        assert run("new", "-o", path, code=1).stderr == f"sheetgen: {path}: exists already\n"
        assert path.read_text() == "my work"

    def test_quiet(self, tmp_path: Path) -> None:
        """--quiet leaves out the confirmation."""
        assert run("--quiet", "new", "-o", tmp_path / "mine.yaml").output == ""


class TestKeys:
    """What a scenario may say: its keys listed, and their schema."""

    def test_fields(self) -> None:
        """A key with its range and default; JSON and CSV hold every key, with unit and place."""
        (head, line) = run("fields", "deadline").stdout.splitlines()
        assert head.split() == ["key", "allowed", "default", "what"]
        assert line.startswith(
            "deadline  a date from 1990-01-01 to 2099-12-31, written YYYY-MM-DD  2099-12-31  Deadline."
        )
        data = json.loads(run("fields", "--format", "json").stdout)
        rows = list(csv.DictReader(io.StringIO(run("fields", "--format", "csv").stdout)))
        assert rows == data
        by_key = {row["key"]: row for row in data}
        assert by_key["gpus"]["unit"] == "GPU"
        assert by_key["as_of"]["in"] == "scenario"
        assert by_key["purchase_price"]["sheet"] == "rent_or_buy"
        assert by_key["cases"]["allowed"] == "a list of at most 199 mappings, each with a name"
        assert "'no-such'" in run("fields", "no-such", code=1).stderr

    def test_schema(self, tmp_path: Path) -> None:
        """The schema goes to the terminal or to the .json file that a starter scenario names in its first line."""
        text = run("schema").stdout
        assert json.loads(text)["$schema"] == "http://json-schema.org/draft-07/schema#"
        (first, *_) = run("new").stdout.splitlines()
        name = first.removeprefix("# yaml-language-server: $schema=")
        assert first != name
        assert f"{tmp_path / name} written" in run("schema", "-o", tmp_path / name).stdout
        assert (tmp_path / name).read_text(encoding="utf-8") == text
        assert "must end in .json" in run("schema", "-o", tmp_path / "schema.yaml", code=1).stderr
