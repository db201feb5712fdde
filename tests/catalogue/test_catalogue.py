"""The catalogue: figures that data sheets print and parameters that checkpoints hold.

Peaks are those of the data sheets named beside them. Parameter counts are those of the published checkpoints:
the tensor totals of the Hugging Face model pages (without the rotary inverse frequencies of Llama 2 and the
second copy of Falcon 7B's tied matrix), the KerasHub presets (Gemma 2, Qwen3, Qwen1.5-MoE, GPT-2), the model card of
GPT-NeoX-20B (20554567680) and the Pythia repository; for DeepSeek-V3 the parameters of the main model, whose tensors
hold 14,848 elements of router bias besides. They are counted here once more, tensor by tensor.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import sheetgen
from sheetgen.base.inputs import architecture_keys, options
from sheetgen.catalogue import PRECISIONS, Catalogue, load_catalogue
from sheetgen.catalogue.accelerators import COLUMNS, accelerator_of
from sheetgen.catalogue.library import ACCELERATORS_FILE, PACKAGED
from sheetgen.catalogue.models import Model
from sheetgen.engine import count_parameters
from tests.support.checkpoints import count

KEYS = load_catalogue().model_keys()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The packaged catalogue."""
    return load_catalogue()


class TestAcceleratorData:
    """Figures and sources of the packaged accelerators."""

    def test_every_row_names_a_source_that_a_reader_can_open(self, catalogue: Catalogue) -> None:
        """Each accelerator has a document and a web address, and no row of the file is lost."""
        rows = list(csv.DictReader((PACKAGED / ACCELERATORS_FILE).read_text(encoding="utf-8").splitlines()))
        assert list(catalogue.accelerators) == [row["key"] for row in rows]
        for accelerator in catalogue.accelerators.values():
            assert accelerator.source, accelerator.key
            assert accelerator.source_url.startswith("https://"), accelerator.key

    def test_every_row_has_memory_bandwidth_and_a_peak(self, catalogue: Catalogue) -> None:
        """The figures that a budget needs are there for each accelerator."""
        for accelerator in catalogue.accelerators.values():
            assert accelerator.memory_gb, accelerator.key
            assert accelerator.bandwidth_gb_s, accelerator.key
            assert accelerator.dense, accelerator.key
            assert set(accelerator.dense) | set(accelerator.sparse) <= set(PRECISIONS), accelerator.key

    def test_sparse_peaks_are_one_to_four_times_dense(self, catalogue: Catalogue) -> None:
        """2:4 sparsity at most doubles a peak (data sheets round), AWS's 4:1 sparsity quadruples it."""
        found = 0
        for accelerator in catalogue.accelerators.values():
            limit = 4.0 if accelerator.vendor == "AWS" else 2.03
            for precision, peak in accelerator.sparse.items():
                ratio = peak / accelerator.dense[precision]
                assert 1.9 < ratio <= limit, (accelerator.key, precision, ratio)
                found += 1
        assert found > 80

    @pytest.mark.parametrize(
        ("key", "fp64", "fp32"),
        [  # vector units, data sheets: V100 7.8 and 15.7, A100 9.7 and 19.5, H100 33.5 and 66.9, L40S 1/64 of 91.6
            ("v100-sxm2-16gb", 7.8, 15.7), ("a100-sxm4-80gb", 9.7, 19.5), ("h100-sxm5-80gb", 33.5, 66.9),
            ("l40s", 1.4, 91.6), ("mi300x", 81.7, 163.4),
        ],
    )  # fmt: skip
    def test_fp64(self, catalogue: Catalogue, key: str, fp64: float, fp32: float) -> None:
        """Peaks of 64 bits, which are at most those of 32; 30 chips have one."""
        dense = catalogue.accelerators[key].dense
        assert (dense["fp64"], dense["fp32"]) == (fp64, fp32)
        peaks = [item.dense for item in catalogue.accelerators.values() if "fp64" in item.dense]
        assert len(peaks) >= 30
        assert all(item["fp64"] <= item["fp32"] for item in peaks)

    def test_the_mi350x_is_the_mi355x_at_its_clock(self, catalogue: Catalogue) -> None:
        """2.2 in place of 2.4 GHz; AMD's table of June 2025 has 18.45 PFLOPS in FP4 with sparsity."""
        slow, fast = catalogue.accelerators["mi350x"], catalogue.accelerators["mi355x"]
        for precision in ("fp32", "bf16", "fp8", "fp4"):
            assert slow.dense[precision] / fast.dense[precision] == pytest.approx(2.2 / 2.4, rel=1e-3)
        assert 2 * slow.dense["fp4"] == pytest.approx(18450, rel=1e-3)
        assert slow.tdp_w == 1000

    def test_models_of_others_sizes(self, catalogue: Catalogue) -> None:
        """INTELLECT-1 is Llama 3 8B with ten layers more; Moonlight DeepSeek-V2-Lite with other words and dense
        layer; OLMo 2 32B has the 32,234,279,936 of its checkpoint."""
        assert exact(catalogue.model("intellect-1")) == 8_030_261_248 + 10 * 218_112_000
        words, wider = 2 * (163_840 - 102_400) * 2048, 3 * 2048 * (11_264 - 10_944)
        assert exact(catalogue.model("moonlight-16b-a3b")) == 15_706_484_224 + words + wider
        assert exact(catalogue.model("olmo-2-32b")) == 32_234_279_936

    def test_a_generation_has_one_vendor(self, catalogue: Catalogue) -> None:
        """Every chip names its generation; A100 and A800 are one, an A10 of the same year's name another."""
        vendors: dict[str, set[str]] = {}
        for accelerator in catalogue.accelerators.values():
            vendors.setdefault(accelerator.generation, set()).add(accelerator.vendor)
        assert "" not in vendors
        assert all(len(names) == 1 for names in vendors.values()), vendors
        of = {key: accelerator.generation for key, accelerator in catalogue.accelerators.items()}
        assert of["a100-sxm4-80gb"] == of["a800-pcie-80gb"] != of["a10"]
        assert of["h100-sxm5-80gb"] == of["h20-96gb"] == of["gh200-96gb"] != of["b200-sxm-180gb"]

    def test_precisions_are_those_of_the_choices(self) -> None:
        """A column of peaks for every precision that a scenario may choose, in the same order."""
        assert list(PRECISIONS) == [option.value for option in options("precision")]

    def test_a_row_there_and_back(self, catalogue: Catalogue) -> None:
        """What a row gives by column makes the same accelerator again."""
        for accelerator in catalogue.accelerators.values():
            assert list(accelerator.row()) == [*(column.name for column in COLUMNS), "price_low", "price_high"]
            assert accelerator_of(accelerator.row()) == accelerator

    def test_keys_of_the_mapping_are_those_of_the_rows(self, catalogue: Catalogue) -> None:
        """An accelerator is found under the key that it carries."""
        assert all(key == accelerator.key for key, accelerator in catalogue.accelerators.items())

    @pytest.mark.parametrize(
        ("key", "dense", "sparse"),
        [
            ("h100-sxm5-80gb", 989.4, 1979),  # NVIDIA H100 white paper; product page, with sparsity
            ("h200-sxm-141gb", 989.4, 1979),  # same silicon
            ("h100-pcie-80gb", 756.5, 1513),
            ("a100-sxm4-80gb", 312, 624),  # NVIDIA A100 data sheet: 312 | 624
            ("l4", 121, 242),  # NVIDIA L4 product page prints 242 with sparsity
            ("l40s", 362, 733),  # NVIDIA L40S data sheet: 362.05 | 733
            ("a10g", 70, 140),  # AWS A10G data sheet; the A10 has 125
            ("h20-96gb", 148, 296),
            ("b200-sxm-180gb", 2250, 4500),
            ("mi300x", 1307.4, 2614.9),  # AMD prints the dense figure first
        ],
    )
    def test_dense_is_never_the_headline_with_sparsity(
        self, catalogue: Catalogue, key: str, dense: float, sparse: float
    ) -> None:
        """The dense bf16 peak is what training can reach; the printed figure with sparsity stands apart."""
        accelerator = catalogue.accelerators[key]
        assert accelerator.dense["bf16"] == dense
        assert accelerator.sparse["bf16"] == sparse
        assert accelerator.sparse["fp16"] == sparse

    def test_h100_peak_follows_from_its_tensor_cores(self, catalogue: Catalogue) -> None:
        """528 tensor cores x 512 multiply-adds x 2 FLOPs x 1.83 GHz = 989.4 TFLOPS (H100 white paper)."""
        peak = catalogue.accelerators["h100-sxm5-80gb"].dense["bf16"]
        assert peak == pytest.approx(528 * 512 * 2 * 1.83e9 / 1e12, rel=1e-4)

    def test_geforce_peaks_are_with_fp32_accumulation(self, catalogue: Catalogue) -> None:
        """RTX 4090: 165.2 and not 330.3 (NVIDIA Ada white paper, FP16 with FP32 accumulate)."""
        assert catalogue.accelerators["rtx4090"].dense["bf16"] == 165.2
        assert catalogue.accelerators["rtx3090"].dense["bf16"] == 71.2

    def test_volta_and_turing_have_no_bf16(self, catalogue: Catalogue) -> None:
        """V100 and T4 have fp16 tensor cores only; an A100, as a control, has bf16."""
        old = [key for key in catalogue.accelerators if key.startswith(("v100", "t4"))]
        assert len(old) == 6
        for key in old:
            assert "bf16" not in catalogue.accelerators[key].dense
            assert "fp16" in catalogue.accelerators[key].dense
        assert "bf16" in catalogue.accelerators["a100-sxm4-40gb"].dense

    def test_figures_that_nobody_published_are_marked(self, catalogue: Catalogue) -> None:
        """A figure without a confirmed source says so in its notes."""
        for key in ("h100-nvl-94gb", "h200-nvl-141gb", "h20-96gb", "a10g", "rtx3090", "rtx5090"):
            assert "unverified" in catalogue.accelerators[key].notes, key

    def test_sources_are_public_documents(self, catalogue: Catalogue) -> None:
        """No source refers to a record number, a commit or a private study."""
        for accelerator in catalogue.accelerators.values():
            text = f"{accelerator.source} {accelerator.notes}"
            assert not any(mark in text for mark in ("@", " ids ", "dump", "study")), text


