"""What a single value cannot show: inputs of one case that do not fit each other.

Whether they fit says the engine's check; here stands which input is to blame, and what is said of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sheetgen.base.inputs import Value, fields
from sheetgen.catalogue import Accelerator
from sheetgen.catalogue.structure import Blame, Misfit, Rule, of_workload, parts, sizes, structure
from sheetgen.engine import bridge, efficiency, mask, parameters, sequence, tiers
from sheetgen.engine.conventions import CONVENTIONS

NEEDED_BY_A_QUOTE = "is needed by a quote in another currency"
NEEDS_A_TOTAL = "needs published_training_flops"
ANOTHER_CONVENTION = "another convention, or published_training_flops"
MONEY = (
    Rule(
        tiers.check_tier_prices,
        (
            Blame("reserved_price", 1, "is needed by a reserved share", allowed="a price above 0"),
            Blame("spot_price", 1, "is needed by a spot share", allowed="a price above 0"),
        ),
    ),
    Rule(
        tiers.check_tier_shares,
        (Blame("spot_share", 0, wrong="is more than the reserved share leaves", allowed="100% in all"),),
    ),
    Rule(
        tiers.check_exchange,
        (
            Blame("exchange_rate", 1, wrong="converts a currency into itself", allowed="1, or another quote_currency"),
            Blame("exchange_date", 0, wrong=NEEDED_BY_A_QUOTE, allowed="a date not after the as-of date"),
            Blame("exchange_source", "-", wrong=NEEDED_BY_A_QUOTE, allowed="where the rate comes from"),
        ),
    ),
)
TOTALS = (
    Rule(
        bridge.check_published_total,
        (
            Blame("flops_convention", "6nd", wrong=NEEDS_A_TOTAL, allowed=ANOTHER_CONVENTION),
            Blame("mfu_convention", "6nd", wrong=NEEDS_A_TOTAL, allowed=ANOTHER_CONVENTION),
        ),
    ),
    Rule(
        parameters.check_one_parameter_count,
        (
            Blame(
                "undisclosed_parameters",
                0,
                wrong="is for a model without an architecture, and this one has layers",
                allowed="0, or no architecture",
            ),
        ),
    ),
    Rule(
        parameters.check_undisclosed_active,
        (
            Blame(
                "undisclosed_active_parameters",
                0,
                wrong="is more than all of the undisclosed parameters",
                most="undisclosed_parameters",
            ),
        ),
    ),
    Rule(
        sequence.check_positions,
        (
            Blame(
                "context_length",
                0,
                wrong="is longer than the positions that the model has learned",
                most="learned_positions",
            ),
        ),
    ),
)
UTILISATION = (
    Rule(
        efficiency.check_mfu_precision,
        (
            Blame(
                "mfu_precision",
                "not said",
                wrong="is not the precision of the peak, so the MFU is of another peak: give one of this precision",
                allowed="not said, or the precision of the run",
            ),
        ),
    ),
)
PACKING = Rule(mask.check_packing, ())


def contradictions(inputs: Mapping[str, Value], accelerator: Accelerator | None) -> Iterator[Misfit]:
    """Every contradiction between the inputs of one case."""
    if accelerator is not None:
        yield from _peak(inputs, accelerator)
    counted = {"counted_parameters": inputs["n_layers"]}  # whether there are any, which is all that the check asks
    for rule in (*TOTALS, *MONEY, *UTILISATION):
        yield from rule.misfits({**inputs, **counted})
    yield from _undisclosed(inputs)
    yield from of_workload(inputs, (spec for spec in fields().values() if not spec.is_of_model))
    yield from structure(inputs)
    yield from parts(inputs)
    if not inputs["undisclosed_parameters"]:
        yield from sizes(inputs)
    yield from _packing(inputs)


def _peak(inputs: Mapping[str, Value], accelerator: Accelerator) -> Iterator[Misfit]:
    """The accelerator has the peak that is asked for, unless a dense one is typed in its place."""
    precision, peak = str(inputs["precision"]), str(inputs["peak"])
    peaks = accelerator.dense if peak == "dense" else accelerator.sparse
    typed = bool(inputs["typed_peak"])
    if typed and peak == "sparse":
        yield Misfit("typed_peak", "is a dense peak, and the sparse one is selected", ("peak",), "0")
    if precision not in peaks and not (typed and peak == "dense"):
        emulates = f": it emulates {precision}" if accelerator.emulates == precision else ""
        message = f"the accelerator {accelerator.key} has no published {peak} peak for this precision{emulates}"
        yield Misfit("precision", message, ("accelerator", "peak"), ", ".join(peaks) or "none")


def _undisclosed(inputs: Mapping[str, Value]) -> Iterator[Misfit]:
    """A convention that counts an architecture needs one."""
    if not inputs["undisclosed_parameters"] or inputs["n_layers"]:
        return
    allowed = ", ".join(name for name, convention in CONVENTIONS.items() if not convention.architecture)
    for key in ("flops_convention", "mfu_convention"):
        if CONVENTIONS[str(inputs[key])].architecture:
            message = "needs the architecture, which is undisclosed"
            yield Misfit(key, message, ("undisclosed_parameters", "n_layers"), allowed)


def _packing(inputs: Mapping[str, Value]) -> Iterator[Misfit]:
    """Documents that fill a sequence have a mean square between that of equal ones and that of a single long one."""
    documents, length = float(inputs["packed_documents"]), _length(inputs)
    square = documents * float(inputs["packed_mean_square"])
    if not PACKING.holds(packed_documents=documents, sequence_square=square, sequence_length=length):
        allowed = f"{length * length / documents / documents:.6g} to {length * length / documents:.6g}"
        message = "is not the mean squared length of so many documents that fill a context"
        rests_on = ("packed_documents", "context_length", "workload", "image_size", "patch_size", "class_token")
        yield Misfit("packed_mean_square", message, rests_on, allowed)


def _length(inputs: Mapping[str, Value]) -> float:
    """Tokens of one sequence: the context, or the patches of an image and its class token."""
    if inputs["workload"] != "vision":
        return float(inputs["context_length"])
    patch = float(inputs["patch_size"])
    side = float(inputs["image_size"]) // patch if patch else 0.0
    return side * side + (inputs["class_token"] == "yes")  # noqa: S105 - a token of an image
