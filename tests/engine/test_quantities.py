"""The entry to the engine: which keys it returns, in which units, and what it refuses."""

from __future__ import annotations

import ast
import math
import sys
from pathlib import Path

import pytest

import sheetgen.engine
from sheetgen.base.errors import InvalidInput
from sheetgen.engine import CONVENTIONS, ENGINE, evaluate, shown
from sheetgen.engine.quantity import NUMBER
from tests.support.engine_cases import H100, ORDINARY, USUAL, Value, compute, figures

UNITS = {item.key: item.unit for item in shown(USUAL)}
NUMBERS = [
    key
    for key, kind in ENGINE.kinds.items()
    if kind == NUMBER and key in ORDINARY and key not in {"months", "fiscal_year_start"}
]
TABLE = {H100.key: H100}

KNOWN_UNITS = {
    "byte/s/GPU",
    "GPU*s/token",
    "expert",
    "text",
    "quoted/(GPU*h)",
    "parameter",
    "width",
    "FLOP/token",
    "FLOP/sequence",
    "FLOP",
    "FLOP/s",
    "FLOP/s/GPU",
    "s",
    "day",
    "GPU*h",
    "GPU*year",
    "GPU",
    "month",
    "h/month",
    "token/s",
    "sequence/s",
    "token/s/GPU",
    "token/parameter",
    "fraction",
    "ratio",
    "byte",
    "byte/GPU",
    "date",
    "step",
    "s/step",
    "matrix",
    "layer",
    "count",
    "status",
    "currency",
    "currency/Mtoken",
    "currency/(GPU*h)",
    "currency/EFLOP",
    "currency/month",
    "FLOP/request",
    "MAC",
    "byte/request",
    "byte/token",
    "nat",
    "parameter_estimate",
    "patch",
    "token",
    "token/sequence",
    "token/step",
    "TB",
    "node",
}


def problems(inputs: dict[str, Value]) -> dict[str | None, str]:
    """The problems that the engine raises for these inputs, by key."""
    with pytest.raises(InvalidInput) as raised:
        evaluate([{"accelerators": TABLE, **inputs}], list(UNITS))
    return {problem.key: str(problem) for problem in raised.value.problems}


def test_every_unit_is_a_known_one() -> None:
    """The quantities that have rows come in order, checks last, in units that a reader knows."""
    assert list(dict.fromkeys(key.partition(":")[0] for key in compute({}))) == list(
        dict.fromkeys(key for key in ENGINE.order if key in UNITS)
    )
    assert set(UNITS.values()) == KNOWN_UNITS


def test_order_of_the_subjects() -> None:
    """The sequence comes first, then parameters, FLOPs, efficiency, time, cost and checks."""
    landmarks = (
        "patches",
        "token_embedding_parameters",
        "state_bytes",
        "forward_query_flops",
        "chinchilla_embedding_flops",
        "forward_flops_per_token_6nd",
        "training_flops",
        "convention_bridge",
        "accelerator_listed",
        "mfu",
        "hfu",
        "training_seconds",
        "calendar_months",
        "compute_cost",
        "cost_per_month",
        "check_parameters_add_up",
    )
    keys = list(UNITS)

    assert [keys.index(key) for key in landmarks] == sorted(keys.index(key) for key in landmarks)
    assert keys[0] == landmarks[0]


def test_all_conventions_have_all_figures() -> None:
    """Each of the conventions has its four figures per token and its run total."""
    assert len(CONVENTIONS) >= 9
    for name in CONVENTIONS:
        assert UNITS[f"training_flops_{name}"] == "FLOP"
        for part in ("forward", "training", "attention_core", "layer_forward"):
            assert UNITS[f"{part}_flops_per_token_{name}"] == "FLOP/token"


@pytest.mark.parametrize("key", [key for key in NUMBERS if key not in ("check_tolerance", "as_of", "price_date")])
def test_zero_is_never_an_error(key: str) -> None:
    """Any number set to 0 gives finite figures: a division by 0 is 0."""
    assert all(math.isfinite(value) for value in figures({key: 0}).values())


