"""Memory of the host: what the accelerators of a node move there, or to its disks.

ZeRO-Offload (Ren et al. 2021, arXiv:2101.06840), ZeRO-Infinity (Rajbhandari et al. 2021, arXiv:2104.07857), and
DeepSpeed's estimators.
"""

from __future__ import annotations

from sheetgen.engine.arithmetic import Number, divide, quotient
from sheetgen.engine.quantity import quantity
from sheetgen.engine.stages import Stages
from sheetgen.engine.states import MOMENT_BYTES, Offloaded, shares

DEEPSPEED_STATE = 18
DEEPSPEED_PINNED = 1.5
"""Room that DeepSpeed's estimator adds for buffers on the host."""


@quantity("byte/node", "zero-offload")
def host_memory_per_node(
    heaviest_stage: Number,
    stage_dense_parameters: Stages,
    stage_expert_parameters: Stages,
    dense_shards: Number,
    expert_shards: Number,
    optimizer_bytes: Number,
    gradient_bytes: Number,
    weight_bytes: Number,
    offloaded: Offloaded,
    optimizer_offload_share: Number,
    weight_offload_share: Number,
    zero_stage: Number,
    node_gpus: Number,
) -> Number:
    """What the accelerators of a node of the heaviest stage move to the host or its NVMe disks: with the optimizer its
    gradients, else the moments; with stage 3 weights, too. Buffers and pinned copies are not in it."""
    place = int(heaviest_stage) - 1
    moved = optimizer_bytes + gradient_bytes if offloaded == "optimizer" else min(optimizer_bytes, MOMENT_BYTES)
    size = moved * optimizer_offload_share + (weight_bytes * weight_offload_share if zero_stage >= 3 else 0)
    among = shares(zero_stage >= 1, dense_shards, expert_shards)
    own = quotient(size * stage_dense_parameters[place], among[0])
    return node_gpus * (own + quotient(size * stage_expert_parameters[place], among[1]))


@quantity("byte/node", "deepspeed-memory")
def deepspeed_host(parameters: Number, gpus: Number, node_gpus: Number) -> Number:
    """DeepSpeed's estimate of a node's host memory for stage 3 with optimizer and weights there: 1.5·18·N/nodes."""
    return divide(DEEPSPEED_PINNED * DEEPSPEED_STATE * parameters * node_gpus, gpus)
