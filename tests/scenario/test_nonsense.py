"""What would give a plausible wrong budget without a word: figures of something else, parts that a model lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgen import load_scenario
from sheetgen.base.errors import InvalidInput
from tests.support.paths import SAMPLES

LLAMA = SAMPLES["llama405b"].read_text(encoding="utf-8")
HEAD = LLAMA[: LLAMA.index("\ncases:")] + "\n"
ARCHITECTURE = (
    "{name: own, n_layers: 32, d_model: 4096, n_heads: 32, n_kv_heads: 8, head_dim: 128, d_ff: 14336,"
    " vocab_size: 128256, learned_positions: 0, norms_per_layer: 2, gated_ffn: yes, tied_embeddings: no, qkv_bias: no,"
    " attention_output_bias: no, ffn_bias: no, norm: rmsnorm, qk_norm: none%s}"
)
B200 = "accelerator: b200-sxm-180gb, price_per_gpu_hour: 4"
RATE = ("stated_mfu: 41%", "observed_tokens_per_second: 2.6M")

# A case over the base with these replacements: the figure that is not its own, or nothing where it may be the base's
CASES: dict[str, tuple[tuple[tuple[str, str], ...], str, str]] = {
    "an MFU of another precision": ((), "precision: fp8", "stated_mfu"),
    "an MFU of its own": ((), "precision: fp8, stated_mfu: 30%", ""),
    "a rate of its own in another precision": ((), "precision: fp8, observed_tokens_per_second: 3M", ""),
    "an MFU of another chip is an assumption": ((), "accelerator: h200-sxm-141gb, price_per_gpu_hour: 2.6", ""),
    "a rate of another chip": ((RATE,), B200, "observed_tokens_per_second"),
    "a rate of fewer GPUs": ((RATE,), "gpus: 8192", "observed_tokens_per_second"),
    "a rate of another model": ((RATE,), "model: llama-3.1-8b", "observed_tokens_per_second"),
    "a rate of another context": ((RATE,), "context_length: 4096", "observed_tokens_per_second"),
    "a rate and more tokens": ((RATE,), "tokens: 20T", ""),
    "TFLOPS of another chip": (
        (("stated_mfu: 41%", "stated_flops_per_gpu: 400 TFLOPS"),), B200,
        "stated_flops_per_gpu",
    ),
    "hours of another run": ((("stated_mfu: 41%", "observed_gpu_hours: 30.84M"),), "tokens: 7T", "observed_gpu_hours"),
    "a typed peak of another chip": (
        (("stated_mfu: 41%", "stated_mfu: 41%\ntyped_peak: 989"),), B200,
        "typed_peak",
    ),
    "a total of another model": (
        (("flops_convention: 6nd", "flops_convention: published\npublished_training_flops: 3.8e25"),),
        "model: llama-3.1-8b", "published_training_flops",
    ),
    "a total of fewer tokens": (
        (("flops_convention: 6nd", "flops_convention: published\npublished_training_flops: 3.8e25"),),
        "tokens: 7T", "published_training_flops",
    ),
    "a total that does not count": (
        (("flops_convention: 6nd", "flops_convention: 6nd\npublished_training_flops: 3.8e25"),), "tokens: 7T",
        "published_training_flops",
    ),
}  # fmt: skip

# What is added to an architecture that is written out, and the key that is refused
MODELS: dict[str, tuple[str, str]] = {
    "nothing": ("", ""),
    "an expert's width without experts": (", expert_d_ff: 2048", "expert_d_ff"),
    "experts a token without experts": (", experts_per_token: 8", "experts_per_token"),
    "a shared expert without experts": (", shared_expert_d_ff: 2048", "shared_expert_d_ff"),
    "dense layers without experts": (", dense_layers: 3", "dense_layers"),
    "a router's bias without experts": (", router_bias: yes", "router_bias"),
    "a rank without latent attention": (", kv_lora_rank: 512", "kv_lora_rank"),
    "learned positions beside rotary ones": (", position_embedding: rotary", "learned_positions"),
    "a kind of window without one": (", window_kind: chunked", "window_kind"),
    "no layers": ("n_layers: 32", "n_layers"),
    "no heads": ("n_heads: 32", "n_heads"),
    "a head without a width": ("head_dim: 128", "head_dim"),
}


def keys(text: str, tmp_path: Path) -> set[str]:
    """The keys that a scenario is refused for."""
    path = tmp_path / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        load_scenario(path)
    except InvalidInput as error:
        return {problem.key or "" for problem in error.problems}
    return set()


@pytest.mark.parametrize("name", CASES)
def test_a_case_takes_only_what_is_its_own(name: str, tmp_path: Path) -> None:
    """A case that differs in what a figure was stated for gives its own."""
    replacements, case, key = CASES[name]
    text = HEAD
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)

    assert keys(f"{text}\ncases:\n  - {{name: other, {case}}}\n", tmp_path) == ({key} if key else set())


@pytest.mark.parametrize("name", MODELS)
def test_a_model_written_out_is_held_to_what_model_files_are(name: str, tmp_path: Path) -> None:
    """A part that the model does not have, or a size of 0, is refused in a scenario as it is in a file."""
    added, key = MODELS[name]
    model = ARCHITECTURE % ""
    if added.startswith(", "):
        model = ARCHITECTURE % added
        model = (
            model.replace("learned_positions: 0", "learned_positions: 8192") if key == "learned_positions" else model
        )
    elif added:
        model = model.replace(added, f"{key}: 0")
    assert "model: llama-3.1-405b\n" in HEAD

    found = keys(HEAD.replace("model: llama-3.1-405b\n", f"model: {model}\n"), tmp_path)
    assert key in found if key else not found


def test_the_message_says_what_differs(tmp_path: Path) -> None:
    """File, line, key, what was given, what is allowed."""
    path = tmp_path / "scenario.yaml"
    path.write_text(f"{HEAD}\ncases:\n  - {{name: other, precision: fp8}}\n", encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        load_scenario(path)
    (problem,) = caught.value.problems

    assert (problem.key, problem.line) == ("stated_mfu", len(HEAD.splitlines()) + 3)
    assert "another precision" in problem.message
    assert "a figure of this case" in str(problem.allowed)


# What is added to a scenario, and the keys that have no effect in it
EFFECTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "a price of reserved hours of which there are none": ("reserved_price: 1.5", ("reserved_price",)),
    "a commitment of none": ("commitment_months: 12", ("commitment_months",)),
    "both": ("reserved_price: 1.5\ncommitment_months: 12", ("reserved_price", "commitment_months")),
    "reserved hours": ("reserved_price: 1.5\ncommitment_months: 12\nreserved_share: 50%", ()),
    "a price of spot hours of which there are none": ("spot_price: 1", ("spot_price",)),
    "spot hours": ("spot_price: 1\nspot_share: 10%", ()),
    "documents without a number": ("packed_mean_square: 1000000", ("packed_mean_square",)),
    "a total that no convention takes": ("published_training_flops: 3.8e25", ("published_training_flops",)),
    "a constant of a law that is not typed": (
        "sheets: [optimal]\nlaw_irreducible_loss: 1.8",
        ("law_irreducible_loss",),
    ),
    "a constant of a typed law": ("sheets: [optimal]\nscaling_law: typed\nlaw_irreducible_loss: 1.8", ()),
    "what a case alone reads": ("reserved_price: 1.5\ncases:\n  - {name: b, reserved_share: 50%}", ()),
    "what no case reads": ("cases:\n  - {name: b, spot_price: 1}", ("spot_price",)),
}


@pytest.mark.parametrize(("added", "keys"), EFFECTS.values(), ids=list(EFFECTS))
def test_a_figure_that_nothing_reads_is_named(added: str, keys: tuple[str, ...], tmp_path: Path) -> None:
    """A figure that counts in no case is a mistake, at its line; beside what makes it count it is none."""
    path = tmp_path / "scenario.yaml"
    path.write_text(HEAD + added + "\n", encoding="utf-8")
    if not keys:
        load_scenario(path)
        return
    with pytest.raises(InvalidInput) as raised:
        load_scenario(path)

    lines = path.read_text(encoding="utf-8").splitlines()
    assert [problem.key for problem in raised.value.problems] == list(keys)
    for problem in raised.value.problems:
        assert problem.message == "has no effect: nothing reads it"
        assert problem.key in lines[problem.line - 1]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Straße", "STRASSE", True), ("a", "'a '", True), ("\u00e9", "e\u0301", True), ("B200", "b200", True),
        ("a", "b", False), ("a b", "ab", False), ("e", "\u00e9", False),
    ],
)  # fmt: skip
def test_names_that_read_alike_are_one_name(one: str, other: str, alike: bool, tmp_path: Path) -> None:
    """Case, sharp s, spaces at the end and two spellings of one letter tell no reader two cases apart."""
    path = tmp_path / "scenario.yaml"
    cases = f"cases:\n  - {{name: {one}, gpus: 8192}}\n  - {{name: {other}, gpus: 4096}}\n"
    path.write_text(HEAD + cases, encoding="utf-8")
    if not alike:
        assert len(load_scenario(path).cases) == 3
        return
    with pytest.raises(InvalidInput, match="two cases have this name"):
        load_scenario(path)
