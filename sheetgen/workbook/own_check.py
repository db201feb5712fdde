"""The check of a user's templates: every mistake with file, line and row, whatever a file holds.

Templates are read as a whole, so a mistake ends the reading. The part that holds it is then left out, and the rest is
read again, until nothing is wrong; what only misses a part that was left out is not a mistake of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.base.inputs import constants_of, inputs_of
from sheetgen.base.templates import TemplateError, Templates
from sheetgen.workbook.blocks.block import Home
from sheetgen.workbook.blocks.rows import Rows
from sheetgen.workbook.check import check
from sheetgen.workbook.definitions import Definitions, read_block
from sheetgen.workbook.formula import names
from sheetgen.workbook.own_inputs import check_inputs
from sheetgen.workbook.own_lists import check_lists
from sheetgen.workbook.own_shapes import check_head, check_section

MAX_MISTAKES = 30
READING = (ArithmeticError, AttributeError, LookupError, RecursionError, StopIteration, TypeError, ValueError)
"""What reading a part may raise that is not of the shape that its kind of block takes."""


def checked(templates: Templates) -> Templates:
    """The templates, if nothing is wrong with what extensions add. Raises InvalidInput with every mistake."""
    problems = templates.made("mistakes", mistakes) if templates.own else ()
    if problems:
        raise InvalidInput(problems)
    return templates


def mistakes(templates: Templates) -> tuple[Problem, ...]:
    """What is wrong with the files of extensions, a problem for each mistake."""
    found: list[Problem] = []
    left_out: set[str] = set()
    kept: list[object] = []
    trial = templates
    for _ in range(MAX_MISTAKES):
        try:
            _read(trial)
        except TemplateError as error:
            problem = trial.problem(error)
            if problem is None:
                return (*found, Problem(str(error), str(templates.own[0].path)))
            if not any(f"{key!r} is not a key" in str(error) for key in left_out):
                found.append(problem)
            left_out |= set(_keys(error.origin))
            trial = _without(trial, error.origin, kept)
        else:
            break
    return tuple(sorted(found, key=lambda problem: (problem.file or "", problem.line or 0)))


def _keys(part: object) -> Iterator[str]:
    """Every key that stands in a part of a file."""
    if isinstance(part, dict):
        if isinstance(part.get("key"), str):
            yield part["key"]
        for value in part.values():
            yield from _keys(value)
    elif isinstance(part, list):
        for item in part:
            yield from _keys(item)


def _without(templates: Templates, part: object, kept: list[object]) -> Templates:
    """The templates without one part; ``kept`` holds the copies of what it stood in, which have its lines."""

    def copied(value: Any) -> Any:
        if isinstance(value, dict):
            new: Any = {name: copied(item) for name, item in value.items() if item is not part}
        elif isinstance(value, list):
            new = [copied(item) for item in value if item is not part]
        else:
            return value
        if new == value:
            return value
        kept.append(new)
        for file in templates.own:
            if id(value) in file.lines:
                file.lines[id(new)] = file.lines[id(value)]
        return new

    data = {name: copied(templates.data(name)) for name in templates.files if templates.data(name) is not part}
    return Templates(data, templates.own, templates.extensions)


def _read(templates: Templates) -> None:
    """Raise TemplateError for the first mistake."""
    for slug in templates.sheets():
        data = templates.data(slug)
        if templates.is_own(data):
            check_head(slug, data)
        for section in data["sections"]:
            check_section(str(data["sheet"]), section, templates.is_own)
    check_lists(templates)
    check_inputs(templates)
    _read_inputs(templates)
    _read_blocks(templates)
    definitions = Definitions.of(templates)
    _check_lines(definitions)
    _check_sheets(definitions)
    check(definitions)


def _read_inputs(templates: Templates) -> None:
    inputs_of(templates)
    constants_of(templates)


def _read_blocks(templates: Templates) -> None:
    """Each section of a user's own by itself, so that what cannot be read has a place."""
    for slug in templates.sheets():
        data = templates.data(slug)
        home = Home(str(data["sheet"]), data.get("exact", {}), templates)
        for section in data["sections"]:
            if templates.is_own(section):
                try:
                    read_block(home, section)
                except TemplateError as error:
                    raise TemplateError(
                        str(error), error.origin if templates.is_own(error.origin) else section
                    ) from error
                except READING as error:
                    what = f"{type(error).__name__}: {error}"
                    title = section.get("title", "a section")
                    raise TemplateError(f"{home.name}, {title}: cannot be read ({what})", section) from error


def _check_lines(definitions: Definitions) -> None:
    """Raise TemplateError for a row counted with another that there is not, or not in time."""
    order = list(definitions.rows)
    for key, row in definitions.rows.items():
        if not row.counted_with:
            continue
        where, line = f"{definitions.sheet_of(key)}, row {key}", definitions.rows.get(row.counted_with)
        if line is None:
            raise TemplateError(f"{where}: counted_with names no row: {row.counted_with!r}", row.origin)
        if line.unit != row.unit:
            raise TemplateError(f"{where}: counted with {line.key}, whose unit is {line.unit}", row.origin)
        for block in (block for sheet in definitions.sheets for block in sheet.blocks if isinstance(block, Rows)):
            if row.counted_with in block.sums and key not in {other.key for other in block.rows()}:
                raise TemplateError(
                    f"{where}: stands outside of “{block.title}”, whose sum {line.key} is in", row.origin
                )
        reader = next((name for name in order if key in names(definitions.rows[name].formula)), None)
        if reader is None:
            raise TemplateError(f"{where}: no other row reads {line.key}, with which it is counted", row.origin)
        if order.index(reader) < order.index(key):
            message = f"stands behind {reader}, which reads it; let it stand after: {line.key}"
            raise TemplateError(f"{where}: {message}", row.origin)


def _asked(*sheets: str | None) -> frozenset[str]:
    return frozenset(sheet for sheet in sheets if sheet is not None)


def _check_sheets(definitions: Definitions) -> None:
    """Raise TemplateError for a row of a user's that names what is only there with an optional sheet, and is there
    without it."""
    wants = {key: _asked(spec.sheet) for key, spec in definitions.inputs.items()}
    wants |= {key: _asked(constant.sheet) for key, constant in definitions.constants.items()}
    found = [
        (sheet, row, _asked(sheet.optional, block.sheet, row.sheet))
        for sheet in definitions.sheets
        for block in sheet.blocks
        for row in (*block.rows(), *block.series())
    ]
    wants |= {row.key: asked for _, row, asked in found}
    for sheet, row, asked in found:
        if not definitions.templates.is_own(row.origin):
            continue
        for name in names(row.formula):
            lacking = sorted(wants.get(name, wants.get(name.partition("_")[2], frozenset())) - asked)
            if lacking:
                message = f"{name!r} is only there with the optional sheet {lacking[0]}; say sheet: {lacking[0]}"
                raise TemplateError(f"{sheet.name}, row {row.key}: {message}", row.origin)
