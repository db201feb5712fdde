"""The nearest published runs: which are chosen, how they are ranked and scaled."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgen.base.errors import InvalidInput
from sheetgen.catalogue import load_catalogue
from sheetgen.evidence.guidance import MFU_CONVENTIONS, Setting, nearest
from sheetgen.evidence.measurements import scaling_series
from tests.evidence.test_guidance import ROWS

sizes = st.floats(1e6, 1e13)


recomputations = st.sampled_from(["none", "selective", "full", ""])


accelerators = st.sampled_from(["a100-sxm4-80gb", "h100-sxm5-80gb", "h200-sxm-141gb", "tpu-v5p", "my-own"])


class TestNearest:
    """The ranking, and what it says."""

    @given(
        sizes, accelerators, st.integers(1, 100_000), st.integers(128, 2_000_000), recomputations,
        st.sampled_from(sorted(MFU_CONVENTIONS)), st.integers(1, 30),
    )  # fmt: skip
    def test_order(
        self,
        parameters: float,
        accelerator: str,
        gpus: int,
        context_length: int,
        recomputation: str,
        convention: str,
        count: int,
    ) -> None:
        """low <= middle <= high, all of them among the rows' span; rows by distance, then key; as many as asked."""
        setting = Setting(parameters, accelerator, gpus, context_length, recomputation)
        guidance = nearest(setting, convention, count)
        values = [row.mfu for row in guidance.rows]
        order = [(row.distance, row.measurement.key) for row in guidance.rows]

        assert 0 < guidance.low <= guidance.middle <= guidance.high
        assert (guidance.low, guidance.high) == (min(values), max(values))
        assert sum(value <= guidance.middle for value in values) >= count / 2
        assert order == sorted(order)
        assert len(values) == count

    @pytest.mark.parametrize(
        ("convention", "context_length", "named"),
        [("6nd", 8192, False), ("8nt", 8192, False), ("palm", 8192, True), ("6nd", 131_072, True)],
    )
    def test_attention_that_is_not_counted_is_no_guide(self, convention: str, context_length: int, named: bool) -> None:
        """Llama 3 405B at 131,072 tokens: 38 % in palm, of which 6·N sees 16.3; no guide at 8,192 tokens in 6·N."""
        found = nearest(Setting(405.9e9, "h100-sxm5-80gb", 16_384, context_length, "none"), convention)
        long = [row for row in found.rows if row.measurement.context_length == 131_072]

        assert bool(long) == named
        assert (found.low > 0.3) or named
        assert all(row.mfu == pytest.approx(0.163 if convention == "6nd" else 0.38, abs=1e-3) for row in long)

    @given(st.sampled_from(sorted(ROWS)))
    def test_an_exact_published_setting_comes_first(self, key: str) -> None:
        """The row itself is at the smallest distance, 0 where it says how it recomputes."""
        row = ROWS[key]
        setting = Setting(row.parameters, row.accelerator, row.gpus, row.context_length, row.recomputation)
        found = nearest(setting._replace(precision=row.precision), "palm").rows

        assert found[0].distance == (0.0 if row.recomputation else 0.5)
        assert key in [other.measurement.key for other in found if other.distance == found[0].distance]

    def test_the_first_seven_of_a_70b_on_512_h100(self) -> None:
        """MPT 70B on 512 and 256 H100 (0.5·ln 2 away), then on 64 (0.5·ln 8)."""
        guidance = nearest(Setting(64_862_437_376, "h100-sxm5-80gb", 512, 2048, "full"), "palm")

        assert [(row.measurement.key, round(row.distance, 3)) for row in guidance.rows[:3]] == [
            ("llm-foundry-h100-70b-2048-512", 0.0),
            ("llm-foundry-h100-70b-2048-256", 0.347),
            ("llm-foundry-h100-70b-2048-64", 1.04),
        ]
        assert len(guidance.rows) == 7

    def test_the_three_figures(self) -> None:
        """Of 41.25, 42.42 and 42.57 % the smallest, the median and the largest."""
        guidance = nearest(Setting(64_862_437_376, "h100-sxm5-80gb", 512, 2048, "full"), "palm", 3)

        assert (guidance.low, guidance.middle, guidance.high) == (0.4125, 0.4242, 0.4257)

    @pytest.mark.parametrize(
        ("changes", "distance"),
        [
            ({}, 0.0),
            ({"parameters": 8_030_261_248 * 2}, 0.693),
            ({"gpus": 128}, 0.347),
            ({"context_length": 4_096}, 0.347),
            ({"recomputation": "none"}, 1.0),
            ({"recomputation": ""}, 0.5),
            ({"precision": "fp8"}, 1.0),
            ({"precision": "fp16"}, 0.0),
            ({"accelerator": "a800-sxm4-80gb"}, 1.0),
            ({"accelerator": "a10"}, 2.0),
            ({"accelerator": "h200-sxm-141gb"}, 2.0),
            ({"accelerator": "tpu-v4"}, 2.0),
            ({"accelerator": "of-my-own"}, 2.0),
        ],
    )
    def test_each_part_of_the_distance(self, changes: dict[str, Any], distance: float) -> None:
        """From torchtitan's row of 64 A100, one thing changed at a time."""
        setting = Setting(8_030_261_248, "a100-sxm4-80gb", 64, 8_192, "selective")._replace(**changes)
        known = load_catalogue().accelerators.get(setting.accelerator)
        setting = setting._replace(generation="" if known is None else known.generation)
        found = nearest(setting, "palm", len(ROWS))
        own = {row.measurement.key: row.distance for row in found.rows}

        assert own["torchtitan-a100-8b-layer"] == pytest.approx(distance, abs=0.0005)

    def test_ties_go_by_key(self) -> None:
        """Two published rows of one setting: "layer" before "op", whatever their MFU."""
        first, second, *_ = nearest(Setting(8_030_261_248, "a100-sxm4-80gb", 64, 8_192, "selective"), "titan").rows

        assert [first.measurement.key, second.measurement.key] == ["torchtitan-a100-8b-layer", "torchtitan-a100-8b-op"]
        assert first.distance == second.distance == 0

    def test_a_row_that_the_convention_cannot_count_is_left_out(self) -> None:
        """Llama is no GPT with a feed-forward of 4h: by Korthikanti's formula the neighbours are others."""
        found = nearest(Setting(8_030_261_248, "a100-sxm4-80gb", 64, 8_192, "selective"), "korthikanti").rows

        assert len(found) == 7
        assert not any("Llama" in row.measurement.run for row in found)

    def test_every_mistake_is_named(self) -> None:
        """Six mistakes, six problems."""
        with pytest.raises(InvalidInput) as caught:
            nearest(Setting(0, "a100-sxm4-80gb", -1, float("nan"), "ful", "bf61"), "plam", 1)

        assert [problem.key for problem in caught.value.problems] == [
            "parameters", "gpus", "context_length", "recomputation", "convention", "precision",
        ]  # fmt: skip
        assert "did you mean 'full'" in str(caught.value)
        assert "did you mean 'palm'" in str(caught.value)