def exact(model: Model) -> int | None:
    """The exact count that a model file states."""
    return model.published_parameters or model.class_parameters


class TestModelData:
    """Architectures and counts of the packaged models."""

    def test_the_models_are_those_with_a_known_count(self, catalogue: Catalogue) -> None:
        """Each of 118 models or more has an exact count, of a checkpoint or of the model class, a source and a web
        address."""
        assert len(KEYS) >= 118
        for model in catalogue.models():
            assert model.published_parameters or model.class_parameters, model.key
            assert model.source, model.key
            assert model.source_url.startswith("https://"), model.key

    @pytest.mark.parametrize("key", KEYS)
    def test_the_architecture_gives_the_published_count(self, catalogue: Catalogue, key: str) -> None:
        """Summing the tensors of the checkpoint gives its published parameters, to the unit."""
        assert count(catalogue.model(key)) == exact(catalogue.model(key))

    @pytest.mark.parametrize("key", KEYS)
    def test_the_engine_counts_the_same(self, catalogue: Catalogue, key: str) -> None:
        """The reference engine counts the published parameters of each model."""
        assert count_parameters(catalogue.model(key).architecture())["parameters"] == exact(catalogue.model(key))

    @pytest.mark.parametrize("key", [key for key in KEYS if load_catalogue().model(key).stated_parameters])
    def test_what_authors_state_is_near(self, catalogue: Catalogue, key: str) -> None:
        """Rounded totals and active counts, with or without embeddings, are within 6 % and 12 %: names round 7.57 to 8
        and cut 3.35 to 3."""
        model = catalogue.model(key)
        counts = count_parameters(model.architecture())
        assert counts["parameters"] == pytest.approx(model.stated_parameters, rel=0.06)
        if model.stated_active_parameters:
            assert counts["active_without_look_up"] == pytest.approx(
                model.stated_active_parameters, rel=0.12
            ) or counts["active_parameters"] == pytest.approx(model.stated_active_parameters, rel=0.12)

    @pytest.mark.parametrize(
        ("key", "parameters"),
        [
            # V·h + positions·h + L(12h² + 13h) + 2h, Radford et al. 2019
            ("gpt2", 50_257 * 768 + 1_024 * 768 + 12 * (12 * 768**2 + 13 * 768) + 2 * 768),
            ("gpt3-175b", 52_305 * 12_288 + 96 * (12 * 12_288**2 + 13 * 12_288) + 2 * 12_288),
            # 2V·h + L(h·h + 2·h·1,024 + h·h + 3·h·f + 2h) + h, Llama 3 Table 3
            (
                "llama-3.1-405b",
                2 * 128_256 * 16_384
                + 126 * (2 * 16_384**2 + 2 * 16_384 * 1_024 + 3 * 16_384 * 53_248 + 2 * 16_384)
                + 16_384,
            ),
            # V·h + L(h(h + 128) + h² + 8h² + 2h) + 2h: one key-value head of 64, one norm with bias
            ("falcon-7b", 65_024 * 4_544 + 32 * (10 * 4_544**2 + 128 * 4_544 + 2 * 4_544) + 2 * 4_544),
            # 2V·h + L(12h² + 13h) + 2h, Biderman et al. 2023
            ("pythia-6.9b", 2 * 50_432 * 4_096 + 32 * (12 * 4_096**2 + 13 * 4_096) + 2 * 4_096),
        ],
    )
    def test_hand_worked_counts(self, key: str, parameters: int) -> None:
        """The textbook formulas of five families give the counts that the model files state."""
        assert parameters == load_catalogue().model(key).published_parameters

    @pytest.mark.parametrize(
        ("key", "change"),
        [
            ("llama-3.1-8b", {"d_ff": 6_144}),  # the misprint of the paper's first version
            ("falcon-7b", {"norms_per_layer": 2}),
            ("falcon-7b", {"tied_embeddings": "no"}),
            ("qwen2.5-7b", {"qkv_bias": "no"}),
            ("qwen3-8b", {"qk_norm": "none"}),
            ("olmo-2-7b", {"qk_norm": "head"}),
            ("olmo-7b", {"norm": "rmsnorm"}),
            ("gemma-2-9b", {"norms_per_layer": 2}),
            ("gpt2", {"learned_positions": 0}),
            ("mixtral-8x7b", {"dense_layers": 1}),
            ("olmoe-1b-7b", {"qk_norm": "head"}),
            ("qwen1.5-moe-a2.7b", {"shared_expert_gate": "no"}),
            ("qwen2-57b-a14b", {"expert_d_ff": 18_944}),  # intermediate_size, of a dense block that is not there
            ("deepseek-v2-lite", {"q_lora_rank": 1_536}),
            ("deepseek-v3", {"attention": "gqa"}),
            ("deepseek-v3", {"shared_expert_d_ff": 0}),
        ],
    )
    def test_a_wrong_architecture_is_noticed(
        self, catalogue: Catalogue, key: str, change: dict[str, int | str]
    ) -> None:
        """Control: each feature that tells the families apart changes the count."""
        model = catalogue.model(key)
        wrong = replace(model, values={**model.values, **change})
        assert count(wrong) != catalogue.model(key).published_parameters

    @pytest.mark.parametrize(
        ("key", "billions"),
        [
            ("mixtral-8x7b", 12.9),  # Mixtral of Experts, section 2.1: 13B of 47B
            ("mixtral-8x22b", 39),  # Mistral AI's announcement: 39B of 141B
            ("qwen3-30b-a3b", 3.3),  # model card
            ("olmoe-1b-7b", 1.3),  # arXiv 2409.02060: 1.3B of 6.9B
            ("qwen1.5-moe-a2.7b", 2.7),
            ("qwen2-57b-a14b", 14),
            ("qwen3-235b-a22b", 22),
            ("deepseek-v3", 37),  # arXiv 2412.19437: 37B of 671B
        ],
    )
    def test_active_parameters_are_the_published_ones(self, catalogue: Catalogue, key: str, billions: float) -> None:
        """A token meets the parameters that the publisher prints, to one in the last digit: some cut digits off, and
        DeepSeek leaves the input embedding out."""
        last_digit = 1 if billions == int(billions) else 0.1
        active = count_parameters(catalogue.model(key).architecture())["active_parameters"]
        assert abs(active / 1e9 - billions) < last_digit

    def test_the_router_bias_of_deepseek_is_not_counted(self, catalogue: Catalogue) -> None:
        """The notes say that the buffer is left out, and how many elements it has: 256 in each of 58 layers."""
        model = catalogue.model("deepseek-v3")
        assert model.router_bias == "no"
        assert "buffer" in model.notes
        assert f"{58 * 256:,}" in model.notes
        assert f"{671_026_404_352 + 58 * 256:,}" in model.notes

    def test_heads_are_grouped_evenly(self, catalogue: Catalogue) -> None:
        """Key-value heads divide the heads in every model."""
        assert all(model.n_heads % model.n_kv_heads == 0 for model in catalogue.models())

    def test_an_unpublished_context_length_is_absent(self, catalogue: Catalogue) -> None:
        """The GENIAC article prints no context length, so there is none; Llama 3.1 has 131,072."""
        assert catalogue.model("geniac-12b").max_context_length is None
        assert catalogue.model("llama-3.1-8b").max_context_length == 131_072


