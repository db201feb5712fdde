"""A linter for .xlsx files: what Excel repairs, other programs misread or a reviewer rejects.

The Open XML SDK validator and openxml-audit check parts against the schema; of defects seeded into
formulas, cached values, names, tables and texts they find few. This linter reads the file as XML
(``package``), never through the product that wrote it, and knows what it means. ``rules.findings.RULES``
lists every rule with the harm it prevents.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException

from tests.support.package import Book, read_book
from tests.support.rules import appearance, cells, charts, formulas, names, objects, parts
from tests.support.rules.findings import RULES, Finding

__all__ = ["CHECKS", "RULES", "Finding", "lint"]

CHECKS: tuple[Callable[[Book], list[Finding]], ...] = (
    parts.check_duplicate_parts,
    parts.check_external_content,
    parts.check_local_paths,
    parts.check_calculation,
    names.check_sheet_names,
    names.check_defined_names,
    names.check_name_targets,
    formulas.check_leading_equals,
    formulas.check_syntax,
    formulas.check_length,
    formulas.check_nesting,
    formulas.check_functions,
    formulas.check_arrays,
    formulas.check_references,
    cells.check_stored_values,
    cells.check_text_length,
    cells.check_positions,
    cells.check_row_order,
    cells.check_cell_order,
    cells.check_merged_cells,
    objects.check_table_columns,
    objects.check_table_names,
    objects.check_validation_lists,
    objects.check_validation_prompts,
    charts.check_alt_text,
    charts.check_caches,
    appearance.check_hidden,
    appearance.check_protection,
    appearance.check_contrast,
)


def lint(path: Path) -> list[Finding]:
    """Everything that is wrong with a file, in the order of ``CHECKS``; an empty list is a clean file.

    A part that is missing or cannot be parsed is a ``malformed-part``, and nothing else is looked at then.
    Raises FileNotFoundError.
    """
    try:
        book = read_book(path)
    except (zipfile.BadZipFile, ParseError, DefusedXmlException) as problem:
        return [Finding("", "", "malformed-part", f"{path.name}: {problem!r}")]
    if missing := parts.check_missing_parts(book):
        return missing
    return [finding for check in CHECKS for finding in check(book)]
