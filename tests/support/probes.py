"""Changes of a workbook's inputs, and what the reference engine expects of every cell after each.

A *probe* is one input of one case set to one value: moved by 5 %, at a bound, or at one choice of its dropdown. The
addresses are those of the plan that the workbook was written from; the expectations are the engine's alone.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from sheetgen.base.inputs import Field, Value, fields
from sheetgen.engine import shown
from sheetgen.scenario.model import Case, Scenario
from sheetgen.scenario.reader import load_scenario
from sheetgen.verification.evaluate import Evaluation, complete, evaluate
from sheetgen.verification.tolerance import expected_values, size_of_parts
from sheetgen.workbook.book import FIRST_CASE, Book, Shown, address
from sheetgen.workbook.plan import plan
from tests.support import package
from tests.support.engines import compare
from tests.support.package import CellKey, ErrorValue
from tests.support.paths import SAMPLES, TECHNICAL

RELATIVE = 1e-9
EXACT_UNITS = ("parameter", "FLOP/token", "FLOP/sequence")
EXACT_BELOW = 2.0**53  # above it a double cannot hold every whole number
SAVED_BELOW = 1e15  # LibreOffice saves 15 significant digits

FROM_ZERO: Mapping[str, float] = {
    "spare_nodes": 3,
    "failures_per_gpu_hour": 1e-5,
    "checkpoint_seconds": 30,
    "restart_seconds": 300,
    "repair_hours": 12,
    "ramp_days": 9,
    "buffer_days": 5,
    "alternative_gpus": 512,
    "reserved_share": 0.4,
    "reserved_price": 1.1,
    "commitment_months": 4,
    "spot_share": 0.3,
    "spot_price": 0.7,
    "spot_overhead": 0.1,
    "control_plane_price": 100,
    "dataset_tb": 30,
    "checkpoints_kept": 5,
    "checkpoint_bytes": 12,
    "storage_months": 8,
    "storage_price": 15,
    "egress_tb": 10,
    "egress_price": 40,
    "payment_months": 2,
    "prepayment": 0.25,
    "deposit": 1e5,
    "age_at_start": 1.5,
    "accelerator_power": 650,
    "hosting_price": 60,
    "other_use": 0.2,
    "typed_peak": 300,
    "failed_runs": 0.5,
    "support": 0.1,
    "learned_positions": 2048,
    "undisclosed_parameters": 10**11,
    "undisclosed_active_parameters": 10**10,
    "max_context_length": 2048,
    "published_training_flops": 1e24,
    "n_layers": 12,
    "d_model": 768,
    "n_heads": 12,
    "n_kv_heads": 4,
    "head_dim": 64,
    "d_ff": 3072,
    "vocab_size": 50257,
    "norms_per_layer": 2,
    "q_lora_rank": 1536,
    "kv_lora_rank": 512,
    "qk_nope_dim": 128,
    "qk_rope_dim": 64,
    "v_head_dim": 128,
    "n_experts": 8,
    "experts_per_token": 2,
    "expert_d_ff": 1024,
    "shared_expert_d_ff": 2048,
    "dense_layers": 3,
    "token_types": 2,
    "embedding_width": 512,
    "attention_window": 1024,
    "windowed_layers": 3,
    "mtp_layers": 1,
    "image_size": 224,
    "patch_size": 16,
    "image_channels": 3,
    "n_classes": 1000,
    "tokens": 1e12,
    "context_length": 4096,
    "global_batch_tokens": 4194304,
    "images": 1e6,
    "epochs": 2,
    "global_batch_images": 1024,
    "packed_documents": 2,
    "packed_mean_square": 4194304,
    "contingency": 0.05,
    "tax": 0.05,
}
"""Where an input that stands at 0 is moved to, for 5 % of nothing would be no move; without an entry, :func:`some`."""


class Probe(NamedTuple):
    """One input of one case (0 is the base) set to a value."""

    case: int
    key: str
    value: Value

    def __str__(self) -> str:
        """For messages: ``gpus=17203 in case 0``."""
        return f"{self.key}={self.value!r} in case {self.case}"


@cache
def sample(name: str) -> Scenario:
    """A sample as it goes into its workbook."""
    return complete(load_scenario(SAMPLES[name], sheets=TECHNICAL))


def some(spec: Field) -> float:
    """A figure well inside what is allowed: a tenth, or the root of the most, such as a million of 10^12."""
    most = spec.maximum or 1
    found = most / 10 if most <= 1 else most**0.5
    return found if spec.kind == "number" else round(found)


def moved(spec: Field, value: float) -> float:
    """5 % more, or less, or to a bound, whatever is allowed first; whole numbers stay whole and move by at least 1."""
    if value == 0:
        return FROM_ZERO.get(spec.key, some(spec))
    for target in (value * 1.05, value * 0.95):
        if spec.kind != "number":
            target = round(target) if round(target) != value else value + (1 if target > value else -1)
        if (spec.minimum is None or target >= spec.minimum) and (spec.maximum is None or target <= spec.maximum):
            return target
    assert spec.minimum is not None
    assert spec.maximum is not None
    return spec.maximum if value != spec.maximum else spec.minimum


def numeric_cells(scenario: Scenario) -> Iterator[tuple[int, Field, float]]:
    """Every input cell that holds a number: case, field, number."""
    for key, spec in scenario.fields.items():
        holders = [scenario.values] if spec.scope == "scenario" else [case.values for case in scenario.cases]
        for index, values in enumerate(holders):
            value = values.get(key)
            if spec.is_number and value is not None:
                assert not isinstance(value, str)
                yield index, spec, value


def moves(scenario: Scenario) -> list[Probe]:
    """Each numeric input cell moved, one at a time."""
    return [Probe(index, spec.key, moved(spec, value)) for index, spec, value in numeric_cells(scenario)]


def extremes(scenario: Scenario) -> list[Probe]:
    """Each numeric input of the base at its minimum, and at its maximum."""
    bounds = [(spec, bound) for _, spec, _ in numeric_cells(base_only(scenario)) for bound in (0, 1)]
    found = [Probe(0, spec.key, (spec.minimum, spec.maximum)[bound] or 0) for spec, bound in bounds]
    return list(dict.fromkeys(found))


def choices(scenario: Scenario) -> list[Probe]:
    """Each dropdown of the base at each of its choices."""
    found: list[Probe] = []
    for key, spec in scenario.fields.items():
        if spec.choices == "accelerator":
            offered = list(scenario.accelerators)
        elif spec.choices == "case_name":
            offered = [case.name for case in scenario.cases]
        elif spec.choices is not None:
            offered = [option.value for option in spec.listed]
        else:
            continue
        found += [Probe(0, key, value) for value in offered]
    return found


def base_only(scenario: Scenario) -> Scenario:
    """The scenario with the base as its only case, put forward."""
    base = scenario.cases[0]
    names = {key: base.name for key in ("chosen_case", "reference_case", "offer_case") if key in scenario.values}
    return replace(scenario, cases=(base,), values={**scenario.values, **names})


def probed(scenario: Scenario, probes: Sequence[Probe]) -> Scenario:
    """The scenario with inputs set, as it is read from a workbook that was built before they were."""
    values, cases = dict(scenario.values), [dict(case.values) for case in scenario.cases]
    for probe in probes:
        target = values if fields()[probe.key].scope == "scenario" else cases[probe.case]
        target[probe.key] = probe.value
    named = (Case(old.name, new) for old, new in zip(scenario.cases, cases, strict=True))
    return replace(scenario, values=values, cases=tuple(named), built=scenario.built or scenario)


def spread(scenario: Scenario, columns: int) -> Scenario:
    """So many cases beside the base, each with nothing of its own: the columns of a probe book."""
    scenario = base_only(scenario)
    extra = (Case(f"probe {index}", {}) for index in range(columns))
    return replace(scenario, cases=(*scenario.cases, *extra))


def input_cell(book: Book, probe: Probe) -> CellKey:
    """Where the input of a probe stands on sheet Inputs."""
    return "Inputs", address(book.sheets["Inputs"].key_rows[probe.key], FIRST_CASE + probe.case)


class Expected(dict[CellKey, package.Value]):
    """What cells must show; ``scales`` has the size of its parts for each cell that is a difference of two figures."""

    def __init__(self) -> None:
        super().__init__()
        self.scales: dict[CellKey, float] = {}


def shown_places(book: Book) -> dict[CellKey, Shown]:
    """What each cell shows that shows a quantity."""
    return {
        (sheet.name, address(row, column)): cell.shows
        for sheet in book.ordered()
        for (row, column), cell in sheet.cells.items()
        if cell.shows is not None
    }


def reference_cells(scenario: Scenario, book: Book | None = None) -> Expected:
    """What the engine computes for every cell that shows a quantity. ``book``: a plan with the same case put forward.

    Raises InvalidInput when the engine cannot compute with the inputs.
    """
    return expected_cells(evaluate(scenario), shown_places(book or plan(scenario)))


def expected_cells(evaluation: Evaluation, places: Mapping[CellKey, Shown]) -> Expected:
    """What cells must show, by the engine's quantities of every case."""
    expected = expected_values(evaluation)
    found = Expected()
    for key, shows in places.items():
        value = expected(shows)
        assert value is not None, f"the engine has no {shows.key}"
        found[key] = value
        if size := size_of_parts(shows.compared, evaluation.quantities[shows.case]):
            found.scales[key] = size
    return found


