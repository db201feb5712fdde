"""MFU guidance: published measurements, bridged between conventions and ranked by distance.

Expected figures are those printed in the sources that each row names, or worked by hand from the printed sizes; peaks
are those that the sources divide by (312 TFLOPS for an A100, 989.5 or 989 for an H100, 1,979 in FP8, 989.4 for an
H800, 275 for a TPU v4).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgen.base.errors import InvalidInput
from sheetgen.catalogue import load_catalogue
from sheetgen.evidence.guidance import MFU_CONVENTIONS, bridged, flops_per_token
from sheetgen.evidence.measurements import COLUMNS, FILE, Measurement, parse_measurements

ROWS = {row.key: row for row in parse_measurements(FILE, MFU_CONVENTIONS)}
FOUNDRY = [row for row in ROWS.values() if row.key.startswith("llm-foundry-")]
LLAMA_8B = ROWS["torchtitan-a100-8b-layer"]

PEAKS = {
    ("a100-sxm4-40gb", "bf16"): 312e12,
    ("a100-sxm4-80gb", "bf16"): 312e12,
    ("h100-sxm5-80gb", "bf16"): 989.5e12,
    ("h100-sxm5-80gb", "fp8"): 1979e12,
    ("h800-sxm5-80gb", "bf16"): 989.4e12,
    ("tpu-v4", "bf16"): 275e12,
}


def countable(row: Measurement, convention: str) -> bool:
    """Whether the row's columns give the convention."""
    try:
        flops_per_token(row, convention)
    except InvalidInput:
        return False
    return True


def from_throughput(row: Measurement) -> float:
    """The MFU [fraction] that the published tokens per second are."""
    assert row.tokens_per_second is not None
    rate = flops_per_token(row, row.convention) * row.tokens_per_second
    return rate / (row.gpus * PEAKS[row.accelerator, row.precision])


class TestData:
    """What the packaged file holds."""

    def test_the_rows_are_all_there(self) -> None:
        """115 of llm-foundry (tests/engine/test_llm_foundry.py) and 24 or more of eight others, in under 60 kB."""
        assert len(FOUNDRY) == 115
        assert len(ROWS) >= 139
        assert FILE.stat().st_size < 60_000

    def test_every_row_can_be_opened_and_priced(self) -> None:
        """Each row has a web address, and an accelerator of the catalogue with a peak in its precision."""
        accelerators = load_catalogue().accelerators
        for row in ROWS.values():
            assert row.source_url.startswith("https://"), row.key
            assert row.precision in accelerators[row.accelerator].dense, row.key
            assert row.gpus >= 8, row.key
            assert row.hfu is None or row.hfu >= row.mfu, row.key

    def test_mixtures_say_so(self) -> None:
        """DeepSeek-V3 counts 37 billion active parameters, not 671."""
        for key in ("deepseek-v3-causal", "deepseek-v3-noncausal"):
            assert "active" in ROWS[key].notes
            assert round(ROWS[key].parameters / 1e9, -1) == 40


class TestPublishedFigures:
    """MFU follows from the published throughput."""

    def test_no_other_convention_fits_llm_foundry(self) -> None:
        """The control: by Megatron's count the same throughput misses nearly every printed figure."""
        fits = [
            row.key
            for row in FOUNDRY
            if from_throughput(replace(row, convention="megatron")) == pytest.approx(row.mfu, rel=0.001, abs=0.00005)
        ]
        assert fits == []

    @pytest.mark.parametrize(
        ("key", "tolerance"),
        [
            ("palm-540b", 0.0006),
            ("mt-nlg-530b-2240", 0.002),
            ("korthikanti-22b-selective", 0.002),
            ("korthikanti-175b-selective", 0.001),
            *[(key, 0.001) for key in ROWS if key.startswith("megascale-")],
            *[(key, 0.001) for key in ROWS if key.startswith("torchtitan-a100-")],
            ("torchtitan-h100-8b-fsdp", 0.01),
            ("torchtitan-h100-8b-fsdp-compile", 0.01),
            ("deepseek-v3-causal", 0.002),
            ("deepseek-v3-noncausal", 0.002),
        ],
    )
    def test_other_runs(self, key: str, tolerance: float) -> None:
        """Within a last printed digit or two of the MFU, absolute."""
        assert from_throughput(ROWS[key]) == pytest.approx(ROWS[key].mfu, abs=tolerance)


