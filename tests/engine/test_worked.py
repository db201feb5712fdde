"""Every worked figure of ``tests/worked`` through the engine; the form of the tables is in tests/support/worked.py."""

from __future__ import annotations

import pytest

from sheetgen.engine import CONVENTIONS, RECOMPUTATIONS, shown
from tests.support.engine_cases import quantities
from tests.support.worked import Worked, differences, worked

UNITS = {item.key: item.unit for item in shown()}


@pytest.mark.parametrize("entry", worked(), ids=lambda entry: f"{entry.file}: {entry.name}")
def test_worked(entry: Worked) -> None:
    """What the source says, or what was worked by hand, follows from the inputs."""
    before, after = quantities(entry.before, entry.inputs, chip=entry.chip)

    assert differences(entry, before, after, UNITS) == []


def test_every_convention_and_recomputation_is_worked() -> None:
    """Each convention is chosen by an entry that expects all its figures exactly, each recomputation by one, too."""
    keys = {
        "training_flops_per_token",
        "attention_core_flops_per_token",
        "layer_forward_flops_per_token",
        "training_flops",
    }
    exact = [
        entry.inputs for entry in worked() if all(isinstance(entry.expected.get(key), (int, float)) for key in keys)
    ]
    again = [entry.inputs for entry in worked() if isinstance(entry.expected.get("recomputed_flops_per_token"), int)]

    assert {case["flops_convention"] for case in exact} == set(CONVENTIONS)
    assert {case["recomputation"] for case in again} == set(RECOMPUTATIONS)


def test_a_wrong_figure_is_seen() -> None:
    """Negative control: each kind of expectation, one off."""
    entry = worked()[0]._replace(
        expected={"parameters": 1, "mfu": {"about": 9, "within": 0.1}, "check_window": "FAIL"},
        adds={"parameters": 1}, same=("tokens_per_parameter",),
    )  # fmt: skip
    before = {"parameters": 5, "mfu": 0.4, "check_window": "OK", "tokens_per_parameter": 2.0}

    assert len(differences(entry, before, {**before, "tokens_per_parameter": 3.0}, UNITS)) == 5
    assert differences(entry._replace(expected={"parameters": 5}, adds={}, same=()), {}, {"parameters": 5.0}, UNITS)
