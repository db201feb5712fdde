"""Goodput: the share of the elapsed time in which steps are made that are kept, typed or from a model of failures.

To first order in the share of time lost (Young 1974, Communications of the ACM 17(9); Daly 2006, Future Generation
Computer Systems 22(3), section 3): a checkpoint of δ seconds every τ seconds loses δ/τ; a failure every M seconds loses
half an interval of work and a restart of R seconds, (τ/2 + R)/M. The interval that loses least is √(2·δ·M).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sheetgen.engine.arithmetic import SECONDS_PER_HOUR, Number, divide

WHOLE_DECIMALS = 9  # a count that misses a whole number by less than 10^-9 is that number
LEAST_GOODPUT = 0.01
GOODPUT_BASES = ("typed", "modelled")
CHECKPOINT_BASES = ("optimum", "typed")


class Goodput(NamedTuple):
    """Capacity that is paid for, and the time that failures and checkpoints leave; units in :data:`UNITS`."""

    whole_nodes: int
    billed_gpus: Number
    failure_interval_seconds: float
    optimum_checkpoint_interval: float
    checkpoint_interval_used: Number
    checkpoint_loss: float
    rework_loss: float
    restart_loss: float
    modelled_goodput: float
    effective_goodput: Number
    nodes_in_repair: float


UNITS = {
    "whole_nodes": "node",
    "billed_gpus": "GPU",
    "failure_interval_seconds": "s",
    "optimum_checkpoint_interval": "s",
    "checkpoint_interval_used": "s",
    "checkpoint_loss": "fraction",
    "rework_loss": "fraction",
    "restart_loss": "fraction",
    "modelled_goodput": "fraction",
    "effective_goodput": "fraction",
    "nodes_in_repair": "node",
}


def goodput(
    *,
    gpus: Number,
    gpus_per_node: Number,
    spare_nodes: Number,
    basis: str,
    typed_goodput: Number,
    failures_per_gpu_hour: Number,
    checkpoint_seconds: Number,
    checkpoint_basis: str,
    checkpoint_interval: Number,
    restart_seconds: Number,
    repair_hours: Number,
) -> Goodput:
    """Nodes and goodput of a run on ``gpus`` GPUs.

    ``basis`` is one of :data:`GOODPUT_BASES`, ``checkpoint_basis`` one of :data:`CHECKPOINT_BASES`; times in the unit
    of their name. Nodes in repair are failures an hour × hours of a repair (Little 1961, Operations Research 9(3)).
    """
    nodes = math.ceil(round(divide(gpus, gpus_per_node), WHOLE_DECIMALS))
    failures_per_hour = failures_per_gpu_hour * gpus
    between = divide(SECONDS_PER_HOUR, failures_per_hour)
    optimum = math.sqrt(2 * checkpoint_seconds * between)
    interval = optimum if checkpoint_basis == "optimum" else checkpoint_interval
    to_checkpoints = divide(checkpoint_seconds, interval)
    to_rework = divide(interval / 2, between)
    to_restarts = divide(restart_seconds, between)
    modelled = max(1 - to_checkpoints - to_rework - to_restarts, LEAST_GOODPUT)
    return Goodput(
        whole_nodes=nodes,
        billed_gpus=(nodes + spare_nodes) * gpus_per_node,
        failure_interval_seconds=between,
        optimum_checkpoint_interval=optimum,
        checkpoint_interval_used=interval,
        checkpoint_loss=to_checkpoints,
        rework_loss=to_rework,
        restart_loss=to_restarts,
        modelled_goodput=modelled,
        effective_goodput=modelled if basis == "modelled" else typed_goodput,
        nodes_in_repair=failures_per_hour * repair_hours,
    )