class TestFlops:
    """FLOPs per token, worked by hand."""

    def test_llama_3_8b_in_every_convention(self) -> None:
        """N 8,030,261,248, of them 128,256·4,096 looked up; L·a·s is 32·4,096·8,192 = 1,073,741,824."""
        expected = {
            "6nd": 48_181_567_488,
            "8nt": 64_242_089_984,
            "palm": 61_066_469_376,
            "titan": 57_914_449_920,
            "megatron": 51_471_998_976,
            "llmc": 54_624_018_432,
            "kaplan": 48_319_979_520,
        }
        assert {name: flops_per_token(LLAMA_8B, name) for name in expected} == expected

    def test_megatron_175b(self) -> None:
        """72·96·12,288²·(1 + 2,048/73,728 + 64,000/14,155,776), and half the attention core less for ``megatron``."""
        row = ROWS["megascale-megatron-lm-175b-256"]
        weights = 173_946_175_488 + 786_432_000
        core = 96 * 12_288 * 2_048

        assert flops_per_token(row, "korthikanti") == pytest.approx(6 * weights + 12 * core, rel=1e-12)
        assert flops_per_token(row, "titan") == 6 * weights + 12 * core
        assert flops_per_token(row, "megatron") == 6 * weights + 6 * core
        assert flops_per_token(row, "kaplan") == 6 * 173_946_175_488 + 6 * core

    def test_a_tied_head_is_still_multiplied(self) -> None:
        """GPT-2 124M: only the 1,024·768 positions are looked up, the 50,257 words are the head's too."""
        row = ROWS["llm.c-gpt2-124m"]
        core = 12 * 768 * 1_024

        assert flops_per_token(row, "megatron") == 6 * (124_400_000 - 786_432) + 6 * core
        assert flops_per_token(row, "kaplan") == 6 * (124_400_000 - 786_432 - 50_257 * 768) + 6 * core

    @pytest.mark.parametrize("key", ["palm-540b", "torchtitan-a100-8b-op", "deepseek-v3-causal"])
    def test_korthikanti_is_refused_for_another_architecture(self, key: str) -> None:
        """Gated feed-forwards, shared keys and experts are not 12·h² a layer."""
        with pytest.raises(InvalidInput, match=f"feed-forward.*{key}"):
            flops_per_token(ROWS[key], "korthikanti")

    def test_unknown_embeddings_are_refused_where_needed(self) -> None:
        """Without embedding parameters PaLM's count stands and torchtitan's does not."""
        row = replace(LLAMA_8B, embedding_parameters=None)

        assert flops_per_token(row, "palm") == 61_066_469_376
        with pytest.raises(InvalidInput, match="embedding_parameters, which are not published"):
            flops_per_token(row, "titan")

    def test_unknown_convention(self) -> None:
        """The message names the convention that was meant."""
        with pytest.raises(InvalidInput, match="did you mean 'megatron'"):
            flops_per_token(LLAMA_8B, "megatorn")


class TestBridge:
    """The same run by another convention."""

    def test_llama_3_8b_without_the_embedding(self) -> None:
        """torchtitan's 56.8 % hold the embedding; without it 2,904 tokens/s/GPU are 53.9 %."""
        assert round(100 * bridged(LLAMA_8B, "titan"), 1) == 53.9
        assert round(2_904 * 57_914_449_920 / 312e10, 1) == 53.9

    def test_palm_without_attention(self) -> None:
        """PaLM prints 46.2 % with attention and 45.7 % without."""
        assert round(100 * bridged(ROWS["palm-540b"], "6nd"), 1) == 45.7

    def test_deepseek_both_ways(self) -> None:
        """DeepSeek prints 43.73 % over the full square and 38.94 % over the causal half, one step time."""
        full, causal = ROWS["deepseek-v3-noncausal"], ROWS["deepseek-v3-causal"]

        assert bridged(full, "megatron") == pytest.approx(causal.mfu, abs=0.0005)
        assert bridged(causal, "titan") == pytest.approx(full.mfu, abs=0.0005)
        assert bridged(full, "megatron") < full.mfu - 0.04

    @given(st.sampled_from(sorted(ROWS)), st.sampled_from(sorted(MFU_CONVENTIONS)))
    def test_there_and_back(self, key: str, convention: str) -> None:
        """Bridged to another convention and back, the MFU is the published one."""
        row = ROWS[key]
        if countable(row, convention):
            there = replace(row, mfu=bridged(row, convention), convention=convention)
            if countable(there, row.convention):
                assert bridged(there, row.convention) == pytest.approx(row.mfu, rel=1e-12)

    @given(st.sampled_from(sorted(ROWS)))
    def test_order_of_conventions(self, key: str) -> None:
        """Less counted is a smaller MFU: megatron < titan <= palm, 6nd < llmc < palm, 8nt is 4/3 of 6nd."""
        row = ROWS[key]
        mfu = {name: bridged(row, name) for name in ("6nd", "8nt", "palm", "llmc", "titan", "megatron")}

        assert mfu["megatron"] < mfu["titan"]
        assert mfu["6nd"] < mfu["llmc"] < mfu["palm"]
        assert mfu["8nt"] == pytest.approx(mfu["6nd"] * 4 / 3)
        if row.embedding_parameters is not None:
            assert mfu["titan"] <= mfu["palm"] * (1 + 1e-12)


