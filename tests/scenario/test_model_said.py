"""What is said of a model beside its architecture: notes, parts not counted, contexts, undisclosed mixtures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sheetgen import build, load_scenario, verify
from sheetgen.base.errors import InvalidInput
from sheetgen.verification.evaluate import evaluate
from tests.support.command import invoked as run
from tests.support.paths import SAMPLES

LLAMA = SAMPLES["llama405b"].read_text(encoding="utf-8").partition("base_case")[0]
DEEPSEEK = {
    "model_type": "deepseek_v3", "vocab_size": 129280, "hidden_size": 7168, "intermediate_size": 18432,
    "num_hidden_layers": 61, "num_attention_heads": 128, "n_routed_experts": 256, "num_experts_per_tok": 8,
    "moe_intermediate_size": 2048, "num_nextn_predict_layers": 1,
}  # fmt: skip


def scenario(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """The base of the Llama sample with changes."""
    text = LLAMA
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_notes_of_an_import_reach_terminal_and_workbook(tmp_path: Path) -> None:
    """DeepSeek-V3's file states a layer of multi-token prediction: said by import, estimate and build, by a check that
    asks for a review with its name, and in cells of the workbook, which agrees."""
    (tmp_path / "config.json").write_text(json.dumps(DEEPSEEK), encoding="utf-8")
    path, book = scenario(tmp_path, ("model: llama-3.1-405b", "model: config.json")), tmp_path / "a.xlsx"
    part = "layers of multi-token prediction"
    imported = run("import", tmp_path / "config.json")
    estimated = run("estimate", "--scenario", path)
    built = run("build", "--scenario", path, "-o", book)
    assert f"review: not counted: {part}" in imported.stderr
    for result in (estimated, built):
        assert "note: " in result.stderr
        assert "mtp_layers adds them" in result.stderr
        assert f"(check_whole_model), in case Base: {part}" in result.stderr
    read = verify(book)
    assert read.agrees
    assert any("check_whole_model" in name for name in read.checks["REVIEW"])


def test_a_model_of_the_catalogue_is_silent(tmp_path: Path) -> None:
    """Control: neither note nor review for a model that is counted whole."""
    assert run("estimate", "--scenario", scenario(tmp_path)).stderr == ""


@pytest.mark.parametrize(("context", "wrong"), [(1024, False), (8192, True)])
def test_learned_positions_end(context: int, wrong: bool, tmp_path: Path) -> None:
    """GPT-2 has learned 1,024 positions: its class raises an IndexError beyond them."""
    path = scenario(
        tmp_path, ("model: llama-3.1-405b", "model: gpt2-xl"), ("context_length: 8192", f"context_length: {context}")
    )
    if not wrong:
        assert load_scenario(path)
        return
    with pytest.raises(InvalidInput, match="is longer than the positions that the model has learned"):
        load_scenario(path)


def test_a_longer_context_than_the_model_was_made_for_is_reviewed(tmp_path: Path) -> None:
    """Llama 2 has 4,096; at 32,768 its rotary positions are scaled, which somebody should say."""
    path = scenario(
        tmp_path, ("model: llama-3.1-405b", "model: llama-2-7b"), ("context_length: 8192", "context_length: 32768")
    )
    found = evaluate(load_scenario(path))
    assert found.quantities[0]["check_context"] == "REVIEW"


def test_an_undisclosed_mixture(tmp_path: Path) -> None:
    """Qwen3.5-35B-A3B by its name: 6ND of 3 billion, memory and state of 35; the workbook agrees."""
    model = "model: {name: Qwen3.5-35B-A3B, undisclosed_parameters: 35B, undisclosed_active_parameters: 3B}"
    path = scenario(tmp_path, ("model: llama-3.1-405b", model))
    read = load_scenario(path)
    (figures,) = evaluate(read).quantities
    assert (figures["parameters"], figures["active_parameters"]) == (35e9, 3e9)
    assert figures["training_flops"] == 6 * 3 * 10**9 * 156 * 10**11
    assert figures["state_bytes"] == 35e9 * 18
    assert verify(build(read, tmp_path / "a.xlsx")).agrees


def test_more_active_than_all_is_refused(tmp_path: Path) -> None:
    """36 billion of 35."""
    model = "model: {name: X, undisclosed_parameters: 35B, undisclosed_active_parameters: 36B}"
    path = scenario(tmp_path, ("model: llama-3.1-405b", model))
    with pytest.raises(InvalidInput, match="is more than all of the undisclosed parameters"):
        load_scenario(path)