def exact_cells(book: Book) -> dict[CellKey, str]:
    """The cells that show parameters or FLOPs per token, with their unit."""
    units = {item.key: item.unit for item in shown()}
    found: dict[CellKey, str] = {}
    for sheet in book.ordered():
        for (row, column), cell in sheet.cells.items():
            if cell.shows is not None and not cell.shows.steps and units.get(cell.shows.key) in EXACT_UNITS:
                found[sheet.name, address(row, column)] = units[cell.shows.key]
    return found


def formula_places(book: Book) -> dict[CellKey, tuple[str, int, int]]:
    """Sheet, row and column (0-based) of every formula."""
    return {
        (sheet.name, address(row, column)): (sheet.name, row, column)
        for sheet in book.ordered()
        for (row, column), cell in sheet.cells.items()
        if cell.formula is not None
    }


def scales(expected: Mapping[CellKey, package.Value]) -> Mapping[CellKey, float]:
    """For :func:`compare`: 0 but for cells that are a difference of two figures, whose size it is."""
    return defaultdict(float, expected.scales if isinstance(expected, Expected) else {})


def disagreements(
    expected: Mapping[CellKey, package.Value],
    got: Mapping[CellKey, package.Value],
    exact: Mapping[CellKey, str],
    exact_below: float = EXACT_BELOW,
) -> list[str]:
    """Error values anywhere, and cells that do not show what is expected; lines for a message.

    Numbers agree to 1e-9 of the larger. Parameters must be equal. FLOPs per token must be equal as whole numbers, with
    at most four steps of a double beside them: 6·N·D ÷ D need not come back as 6·N to the last bit. ``exact_below``:
    the smallest whole number that ``got`` may have lost digits of.
    """
    lines = [f"{sheet}!{cell}: {value.kind}" for (sheet, cell), value in got.items() if isinstance(value, ErrorValue)]
    shown = {key: value for key, value in got.items() if key in expected}
    lines += compare(expected, shown, RELATIVE, scales(expected))
    for key in exact.keys() & shown.keys():
        want, have = expected[key], shown[key]
        if not isinstance(want, (int, float)) or not isinstance(have, (int, float)) or isinstance(have, bool):
            continue  # told above
        room = 0.0 if exact[key] == "parameter" else 4 * math.ulp(want)
        if want == int(want) and abs(want) < exact_below and abs(have - want) > room:
            lines.append(f"{key[0]}!{key[1]}: expected exactly {want!r}, got {have!r}")
    return lines
