"""Every check: one set of values that passes, and one that trips it."""

from __future__ import annotations

from typing import Any

import pytest

from sheetgen.engine import FAIL, OK, REVIEW, shown
from tests.support.engine_cases import H100, worked
from tests.support.price_controls import PRICE_CONTROLS
from tests.support.utilisation_controls import UTILISATION_CONTROLS
from tests.support.worked import tripped

Values = dict[str, Any]
CHECKS = [item.key for item in shown() if item.unit == "status"]

ADDING_UP: Values = {
    "counted_parameters": 1000.0,
    "transformer_blocks": 2,
    "mtp_parameters": 0,
    "attention_parameters": 100,
    "norm_parameters": 10,
    "dense_ffn_layers": 1,
    "ffn_parameters": 150,
    "moe_layers": 1,
    "moe_ffn_parameters": 250,
    "embedding_parameters": 200,
    "final_norm_parameters": 80,
    "lm_head_parameters": 100,
    "check_tolerance": 1e-9,
}
DELIVERED: Values = {
    "gpus": 10,
    "achieved_flops_per_gpu": 5e11,
    "training_seconds": 172800.0,
    "training_flops": 864e15,
    "check_tolerance": 1e-9,
}
TOKENS: Values = {
    "tokens_per_second": 5e6,
    "training_seconds": 172800.0,
    "training_tokens": 864e9,
    "check_tolerance": 1e-9,
}
HOURS: Values = {"gpus": 10, "calendar_days": 2.0, "gpu_hours": 480.0, "check_tolerance": 1e-9}
LINES: Values = {  # 1,440 + 720 of three tiers, 10 % support, 24 beside; 10 % and 20 % on top
    "on_demand_cost": 1440.0,
    "reserved_cost": 500,
    "spot_cost": 100,
    "unused_commitment_cost": 80,
    "control_plane_cost": 40,
    "support": 0.1,
    "other_cost": 24,
    "contingency": 0.1,
    "tax": 0.2,
    "total_cost": 3168,
    "check_tolerance": 1e-9,
}
TIER_HOURS: Values = {
    "on_demand_gpu_hours": 100,
    "reserved_gpu_hours": 50,
    "spot_gpu_hours": 60,
    "spot_overhead": 0.2,
    "demand_gpu_hours": 200,
    "check_tolerance": 1e-9,
}
UNIT: Values = {
    "cost_per_million_tokens": 0.0022,
    "training_tokens": 864e9,
    "total_cost": 1900.8,
    "check_tolerance": 1e-9,
}
EXPERTS: Values = {"n_experts": 8, "experts_per_token": 8, "expert_d_ff": 1, "dense_layers": 32, "n_layers": 32}
LATENT: Values = {"attention": "mla", "kv_lora_rank": 1, "qk_nope_dim": 0, "qk_rope_dim": 1, "v_head_dim": 1}
TOTAL: Values = {"total_cost": 600, "check_tolerance": 1e-9}
STATED: Values = {
    "flops_convention": "published",
    "mfu_convention": "6nd",
    "published_training_flops": 3.8e25,
}

CUT: Values = {  # a window of 2 in one of two layers over 4 tokens: 7 of 10 pairs
    "flops_convention": "masked",
    "mfu_convention": "megatron",
    "attention_mask": "causal",
    "transformer_blocks": 2,
    "windowed_layers_used": 1,
    "pairs_full_layer": 10,
    "pairs_windowed_layer": 7,
    "sequence_length": 4,
}
IMAGES: Values = {
    "workload": "vision",
    "attention_mask": "full",
    "vocab_size": 0,
    "image_size": 224,
    "patch_size": 16,
    "image_channels": 3,
}

TYPED: Values = {"typed_peak": 989, "precision": "bf16", "accelerator_figures": H100}

