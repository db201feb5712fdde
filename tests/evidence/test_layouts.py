"""What a layout makes of published claims and runs, by hand: article D's six stages, runs that differ in a layout."""

from __future__ import annotations

import pytest

from sheetgen.evidence.results import evidence

BY_FIGURE = {result.figure.key: result for result in evidence().figures}


@pytest.mark.parametrize(
    ("key", "recomputed", "word"),
    [
        # 2·100,096·5,120 of the head over 2·275,251,200 + 2·4,096·5,120 of a layer; of 41.730 layers' worth a mean
        # stage has 6.955
        ("d_head_in_layers", 1_024_983_040 / 592_445_440, "wrong"),
        ("d_imbalance", 7.7301 / 6.9550, "wrong"),
        ("d_shorter_last", 7 / 6.9550, "reproduced"),
        ("d_short_gain", 1.4168 / 1.2641, "holds"),  # 16 and 32 microbatches: 1.1114 + 4.8886/16, 4.8886/32
        ("d_checkpoint_gain", (4 * 40 + 3 * 1.7301) / (3 * 41.7301), "holds"),
        ("d_checkpoint_memory", 148_640 / 10_240, "holds"),
        ("i_llama", (1 + 15 / 256) / (1 + 15 / 128), "reproduced"),
        ("i_bloom", (43 / 32) / 12, "not reconcilable"),
        # 28 layers of 100,663,296 weights and a head of 394,002,432; the core 2·4,096·3,072
        ("i_checkpoint", 3 * 7_129_792_512 / (4 * 6_341_787_648 + 3 * 788_004_864), "not reconcilable"),
    ],
)
def test_by_hand(key: str, recomputed: float, word: str) -> None:
    """The figure that hand calculation gives, and its verdict."""
    assert BY_FIGURE[key].recomputed == pytest.approx(recomputed, rel=6e-4)
    assert BY_FIGURE[key].verdict == word


def test_another_figure_is_seen() -> None:
    """Negative control: without interleaving the bubble would have cost Llama 3 a quarter, not a twentieth."""
    without = (1 + 15 / 32) / (1 + 15 / 16)

    assert abs(without / BY_FIGURE["i_llama"].published - 1) > 0.2
