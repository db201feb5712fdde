"""Complete engine inputs for tests: one ordinary case, architectures by family, and accelerators with their
sources."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sheetgen.base.inputs import fields
from sheetgen.catalogue import Accelerator
from sheetgen.engine import ENGINE, evaluate, flat, shown
from sheetgen.scenario.model import efficiency_inputs

Value = float | str


def accelerator(
    key: str, memory_gb: float, dense: dict[str, float], sparse: dict[str, float] | None = None,
    bandwidth: float | None = None,
) -> Accelerator:  # fmt: skip
    """What engine tests need of an accelerator: memory [GB], peaks by precision [TFLOPS], bandwidth [GB/s]."""
    return Accelerator(key, key, "", "", None, memory_gb, bandwidth, None, dense, sparse or {}, "", "", "")


# NVIDIA A100 datasheet: 312 TFLOPS FP16/BF16, 624 with sparsity; TF32 156 and 312; FP32 19.5.
A100 = accelerator(
    "a100-sxm-80gb",
    80.0,
    {"bf16": 312.0, "fp16": 312.0, "tf32": 156.0, "fp32": 19.5},
    {"bf16": 624.0, "fp16": 624.0, "tf32": 312.0},
)
# NVIDIA H100 datasheet and architecture whitepaper: 989.4 TFLOPS dense BF16, 1,978.9 dense FP8; 3.35 TB/s.
H100 = accelerator(
    "h100-sxm",
    80.0,
    {"bf16": 989.4, "fp16": 989.4, "fp8": 1978.9, "fp32": 67.0},
    {"bf16": 1978.9, "fp16": 1978.9, "fp8": 3957.8},
    3350.0,
)
# Google Cloud TPU v4 documentation: 275 TFLOPS BF16, 32 GiB.
TPU_V4 = accelerator("tpu-v4", 32.0, {"bf16": 275.0}, {})

DENSE: dict[str, Value] = {  # a model without experts, whose keys and values have heads of their own
    "attention": "gqa",
    "q_lora_rank": 0,
    "kv_lora_rank": 0,
    "qk_nope_dim": 0,
    "qk_rope_dim": 0,
    "v_head_dim": 0,
    "n_experts": 0,
    "experts_per_token": 0,
    "expert_d_ff": 0,
    "shared_expert_d_ff": 0,
    "shared_expert_gate": "no",
    "router_bias": "no",
    "dense_layers": 0,
    "workload": "text",
    "position_embedding": "learned",
    "token_types": 0,
    "embedding_width": 0,
    "embedding_norm": "no",
    "final_norm": "yes",
    "head": "scores",
    "head_transform": "no",
    "head_bias": "no",
    "attention_mask": "causal",
    "attention_window": 0,
    "window_kind": "sliding",
    "windowed_layers": 0,
    "attention_sinks": "no",
    "expert_bias": "no",
    "mtp_layers": 0,
    "mtp_logits": "yes",
    "image_size": 0,
    "patch_size": 0,
    "image_channels": 0,
    "class_token": "no",
    "n_classes": 0,
}

CAPACITY: dict[str, Value] = {  # rented singly, one tier, goodput typed, in the budget's currency
    "gpus_per_node": 1,
    "spare_nodes": 0,
    "goodput_basis": "typed",
    "failures_per_gpu_hour": 1.973e-5,  # arXiv:2407.21783, section 3.3.4: 419 in 54 days on 16,384 GPUs
    "checkpoint_seconds": 60,
    "checkpoint_basis": "optimum",
    "checkpoint_interval": 3600,
    "restart_seconds": 600,
    "repair_hours": 24,
    "ramp_days": 0,
    "buffer_days": 0,
    "alternative_gpus": 0,
    "currency": "USD",
    "quoted_for": "h100-sxm",
    "price_tier": "on demand",
    "price_term_months": 0,
    "quote_currency": "as the budget",
    "exchange_rate": 1,
    "exchange_date": 73050,
    "exchange_source": "no conversion",
    "reserved_share": 0,
    "reserved_price": 0,
    "commitment_months": 0,
    "spot_share": 0,
    "spot_price": 0,
    "spot_overhead": 0,
    "control_plane_price": 0,
    "dataset_tb": 0,
    "checkpoints_kept": 0,
    "checkpoint_bytes": 14,
    "storage_months": 0,
    "storage_price": 0,
    "egress_tb": 0,
    "egress_price": 0,
    "payment_months": 0,
    "prepayment": 0,
    "deposit": 0,
}

RUN: dict[str, Value] = {  # text, not packed; a request of 1,024 and 256 tokens; the law of Hoffmann et al. 2022
    "images": 0,
    "epochs": 0,
    "global_batch_images": 0,
    "packed_documents": 0,
    "packed_mean_square": 0,
    "typed_peak": 0,
    "failed_runs": 0,
    "support": 0,
    "data_cost": 0,
    "staff_cost": 0,
    "storage_cost": 0,
    "network_cost": 0,
    "software_cost": 0,
    "setup_cost": 0,
    **{f"other_name_{number}": "–" for number in range(1, 6)},
    **{f"other_amount_{number}": 0 for number in range(1, 6)},
    "deadline": 73050,
    **CAPACITY,
    "run_precision": "as the peak",
    "mfu_precision": "not said",
    "price_age_limit": 180,
    "prompt_tokens": 1024,
    "output_tokens": 256,
    "serving_utilisation": 0.3,
    "kv_bytes": 2,
    "serving_batch": 1,
    "serving_weight_bytes": 2,
    "scaling_law": "hoffmann",
    "law_irreducible_loss": 1.6934,
    "law_parameter_scale": 406.4,
    "law_parameter_exponent": 0.3392,
    "law_token_scale": 410.7,
    "law_token_exponent": 0.2849,
}

LLAMA_3_8B: dict[str, Value] = {  # arXiv:2407.21783v3, table 3
    **DENSE,
    "n_layers": 32,
    "d_model": 4096,
    "n_heads": 32,
    "n_kv_heads": 8,
    "head_dim": 128,
    "d_ff": 14336,
    "vocab_size": 128256,
    "learned_positions": 0,
    "norms_per_layer": 2,
    "gated_ffn": "yes",
    "tied_embeddings": "no",
    "qkv_bias": "no",
    "attention_output_bias": "no",
    "ffn_bias": "no",
    "norm": "rmsnorm",
    "qk_norm": "none",
    "undisclosed_parameters": 0,
    "undisclosed_active_parameters": 0,
    "max_context_length": 0,
    "uncounted_part": "nothing",
}

NO_ARCHITECTURE: dict[str, Value] = {
    **LLAMA_3_8B,
    **dict.fromkeys(("n_layers", "d_model", "n_heads", "n_kv_heads", "head_dim", "d_ff", "vocab_size"), 0),
}

IMPLIED: dict[str, Value] = {  # what a scenario need not say
    spec.key: spec.read(spec.default) for spec in fields().values() if spec.default is not None and spec.sheet is None
} | dict.fromkeys(efficiency_inputs().values(), 1.0)
IMPLIED |= {spec.key: 0 for spec in fields().values() if spec.filled}  # nothing published: as typed

ORDINARY: dict[str, Value] = {  # every check of this case is OK
    **IMPLIED,
    **LLAMA_3_8B,
    **RUN,
    "tokens": 15e12,
    "context_length": 8192,
    "global_batch_tokens": 4194304,
    "flops_convention": "megatron",
    "mfu_convention": "megatron",
    "published_training_flops": 0,
    "recomputation": "none",
    "accelerator": H100.key,
    "gpus": 2048,
    "precision": "bf16",
    "peak": "dense",
    "efficiency_basis": "mfu",
    "stated_mfu": 0.4,
    "stated_flops_per_gpu": 4e14,
    "observed_tokens_per_second": 1.5e7,
    "observed_tokens_per_second_per_gpu": 7000,
    "observed_sequences_per_second": 1800,
    "observed_step_seconds": 0.28,
    "stated_hfu": 0.4,
    "stated_hardware_flops_per_gpu": 4e14,
    "observed_gpu_hours": 7e5,
    "goodput": 0.9,
    "start_date": 46000.0,
    "price_per_gpu_hour": 2.5,
    "contingency": 0.1,
    "tax": 0.2,
    "days_per_year": 365,
    "state_bytes_per_parameter": 18,
    "check_tolerance": 1e-9,
    "mfu_review_low": 0.10,
    "mfu_review_high": 0.65,
    "price_date": 45900.0,
    "as_of": 45950.0,
    "fiscal_year_start": 1,
    "months": 12,
}


def llama(layers: int, width: int, heads: int, kv_heads: int, ffn: int, vocab: int) -> dict[str, Value]:
    """A Llama architecture: gated feed-forward, RMSNorm, no biases, untied head."""
    return LLAMA_3_8B | {
        "n_layers": layers,
        "d_model": width,
        "n_heads": heads,
        "n_kv_heads": kv_heads,
        "head_dim": width // heads,
        "d_ff": ffn,
        "vocab_size": vocab,
    }


def gpt(layers: int, width: int, heads: int, vocab: int, positions: int) -> dict[str, Value]:
    """A GPT-2 architecture: f = 4·h, LayerNorm, biases everywhere, learned positions, tied head."""
    return {
        **DENSE,
        "n_layers": layers,
        "d_model": width,
        "n_heads": heads,
        "n_kv_heads": heads,
        "head_dim": width // heads,
        "d_ff": 4 * width,
        "vocab_size": vocab,
        "learned_positions": positions,
        "norms_per_layer": 2,
        "gated_ffn": "no",
        "tied_embeddings": "yes",
        "qkv_bias": "yes",
        "attention_output_bias": "yes",
        "ffn_bias": "yes",
        "norm": "layernorm",
        "qk_norm": "none",
        "undisclosed_parameters": 0,
        "undisclosed_active_parameters": 0,
        "max_context_length": 0,
        "uncounted_part": "nothing",
    }


USUAL = ("inference", "optimal")
"""The optional sheets whose quantities tests of the ordinary case ask for."""


def quantities(
    *cases: Mapping[str, Any], chip: Accelerator | None = H100, sheets: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Every quantity of cases that stand beside each other, of these optional sheets too, by key."""
    table = {} if chip is None else {chip.key: chip}
    wanted = [item.key for item in shown(sheets)]
    return [flat(found) for found in evaluate([{"accelerators": table, **case} for case in cases], wanted)]


def compute(changes: Mapping[str, Value], chip: Accelerator | None = H100) -> dict[str, Any]:
    """All quantities of the ordinary case with changes, of a request and the optimum, too; the accelerator is the given
    one."""
    return quantities({**ORDINARY, **({"accelerator": chip.key} if chip else {}), **changes}, chip=chip, sheets=USUAL)[
        0
    ]


def figures(changes: Mapping[str, Value], chip: Accelerator | None = H100) -> dict[str, float]:
    """As :func:`compute`, the numbers alone."""
    return {key: value for key, value in compute(changes, chip).items() if not isinstance(value, str)}


def worked(given: Mapping[str, Any], wanted: Collection[str]) -> dict[str, Any]:
    """The wanted quantities of what is given: inputs, and quantities that are taken as they are. Inputs that are not
    given are at their defaults, and there are no cost lines that go along with another one."""
    along = {item.key: 0 for item in ENGINE.quantities.values() if item.counted_with}
    return ENGINE.evaluate({**IMPLIED, **along, **given}, tuple(wanted))