def test_everything_zero_is_no_error() -> None:
    """A case of nothing but zeros gives finite figures, and no time or cost."""
    values = figures(dict.fromkeys(NUMBERS, 0))

    assert all(math.isfinite(value) for value in values.values())
    assert values["total_cost"] == 0


@pytest.mark.parametrize("key", ["n_layers", "d_model", "n_heads", "n_kv_heads", "head_dim", "d_ff", "vocab_size"])
def test_moved_dimensions_are_computed(key: str) -> None:
    """A dimension moved by 5 % gives finite figures, and more parameters than before."""
    before = ORDINARY[key]
    assert isinstance(before, int)
    moved = figures({key: before * 1.05})

    assert all(math.isfinite(value) for value in moved.values())
    assert moved["parameters"] > figures({})["parameters"]


def test_other_inputs_are_left_alone() -> None:
    """Keys that the engine does not read change nothing."""
    assert compute({"case_name": "base", "price_tier": "spot"}) == compute({})


def test_a_run_with_other_training_flops() -> None:
    """Twice the training FLOPs take twice the days and the money; FLOPs per token, MFU and GPUs stay."""
    wanted = ("training_flops", "calendar_days", "total_cost", "training_flops_per_token", "mfu", "billed_gpus")
    before = evaluate([{"accelerators": TABLE, **ORDINARY}], wanted)[0]
    moved = ENGINE.moved(before, {"training_flops": 2 * before["training_flops"]}, wanted)

    for key in wanted[:3]:
        assert moved[key] == pytest.approx(2 * before[key])
    for key in wanted[3:]:
        assert moved[key] == before[key]


def test_all_mistakes_are_reported_at_once() -> None:
    """Missing keys, text for numbers, infinite numbers and unknown words are all named in one error."""
    inputs = ORDINARY | {
        "tokens": "many",
        "gpus": math.inf,
        "goodput": True,
        "flops_convention": "chinchila",
        "norm": 1,
    }
    del inputs["n_layers"]
    found = problems(inputs)

    assert set(found) == {"n_layers", "tokens", "gpus", "goodput", "flops_convention", "norm"}
    assert "missing" in found["n_layers"]
    assert "many" in found["tokens"]
    assert "did you mean 'chinchilla'?" in found["flops_convention"]
    assert "palm" in found["flops_convention"]


def test_accelerator_names_compare_as_a_spreadsheet_does() -> None:
    """Upper and lower case are one name, as in a spreadsheet's MATCH."""
    assert compute({"accelerator": H100.key.upper()}) == compute({})


@pytest.mark.parametrize(
    "changes",
    [
        {"tokens": 1e308},
        {"stated_mfu": 1e-320},
        {"tokens": 1e300, "stated_mfu": 1e-300},
        {"failures_per_gpu_hour": 1e-310, "goodput_basis": "modelled"},
        {"failures_per_gpu_hour": 1e-308, "goodput_basis": "modelled"},
    ],
)
def test_figures_beyond_a_double_are_refused(changes: dict[str, Value]) -> None:
    """Inputs whose figures leave the range of a double raise a problem, not a traceback."""
    assert problems(ORDINARY | changes)


def test_engine_imports_nothing_of_the_workbook() -> None:
    """The engine imports itself, errors, what an accelerator is, and the standard library: the sides stay strangers."""
    folder = Path(sheetgen.engine.__file__).parent
    imported: set[str] = set()
    for module in folder.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")
    ours = {name for name in imported if name.startswith("sheetgen")}

    others = {name for name in ours if not name.startswith("sheetgen.engine")}

    assert others == {"sheetgen.base.errors", "sheetgen.catalogue.accelerators"}
    assert imported - ours <= sys.stdlib_module_names | {"collections.abc", "_typeshed"}  # _typeshed: types alone
