"""A share of the tamperings that ``python -m tests.support.tampering`` makes by thousands, and texts of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sheetgen import build, load_scenario, verify
from tests.support.attack import Attack
from tests.support.overlay import HEADER, ROW
from tests.support.paths import SAMPLES
from tests.support.tampering import IN_A_FILE, KINDS, tried


def test_no_tampering_is_missed(built_samples: Mapping[str, Path], tmp_path: Path) -> None:
    """Of each kind several, on two samples: what must fail fails, what must be said is said, by its cell."""
    kinds: set[str] = set()
    for seed, name in enumerate(("llama405b", "procurement-70b"), start=1):
        for done, silent in tried(name, built_samples[name], seed, 2 * IN_A_FILE, tmp_path):
            assert silent == []
            kinds |= {item.kind for item in done}
    assert kinds == set(KINDS)


def test_texts_of_an_accelerator_of_ones_own(tmp_path: Path) -> None:
    """No catalogue knows its name, source and notes: the workbook's own hash of them does."""
    catalogue = tmp_path / "catalogue"
    catalogue.mkdir()
    row = ROW.removesuffix(",") + ",Our own note"
    (catalogue / "accelerators.csv").write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
    workbook = build(load_scenario(SAMPLES["gpt3-175b"], catalogue), tmp_path / "budget.xlsx")
    said = "sheet Accelerators: figures or texts were changed since the build"
    assert verify(workbook).agrees
    assert "beside" not in " ".join(map(str, verify(workbook).differences))
    attack = Attack(workbook)
    cells = attack.book.sheet_by_name["accelerators"].cells
    number = attack.row("Accelerators", "tensor-1")
    texts = {cell.address for cell in cells if cell.row == number and cell.text in {"Tensor One", "Our own note"}}
    assert len(texts) == 2
    for address in sorted(texts):
        verdict = Attack(workbook).text("Accelerators", address, "Tensor Two").verdict(tmp_path)
        assert verdict.exit_code == 1
        assert said in [str(problem) for problem in verdict.problems]