class TestReading:
    """Loading, laziness and tables."""

    def test_neither_pandas_nor_a_yaml_parser_is_imported(self) -> None:
        """What is not asked for is not imported; asking for a model, as a control, imports the parser."""
        program = (
            "import sys; from sheetgen.catalogue import load_catalogue; c = load_catalogue();"
            "print([name in sys.modules for name in ('pandas', 'yaml')]); c.model('gpt2');"
            "print([name in sys.modules for name in ('pandas', 'yaml')])"
        )
        root = Path(sheetgen.__file__).parents[1]
        result = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
        assert result.stdout.splitlines() == ["[False, False]", "[False, True]"]

    def test_unknown_keys_raise_and_suggest(self, catalogue: Catalogue) -> None:
        """An unknown model is a KeyError, and the nearest key of its kind is offered."""
        with pytest.raises(KeyError):
            catalogue.model("llama3-8b")
        assert catalogue.suggest("llama3-8b", "model") == "; did you mean 'llama-3-8b'?"
        assert catalogue.suggest("H100-SXM-80GB", "accelerator") == "; did you mean 'h100-sxm5-80gb'?"
        assert catalogue.suggest("zzz", "model") == ""

    def test_values_cannot_be_changed(self, catalogue: Catalogue) -> None:
        """Accelerators, their peaks and the catalogue are read-only."""
        with pytest.raises(TypeError):
            catalogue.accelerators["l4"].dense["bf16"] = 242  # type: ignore[index]  # must fail at run time
        with pytest.raises(TypeError):
            catalogue.accelerators["x"] = catalogue.accelerators["l4"]  # type: ignore[index]  # likewise

    def test_an_architecture_holds_the_keys_of_a_scenario(self, catalogue: Catalogue) -> None:
        """``architecture()`` gives the architecture keys and nothing else; what the file leaves out is absent."""
        architecture = catalogue.model("qwen3-8b").architecture()
        assert tuple(architecture) == architecture_keys()
        assert architecture["qk_norm"] == "head"
        assert (architecture["attention"], architecture["n_experts"], architecture["router_bias"]) == ("gqa", 0, "no")
