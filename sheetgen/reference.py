"""The engine applied to a scenario: every quantity of every case, as the workbook must show it.

It adds to the engine what only a whole scenario knows: the inputs themselves, whether they lie inside their bounds, and
the count of failing checks. Formulas and templates are unknown here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sheetgen.cases import ROUTES, Case, Scenario
from sheetgen.catalogue import Accelerator
from sheetgen.engine import CHOICES, NUMBERS, WORDS, AcceleratorFigures, gpt_shares, shares_at
from sheetgen.engine import quantities as engine_quantities
from sheetgen.engine.architecture import Architecture
from sheetgen.engine.claims import VOCABULARY, claims
from sheetgen.engine.inputs import CaseInputs, read_inputs
from sheetgen.engine.quantities import moved_run, read_architecture
from sheetgen.evidence.results import evidence_values
from sheetgen.fields import Value, fields

STORED_DIGITS = 15  # what every spreadsheet program keeps of a typed number


def figures(
    accelerator: Accelerator | None, known_sparse: Mapping[str, frozenset[float]] | None = None
) -> AcceleratorFigures | None:
    """The engine's view of a catalogue row, with the sparse peaks of the whole table by precision; None for an
    accelerator that is not listed."""
    if accelerator is None:
        return None
    return AcceleratorFigures(
        accelerator.key, accelerator.memory_gb, accelerator.dense, accelerator.sparse,
        accelerator.fp16_accumulate, accelerator.emulates, accelerator.best_mfu, known_sparse or {},
    )  # fmt: skip


def known_sparse(accelerators: Mapping[str, Accelerator], precision: str) -> dict[str, frozenset[float]]:
    """The sparse peaks of a precision that a table of accelerators knows [TFLOPS]."""
    found = (entry.sparse.get(precision) for entry in accelerators.values())
    return {precision: frozenset(peak for peak in found if peak is not None)}


def case_quantities(scenario: Scenario, index: int) -> dict[str, Value]:
    """Every input and quantity of one case by key.

    Raises InvalidInput when an input is not what the engine can compute with.
    """
    inputs = scenario.inputs(index)
    known = known_sparse(scenario.accelerators, str(inputs["precision"])) if inputs["typed_peak"] else {}
    accelerator = figures(scenario.accelerator(index), known)
    result: dict[str, Value] = {**inputs, **engine_quantities(inputs, accelerator)}
    result |= claims(
        float(result["forward_flops_per_token_kaplan"]), float(result["attention_core_flops_per_token_kaplan"])
    )
    return result | _structure(result)


def architecture_of(values: Mapping[str, Value]) -> Architecture:
    """The engine's architecture of a model's values, every other input left out."""
    plain: dict[str, Value] = {**dict.fromkeys(NUMBERS, 0), **dict.fromkeys(WORDS, "")}
    plain |= {key: next(iter(words)) for key, words in CHOICES.items()}
    return read_architecture(read_inputs({**plain, **values}))


def shares(scenario: Scenario, index: int, at: Mapping[str, float]) -> Mapping[str, Value]:
    """The shares of a forward pass at another sequence length: of a case, or of a GPT with dimensions of its own."""
    whole = {key: int(value) for key, value in at.items()}
    if len(whole) > 1:
        return {**gpt_shares(vocab_size=VOCABULARY, **whole)}
    return {**shares_at(scenario.inputs(index), whole["sequence_length"])}


def read_case(scenario: Scenario, index: int) -> CaseInputs:
    """The inputs of one case as the engine reads them, for :func:`moved_quantities`."""
    return read_inputs(scenario.inputs(index))


def moved_quantities(
    scenario: Scenario, index: int, moved: Mapping[str, float], case: CaseInputs | None = None
) -> dict[str, Value]:
    """What a sensitivity table may show of one case, FLOPs to cost, with inputs, or ``mfu`` itself, set otherwise.

    ``case`` is what :func:`read_case` gave, so that many tables read a case once.
    """
    case = read_case(scenario, index) if case is None else case
    numbers, words = dict(moved), {}
    if "mfu" in numbers:
        numbers["stated_mfu"] = numbers.pop("mfu")
        words = {"efficiency_basis": "mfu", "mfu_convention": case.words["flops_convention"]}
    return {**moved_run(case, numbers, words, figures(scenario.accelerators.get(case.words["accelerator"])))}


def all_quantities(scenario: Scenario) -> list[dict[str, Value]]:
    """The quantities of every case, with what speaks of the whole workbook in each."""
    cases = [case_quantities(scenario, index) for index in range(len(scenario.cases))]
    names = [case.name.lower() for case in scenario.cases]
    chosen = names.count(str(scenario.values["chosen_case"]).lower())
    whole: dict[str, Value] = {f"check_{grid.key}": "OK" for grid in scenario.grids}
    found = evidence_values(tuple(sorted(scenario.run_edits.items())))
    whole |= {
        "check_chosen_case": "OK" if chosen == 1 else "FAIL",
        "check_no_errors_sensitivity": "OK",
        "check_evidence": "REVIEW" if found["evidence:outside"] else "OK",
    }
    failures = sum(int(case["failures"]) for case in cases) + list(whole.values()).count("FAIL")
    reviews = sum(int(case["reviews"]) for case in cases) + list(whole.values()).count("REVIEW")
    whole |= {
        "total_failures": failures,
        "total_reviews": reviews,
        "master_check": _worst(failures, reviews),
        "chosen_case_number": scenario.chosen + 1,
    }
    return [{**cases[0], **whole, **found}, *({**case, **whole} for case in cases[1:])]


def complete(scenario: Scenario) -> Scenario:
    """The scenario with the two efficiency figures that it does not give filled in by those that follow from the third.

    They are equal to the given one, so choosing another basis in the workbook moves nothing until the figure is edited.
    """
    base = dict(scenario.cases[0].values)
    missing = [key for key in ROUTES.values() if key not in base]
    if not missing:
        return scenario
    for key in missing:
        base[key] = 1.0
    filled = replace(scenario, cases=(Case(scenario.cases[0].name, base), *scenario.cases[1:]))
    found = case_quantities(filled, 0)
    bridge = float(found["convention_bridge"]) or 1.0
    routes = {
        "stated_mfu": float(found["mfu"]) / bridge,
        "stated_flops_per_gpu": float(found["achieved_flops_per_gpu"]) / bridge,
        "observed_tokens_per_second": float(found["tokens_per_second"]),
    }
    sources = dict(scenario.sources)
    for key in missing:
        low, high = fields()[key].minimum or 0.0, fields()[key].maximum or routes[key]
        base[key] = float(f"{min(max(routes[key], low), high):.{STORED_DIGITS}g}")
        sources[key] = "equal to the figure given, at build"
    return replace(scenario, cases=(Case(scenario.cases[0].name, base), *scenario.cases[1:]), sources=sources)


MATCHED = {"exact": "titan", "masked": "megatron", "chinchilla": "palm", "published": "6nd"}
"""Conventions of a scenario in which published MFUs cannot be counted, and the nearest that they can."""


def with_guidance(scenario: Scenario) -> Scenario:
    """The scenario with a note beside its MFU: what the nearest published runs reached, in its own convention."""
    found = case_quantities(scenario, 0)
    inputs = scenario.inputs(0)
    recomputation = str(inputs["recomputation"]).removesuffix("_published")
    convention = MATCHED.get(str(inputs["mfu_convention"]), str(inputs["mfu_convention"]))
    size, length = float(found["active_parameters"]), float(found["sequence_length"])
    if not size or not length or inputs["workload"] != "text":
        return scenario
    from sheetgen.evidence.guidance import nearest  # slow to import, and only a build says it

    near = nearest(
        size, str(inputs["accelerator"]), float(inputs["gpus"]), length, recomputation, convention,
        precision=str(inputs["precision"]),
    )  # fmt: skip
    runs = ", ".join(dict.fromkeys(row.measurement.run for row in near.rows[:4]))
    note = (
        f"Published runs nearest in size, chip, scale, length and recomputation: {near.low:.1%} low, {near.middle:.1%} "
        f"middle, {near.high:.1%} high in {convention} ({runs}, …); see sheetgen mfu."
    )
    return replace(scenario, notes={**scenario.notes, "stated_mfu": note})


def _structure(values: Mapping[str, Value]) -> dict[str, Value]:
    below = above = False
    for key, spec in fields().items():
        value = values.get(key)
        if spec.section in {"Request", "Cases"} or not spec.is_number or isinstance(value, str) or value is None:
            continue
        below = below or (spec.minimum is not None and value < spec.minimum)
        above = above or (spec.maximum is not None and value > spec.maximum)
    found: dict[str, Value] = {
        "check_inputs_not_below": "FAIL" if below else "OK",
        "check_inputs_not_above": "FAIL" if above else "OK",
        "check_no_errors": "OK",
    }
    checks = [
        value for key, value in {**values, **found}.items() if key.startswith("check_") and isinstance(value, str)
    ]
    failures, reviews = checks.count("FAIL"), checks.count("REVIEW")
    return found | {"failures": failures, "reviews": reviews, "case_check": _worst(failures, reviews)}


def _worst(failures: int, reviews: int) -> str:
    return "FAIL" if failures else "REVIEW" if reviews else "OK"
