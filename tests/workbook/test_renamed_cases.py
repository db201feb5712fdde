"""A case may be called anything at any time: what names one finds it by where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from sheetgen import verify
from sheetgen.verification.evaluate import complete
from sheetgen.workbook.plan import plan
from tests.support.changes import at, edited
from tests.support.engines import ironcalc_values
from tests.support.package import CellKey, cached_values
from tests.support.probes import sample


@pytest.mark.parametrize("case", [0, 1, 2])
def test_renaming_any_case_breaks_nothing(built_samples: Mapping[str, Path], tmp_path: Path, case: int) -> None:
    """Three offers, of which inputs name three: whichever is renamed, no error value, no other figure, no failure."""
    name = "procurement-70b"
    built, book = built_samples[name], plan(complete(sample(name)))
    file = edited(built, tmp_path, {at(book, "Inputs", "case_name", case): "Renamed"})
    before = {key: item.value for key, item in cached_values(built).items()}
    after = ironcalc_values(file)
    total, chosen = at(book, "Cost", "total_cost", 1), at(book, "Cases", "chosen_case_number")

    assert [key for key, value in after.items() if isinstance(value, str) and value.startswith("#")] == []
    assert after[total] == pytest.approx(before[total], rel=1e-9)
    assert after[chosen] == before[chosen] == 2
    assert after[at(book, "Cases", "chosen_name")] == ("Renamed" if case == 1 else "Vendor B, tiers")
    assert after[at(book, "Checks", "check_chosen_case")] == "OK"
    verdict = verify(file)
    assert verdict.agrees
    assert len(verdict.edits) == 1
    assert verdict.edits[0].endswith("is now called Renamed")


def test_a_name_that_no_case_has_or_had_fails(built_samples: Mapping[str, Path], tmp_path: Path) -> None:
    """The first case stands in, and the check says so."""
    book = plan(complete(sample("llama405b")))
    changes: dict[CellKey, float | str | bool | None] = {at(book, "Inputs", "chosen_case"): "Nobody"}
    after = ironcalc_values(edited(built_samples["llama405b"], tmp_path, changes))

    assert after[at(book, "Cases", "chosen_case_number")] == 1
    assert after[at(book, "Checks", "check_chosen_case")] == "FAIL"
    assert [key for key, value in after.items() if isinstance(value, str) and value.startswith("#")] == []
