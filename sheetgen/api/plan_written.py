"""A plan written back into its scenario: the same text, with the layout, accelerators and price that were found."""

from __future__ import annotations

import re

from sheetgen.api.plan import MFU, Choice, Plan, plain, sheets_of
from sheetgen.base.inputs import Value
from sheetgen.scenario.model import Scenario, efficiency_inputs
from sheetgen.verification.layouts import KERNEL, SEARCHED

KEY = re.compile(r"([a-z_0-9]+):")
OF_THE_CLUSTER = frozenset({"tokens_per_second", "sequences_per_second", "step_time", "gpu_hours"})
"""What an efficiency is given as that is observed of all accelerators of a run."""
LAST = ("base_case", "cases", "sources")
"""Keys that new ones are written in front of."""


def written(text: str, scenario: Scenario, found: Plan) -> str:
    """The text of a scenario with the best choice of a plan in its base; every other line stays as it is.

    Only what the choice changes is written: a key that is there gets another value, a new one stands in front of the
    cases. The cases take over what they do not give themselves. Raises ValueError where nothing was found.
    """
    if found.best is None:
        raise ValueError("nothing was found that could be written")
    changes = _changes(scenario, found, found.best)
    blocks = [(name, lines) for name, lines in _blocks(text) if name not in _replaced(scenario, changes)]
    names = [name for name, _ in blocks]
    note = f"# sheetgen plan: best of {found.enumerated:,} candidates enumerated"
    added = [("", f"{note}\n")]
    for key, value in changes.items():
        line = f"{key}: {value}\n"
        if key in names:
            blocks[names.index(key)] = (key, line)
        else:
            added.append((key, line))
    place = next((index for index, name in enumerate(names) if name in LAST), len(blocks))
    return "".join(line for _, line in (*blocks[:place], *added, ("", "\n"), *blocks[place:]))


def _changes(scenario: Scenario, found: Plan, best: Choice) -> dict[str, Value]:
    """The keys of the scenario that a choice sets, in the order of sheet Inputs, and the sheets that show it."""
    base = scenario.inputs(0)
    figures: dict[str, Value] = {"gpus": best.gpus}
    if best.accelerator != base["accelerator"] or best.price != base["price_per_gpu_hour"]:
        figures |= {"accelerator": best.accelerator, "price_per_gpu_hour": best.price, "quoted_for": best.accelerator}
    if found.kernel and base.get(KERNEL) != found.kernel:
        figures |= {"efficiency_basis": KERNEL, KERNEL: found.kernel}
    basis = str(base["efficiency_basis"])
    if not found.kernel and basis in OF_THE_CLUSTER and best.gpus != base["gpus"]:
        figures |= {
            "efficiency_basis": MFU,
            efficiency_inputs()[MFU]: plain(scenario).inputs(0)[efficiency_inputs()[MFU]],
        }
    sheets = dict.fromkeys((*scenario.sheets, *sheets_of(found)))
    return {**figures, **{key: best.layout[key] for key in SEARCHED}, "sheets": f"[{', '.join(sheets)}]"}


def _replaced(scenario: Scenario, changes: dict[str, Value]) -> set[str]:
    """The keys that a changed efficiency takes the place of: what was observed of another number of accelerators."""
    if changes.get("efficiency_basis") != MFU:
        return set()
    return {efficiency_inputs()[str(scenario.inputs(0)["efficiency_basis"])]}


def _blocks(text: str) -> list[tuple[str, str]]:
    """The text cut at its top-level keys: each with the lines below it, and what stands in front without one."""
    found: list[tuple[str, str]] = []
    for line in text.splitlines(keepends=True):
        start = KEY.match(line)
        line = line if line.endswith("\n") else f"{line}\n"
        if start is not None:
            found.append((start.group(1), line))
        elif found and found[-1][0] and line[:1] in {" ", "-"}:
            found[-1] = (found[-1][0], found[-1][1] + line)
        else:
            found.append(("", line))
    return found
