"""What does not fit in an architecture is what the engine's checks refuse, and every refusal names a key to look at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgen.base.inputs import Value, architecture_keys
from sheetgen.catalogue import load_catalogue
from sheetgen.catalogue.structure import IMAGES, STRUCTURE, structure
from sheetgen.engine import shown

RULES = (*STRUCTURE, IMAGES)
PLAIN = load_catalogue().model("qwen1.5-moe-a2.7b").architecture()
VISION = load_catalogue().model("vit-b-16").architecture()
SIZES = ("n_heads", "n_kv_heads", "n_experts", "experts_per_token", "expert_d_ff", "dense_layers", "n_layers",
         "windowed_layers", "attention_window", "kv_lora_rank", "qk_nope_dim", "qk_rope_dim", "v_head_dim")  # fmt: skip


def test_every_check_of_an_architecture_is_asked() -> None:
    """No check on architecture keys alone is left out."""
    model = set(architecture_keys())
    wanted = {item.key for item in shown() if item.unit == "status" and set(item.needs) <= model}
    assert {rule.check.key for rule in RULES} == wanted


@given(
    st.dictionaries(st.sampled_from(SIZES), st.integers(0, 9)),
    st.sampled_from(["gqa", "mla"]),
    st.sampled_from([PLAIN, VISION]),
)
def test_a_refusal_of_the_engine_names_a_key(changes: dict[str, int], attention: str, start: dict[str, Value]) -> None:
    """Where a check fails, one of its own keys is named, with what is allowed; where all hold, nothing is said."""
    values = {**start, **changes, "attention": attention}
    found = list(structure(values))
    failed = [rule for rule in RULES if not rule.holds(**{key: values[key] for key in rule.reads})]
    for rule in failed:
        own = [misfit for misfit in found if misfit.key in rule.reads]
        assert own
        assert all(misfit.message and misfit.allowed for misfit in own)
    if not failed:
        assert found == []


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({"n_kv_heads": 3}, ["n_kv_heads"]),
        ({"experts_per_token": 0, "expert_d_ff": 0}, ["experts_per_token", "expert_d_ff"]),
        ({"experts_per_token": 61, "dense_layers": 25}, ["experts_per_token", "dense_layers"]),
        ({"windowed_layers": 9}, ["attention_window"]),
        ({"attention_window": 9}, ["windowed_layers"]),
        ({"windowed_layers": 25, "attention_window": 9}, ["windowed_layers"]),
        ({"attention": "mla", "v_head_dim": 1}, ["kv_lora_rank", "qk_rope_dim"]),
        ({"image_size": 224}, ["image_size"]),
    ],
)
def test_the_keys_to_blame(changes: dict[str, Value], keys: list[str]) -> None:
    """Of a mixture of 24 layers, 16 heads and 60 experts: each wrong key is named, and none that fits."""
    assert [misfit.key for misfit in structure({**PLAIN, **changes})] == keys


def test_nothing_is_said_of_published_models() -> None:
    """Control: the parts of every model of the catalogue fit."""
    for model in load_catalogue().models():
        assert list(structure(model.values)) == []