# key: what it means when it trips, values that pass, changes that trip it
CONTROLS: dict[str, tuple[str, Values, list[Values]]] = {
    "check_parameters_add_up": (
        FAIL,
        ADDING_UP,
        [{"counted_parameters": 1000.00001}, {"lm_head_parameters": 0}, {"moe_layers": 2}],
    ),
    "check_head_groups": (
        FAIL,
        {"attention": "gqa", "n_heads": 32, "n_kv_heads": 8},
        [{"n_kv_heads": 5}, {"n_kv_heads": 0}],
    ),
    "check_experts": (
        FAIL,
        EXPERTS,
        [{"experts_per_token": 0}, {"experts_per_token": 9}, {"expert_d_ff": 0}, {"dense_layers": 33}],
    ),
    "check_latent_attention": (FAIL, LATENT, [{"kv_lora_rank": 0}, {"qk_rope_dim": 0}, {"v_head_dim": 0}]),
    "check_tokens_given": (FAIL, {"training_tokens": 1}, [{"training_tokens": 0}]),
    "check_window": (
        FAIL,
        {"windowed_layers": 2, "attention_window": 512, "n_layers": 2},
        [{"windowed_layers": 3}, {"windowed_layers": 0}, {"attention_window": 0}],
    ),
    "check_window_counted": (
        REVIEW,
        CUT,
        [{"flops_convention": "palm"}, {"mfu_convention": "exact"}, {"flops_convention": "kaplan"}],
    ),
    "check_packing": (
        FAIL,
        {"packed_documents": 4, "sequence_square": 4 * 512 * 512, "sequence_length": 2048},
        [{"sequence_square": 4 * 511 * 511}, {"sequence_square": 2049 * 2049}],
    ),
    "check_packing_with_window": (
        REVIEW,
        {"packed_documents": 0, "windowed_layers_used": 2, "window_used": 512, "sequence_length": 2048},
        [{"packed_documents": 2}],
    ),
    "check_vision": (
        FAIL,
        IMAGES,
        [
            {"attention_mask": "causal"},
            {"vocab_size": 1},
            {"image_size": 225},
            {"patch_size": 0},
            {"image_channels": 0},
            {"workload": "text"},
        ],
    ),
    "check_classes": (FAIL, {"n_classes": 2, "head_scores_classes": 1}, [{"n_classes": 0}, {"head_scores_classes": 0}]),
    "check_head": (
        FAIL,
        {"head": "scores", "head_transform": "yes", "head_bias": "yes", "embedding_width": 512, "mtp_layers": 1},
        [{"head": "none"}, {"head": "pooler"}, {"head": "classes"}, {"head": "pooled_classes"}],
    ),
    "check_positions": (
        FAIL,
        {"workload": "text", "position_embedding": "learned", "learned_positions": 1024, "context_length": 1024},
        [{"context_length": 1025}],
    ),
    "check_context": (
        REVIEW,
        {"workload": "text", "max_context_length": 4096, "context_length": 4096},
        [{"context_length": 4097}],
    ),
    "check_whole_model": (REVIEW, {"uncounted_part": "nothing"}, [{"uncounted_part": "vision tower"}]),
    "check_undisclosed_active": (
        FAIL,
        {"undisclosed_active_parameters": 3, "undisclosed_parameters": 35},
        [{"undisclosed_active_parameters": 36}, {"undisclosed_parameters": 0}],
    ),
    "check_convention_computable": (
        FAIL,
        {"training_flops_per_token": 1, "mfu_convention_flops_per_token": 1},
        [{"training_flops_per_token": 0}, {"mfu_convention_flops_per_token": 0}],
    ),
    "check_published_total": (
        FAIL,
        STATED,
        [
            {"published_training_flops": 0},
            {"published_training_flops": 0, "flops_convention": "6nd", "mfu_convention": "published"},
        ],
    ),
    "check_one_parameter_count": (
        FAIL,
        {"undisclosed_parameters": 0, "counted_parameters": 8_030_261_248},
        [{"undisclosed_parameters": 280_000_000_000}],
    ),
    "check_accelerator_listed": (FAIL, {"accelerator_listed": 1}, [{"accelerator_listed": 0}]),
    "check_peak_published": (FAIL, {"peak_flops_per_gpu": 989.4e12}, [{"peak_flops_per_gpu": 0}]),
    "check_dense_peak": (REVIEW, {"peak": "dense"}, [{"peak": "sparse"}]),
    "check_typed_peak": (  # 1,978.9 is sparse in BF16 and dense in FP8; a data sheet may round it to 1,979
        REVIEW,
        {"typed_peak": 989.4, "precision": "bf16", "accelerators": {"h100-sxm": H100}},
        [{"typed_peak": 1978.9}, {"typed_peak": 1979}],
    ),
    "check_accumulation": (  # a GeForce RTX 4090: 165.2 TFLOPS in FP16 with FP32 accumulation, 330.3 with FP16
        REVIEW,
        {"accelerator_figures": H100._replace(fp16_accumulate=330.3), "peak_flops_per_gpu": 165.2e12},
        [{"peak_flops_per_gpu": 330.3e12}, {"peak_flops_per_gpu": 330e12}],
    ),
    "check_native_precision": (
        REVIEW,
        {"accelerator_figures": H100._replace(emulates="fp4"), "precision": "bf16"},
        [{"precision": "fp4"}],
    ),
    **UTILISATION_CONTROLS,
    "check_flops_delivered": (FAIL, DELIVERED, [{"training_seconds": 172800.001}, {"training_seconds": 0}]),
    "check_tokens_delivered": (FAIL, TOKENS, [{"tokens_per_second": 5000000.1}]),
    "check_gpu_hours": (FAIL, HOURS, [{"gpu_hours": 480.001}]),
    "check_cost_lines": (
        FAIL,
        LINES,
        [{"total_cost": 3168.01}, {"other_cost": 0}, {"support": 0}, {"unused_commitment_cost": 0}, {"spot_cost": 0}],
    ),
    **PRICE_CONTROLS,
    "check_lines_named": (
        REVIEW,
        {f"other_amount_{n}": n - 1 for n in range(1, 6)} | {f"other_name_{n}": "–Aa"[:n] for n in range(1, 6)},
        [{"other_amount_1": 1}, {"other_name_5": "–"}],
    ),
    "check_tier_hours": (FAIL, TIER_HOURS, [{"on_demand_gpu_hours": 99}, {"spot_overhead": 0}]),
    "check_goodput": (
        FAIL,
        {"goodput_basis": "modelled", "effective_goodput": 0.011},
        [{"effective_goodput": 0.01}],
    ),
    "check_spares": (
        REVIEW,
        {"goodput_basis": "modelled", "spare_nodes": 2, "nodes_in_repair": 2},
        [{"nodes_in_repair": 2.1}],
    ),
    "check_tier_shares": (FAIL, {"reserved_share": 0.75, "spot_share": 0.25}, [{"spot_share": 0.26}]),
    "check_tier_prices": (
        FAIL,
        {"reserved_share": 0.5, "reserved_price": 1, "spot_share": 0.1, "spot_price": 1},
        [{"reserved_price": 0}, {"spot_price": 0}],
    ),
    "check_stored_priced": (
        REVIEW,
        {"stored_tb": 5, "storage_months": 1, "storage_price": 20, "egress_tb": 1, "egress_price": 50},
        [{"storage_price": 0}, {"egress_price": 0}],
    ),
    "check_exchange": (
        FAIL,
        {
            "quote_currency": "USD",
            "currency": "EUR",
            "exchange_rate": 0.9,
            "exchange_date": 45950,
            "exchange_source": "ECB",
            "as_of": 45950,
        },
        [
            {"exchange_date": 45951},
            {"exchange_source": "no conversion"},
            {"quote_currency": "EUR"},
            {"quote_currency": "as the budget"},
        ],
    ),
    "check_exchange_age": (REVIEW, {"exchange_age": 180, "price_age_limit": 180}, [{"exchange_age": 181}]),
    "check_unit_cost": (FAIL, UNIT, [{"cost_per_million_tokens": 0.0022001}]),
    "check_memory": (
        REVIEW,
        {"state_bytes_per_gpu": 80e9, "memory_per_gpu": 80e9},
        [{"state_bytes_per_gpu": 80.1e9}],
    ),
    "check_batch": (REVIEW, {"batch_tokens": 4096, "training_tokens": 4096}, [{"batch_tokens": 4097}]),
    "check_tokens_per_parameter": (  # 15.6B typed for 15.6T at 405B is 0.04; Qwen3 0.6B saw 36T, 60,000 a parameter
        REVIEW,
        {"workload": "text", "tokens_per_parameter": 60_000},
        [{"tokens_per_parameter": 0.04}, {"tokens_per_parameter": 100_001}],
    ),
    "check_typed_peak_near": (REVIEW, TYPED, [{"typed_peak": 989_000}, {"typed_peak": 400}]),
    "check_whole_sequences": (
        REVIEW,
        {"batch_tokens": 4194304, "sequence_length": 8192},
        [{"batch_tokens": 4194305}, {"sequence_length": 8191}],
    ),
    "check_run_days": (REVIEW, {"calendar_days": 73.5}, [{"calendar_days": 0.03}, {"calendar_days": 1096}]),
    "check_deadline": (REVIEW, {"finish_date": 46100, "deadline": 46100}, [{"finish_date": 46101}]),
    "check_price_age": (REVIEW, {"price_age": 180, "price_age_limit": 180}, [{"price_age": 181}]),
    "check_price_dated": (REVIEW, {"price_date": 45950, "as_of": 45950}, [{"price_date": 45951}]),
    "check_start_date": (REVIEW, {"start_date": 45950, "as_of": 45950}, [{"start_date": 45949}]),
    "check_phasing_parts": (FAIL, {"phased_cost": 600.0} | TOTAL, [{"phased_cost": 600.0001}]),
    **{
        f"check_{flow}_{over}": (
            FAIL,
            {series: (160.0, 280.0, 150.0), f"{flow}_later": 10} | TOTAL,
            [{series: (160.0, 280.0001, 150.0)}, {f"{flow}_later": 0}],
        )
        for flow in ("accrual", "payment")
        for over, series in (("months", flow), ("years", f"{flow}_year"))
    },
    "check_horizon": (
        REVIEW,
        {"accrual_later": 0.0, "payment_later": 0.0} | TOTAL,
        [{"accrual_later": 1}, {"payment_later": -1}],
    ),
}


def status(key: str, values: Values) -> str:
    """What a check says of these values."""
    found: str = worked(values, [key])[key]
    return found


def test_every_check_has_its_controls() -> None:
    """No check is without a value that trips it, here or in a table of worked figures."""
    assert set(CONTROLS) | (tripped() & set(CHECKS)) == set(CHECKS)


@pytest.mark.parametrize("key", CONTROLS)
def test_check_passes(key: str) -> None:
    """The check is OK on figures that agree, with values on the allowed boundary where there is one."""
    assert status(key, CONTROLS[key][1]) == OK


@pytest.mark.parametrize(
    ("key", "change"), [(key, change) for key, (_, _, changes) in CONTROLS.items() for change in changes]
)
def test_check_trips(key: str, change: Values) -> None:
    """The check gives its FAIL or REVIEW on figures that do not agree."""
    otherwise, values, _ = CONTROLS[key]

    assert status(key, values | change) == otherwise
