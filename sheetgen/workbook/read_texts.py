"""The texts that a scenario gave a workbook, read back: where inputs come from, notes beside them, its file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sheetgen.catalogue import Accelerator, load_catalogue
from sheetgen.catalogue.accelerators import PRICES
from sheetgen.scenario.model import Scenario
from sheetgen.workbook.blocks.inputs import Inputs
from sheetgen.workbook.columns import column_of
from sheetgen.workbook.definitions import Definitions
from sheetgen.workbook.evaluator import Values
from sheetgen.workbook.fingerprints import ACCELERATOR_TEXTS
from sheetgen.workbook.read_tables import key_rows
from sheetgen.workbook.sheet import LABEL

_NUMBER = re.compile(r"\[\d+\]")
_CITED = re.compile(r"\[(\d+)\] (.*)", re.DOTALL)
DEFAULT = "default"
MAX_CITATIONS = 1_000


def with_texts(
    scenario: Scenario,
    cells: Values,
    rows: Mapping[str, int],
    facts: Mapping[str, str],
    definitions: Definitions,
) -> Scenario:
    """The scenario with the texts of a workbook: of its inputs, whose keys stand in ``rows``, and its ``facts``."""
    inputs = definitions.sheet_with(Inputs)
    places = {}
    column = 0
    for head in inputs.columns:
        places[head.id] = column
        column += head.count(len(scenario.cases))
    citations = _Citations(cells, definitions)
    sources, notes = {}, {}
    for key, spec in definitions.inputs.items():
        if key not in rows:
            continue
        source = cells.value(inputs.name, rows[key], places["built_source"])
        note = cells.value(inputs.name, rows[key], places["note"])
        if isinstance(source, str):
            given = spec.source and source.startswith(f"{DEFAULT}; ")
            sources[key] = DEFAULT if given else citations.cited(source)
        if isinstance(note, str) and note.startswith(spec.help) and note != spec.help:
            notes[key] = note.removeprefix(spec.help).removeprefix(" ")
    accelerators = _accelerators(scenario, cells, definitions, citations)
    return replace(
        scenario, sources=sources, notes=notes, accelerators=accelerators, file=facts.get("Scenario file", ""),
        sha256=facts.get("Scenario SHA-256", ""), command=facts.get("Command", ""), facts=facts,
    )  # fmt: skip


def sources_now(scenario: Scenario, cells: Values, definitions: Definitions) -> dict[str, str]:
    """Where inputs come from as a workbook says it now, by their keys; ``scenario`` is what was read from it."""
    inputs = definitions.sheet_with(Inputs)
    rows = key_rows(cells, inputs.name, inputs.key_column(cells))
    column = column_of(inputs.columns, "source", len(scenario.cases))
    citations = _Citations(cells, definitions)
    found: dict[str, str] = {}
    for key, spec in scenario.fields.items():
        text = cells.value(inputs.name, rows[key], column) if key in rows else None
        if isinstance(text, str) and text:
            given = spec.source and text.startswith(f"{DEFAULT}; ")
            found[key] = DEFAULT if given else citations.cited(text)
    return found


def _accelerators(
    scenario: Scenario, cells: Values, definitions: Definitions, citations: _Citations
) -> dict[str, Accelerator]:
    """The accelerators with their texts: those of the catalogue where the figures are its own, else as they stand."""
    sheet, table = definitions.table_of("accelerators")
    places = table.fields(definitions.plain_list)
    packaged = load_catalogue().accelerators
    rows = key_rows(cells, sheet, definitions.sheet(sheet).key_column(cells))
    found: dict[str, Accelerator] = {}
    for key, entry in scenario.accelerators.items():
        known = packaged.get(key)
        if known is not None and shown_figures(known) == shown_figures(entry):
            found[key] = known._replace(price_low=entry.price_low, price_high=entry.price_high)
            continue
        texts = {}
        for name in ACCELERATOR_TEXTS:
            value = cells.value(sheet, rows[key], places[name]) if name in places else None
            texts[name] = citations.cited(value) if isinstance(value, str) else None
        own: dict[str, Any] = {name: text for name, text in texts.items() if text is not None}
        found[key] = entry._replace(**own)
    return found


def shown_figures(entry: Accelerator) -> dict[str, object]:
    """The figures of an accelerator that its data sheet gives; prices are of a day."""
    return {name: value for name, value in entry.figures().items() if name not in PRICES}


class _Citations:
    """What the numbered citations of a workbook cite: a source that the templates list, or a text of its scenario."""

    def __init__(self, cells: Values, definitions: Definitions) -> None:
        self._keys = {source["short"]: key for key, source in definitions.sources.items()}
        sheet, table = definitions.table_of("citations")
        places = table.fields(definitions.plain_list)
        self._plain: set[str] = set()
        for row in range(MAX_CITATIONS):
            number = cells.value(sheet, row, LABEL)
            if isinstance(number, str) and _NUMBER.fullmatch(number) and not cells.value(sheet, row, places["title"]):
                self._plain.add(number[1:-1])

    def cited(self, text: str) -> str:
        """A source as a scenario writes it: the key of a listed one, or the text, without its number."""
        match = _CITED.fullmatch(text)
        if match is None:
            return text
        number, words = match.groups()
        return words if number in self._plain else self._keys.get(words, words)
