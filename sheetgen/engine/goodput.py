"""Nodes that are paid for, and goodput: the share of the elapsed time in which steps are made that are kept.

Goodput is typed, or what a model of failures leaves to first order in the share of time lost (Young 1974,
Communications of the ACM 17(9); Daly 2006, Future Generation Computer Systems 22(3), section 3): a checkpoint of δ
seconds every τ seconds loses δ/τ; a failure every M seconds loses half an interval of work and a restart of R seconds,
(τ/2 + R)/M. The interval that loses least is √(2·δ·M).
"""

from __future__ import annotations

import math
from typing import Literal

from sheetgen.engine.arithmetic import SECONDS_PER_HOUR, Number, divide, round_up
from sheetgen.engine.quantity import FAIL, REVIEW, check, quantity

MIN_GOODPUT = 0.01
GoodputBasis = Literal["typed", "modelled"]
CheckpointBasis = Literal["optimum", "typed"]


@quantity("node")
def whole_nodes(gpus: Number, gpus_per_node: Number) -> int:
    """Nodes of the run, rounded up to whole ones."""
    return round_up(divide(gpus, gpus_per_node))


@quantity("GPU")
def billed_gpus(whole_nodes: Number, spare_nodes: Number, gpus_per_node: Number) -> Number:
    """GPUs that are paid for, those of spare nodes included."""
    return (whole_nodes + spare_nodes) * gpus_per_node


@quantity("s", "llama3-failures")
def failure_interval_seconds(failures_per_gpu_hour: Number, gpus: Number) -> float:
    """M: the time between failures of the run; 0 where nothing fails."""
    return divide(SECONDS_PER_HOUR, failures_per_gpu_hour * gpus)


@quantity("s", "young1974")
def optimum_checkpoint_interval(checkpoint_seconds: Number, failure_interval_seconds: Number) -> float:
    """√(2·δ·M): the interval between checkpoints that loses least."""
    return math.sqrt(2 * checkpoint_seconds * failure_interval_seconds)


@quantity("s", "young1974")
def checkpoint_interval_used(
    checkpoint_basis: CheckpointBasis, optimum_checkpoint_interval: Number, checkpoint_interval: Number
) -> Number:
    """τ: the interval between checkpoints, the best one or the typed one."""
    return optimum_checkpoint_interval if checkpoint_basis == "optimum" else checkpoint_interval


@quantity("fraction", "daly2006")
def checkpoint_loss(checkpoint_seconds: Number, checkpoint_interval_used: Number) -> float:
    """δ/τ: the time lost to checkpoints."""
    return divide(checkpoint_seconds, checkpoint_interval_used)


@quantity("fraction", "daly2006")
def rework_loss(checkpoint_interval_used: Number, failure_interval_seconds: Number) -> float:
    """(τ/2)/M: the time lost to work that is done again."""
    return divide(checkpoint_interval_used / 2, failure_interval_seconds)


@quantity("fraction", "daly2006")
def restart_loss(restart_seconds: Number, failure_interval_seconds: Number) -> float:
    """R/M: the time lost to restarts."""
    return divide(restart_seconds, failure_interval_seconds)


@quantity("fraction", "daly2006")
def modelled_goodput(checkpoint_loss: Number, rework_loss: Number, restart_loss: Number) -> Number:
    """What checkpoints, work done again and restarts leave, at least 1 %."""
    return max(1 - checkpoint_loss - rework_loss - restart_loss, MIN_GOODPUT)


@quantity("fraction", "goodput")
def effective_goodput(goodput_basis: GoodputBasis, modelled_goodput: Number, goodput: Number) -> Number:
    """The goodput of the run: modelled or typed."""
    return modelled_goodput if goodput_basis == "modelled" else goodput


@quantity("node", "little1961")
def nodes_in_repair(failures_per_gpu_hour: Number, gpus: Number, repair_hours: Number) -> Number:
    """Nodes that are away on average: failures an hour × hours of a repair (Little 1961, Operations Research 9(3))."""
    return failures_per_gpu_hour * gpus * repair_hours


@check(FAIL, "daly2006")
def check_goodput(goodput_basis: GoodputBasis, effective_goodput: Number) -> bool:
    """A goodput that is modelled leaves time to train."""
    return goodput_basis != "modelled" or effective_goodput > MIN_GOODPUT


@check(REVIEW, "little1961")
def check_spares(goodput_basis: GoodputBasis, spare_nodes: Number, nodes_in_repair: Number) -> bool:
    """Where goodput is modelled, spare nodes stand in for those that are in repair on average."""
    return goodput_basis != "modelled" or spare_nodes >= nodes_in_repair


@check(REVIEW)
def check_spares_fewer(spare_nodes: Number, whole_nodes: Number) -> bool:
    """No more nodes stand by than train."""
    return spare_nodes <= whole_nodes
