"""The two sides of the check have the same keys, in the same units, and ask for the same inputs."""

from __future__ import annotations

from sheetgen.base.inputs import fields, options
from sheetgen.base.templates import packaged
from sheetgen.engine import ENGINE, OPTIONAL, by_layout, shown
from sheetgen.engine.quantity import NUMBER
from sheetgen.evidence.results import CLAIMS
from sheetgen.workbook.blocks.block import Block
from sheetgen.workbook.blocks.table import Table
from sheetgen.workbook.definitions import all_series, calculated_rows, packaged_definitions

QUANTITIES = {item.key: item.unit for item in (*shown(OPTIONAL), *CLAIMS.quantities.values())}


def shown_rows() -> dict[str, str]:
    """Unit by key of every row, series and column that the engine is asked for: neither a look-up's helper nor about
    the workbook, which only the checks of sheet Actuals are and have a function all the same."""
    rows = {**calculated_rows(), **all_series()}
    asked = {key: row for key, row in rows.items() if not row.structure or key.startswith("check_actuals_")}
    found = {row.shown or key: row.unit for key, row in asked.items() if not row.helper}
    (months,) = (block for sheet in packaged_definitions().sheets for block in sheet.blocks if typed_months(block))
    columns = months.entries.take("columns")
    return found | {column["name"]: column["unit"] for column in columns if "formula" in column}


def typed_months(block: Block) -> bool:
    """Whether a block is the table whose columns are typed month by month."""
    columns = block.entries.take("columns") if isinstance(block, Table) and block.of == "months" else []
    return any("input" in column for column in columns)


def test_every_row_is_a_quantity() -> None:
    """No row is without a function of the engine that it is compared with."""
    assert shown_rows().keys() - QUANTITIES.keys() == set()


def test_every_quantity_has_its_row() -> None:
    """No function of the engine is without a row, but the steps on the way."""
    assert QUANTITIES.keys() - shown_rows().keys() == set()


def test_rows_and_quantities_have_one_unit() -> None:
    """Row and quantity of one key state the same unit."""
    rows = shown_rows()

    assert {key: (rows[key], unit) for key, unit in QUANTITIES.items() if rows[key] != unit} == {}


def test_optional_sheets_ask_for_what_they_show() -> None:
    """The rows of an optional sheet are the quantities that a scenario with this sheet has, and no other has."""
    always = {item.key for item in shown()}
    for sheet in packaged_definitions().sheets:
        blocks = [(block.sheet, row) for block in sheet.blocks for row in (*block.rows(), *block.series())]
        rows = [(row.sheet or asked, row.key) for asked, row in blocks if row.key in QUANTITIES]
        keys = {key for asked, key in rows if asked is None}
        assert all({item.key for item in shown((asked,))} >= {key} for asked, key in rows if asked is not None)
        found = {item.key for item in shown((sheet.optional,))} if sheet.optional else always
        found = found | CLAIMS.quantities.keys()  # these rest on no case
        assert keys <= found, sheet.name
        assert sheet.optional is None or keys.isdisjoint(always), sheet.name


def test_every_input_of_the_engine_is_a_row() -> None:
    """What no function gives is an input of the scenario; beside them stand the two sheets that are tables, the lengths
    of the timeline and of the table of stages, and the numbers of the cases that a name names."""
    tables = {"accelerators", "actuals", "months", "stage_rows", "reference_case_number"}
    asked = ENGINE.inputs & ENGINE.rests_on(QUANTITIES)
    numbers = {key for key in asked & fields().keys() if ENGINE.kinds[key] == NUMBER}

    assert asked - fields().keys() == tables
    assert {key for key in numbers if not fields()[key].is_number} == set()
    assert {key for key in asked & fields().keys() if fields()[key].is_number} == numbers


TEXTS = {"accelerator", "case_name", "precision", "mfu_precision", "currency"}
"""Lists whose choices are texts to the engine: it looks them up, or compares them."""


def test_the_engine_knows_each_choice() -> None:
    """An input whose choices the engine computes with has exactly those of its dropdown; any other is a text to it."""
    offered = {key: {option.value for option in options(spec.choices)} for key, spec in fields().items()
               if spec.choices and spec.choices not in TEXTS}  # fmt: skip
    known = {key: set(kind) for key, kind in by_layout(ENGINE).kinds.items() if isinstance(kind, tuple)}

    assert {key: (found, offered.get(key)) for key, found in known.items() if offered.get(key) != found} == {}
    assert {key for key in offered if key in ENGINE.inputs} <= known.keys()


def test_the_engine_cites_sources_of_the_templates() -> None:
    """The source of a quantity is one that the workbook lists."""
    assert {item.source for item in ENGINE.quantities.values()} <= packaged().lists("sources").keys()
