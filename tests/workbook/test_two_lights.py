"""Two lights: the request's, which the case for approval moves, and the workbook's, which every case moves."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgen import verify
from sheetgen.workbook.book import Book
from tests.support.changes import at, edited
from tests.support.engines import ironcalc_values
from tests.support.package import cached_values

B200 = 2  # an alternative of the Llama sample, whose base is put forward


@pytest.mark.parametrize(("case", "request_says"), [(0, "REVIEW"), (B200, "OK")])
def test_an_alternative_leaves_the_request_alone(
    llama_file: Path, llama_plan: Book, tmp_path: Path, case: int, request_says: str
) -> None:
    """$40 an hour is far above every known price: in the base both lights ask for a review, in an alternative one."""
    file = edited(llama_file, tmp_path, {at(llama_plan, "Inputs", "price_per_gpu_hour", case): 40})
    request, workbook = (at(llama_plan, "Checks", key) for key in ("request_check", "master_check"))
    before, found = cached_values(llama_file), ironcalc_values(file)

    assert (before[request].value, before[workbook].value) == ("OK", "OK")
    assert (found[request], found[workbook]) == (request_says, "REVIEW")
    assert verify(file).agrees


def test_what_fails_in_the_request_fails_in_both(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """A name of no case fails whatever the case."""
    found = ironcalc_values(edited(llama_file, tmp_path, {at(llama_plan, "Inputs", "chosen_case"): "Nobody"}))

    assert {found[at(llama_plan, "Checks", key)] for key in ("request_check", "master_check")} == {"FAIL"}