class TestScaling:
    """Series in which only the GPU count moves."""

    def test_megascale(self) -> None:
        """Table 2 of MegaScale: Megatron-LM falls from 53.0 to 44.7 % at 768 sequences, 48.7 to 41.2 % at 6,144."""
        series = scaling_series()

        assert [(row.gpus, row.mfu) for row in series["megascale-megatron-lm-175b-768"]] == [
            (256, 0.53), (512, 0.499), (768, 0.467), (1024, 0.447),
        ]  # fmt: skip
        assert [(row.gpus, row.mfu) for row in series["megascale-megatron-lm-175b-6144"]] == [
            (3072, 0.487), (6144, 0.478), (8192, 0.433), (12288, 0.412),
        ]  # fmt: skip

    def test_llm_foundry_70b(self) -> None:
        """256 to 512 H100: 42.42 to 41.25 %."""
        found = scaling_series()["llm-foundry-h100-70b-2048-full-weak"]

        assert [(row.gpus, row.mfu) for row in found] == [(256, 0.4242), (512, 0.4125)]

    def test_only_the_gpus_move(self) -> None:
        """Model, accelerator, context and recomputation are one in a series; GPUs rise; the batch is held as named."""
        for name, rows in scaling_series().items():
            settings = {
                (row.parameters, row.accelerator, row.precision, row.context_length, row.recomputation) for row in rows
            }
            batches = [row.global_batch_tokens or 0 for row in rows]
            per_gpu = {batch / row.gpus for batch, row in zip(batches, rows, strict=True)}
            gpus = [row.gpus for row in rows]

            assert len(rows) >= 2, name
            assert len(settings) == 1, name
            assert gpus == sorted(set(gpus)), name
            assert len(per_gpu if name.endswith("-weak") else set(batches)) == 1, name
