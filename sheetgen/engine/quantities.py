"""Every quantity of one case, by key: the one entry to the engine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.engine.arithmetic import Number
from sheetgen.engine.graph import ENGINE, MODEL, RUN, shown
from sheetgen.engine.inputs import CaseInputs, read_inputs
from sheetgen.engine.resolver import NoFigureError, Values

if TYPE_CHECKING:
    from sheetgen.catalogue.accelerators import Accelerator

CHECKS = {key: item for key, item in ENGINE.quantities.items() if item.unit == "status"}

FIGURES = {key: unit for key, unit in shown(ENGINE.quantities.values()).items() if unit != "status"}
UNITS: dict[str, str] = {**FIGURES, **dict.fromkeys(CHECKS, "status")}
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
        values = ENGINE.evaluate({**case.numbers, **case.words, "accelerators": accelerators})
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
    given: Values = {**changed.numbers, **changed.words, **_count(changed), **held}
    values = ENGINE.evaluate({**given, "accelerators": accelerators}, OF_THE_RUN)
    return {key: values[key] for key in OF_THE_RUN}


OF_THE_MODEL = tuple(key for key in shown(MODEL) if key not in {"memory_per_gpu", "state_bytes_per_gpu"})
OF_THE_RUN = (*OF_THE_MODEL, *(key for key, unit in shown(RUN).items() if unit != "status"))
MODEL_INPUTS = tuple(sorted(ENGINE.inputs & ENGINE.rests_on(OF_THE_MODEL)))
"""The inputs that the model's quantities rest on."""

_MOST_COUNTED = 64
_counted: dict[tuple[Number | str, ...], Values] = {}


def _count(case: CaseInputs) -> Values:
    """Parameters and FLOPs of a case, kept for the next one with the same model and sequences."""
    inputs: Values = {**case.numbers, **case.words}
    key = tuple(inputs[name] for name in MODEL_INPUTS)
    if key in _counted:
        return _counted[key]
    found = ENGINE.evaluate({name: inputs[name] for name in MODEL_INPUTS}, OF_THE_MODEL)
    if len(_counted) >= _MOST_COUNTED:
        _counted.clear()
    return _counted.setdefault(key, {name: value for name, value in found.items() if name in ENGINE.quantities})
