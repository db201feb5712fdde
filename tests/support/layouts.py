"""Layouts for tests: the defaults of every input, models of the catalogue and of papers, and all quantities at once."""

from __future__ import annotations

from functools import cache
from typing import Any

from sheetgen.catalogue.library import load_catalogue
from sheetgen.engine.graph import ENGINE, OPTIONAL
from tests.support.engine_cases import DENSE, H100, ORDINARY, Value

WANTED = (
    *(item.key for item in (*OPTIONAL["memory"], *OPTIONAL["layout"])),
    *("parameters", "layers_matmul_parameters", "forward_flops_per_token_megatron", "mfu"),
)
GIB, MIB, GB = 2**30, 2**20, 1e9

PLAIN: dict[str, Value] = {  # every input of a layout: nothing split, as published rules count
    "tensor_parallel": 1,
    "pipeline_parallel": 1,
    "virtual_stages": 1,
    "context_parallel": 1,
    "expert_parallel": 1,
    "expert_tensor_parallel": 1,
    "zero_stage": 1,
    "shard_group": 0,
    "sequence_parallel": "yes",
    "micro_batch_sequences": 1,
    "pipeline_schedule": "1f1b",
    "stage_split": "even",
    "stage_rows": 64,
    "activation_rule": "fused",
    "state_recipe": "2/4/12",
    "recomputed_layers": 0,
    "hidden_dropout": "no",
    "fp8_activations": "no",
    "expert_load": 1,
    "expert_outputs_kept": "no",
    "context_exchange": "ring",
    "logits_bytes": 2,
    "weight_gradient_workspace": "no",
    "framework_overhead": 0,
    "memory_headroom": 0.06,
    "offloaded": "moments",
    "optimizer_offload_share": 0,
    "weight_offload_share": 0,
    "linked_gpus": 8,
    "intra_node_bandwidth": 450e9,
    "inter_node_bandwidth": 50e9,
    "link_efficiency": 1,
    "tensor_overlap": 0,
    "context_overlap": 0,
    "expert_overlap": 0,
    "pipeline_overlap": 0,
    "data_overlap": 1,
    "kernel_efficiency": 0,
    "lora_rank": 64,
    "adapter_bytes": 12,
}


@cache
def model(name: str) -> dict[str, Value]:
    """The architecture of a model of the catalogue, as inputs."""
    return DENSE | load_catalogue().model(name).architecture()


def of_layout(architecture: dict[str, Value], **inputs: Any) -> dict[str, Any]:
    """The inputs of a layout of a model; ``sequences`` are those of a step, ``s`` the length of one, ``microbatches``
    their number on a rank, ``memory_gb`` the accelerator's."""
    length, sequences = inputs.pop("s", 4096), inputs.pop("sequences", None)
    own = {"gpus": 1, "recomputation": "none", "context_length": length, **architecture, **PLAIN, **inputs}
    if sequences is None:  # as many as there are data-parallel ranks, so one microbatch each
        split = own["tensor_parallel"] * own["pipeline_parallel"] * own["context_parallel"]
        sequences = max(own["gpus"] // split, 1) * own["micro_batch_sequences"] * own.get("microbatches", 1)
    own.pop("microbatches", None)
    return own | {"global_batch_tokens": sequences * length}


def computed(inputs: dict[str, Any]) -> dict[str, Any]:
    """Every quantity of a layout, on an H100."""
    memory = inputs.get("memory_gb")
    chip = H100 if memory is None else H100._replace(memory_gb=memory)
    return ENGINE.evaluate({**ORDINARY, **inputs, "accelerator": chip.key, "accelerators": {chip.key: chip}}, WANTED)


def layout_of(architecture: dict[str, Value], **inputs: Any) -> dict[str, Any]:
    """Every quantity of a layout of a model; inputs as of :func:`of_layout`."""
    return computed(of_layout(architecture, **inputs))
