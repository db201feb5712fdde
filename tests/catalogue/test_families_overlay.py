"""A user's own families of configurations: DIR/families.yaml of ``--catalogue DIR``.

The parameters are worked by hand: vocabulary 10, width 4, feed-forward 8, two layers, two heads, untied. Embedding and
head 40 each; a layer 4 × 16 for attention, 3 × 32 for the feed-forward, 4 a norm; the last norm 4. With two norms a
layer that is 40 + 40 + 2 × (64 + 96 + 8) + 4 = 420, with four 2 × 8 more: 436.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import invoked
from tests.support.paths import SAMPLES

OWN = "families:\n  acme:\n    like: llama\n    class: AcmeForCausalLM\n    model: {norms_per_layer: 4}\n"
CONFIG = {
    "model_type": "acme", "architectures": ["AcmeForCausalLM"], "vocab_size": 10, "hidden_size": 4,
    "intermediate_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "tie_word_embeddings": False,
}  # fmt: skip


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """A directory that has nothing but a family."""
    home = tmp_path / "mine"
    home.mkdir()
    (home / "families.yaml").write_text(OWN)
    return home


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration of that family."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps(CONFIG))
    return path


def test_import_counts_an_own_family(catalogue: Path, config: Path) -> None:
    """With the directory the configuration is counted; without it the family is unknown."""
    assert "AcmeForCausalLM, 436 parameters" in invoked("import", config, "--catalogue", catalogue).output
    assert "model_type" in invoked("import", config, code=1).output


def test_it_is_listed_among_the_others(catalogue: Path) -> None:
    """The list has it in its place, and the packaged ones as before; in either order of the options."""
    packaged = invoked("import", "--families").output.splitlines()
    for options in (("--families", "--catalogue", catalogue), ("--catalogue", catalogue, "--families")):
        lines = [line.split() for line in invoked("import", *options).output.splitlines()]
        assert ["acme", "AcmeForCausalLM"] in lines
        assert len(lines) == len(packaged) + 1
    assert not any(line.startswith("acme") for line in packaged)


def test_an_own_row_replaces_a_packaged_one(catalogue: Path, config: Path) -> None:
    """A family of a name that there is: four norms a layer in llama, too."""
    (catalogue / "families.yaml").write_text(OWN.replace("acme:", "mistral:"))
    config.write_text(json.dumps({**CONFIG, "model_type": "mistral"}))

    assert "436 parameters" in invoked("import", config, "--catalogue", catalogue).output


def test_a_scenario_may_name_such_a_configuration(catalogue: Path, config: Path) -> None:
    """``model: config.json`` is read with the families of the scenario's catalogue."""
    scenario = config.with_name("scenario.yaml")
    lines = SAMPLES["llama405b"].read_text(encoding="utf-8").splitlines()
    text = "\n".join("model: config.json" if line.startswith("model:") else line for line in lines)
    scenario.write_text(text)
    done = invoked("estimate", "--scenario", scenario, "--catalogue", catalogue, "--all", "--format", "json")
    found = json.loads(done.stdout)

    assert found["cases"][0]["quantities"]["counted_parameters"]["value"] == 436


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (OWN.replace("like: llama", "like: lama"), "families.yaml:3: lama: is no family before this one; did you mean"),
        (OWN.replace("model:", "modle:"), "families.yaml:5: modle: unknown key; did you mean 'model'"),
        ("familes: {}\n", "families.yaml:1: familes: unknown key"),
        ("families: [\n", "not valid YAML"),
        (OWN.replace("{norms_per_layer: 4}", "{norms_per_layer: \"__import__('os')\"}"), "expression"),
    ],
)
def test_a_mistake_in_it(catalogue: Path, config: Path, text: str, message: str) -> None:
    """One line with file, line and key."""
    (catalogue / "families.yaml").write_text(text)
    output = invoked("import", config, "--catalogue", catalogue, code=1).output

    assert message in output
    assert len(output.splitlines()) == 1


def test_without_a_configuration_it_is_wrong_usage() -> None:
    """Neither a file nor the list."""
    assert "CONFIG" in invoked("import", code=2).output
