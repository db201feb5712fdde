"""Every quantity of one case, by key: the one entry to the engine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.engine import (
    bridge,
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
    peaks,
    scaling,
    schedule,
    sequence,
    tiers,
)
from sheetgen.engine.architecture import Architecture
from sheetgen.engine.arithmetic import Number
from sheetgen.engine.inputs import CaseInputs, read_inputs
from sheetgen.engine.quantity import collect
from sheetgen.engine.resolver import Engine, NoFigureError

if TYPE_CHECKING:
    from sheetgen.catalogue.accelerators import Accelerator

ENGINE = Engine(collect(bridge, peaks, efficiency, goodput, schedule, tiers, cost, checks))
"""Bridge, utilisation, time and cost, from FLOPs and parameters on, and all checks."""

RUN_UNITS = {key: item.unit for key, item in ENGINE.quantities.items() if not item.helper and item.unit != "status"}
CHECKS = {key: item for key, item in ENGINE.quantities.items() if item.unit == "status"}

UNITS: dict[str, str] = {
    **sequence.UNITS,
    **parameters.UNITS,
    **mask.UNITS,
    **flops.UNITS,
    **scaling.UNITS,
    **RUN_UNITS,
    **inference.UNITS,
    **optimal.UNITS,
    **dict.fromkeys(CHECKS, "status"),
}
"""Unit of every quantity by key, in the order in which :func:`quantities` returns them."""


def quantities(
    inputs: Mapping[str, float | str], accelerators: Mapping[str, Accelerator]
) -> dict[str, float | int | str]:
    """Every quantity of one case by key, in the order and the units of :data:`UNITS`.

    Counts and FLOPs per token are integers wherever the inputs are whole numbers; a division by 0 gives 0,
    and a check says what is missing.

    Args:
        inputs: every input of the case by key, listed in :mod:`sheetgen.engine.inputs`; others are ignored.
        accelerators: the table of accelerators, by key.

    Raises:
        InvalidInput: inputs are missing or not what they should be, or a result is beyond the range of a double.
    """
    case = read_inputs(inputs)
    try:
        values = _compute(case, accelerators)
    except NoFigureError as error:
        raise InvalidInput([Problem(f"the inputs give a figure that is {error.reason}", key=error.key)]) from error
    except OverflowError as error:
        raise InvalidInput([Problem(f"the inputs give figures beyond the range of a double: {error}")]) from error
    except ValueError as error:  # NaN, from infinite steps on the way, has no whole number of days
        raise InvalidInput([Problem(f"the inputs give no finite figure: {error}")]) from error
    beyond = [key for key, value in values.items() if isinstance(value, float) and not math.isfinite(value)]
    if beyond:
        raise InvalidInput([Problem("the inputs give no finite figure", key=key) for key in beyond])
    return {key: values[key] for key in UNITS}


def run_quantities(inputs: Mapping[str, float | str], accelerators: Mapping[str, Accelerator]) -> dict[str, Number]:
    """FLOPs, utilisation, time and cost alone, by key; ``inputs`` as in :func:`quantities`, read as strictly."""
    return moved_run(read_inputs(inputs), {}, {}, accelerators, {})


def moved_run(
    case: CaseInputs,
    numbers: Mapping[str, Number],
    words: Mapping[str, str],
    accelerators: Mapping[str, Accelerator],
    held: Mapping[str, Number],
) -> dict[str, Number]:
    """As :func:`run_quantities`, of a case that was read before, with these inputs set otherwise, and with the
    quantities that are held."""
    changed = CaseInputs({**case.numbers, **numbers}, {**case.words, **words})
    counted = _count(changed)
    run = _run_flops(changed, counted)
    given: dict[str, Any] = {**changed.numbers, **changed.words, **counted.values, **run, **held}
    values = ENGINE.evaluate({**given, "accelerators": accelerators}, tuple(RUN_UNITS))
    return {key: values[key] for key in (*run, *RUN_UNITS)}


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


def _run_flops(case: CaseInputs, counted: _Counted) -> dict[str, Number]:
    """FLOPs in the convention chosen by key."""
    words, tokens, conventions = case.words, counted.run.training_tokens, counted.conventions
    parameters = counted.counts.parameters
    return flops.run_flops(conventions, words["flops_convention"], words["recomputation"], tokens, parameters)._asdict()


def _figures(accelerator: str, accelerators: Mapping[str, Accelerator]) -> Accelerator | None:
    given = {"accelerator": accelerator, "accelerators": accelerators}
    found: Accelerator | None = ENGINE.evaluate(given, ("accelerator_figures",))["accelerator_figures"]
    return found


def _compute(case: CaseInputs, accelerators: Mapping[str, Accelerator]) -> dict[str, Number | str]:
    """All quantities by key, unordered."""
    numbers, words = case.numbers, case.words
    counted = _count(case)
    counts, accelerator = counted.counts, _figures(words["accelerator"], accelerators)
    state = parameters.state_memory(
        counts.parameters,
        numbers["state_bytes_per_parameter"],
        numbers["gpus"],
        None if accelerator is None else accelerator.memory_gb,
    )
    given: dict[str, Any] = {**numbers, **words, **counted.values, **state._asdict(), **_run_flops(case, counted)}
    run = ENGINE.evaluate({**given, "accelerators": accelerators})
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
    best = optimal.optimum(law, counts.active_parameters, counted.run.training_tokens)
    return {**run, **served._asdict(), **best._asdict()}


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
