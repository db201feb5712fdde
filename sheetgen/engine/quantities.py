"""Every quantity of one case, by key: the one entry to the engine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.engine import (
    checks,
    chinchilla,
    cost,
    efficiency,
    flops,
    forward,
    goodput,
    inference,
    mask,
    optimal,
    parameters,
    scaling,
    schedule,
    sequence,
)
from sheetgen.engine.architecture import Architecture
from sheetgen.engine.arithmetic import Number
from sheetgen.engine.efficiency import AcceleratorFigures
from sheetgen.engine.inputs import CaseInputs, read_inputs

UNITS: dict[str, str] = {
    **sequence.UNITS,
    **parameters.UNITS,
    **mask.UNITS,
    **flops.UNITS,
    **scaling.UNITS,
    **efficiency.BRIDGE_UNITS,
    **efficiency.UNITS,
    **goodput.UNITS,
    **schedule.UNITS,
    **cost.UNITS,
    **inference.UNITS,
    **optimal.UNITS,
    **checks.UNITS,
}
"""Unit of every quantity by key, in the order in which :func:`quantities` returns them."""


def quantities(
    inputs: Mapping[str, float | str], accelerator: AcceleratorFigures | None
) -> dict[str, float | int | str]:
    """Every quantity of one case by key, in the order and the units of :data:`UNITS`.

    Counts and FLOPs per token are integers wherever the inputs are whole numbers; a division by 0 gives 0,
    and a check says what is missing.

    Args:
        inputs: every input of the case by key, listed in :mod:`sheetgen.engine.inputs`; others are ignored.
        accelerator: the figures of the accelerator that ``inputs`` names, or None where none are listed.

    Raises:
        InvalidInput: inputs are missing or not what they should be, the figures are another accelerator's, or
            a result is beyond the range of a double.
    """
    case = read_inputs(inputs)
    named = case.words["accelerator"]
    if accelerator is not None and accelerator.key.casefold() != named.casefold():
        problem = Problem(
            "the figures are another accelerator's", key="accelerator", given=accelerator.key, allowed=named
        )
        raise InvalidInput([problem])
    try:
        values = _compute(case, accelerator)
    except OverflowError as error:
        raise InvalidInput([Problem(f"the inputs give figures beyond the range of a double: {error}")]) from error
    except ValueError as error:  # NaN, from infinite steps on the way, has no whole number of days
        raise InvalidInput([Problem(f"the inputs give no finite figure: {error}")]) from error
    beyond = [key for key, value in values.items() if isinstance(value, float) and not math.isfinite(value)]
    if beyond:
        raise InvalidInput([Problem("the inputs give no finite figure", key=key) for key in beyond])
    return {key: values[key] for key in UNITS}


def run_quantities(inputs: Mapping[str, float | str], accelerator: AcceleratorFigures | None) -> dict[str, Number]:
    """FLOPs, utilisation, time and cost alone, by key; ``inputs`` as in :func:`quantities`, read as strictly."""
    case = read_inputs(inputs)
    return _run(case, _count(case), accelerator)


def moved_run(
    case: CaseInputs,
    numbers: Mapping[str, Number],
    words: Mapping[str, str],
    accelerator: AcceleratorFigures | None,
    training_flops: Number | None = None,
) -> dict[str, Number]:
    """As :func:`run_quantities`, of a case that was read before, with these inputs set otherwise, and with the run's
    training FLOPs where they are given."""
    changed = CaseInputs({**case.numbers, **numbers}, {**case.words, **words})
    return _run(changed, _count(changed), accelerator, training_flops)


def shares_at(inputs: Mapping[str, float | str], sequence_length: int) -> dict[str, float]:
    """The shares of a forward pass of one case at another sequence length [fraction]; ``inputs`` as in
    :func:`quantities`."""
    case = read_inputs(inputs)
    architecture = read_architecture(case)
    counts = parameters.count_parameters(architecture, case.numbers["undisclosed_parameters"])
    return scaling.component_shares(architecture, counts, sequence_length)


class _Counted(NamedTuple):
    """What of a case depends on its model and its sequences alone."""

    run: sequence.Sequence
    architecture: Architecture
    counts: parameters.ParameterCounts
    conventions: Mapping[str, flops.FlopsPerToken]
    values: Mapping[str, Number]


OF_THE_MODEL = frozenset(
    {
        *Architecture._fields,
        "context_length",
        "tokens",
        "global_batch_tokens",
        "images",
        "epochs",
        "global_batch_images",
        "packed_documents",
        "packed_mean_square",
        "published_training_flops",
        "undisclosed_parameters",
    }
)
"""The inputs that :class:`_Counted` depends on."""

_MOST_COUNTED = 64
_counted: dict[tuple[Number | str, ...], _Counted] = {}


def _count(case: CaseInputs) -> _Counted:
    """Parameters and FLOPs of a case, kept for the next one with the same model and sequences."""
    numbers = case.numbers
    key = tuple(value for part in (numbers, case.words) for name, value in part.items() if name in OF_THE_MODEL)
    if key in _counted:
        return _counted[key]
    architecture = read_architecture(case)
    run = sequence.sequence(
        architecture,
        context_length=numbers["context_length"],
        tokens=numbers["tokens"],
        global_batch_tokens=numbers["global_batch_tokens"],
        images=numbers["images"],
        epochs=numbers["epochs"],
        global_batch_images=numbers["global_batch_images"],
    )
    length = run.sequence_length
    counts = parameters.count_parameters(architecture, numbers["undisclosed_parameters"])
    kept = mask.mask(architecture, length, numbers["packed_documents"], numbers["packed_mean_square"])
    workload = flops.Workload(
        architecture=architecture,
        counts=counts,
        sequence_length=length,
        mask=kept,
        tokens=run.training_tokens,
        published_training_flops=numbers["published_training_flops"],
    )
    conventions = flops.count_conventions(workload)
    values: dict[str, Number] = {
        **run._asdict(),
        **counts._asdict(),
        **kept._asdict(),
        **workload.components._asdict(),
        **forward.sequence_flops(architecture, counts, length, kept)._asdict(),
        **chinchilla.chinchilla_components(architecture, counts, length)._asdict(),
        **scaling.component_shares(architecture, counts, length),
        **flops.convention_quantities(conventions, run.training_tokens),
    }
    if len(_counted) >= _MOST_COUNTED:
        _counted.clear()
    return _counted.setdefault(key, _Counted(run, architecture, counts, conventions, values))


def _run(
    case: CaseInputs, counted: _Counted, accelerator: AcceleratorFigures | None, training_flops: Number | None = None
) -> dict[str, Number]:
    """FLOPs in the convention chosen, utilisation, time and cost by key."""
    numbers, words = case.numbers, case.words
    gpus, tokens = numbers["gpus"], counted.run.training_tokens
    counts, conventions = counted.counts, counted.conventions
    run = flops.run_flops(conventions, words["flops_convention"], words["recomputation"], tokens, counts.parameters)
    if training_flops is not None:
        run = run._replace(training_flops=training_flops)
    bridge = efficiency.bridge(run.training_flops_per_token, conventions[words["mfu_convention"]].training)
    peaks = efficiency.peaks(accelerator, words["precision"], words["peak"], numbers["typed_peak"])
    delivered = efficiency.efficiency(
        basis=words["efficiency_basis"],
        flops_per_token_palm=conventions["palm"].training,
        stated_mfu=numbers["stated_mfu"],
        stated_flops_per_gpu=numbers["stated_flops_per_gpu"],
        observed_tokens_per_second=numbers["observed_tokens_per_second"],
        convention_bridge=bridge.convention_bridge,
        training_flops_per_token=run.training_flops_per_token,
        hardware_flops_per_token=run.hardware_flops_per_token,
        gpus=gpus,
        peak_flops_per_gpu=peaks.peak_flops_per_gpu,
    )
    kept = goodput.goodput(
        gpus=gpus,
        gpus_per_node=numbers["gpus_per_node"],
        spare_nodes=numbers["spare_nodes"],
        basis=words["goodput_basis"],
        typed_goodput=numbers["goodput"],
        failures_per_gpu_hour=numbers["failures_per_gpu_hour"],
        checkpoint_seconds=numbers["checkpoint_seconds"],
        checkpoint_basis=words["checkpoint_basis"],
        checkpoint_interval=numbers["checkpoint_interval"],
        restart_seconds=numbers["restart_seconds"],
        repair_hours=numbers["repair_hours"],
    )
    times = schedule.schedule(
        training_flops=run.training_flops,
        cluster_flops=delivered.cluster_flops,
        goodput=kept.effective_goodput,
        tokens=tokens,
        global_batch_tokens=counted.run.batch_tokens,
        gpus=gpus,
        start_date=numbers["start_date"],
        days_per_year=numbers["days_per_year"],
        deadline=numbers["deadline"],
        ramp_days=numbers["ramp_days"],
        buffer_days=numbers["buffer_days"],
        considered_gpus=numbers["considered_gpus"],
        billed_gpus=kept.billed_gpus,
        failures_per_gpu_hour=numbers["failures_per_gpu_hour"],
    )
    abroad = cost.quoted_abroad(words["quote_currency"], words["currency"])
    costs = cost.cost(
        cost.Run(
            times.gpu_hours, kept.billed_gpus, times.billed_gpu_hours, times.elapsed_seconds, times.hours_per_month,
            times.calendar_months, counts.parameters, tokens, run.training_flops,
        ),
        read_tiers(numbers),
        read_lines(numbers),
        failed_runs=numbers["failed_runs"],
        support=numbers["support"],
        contingency=numbers["contingency"],
        tax=numbers["tax"],
        price_age=numbers["as_of"] - numbers["price_date"],
        exchange_age=numbers["as_of"] - numbers["exchange_date"] if abroad else 0,
    )  # fmt: skip
    records = (run, bridge, peaks, delivered, kept, times, costs)
    return {name: value for record in records for name, value in record._asdict().items()}


def read_tiers(numbers: Mapping[str, Number]) -> cost.Tiers:
    """How the case buys its accelerator-hours."""
    own = ("reserved_price", "spot_price", "exchange_rate", "reserved_share", "commitment_months", "spot_share")
    return cost.Tiers(numbers["price_per_gpu_hour"], *(numbers[key] for key in (*own, "spot_overhead")))


def read_lines(numbers: Mapping[str, Number]) -> cost.Lines:
    """What the case pays for beside its accelerators."""
    amounts = {name: numbers[f"{name}_cost"] for name in ("data", "staff", "storage", "network", "software", "setup")}
    return cost.Lines(**amounts, **{name: numbers[name] for name in cost.Lines._fields if name not in amounts})


def _compute(case: CaseInputs, accelerator: AcceleratorFigures | None) -> dict[str, Number | str]:
    """All quantities by key, unordered."""
    numbers, words = case.numbers, case.words
    counted = _count(case)
    counts, run = counted.counts, _run(case, counted, accelerator)
    state = parameters.state_memory(
        counts.parameters,
        numbers["state_bytes_per_parameter"],
        numbers["gpus"],
        None if accelerator is None else accelerator.memory_gb,
    )
    served = inference.inference(
        counted.architecture,
        counts,
        disclosed=numbers["undisclosed_parameters"] <= 0,
        sequence_length=counted.run.sequence_length,
        prompt_tokens=numbers["prompt_tokens"],
        output_tokens=numbers["output_tokens"],
        kv_bytes=numbers["kv_bytes"],
        peak_flops_per_gpu=run["peak_flops_per_gpu"],
        serving_utilisation=numbers["serving_utilisation"],
        price_per_gpu_hour=run["on_demand_rate"],
    )
    law = optimal.ScalingLaw(
        irreducible=numbers["law_irreducible_loss"],
        parameter_scale=numbers["law_parameter_scale"],
        parameter_exponent=numbers["law_parameter_exponent"],
        token_scale=numbers["law_token_scale"],
        token_exponent=numbers["law_token_exponent"],
    )
    values: dict[str, Number | str] = {
        **counted.values,
        **state._asdict(),
        **run,
        **served._asdict(),
        **optimal.optimum(law, counts.active_parameters, counted.run.training_tokens)._asdict(),
    }
    peak = run["peak_flops_per_gpu"]
    facts = efficiency.guards(accelerator, words["precision"], numbers["typed_peak"], peak)
    return values | checks.check_statuses({**numbers, **words, **values, **facts})


def read_architecture(case: CaseInputs) -> Architecture:
    """The case's architecture, typed."""
    numbers, words = case.numbers, case.words
    return Architecture(
        n_layers=numbers["n_layers"],
        d_model=numbers["d_model"],
        n_heads=numbers["n_heads"],
        n_kv_heads=numbers["n_kv_heads"],
        head_dim=numbers["head_dim"],
        d_ff=numbers["d_ff"],
        vocab_size=numbers["vocab_size"],
        learned_positions=numbers["learned_positions"],
        norms_per_layer=numbers["norms_per_layer"],
        gated_ffn=case.yes("gated_ffn"),
        tied_embeddings=case.yes("tied_embeddings"),
        qkv_bias=case.yes("qkv_bias"),
        attention_output_bias=case.yes("attention_output_bias"),
        ffn_bias=case.yes("ffn_bias"),
        norm=words["norm"],
        qk_norm=words["qk_norm"],
        attention=words["attention"],
        q_lora_rank=numbers["q_lora_rank"],
        kv_lora_rank=numbers["kv_lora_rank"],
        qk_nope_dim=numbers["qk_nope_dim"],
        qk_rope_dim=numbers["qk_rope_dim"],
        v_head_dim=numbers["v_head_dim"],
        n_experts=numbers["n_experts"],
        experts_per_token=numbers["experts_per_token"],
        expert_d_ff=numbers["expert_d_ff"],
        shared_expert_d_ff=numbers["shared_expert_d_ff"],
        shared_expert_gate=case.yes("shared_expert_gate"),
        router_bias=case.yes("router_bias"),
        dense_layers=numbers["dense_layers"],
        workload=words["workload"],
        position_embedding=words["position_embedding"],
        token_types=numbers["token_types"],
        embedding_width=numbers["embedding_width"],
        embedding_norm=case.yes("embedding_norm"),
        final_norm=case.yes("final_norm"),
        head_transform=case.yes("head_transform"),
        head_bias=case.yes("head_bias"),
        attention_mask=words["attention_mask"],
        attention_window=numbers["attention_window"],
        window_kind=words["window_kind"],
        windowed_layers=numbers["windowed_layers"],
        attention_sinks=case.yes("attention_sinks"),
        expert_bias=case.yes("expert_bias"),
        mtp_layers=numbers["mtp_layers"],
        mtp_logits=case.yes("mtp_logits"),
        image_size=numbers["image_size"],
        patch_size=numbers["patch_size"],
        image_channels=numbers["image_channels"],
        class_token=case.yes("class_token"),
        n_classes=numbers["n_classes"],
    )