GOOD = dict.fromkeys(COLUMNS, "") | {
    "key": "a-run",
    "run": "A run",
    "accelerator": "a100-sxm4-80gb",
    "gpus": "8",
    "precision": "bf16",
    "context_length": "2048",
    "parameters": "1000000",
    "layers": "2",
    "d_model": "64",
    "attention_width": "64",
    "vocab_size": "100",
    "convention": "palm",
    "mfu": "0.4",
    "source": "A paper",
}


def written(tmp_path: Path, *rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Path:
    """A file of these rows."""
    lines = [",".join(columns), *(",".join(row[column] for column in columns if column in row) for row in rows)]
    path = tmp_path / "mfu.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


class TestMistakes:
    """A file with mistakes is refused, each with its line and column."""

    def test_a_good_row(self, tmp_path: Path) -> None:
        """The control: nothing wrong, and what is not published is None."""
        (row,) = parse_measurements(written(tmp_path, GOOD))

        assert (row.gpus, row.mfu, row.hfu, row.embedding_parameters, row.recomputation) == (8, 0.4, None, None, "")

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"gpus": ""}, "gpus: missing"),
            ({"gpus": "8.5"}, "gpus: out of range"),
            ({"mfu": ""}, "mfu: missing"),
            ({"mfu": "41"}, "mfu: out of range"),
            ({"mfu": "0"}, "mfu: out of range"),
            ({"hfu": "1.01"}, "hfu: out of range"),
            ({"key": "A run"}, "key: not a valid key"),
            ({"precision": "bf61"}, "precision: unknown value; did you mean 'bf16'"),
            ({"recomputation": "ful"}, "recomputation: unknown value; did you mean 'full'"),
            ({"convention": "plam"}, "convention: unknown value; did you mean 'palm'"),
            ({"source": ""}, "source: missing"),
            ({"source_url": "a shelf"}, "source_url: not a web address"),
        ],
    )
    def test_one_wrong_cell(self, tmp_path: Path, changes: dict[str, str], message: str) -> None:
        """One problem, on line 2."""
        path = written(tmp_path, GOOD | changes)

        with pytest.raises(InvalidInput) as caught:
            parse_measurements(path, MFU_CONVENTIONS)

        assert len(caught.value.problems) == 1
        assert f"{path}:2: {message}" in str(caught.value)

    def test_the_file_as_a_whole(self, tmp_path: Path) -> None:
        """A key twice, a short row, an unknown and a missing column."""
        with pytest.raises(InvalidInput, match=r":3: key: duplicate key: already on line 2"):
            parse_measurements(written(tmp_path, GOOD, GOOD))
        with pytest.raises(InvalidInput, match=r":2: wrong number of cells"):
            parse_measurements(written(tmp_path, {"key": "short"}))
        with pytest.raises(
            InvalidInput, match=r":1: mfuu: unknown column; did you mean 'mfu'\?\n.*mfu: missing column"
        ):
            parse_measurements(written(tmp_path, columns=tuple("mfuu" if c == "mfu" else c for c in COLUMNS)))
        path = tmp_path / "quote.csv"
        path.write_text(",".join(COLUMNS) + '\n"open', encoding="utf-8")
        with pytest.raises(InvalidInput, match="not valid CSV"):
            parse_measurements(path)
