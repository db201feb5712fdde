"""What ``verify`` says of a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sheetgen.verification.differences import MEANING, Difference, of_weight
from sheetgen.workbook.evaluator import CellError, CellValue

if TYPE_CHECKING:
    from sheetgen.base.errors import Problem
    from sheetgen.base.inputs import Value
    from sheetgen.verification.tolerance import Mismatch


class Overwritten(NamedTuple):
    """A cell whose formula is not the template's any more: replaced by a constant, or by another formula."""

    sheet: str
    cell: str
    label: str
    key: str
    expected: str
    found: str

    def __str__(self) -> str:
        """One line for a report."""
        return f"{self.sheet}!{self.cell} {self.label} ({self.key}): ={self.expected} is now {self.found}"


class Stale(NamedTuple):
    """A cell that stores, and so may show, another result than its formula computes."""

    sheet: str
    cell: str
    label: str
    key: str
    stored: CellValue
    computed: CellValue | CellError

    def __str__(self) -> str:
        """One line for a report."""
        named = f" {self.label}" + (f" ({self.key})" if self.key else "") if self.label else ""
        computed = self.computed
        words = f"error {computed.kind}" if isinstance(computed, CellError) else repr(computed)
        return f"{self.sheet}!{self.cell}{named}: shows {self.stored!r}, computes {words}"


def two_results(item: Stale) -> str:
    """Of a cell that two evaluators compute differently, one line for a report: the first one's, the second one's."""
    words = f"error {item.computed.kind}" if isinstance(item.computed, CellError) else repr(item.computed)
    return f"{item.sheet}!{item.cell}: {words}, and {item.stored!r} by the second evaluator"


class StoredResults(NamedTuple):
    """How many formulas store the result that they compute, how many none, and those that store another.

    ``unknown`` are cells with a function that is not computed here.
    """

    right: int = 0
    absent: int = 0
    stale: Sequence[Stale] = ()
    unknown: Sequence[str] = ()


class Origin(NamedTuple):
    """What was verified, by what, when: the file's SHA-256 and size [bytes], the programs with their versions, the hash
    of the templates, the time [UTC] and the command, each empty where it is not known."""

    sha256: str = ""
    size: int = 0
    programs: str = ""
    templates: str = ""
    when: str = ""
    command: str = ""


class Asked(NamedTuple):
    """What a verdict is to say beside the usual: the digest of the content, and what a second evaluator computes."""

    content: bool = False
    thorough: bool = False


class Seal(NamedTuple):
    """A seal that was checked: whether it holds, and in words by whom, when and what for, or why it does not."""

    holds: bool
    words: str


FIGURES = ("total_cost", "run_days", "gpu_hours", "gpus", "mfu", "price_per_gpu_hour")
"""Of each case in a report."""


@dataclass(slots=True)
class Verdict:
    """What ``verify`` found. ``exit_code`` is 0 when everything agrees, else 1."""

    file: str
    origin: Origin = field(default_factory=Origin)
    cases: list[str] = field(default_factory=list)
    compared: int = 0
    compared_moved: int = 0
    formulas: int = 0
    poisoned: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)
    moved_mismatches: list[Mismatch] = field(default_factory=list)
    overwritten: list[Overwritten] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    stored: StoredResults = field(default_factory=StoredResults)
    unread: list[str] = field(default_factory=list)
    checks: dict[str, list[str]] = field(default_factory=dict)
    recomputed: list[str] = field(default_factory=list)
    edited: bool | None = None
    edits: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    strict: bool = False
    content: str = ""
    seal: Seal | None = None
    second: StoredResults | None = None
    notes: list[str] = field(default_factory=list)
    key_figures: list[dict[str, Value]] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        """Whether the workbook is as its inputs give it: nothing disagrees, is overwritten, foreign, invalid, stale."""
        differs = bool(self.mismatches or self.moved_mismatches or self.overwritten or self.stored.stale)
        differs = differs or bool(of_weight(self.differences, MEANING))
        differs = differs or bool(self.strict and self.edits) or (self.seal is not None and not self.seal.holds)
        differs = differs or (self.second is not None and bool(self.second.stale))
        return not differs and not self.problems and not self.foreign

    @property
    def checks_pass(self) -> bool:
        """Whether none of the workbook's own checks fails."""
        return not self.checks.get("FAIL")

    @property
    def agrees(self) -> bool:
        """Whether the workbook is intact and its own checks pass."""
        return self.intact and self.checks_pass

    @property
    def exit_code(self) -> int:
        """0 or 1; a file without a verdict raises NotVerifiable, whose code is 3."""
        return 0 if self.agrees else 1

    def figures(self) -> list[dict[str, Any]]:
        """The key figures of each case, as the engine computes them from the file's inputs, the chosen one marked."""
        return [
            {"case": name, "for_approval": values.get("chosen_case") == name, "currency": values.get("currency")}
            | {key: values.get(key) for key in FIGURES}
            for name, values in zip(self.cases, self.key_figures, strict=False)
        ]

    def _second(self) -> dict[str, Any] | None:
        """What the second evaluator says, for JSON."""
        if self.second is None:
            return None
        disagrees = [two_results(item) for item in self.second.stale]
        return {"agrees": self.second.right, "disagrees": disagrees, "not_computed": list(self.second.unknown)}

    def to_dict(self) -> dict[str, Any]:
        """The verdict for JSON."""
        from sheetgen.verification.findings import sections

        def value_of(value: CellValue | CellError) -> CellValue:
            return f"error {value.kind}" if isinstance(value, CellError) else value

        def shown(item: Mismatch) -> dict[str, Any]:
            return {
                "sheet": item.sheet,
                "cell": item.cell,
                "label": item.label,
                "key": item.key,
                "case": self.cases[item.case],
                "workbook": value_of(item.workbook),
                "reference": item.reference,
                "relative_difference": item.relative_difference,
            }

        return {
            "file": self.file,
            "agrees": self.agrees,
            "intact": self.intact,
            "own_checks_pass": self.checks_pass,
            "verified": self.origin._asdict(),
            "figures": self.figures(),
            "cases": self.cases,
            "cells_compared": self.compared,
            "cells_compared_with_inputs_moved": self.compared_moved,
            "formulas_compared": self.formulas,
            "canary": {"poisoned_cells": self.poisoned, "read_back": 0},
            "recomputed_only": self.recomputed,
            "mismatches": [shown(item) for item in self.mismatches],
            "mismatches_with_inputs_moved": [shown(item) for item in self.moved_mismatches],
            "overwritten_formulas": [
                {name: getattr(item, name) for name in ("sheet", "cell", "label", "key", "expected", "found")}
                for item in self.overwritten
            ],
            "input_problems": [str(problem) for problem in self.problems],
            "foreign_contents": self.foreign,
            "stored_results": {
                "as_computed": self.stored.right,
                "absent": self.stored.absent,
                "not_computed": [item._asdict() | {"computed": value_of(item.computed)} for item in self.stored.stale],
                "unknown_functions": list(self.stored.unknown),
                "sheets_not_read": self.unread,
            },
            "inputs_edited_since_build": self.edited,
            "edits": self.edits,
            "sections": [own._asdict() for own in sections(self)],
            "differences": [item.to_dict() for item in self.differences],
            "seal": None if self.seal is None else self.seal._asdict(),
            "second_evaluator": self._second(),
            "checks": self.checks,
            "notes": self.notes,
        }
