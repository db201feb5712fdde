"""A budget request as data: one scenario with its cases, typed and immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from sheetgen.base.inputs import Field, Value, constants, fields_with, options
from sheetgen.base.resources import template_data
from sheetgen.base.templates import Templates, packaged
from sheetgen.catalogue import Accelerator

BASE_NAME = "Base"
MAX_CASES = 200
MAX_SOURCE_CHARACTERS = 200
ASSUMPTION = "assumption"
EQUAL = "equal to the figure given, at build"
"""The source of a figure of efficiency that a scenario does not give, and its workbook has."""
PAPERS = ("A4", "Letter")
MAX_AMOUNT = 1e18  # of a figure typed for a month


@cache
def efficiency_inputs() -> dict[str, str]:
    """The input that drives time, by efficiency basis."""
    return {option.value: str(option.input) for option in options("efficiency_basis")}


def fiscal_years(months: int) -> int:
    """The fiscal years that so many months may touch, wherever a year starts."""
    per_year = int(constants()["months_per_year"].value)
    return (months + per_year - 2) // per_year + 1


class Actual(NamedTuple):
    """What a month of the run really took: GPU-hours, those of them that trained, tokens, money spent."""

    gpu_hours: float | None
    trained_gpu_hours: float | None
    tokens: float | None
    spend: float | None


class Grid(NamedTuple):
    """A sensitivity table: the quantity ``output`` over two axes. ``key`` names its rows and its check."""

    key: str
    output: str
    rows: str
    columns: str


def default_grids() -> tuple[Grid, ...]:
    """The sensitivity tables of a scenario that names none."""
    return tuple(Grid(**grid) for grid in template_data("sensitivity")["lists"]["default_grids"])


def grid_of(output: str, rows: str, columns: str) -> Grid:
    """The table of an output and two axes, under the key of a default one where it is that."""
    known = next((grid for grid in default_grids() if grid[1:] == (output, rows, columns)), None)
    return known or Grid(f"{output}__{rows}__{columns}", output, rows, columns)


@dataclass(frozen=True, slots=True)
class Case:
    """One column of the workbook. The first case gives every input; the others only what differs."""

    name: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole budget request as data.

    ``values`` holds the inputs of scope ``scenario``, ``cases`` those of scope ``case``; ``sources`` says where an
    input comes from. Dates are Excel serial numbers, percentages fractions. ``notes`` are said beside an input, by key;
    ``run_edits`` are conventions and peaks [TFLOPS] that were typed over those of published runs on sheet Evidence.
    ``sheets`` are the optional sheets asked for, in their order; ``months`` is the length of the timeline of sheet
    Phasing, ``stages`` the stages of a pipeline that sheet Memory has room for; ``actuals`` has a month's figures, or
    None, for each month of the timeline from the first on, as far as typed.
    ``paper`` is what the sheets are laid out to be printed on;
    ``differing`` are the inputs that a workbook shows as differing among its
    cases, ``built`` what its inputs were when it was built, and ``facts`` what it
    says of where it comes from, by label, where they were read from one. ``templates`` say what its workbook holds.
    """

    values: Mapping[str, Value]
    cases: tuple[Case, ...]
    sources: Mapping[str, str]
    accelerators: Mapping[str, Accelerator]
    file: str = ""
    sha256: str = ""
    command: str = ""
    grids: tuple[Grid, ...] = field(default_factory=default_grids)
    notes: Mapping[str, str] = field(default_factory=dict)
    run_edits: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()
    months: int = 0
    stages: int = 0
    actuals: tuple[Actual | None, ...] = ()
    paper: str = "A4"
    differing: tuple[str, ...] | None = None
    built: Scenario | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    templates: Templates = field(default_factory=packaged)

    def inputs(self, index: int) -> dict[str, Value]:
        """Every input in force in one case: its own values over those of the base over the scenario's."""
        case = self.cases[index]
        return {**self.values, **self.cases[0].values, **case.values, "case_name": case.name}

    def accelerator(self, index: int) -> Accelerator | None:
        """The accelerator of one case, or None when its key is not in the table."""
        return self.accelerators.get(str(self.inputs(index)["accelerator"]))

    @property
    def fields(self) -> Mapping[str, Field]:
        """The inputs that the workbook has, by key: those of its optional sheets among them."""
        return self.templates.made(f"inputs with {self.sheets}", lambda own: fields_with(own, self.sheets))

    @property
    def sheets_option(self) -> str:
        """What the command line needs for the optional sheets, however they were asked for."""
        return f" --sheets {','.join(self.sheets)}" if self.sheets else ""

    @property
    def chosen(self) -> int:
        """The index of the case put forward; 0 when the name is unknown."""
        return self.named("chosen_case")

    def named(self, key: str) -> int:
        """The index of the case that an input names, also by what it was called when the workbook was built; 0 when the
        name is unknown."""
        name = str(self.values[key]).lower()
        for cases in (self.cases, () if self.built is None else self.built.cases):
            names = [case.name.lower() for case in cases]
            if name in names:
                return names.index(name)
        return 0
