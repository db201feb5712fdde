"""``sheetgen models --check``: what is counted, the exact total it is held to, and how far authors' figures are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sheetgen.catalogue import load_catalogue
from tests.support.command import invoked


def checked(*arguments: str) -> dict[str, dict[str, Any]]:
    """The rows by key."""
    rows = json.loads(invoked("models", "--check", *arguments, "--format", "json").stdout)
    return {row["key"]: row for row in rows}


def test_every_entry_is_held_to_an_exact_total() -> None:
    """Of a checkpoint or paper, or of the model class of transformers; none is off."""
    rows = checked()
    assert set(rows) == set(load_catalogue().model_keys())
    assert {row["from"] for row in rows.values()} == {"published", "class"}
    assert {row["off"] for row in rows.values()} == {0}


def test_what_authors_state_stands_beside() -> None:
    """gpt-oss (arXiv 2508.10925, table 1): 20.91B and 3.61B, without the input embedding; Kimi K2 (arXiv 2507.20534):
    1.04T and 32.6B, of which 1,026,408,209,408 are counted on the class of transformers, 1.3 % less."""
    rows = checked()
    assert (rows["gpt-oss-20b"]["off_stated"], rows["gpt-oss-20b"]["off_active"]) == ("+0.0%", "-0.0%")
    assert rows["gpt-oss-20b"]["active"] == 3_608_307_264
    kimi = rows["kimi-k2"]
    assert (kimi["counted"], kimi["from"], kimi["off_stated"]) == (1_026_408_209_408, "class", "-1.3%")


def test_a_wrong_total_is_named(tmp_path: Path) -> None:
    """Control: a file whose total is one too many ends with 1 and is named; the list without --check does not mind."""
    text = (load_catalogue().model_files["gpt2"]).read_text(encoding="utf-8")
    (tmp_path / "models").mkdir()
    wrong = text.replace("published_parameters: 124439808", "published_parameters: 124439809")
    assert wrong != text
    (tmp_path / "models" / "off-by-one.yaml").write_text(wrong, encoding="utf-8")
    result = invoked("models", "off-by", "--check", "--catalogue", tmp_path, code=1)
    assert "counted otherwise than the file states: off-by-one" in result.stderr
    assert invoked("models", "off-by", "--catalogue", tmp_path).stderr == ""
