"""Mistakes in a user's catalogue: each is one message with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgen.catalogue import Accelerator, load_catalogue
from sheetgen.catalogue.models import Model
from tests.support.overlay import EXPERTS, HEADER, LATENT, MODEL, ROW, refused, write_accelerators, write_model

ACCELERATOR_MISTAKES = [
    ("unknown column", HEADER.replace("memory_gb", "memory_gib"), ROW, 1, "did you mean 'memory_gb'"),
    ("missing column", HEADER.replace(",source,", ",form_factor,"), ROW, 1, "source: missing column"),
    ("duplicate column", HEADER.replace("fp8", "bf16"), ROW, 1, "bf16: duplicate column"),
    ("no header", "", "", 1, "no header row"),
    ("no source", HEADER, ROW.replace("Acme data sheet", ""), 2, "source: missing"),
    ("no name", HEADER, ROW.replace("Tensor One", " "), 2, "name: missing"),
    ("no key", HEADER, ROW.replace("tensor-1", ""), 2, "key: missing"),
    ("not a number", HEADER, ROW.replace(",96,", ",lots,"), 2, "memory_gb: "),
    ("decimal comma", HEADER, ROW.replace(",500,", ',"500,5",'), 2, "bf16: "),
    ("negative", HEADER, ROW.replace(",96,", ",-96,"), 2, "memory_gb: out of range (given: -96"),
    ("zero", HEADER, ROW.replace(",96,", ",0,"), 2, "memory_gb: out of range (given: 0"),
    ("not finite", HEADER, ROW.replace(",1000,", ",inf,"), 2, "bf16_sparse: "),
    ("not a number: nan", HEADER, ROW.replace(",96,", ",nan,"), 2, "memory_gb: "),
    ("absurd", HEADER, ROW.replace(",96,", ",1e30,"), 2, "memory_gb: out of range"),
    ("sparse below dense", HEADER, ROW.replace(",1000,", ",250,"), 2, "smaller than the dense one"),
    ("sparse without dense", HEADER, ROW.replace(",500,1000,,", ",,1000,900,"), 2, "('bf16' is empty)"),
    ("no peak", HEADER, ROW.replace(",500,1000,", ",,,"), 2, "no dense peak for 'tensor-1'"),
    ("upper case key", HEADER, ROW.replace("tensor-1", "Tensor-1"), 2, "key: not a valid key"),
    ("key with a path", HEADER, ROW.replace("tensor-1", "../x"), 2, "key: not a valid key"),
    ("long key", HEADER, ROW.replace("tensor-1", "k" * 41), 2, "at most 40 characters"),
    ("long text", HEADER, ROW + "n" * 501, 2, "notes: the text is too long"),
    ("line break", HEADER, ROW + '"a\nb"', 2, "notes: line breaks and control characters"),
    ("address", HEADER, ROW.replace("https:", "javascript:"), 2, "source_url: not a web address"),
    ("too few cells", HEADER, "tensor-1,Tensor One", 2, "given: 2 cells; allowed: 10 cells"),
    ("open quote", HEADER, ROW + '"', 2, "not valid CSV"),
    ("duplicate key", HEADER, ROW + "\n" + ROW, 3, "duplicate key: already on line 2"),
]


MODEL_MISTAKES = [
    ("unknown key", "d_ff:", "d_fff:", 7, "d_fff: unknown key; did you mean 'd_ff'?"),
    ("missing size", "d_model: 2048\n", "", 1, "d_model: is missing (allowed: a whole number from 1 to 1,000,000)"),
    ("missing choice", "qk_norm: none\n", "", 1, "qk_norm: is missing (allowed: none, head, width)"),
    ("empty value", "n_heads: 16", "n_heads:", 4, "n_heads: has no value (allowed: a whole number from 1 to 10,000)"),
    ("no source", "source: Acme model card", "source: ''", 20, "source: missing"),
    ("not a number", "d_model: 2048", "d_model: wide", 3, "d_model: "),
    ("negative", "d_model: 2048", "d_model: -2048", 3, "d_model: is too small (given: -2048"),
    ("fraction", "n_layers: 16", "n_layers: 16.5", 2, "n_layers: must be a whole number (given: 16.5"),
    ("not finite", "d_model: 2048", "d_model: .inf", 3, "d_model: "),
    ("no yes or no", "gated_ffn: yes", "gated_ffn: on", 11, "given: on; allowed: yes, no"),
    ("unknown norm", "norm: rmsnorm", "norm: rms_norm", 16, "did you mean 'rmsnorm'?"),
    ("list", "d_ff: 8192", "d_ff: [8192]", 7, "d_ff: must be a single value"),
    ("duplicate key", "d_ff: 8192", "d_model: 8192", 7, "duplicate key: already on line 3"),
    ("tag", "d_ff: 8192", "d_ff: !!python/name:os.system 8192", 7, "tags are not allowed"),
    ("alias", "d_ff: 8192", "d_ff: &a 8192", 7, "aliases and anchors are not allowed"),
    ("long text", "source: Acme model card", f"source: {'a' * 501}", 20, "source: the text is too long"),
    ("long name", "name: Acme 1B", f"name: {'a' * 81}", 1, "name: is longer than 80 characters"),
    ("beyond an input", "n_layers: 16", "n_layers: 3000", 2, "n_layers: is too large (given: 3000; allowed: a whole"),
    ("groups", "n_kv_heads: 4", "n_kv_heads: 5", 5, "n_kv_heads: does not divide the query heads (given: 5"),
    ("context", "max_context_length: 8k", "max_context_length: 0", 18, "max_context_length: is too small (given: 0"),
]


MIXTURE_MISTAKES = [
    (
        "no experts per token",
        EXPERTS.replace("experts_per_token: 2\n", ""),
        1,
        "experts_per_token: is needed by a mixture of experts (allowed: a whole number from 1 to 8)",
    ),
    ("no width", EXPERTS.replace("expert_d_ff: 1024\n", "", 1), 1, "expert_d_ff: is needed by a mixture of experts"),
    (
        "no experts",
        "expert_d_ff: 1024\n",
        21,
        "expert_d_ff: needs n_experts: 1 or more (given: 1024; allowed: 0 without it)",
    ),
    (
        "more than all",
        EXPERTS.replace("token: 2", "token: 9"),
        22,
        "is more than the experts (given: 9; allowed: a whole number from 0 to 8)",
    ),
    (
        "too many dense",
        EXPERTS.replace("layers: 1", "layers: 17"),
        26,
        "is more than the layers (given: 17; allowed: a whole number from 0 to 16)",
    ),
    ("gate of nothing", EXPERTS.replace("shared_expert_d_ff: 512\n", ""), 24, "needs shared_expert_d_ff"),
    (
        "bias of no router",
        "router_bias: yes\n",
        21,
        "router_bias: needs n_experts: 1 or more (given: yes; allowed: no without it)",
    ),
    ("empty", "n_experts:\n", 21, "n_experts: has no value"),
    (
        "fraction",
        EXPERTS.replace("n_experts: 8", "n_experts: 8.5"),
        21,
        "n_experts: must be a whole number (given: 8.5",
    ),
    ("no rank", LATENT.replace("kv_lora_rank: 512\n", ""), 1, "kv_lora_rank: is needed by latent attention"),
    ("no values", LATENT.replace("v_head_dim: 128\n", ""), 1, "v_head_dim: is needed by latent attention"),
    (
        "no heads",
        LATENT.replace("128\nqk_rope_dim: 64", "0", 1),
        1,
        "qk_rope_dim: is needed by latent attention, or qk_nope_dim is",
    ),
    (
        "latent of none",
        "kv_lora_rank: 512\n",
        21,
        "kv_lora_rank: needs attention: mla (given: 512; allowed: 0 without it)",
    ),
    (
        "unknown attention",
        "attention: mha\n",
        21,
        "is not one of the choices; did you mean 'mla'? (given: mha; allowed: gqa, mla)",
    ),
]


class TestMistakes:
    """Each kind of bad input gives one message with its place."""

    @pytest.mark.parametrize(
        ("header", "row", "line", "message"),
        [case[1:] for case in ACCELERATOR_MISTAKES],
        ids=[case[0] for case in ACCELERATOR_MISTAKES],
    )
    def test_accelerators(self, tmp_path: Path, header: str, row: str, line: int, message: str) -> None:
        """A mistake in ``accelerators.csv`` is one problem with file, line, column and what is allowed."""
        path = write_accelerators(tmp_path, row, header=header)
        (problem,) = refused(tmp_path)
        assert (problem.file, problem.line) == (str(path), line)
        assert message in str(problem)

    @pytest.mark.parametrize(
        ("old", "new", "line", "message"),
        [case[1:] for case in MODEL_MISTAKES],
        ids=[case[0] for case in MODEL_MISTAKES],
    )
    def test_models(self, tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
        """A mistake in a model file is reported with file, line, key and what is allowed."""
        assert MODEL.count(old) >= 1
        path = write_model(tmp_path, MODEL.replace(old, new, 1))
        problems = [problem for problem in refused(tmp_path, "acme-1b") if message in str(problem)]
        assert [(problem.file, problem.line) for problem in problems] == [(str(path), line)]

    @pytest.mark.parametrize(
        ("lines", "line", "message"),
        [case[1:] for case in MIXTURE_MISTAKES],
        ids=[case[0] for case in MIXTURE_MISTAKES],
    )
    def test_experts_and_latents(self, tmp_path: Path, lines: str, line: int, message: str) -> None:
        """Keys of experts and of latent attention that do not fit each other are one problem with its place."""
        path = write_model(tmp_path, MODEL + lines)
        (problem,) = refused(tmp_path, "acme-1b")
        assert (problem.file, problem.line) == (str(path), line)
        assert message in str(problem)

    def test_experts_and_latents_that_fit_are_read(self, tmp_path: Path) -> None:
        """Control: what every mistake above starts from is accepted, and zeros say the same as no key."""
        write_model(tmp_path, MODEL + EXPERTS + LATENT)
        model = load_catalogue(tmp_path).model("acme-1b")
        assert (model.n_experts, model.expert_d_ff, model.shared_expert_gate) == (8, 1024, "yes")
        assert (model.attention, model.kv_lora_rank, model.q_lora_rank) == ("mla", 512, 0)
        write_model(tmp_path, MODEL + "n_experts: 0\nexpert_d_ff: 0\nattention: gqa\nrouter_bias: no\n", "plain")
        write_model(tmp_path, MODEL, "plainer")
        catalogue = load_catalogue(tmp_path)
        assert catalogue.model("plain").architecture() == catalogue.model("plainer").architecture()

    def test_the_unchanged_samples_are_accepted(self, tmp_path: Path) -> None:
        """Control: the row and the model that every mistake above starts from hold none."""
        write_accelerators(tmp_path, ROW)
        write_model(tmp_path, MODEL)
        assert isinstance(load_catalogue(tmp_path).accelerators["tensor-1"], Accelerator)
        assert isinstance(load_catalogue(tmp_path).model("acme-1b"), Model)

    def test_files_beyond_a_megabyte_are_not_opened(self, tmp_path: Path) -> None:
        """A table or model of more than 1 MB is refused by its size; one just below it is read."""
        path = write_accelerators(tmp_path, ROW)
        path.write_text(path.read_text().ljust(1_000_000, "\n"))
        assert "tensor-1" in load_catalogue(tmp_path).accelerators
        path.write_text(path.read_text() + "\n")
        (problem,) = refused(tmp_path)
        assert "the file is too large (given: 1,000,001 bytes" in str(problem)
        path.unlink()
        write_model(tmp_path, MODEL + "# " + "x" * 1_000_000)
        (problem,) = refused(tmp_path, "acme-1b")
        assert "too large" in str(problem)

    def test_bytes_that_are_no_text(self, tmp_path: Path) -> None:
        """A table that is not UTF-8 is refused with the line of the first wrong byte."""
        path = write_accelerators(tmp_path, ROW)
        path.write_bytes(path.read_bytes().replace(b"Acme,", b"Acm\xe9,"))
        (problem,) = refused(tmp_path)
        assert (problem.line, problem.given) == (2, "byte 0xe9")

    def test_directories_that_hold_no_catalogue(self, tmp_path: Path) -> None:
        """A missing directory, a file in its place and a directory without tables are each one problem."""
        (problem,) = refused(tmp_path / "none")
        assert "cannot read the catalogue directory: No such file" in str(problem)
        (problem,) = refused(write_accelerators(tmp_path, ROW))
        assert "cannot read the catalogue directory: Not a directory" in str(problem)
        (tmp_path / "empty").mkdir()
        (problem,) = refused(tmp_path / "empty")
        assert "holds no table" in str(problem)

    def test_a_directory_in_place_of_the_table(self, tmp_path: Path) -> None:
        """``accelerators.csv`` must be a regular file."""
        (tmp_path / "accelerators.csv").mkdir()
        (problem,) = refused(tmp_path)
        assert "this is a directory" in str(problem)

    def test_files_that_are_no_models(self, tmp_path: Path) -> None:
        """Another suffix in ``models/`` is refused rather than passed over; hidden files are ignored."""
        models = write_model(tmp_path, MODEL).parent
        (models / ".notes.yml").write_text("hidden")
        assert "acme-1b" in load_catalogue(tmp_path).model_keys()
        (models / "other.yml").write_text(MODEL)
        (problem,) = refused(tmp_path)
        assert "other.yml: not a model file (allowed: <key>.yaml)" in str(problem)
