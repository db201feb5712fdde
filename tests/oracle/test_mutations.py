"""Configurations that are a little wrong: a key dropped, null, doubled, zero, thrown, or one that another family has.

Wherever the real class can be built and run, the importer agrees with it to the unit, or refuses the file.
"""

from __future__ import annotations

import copy
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.oracle import support
from tests.oracle.configurations import CONFIGURATIONS, Configuration

from sheetgen.base.errors import InvalidInput  # isort: skip - PyTorch first, or the module is skipped
from sheetgen.catalogue.huggingface import packaged  # isort: skip - the same

pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.slow]

LENGTH = 13
NO_SHAPE = re.compile(
    r"dropout|pdrop|initializer|token_id|token_index|eps(ilon)?$|use_cache|rope_|hidden_act|activation|summary_"
    r"|pretraining_tp|router_logits|loss|jitter|std$|softcap|scaling|multiplier|scoring|norm_topk|rotary|dtype"
    r"|output_|return_dict|chunk_size_feed|label2id|problem_type|transformers_version|architectures|layerdrop"
    r"|swiglu|routed|attn_scale|floor_scale|mup|clip_qkv|model_type|tie_last|id2label|n_group|topk_group|seed"
)
"""Fields that no shape rests on, and those that the router's choice alone rests on."""
OF_OTHERS: dict[str, Any] = {
    "head_dim": 24, "attention_bias": True, "mlp_bias": True, "qkv_bias": True, "use_bias": True, "bias": True,
    "sliding_window": 6, "use_sliding_window": True, "num_key_value_heads": 3, "num_experts": 4, "num_local_experts": 4,
    "n_routed_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 24, "n_shared_experts": 2,
    "num_shared_experts": 2, "first_k_dense_replace": 2, "moe_layer_freq": 2, "decoder_sparse_step": 2,
    "mlp_only_layers": [1], "tie_word_embeddings": True, "use_qk_norm": True, "qk_layernorm": True, "n_inner": 70,
    "intermediate_size": 70, "hidden_size": 48, "q_lora_rank": 16, "kv_lora_rank": 12, "v_head_dim": 6,
    "shared_expert_intermediate_size": 24, "shared_intermediate_size": 24, "multi_query": False, "num_kv_heads": 2,
    "type_vocab_size": 3, "is_decoder": True, "is_causal": False, "add_cross_attention": True, "num_mtp_layers": 1,
    "intermediate_size_mlp": 90, "parallel_attn": False, "use_parallel_residual": True, "n_embed": 48, "n_embd": 48,
    "n_layer": 2, "n_head": 4, "num_layers": 2, "use_bidirectional_attention": True, "expansion_ratio": 3,
}  # fmt: skip
"""Keys that some family has, and a value for each, to be put where it does not belong."""


def mutations(configuration: Configuration) -> Iterator[tuple[str, Configuration]]:
    """What is done to a configuration, and what comes out."""
    family = configuration["model_type"]
    kind = support.transformers.CONFIG_MAPPING[support.RUN_AS.get(family, family)]
    values: dict[str, Any] = {field.name: field.default for field in dataclasses.fields(kind)}
    values |= {name: None for field in packaged().family(family).reads.values() for name in field.names}
    values |= {key: value for key, value in OF_OTHERS.items() if values.get(key) is None}
    values |= configuration
    for key, value in values.items():
        if NO_SHAPE.search(key) or "." in key:
            continue
        if key in configuration:
            yield f"without {key}", {name: kept for name, kept in configuration.items() if name != key}
        for changed in (None, *_others(value)):
            yield f"{key}: {changed}", {**copy.deepcopy(configuration), key: changed}
    yield from _by_layer(configuration)


def _others(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value, value]
    if isinstance(value, int):
        return [2 * value, 0, value + 1, value]
    if isinstance(value, list):
        return [value, []]
    return [3, True] if value is None else []


def _by_layer(configuration: Configuration) -> Iterator[tuple[str, Configuration]]:
    """Lists with a word a layer: of one kind, mixed, too short, and of a kind that is not counted."""
    layers = next((configuration[k] for k in ("num_hidden_layers", "n_layer", "num_layers") if k in configuration), 3)
    full, sliding = ["full_attention"] * layers, ["sliding_attention"] * layers
    mixed = [word for pair in zip(full, sliding, strict=True) for word in pair][:layers]
    for words in (full, sliding, mixed, full[:1], ["linear_attention"] * layers, ["chunked_attention"] * layers):
        yield f"layer_types: {words}", {**configuration, "layer_types": words}
    for words in (["dense"] * layers, ["sparse"] * layers, [*["dense"] * (layers - 1), "sparse"]):
        yield f"mlp_layer_types: {words}", {**configuration, "mlp_layer_types": words}
    yield "per_layer_config", {**configuration, "per_layer_config": {"1": {"intermediate_size": 33}}}


@pytest.mark.parametrize("family", CONFIGURATIONS)
def test_what_is_changed_is_counted_or_refused(family: str, tmp_path: Path) -> None:
    """Agreement with the class to the unit, or a refusal; a configuration that no class can build is not asked."""
    wrong, counted = [], 0
    for what, configuration in mutations(CONFIGURATIONS[family][0]):
        try:
            found = support.counted_by_us(configuration, tmp_path, LENGTH)
        except InvalidInput:
            continue
        try:
            real = support.counted_by_class(configuration, LENGTH)
        except Exception:  # noqa: S112 - whatever it is, the class cannot be built of it
            continue
        counted += 1
        ours = found["parameters"], found["active_parameters"], found["forward_flops_per_sequence"]
        if ours != (real.parameters, real.active, ours[2] if real.forward is None else real.forward):
            wrong.append(f"{what}: {ours}, the class has {tuple(real)}")
    assert not wrong, "\n".join(wrong)
    assert counted > 50
