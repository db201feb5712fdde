"""The table of nonsense: what a slip of the pen gives, each an error at its key or a check that asks for a review.

Every row was once accepted without a word. The base is the Llama 3.1 405B sample with one case.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgen import load_scenario
from sheetgen.api.estimate import reviews
from sheetgen.base.errors import InvalidInput
from sheetgen.verification.evaluate import evaluate
from tests.support.paths import SAMPLES

LLAMA = SAMPLES["llama405b"].read_text(encoding="utf-8")
HEAD = LLAMA[: LLAMA.index("\nbase_case:")] + "\n"
OWN = (
    "model: {name: own, n_layers: 32, d_model: 4096, n_heads: 32, n_kv_heads: 8, head_dim: 128, d_ff: 14336,"
    " vocab_size: 128256, learned_positions: 0, norms_per_layer: 2, gated_ffn: true, tied_embeddings: false,"
    " qkv_bias: no, attention_output_bias: no, ffn_bias: no, norm: rmsnorm, qk_norm: none}"
)
MODEL = "model: llama-3.1-405b"
CASE = "cases:\n  - {name: other, %s}\n"
QUOTE = "quote_currency: EUR\nexchange_date: 2026-10-15\nexchange_source: ECB\nexchange_rate: "
MONTH = (
    "sheets: [actuals]\nactuals:\n"
    "  - {month: 2027-01, gpu_hours: %s, trained_gpu_hours: 9e5, tokens: 1e12, spend: 2e6}\n"
)


def base(*changes: str, added: str = "") -> str:
    """The base with keys as given in place of its own, and what is added."""
    text = HEAD
    for change in changes:
        key = change.partition(":")[0]
        (line,) = (line for line in text.splitlines() if line.startswith(f"{key}:"))
        text = text.replace(line, change, 1)
    return text + added


def model(*added: str) -> str:
    """The base with a model written out, entries of it as given."""
    text = OWN
    for entry in added:
        key = entry.partition(":")[0]
        start = text.find(f" {key}:")
        end = min(place for place in (text.find(",", start), text.find("}", start)) if place > 0)
        text = text[: start + 1] + entry + text[end:] if start > 0 else text.replace("}", f", {entry}}}")
    return HEAD.replace(MODEL, text)


# What is written, and what is said of it: the key of an error, or the check that asks for a review
TABLE: dict[str, tuple[str, str]] = {
    "another chip at the base's price": (base(added=CASE % "accelerator: b200-sxm-180gb"), "price"),
    "another chip with the base's typed peak": (
        base(added="typed_peak: 989\n" + CASE % "accelerator: b200-sxm-180gb, price_per_gpu_hour: 4"), "typed_peak",
    ),
    "another chip at the base's tokens a second": (
        base("stated_mfu: x", added=CASE % "accelerator: b200-sxm-180gb, price_per_gpu_hour: 4").replace(
            "stated_mfu: x", "observed_tokens_per_second: 2.6M"
        ),
        "observed_tokens_per_second",
    ),
    "a published total for another model": (
        base("flops_convention: published", added="published_training_flops: 3.8e25\n" + CASE % "model: llama-3.1-8b"),
        "published_training_flops",
    ),
    "int8": (base("precision: int8"), "check_mfu_precision_said"),
    "fp8 at an MFU of who knows what": (base("precision: fp8"), "check_mfu_precision_said"),
    "fp8 at an MFU of bf16": (base("precision: fp8", added="mfu_precision: bf16\n"), "mfu_precision"),
    "fp4 at an MFU of who knows what": (
        base("precision: fp4", "accelerator: b200-sxm-180gb", "price_per_gpu_hour: 4"), "check_mfu_precision_said",
    ),
    "fp8 in a case at the base's MFU": (base(added=CASE % "precision: fp8"), "stated_mfu"),
    "an expert's width without experts": (model("expert_d_ff: 2048"), "expert_d_ff"),
    "experts a token without experts": (model("experts_per_token: 8"), "experts_per_token"),
    "a shared expert without experts": (model("shared_expert_d_ff: 2048"), "shared_expert_d_ff"),
    "dense layers without experts": (model("dense_layers: 3"), "dense_layers"),
    "a router's bias without experts": (model("router_bias: yes"), "router_bias"),
    "an expert's bias without experts": (model("expert_bias: true"), "expert_bias"),
    "a rank of keys without latent attention": (model("kv_lora_rank: 512"), "kv_lora_rank"),
    "a rank of queries without latent attention": (model("q_lora_rank: 512"), "q_lora_rank"),
    "no layers": (model("n_layers: 0"), "n_layers"),
    "no heads": (model("n_heads: 0"), "n_heads"),
    "heads of no width": (model("head_dim: 0"), "head_dim"),
    "no words": (model("vocab_size: 0"), "vocab_size"),
    "learned positions beside rotary ones": (
        model("learned_positions: 8192", "position_embedding: rotary"), "learned_positions",
    ),
    "a class token of text": (model("class_token: yes"), "class_token"),
    "chunks without a window": (model("window_kind: chunked"), "window_kind"),
    "logits of no further layers": (model("mtp_logits: no"), "mtp_logits"),
    "further tokens under a full mask": (model("attention_mask: full", "mtp_layers: 1"), "mtp_layers"),
    "10 learned positions": (model("learned_positions: 10", "position_embedding: learned"), "context_length"),
    "a window of 1": (model("attention_window: 1", "windowed_layers: 32"), "check_inputs_usual"),
    "embeddings of 5": (model("embedding_width: 5"), "check_inputs_usual"),
    "a thousand times the peak": (base(added="typed_peak: 1000000\n"), "check_typed_peak_near"),
    "a price of 0": (base("price_per_gpu_hour: 0"), "check_price_given"),
    "a price of 100,000": (base("price_per_gpu_hour: 100000"), "check_price_known"),
    "a rate of a millionth": (base(added=QUOTE + "1e-6\n"), "check_inputs_usual"),
    "tokens in billions for trillions": (base("tokens: 15.6B"), "check_tokens_per_parameter"),
    "one token": (base("tokens: 1"), "check_inputs_usual"),
    "a run of minutes": (base("tokens: 5B"), "check_run_days"),
    "a run of centuries": (base("gpus: 100"), "check_run_days"),
    "a context of one token": (base("context_length: 1"), "check_inputs_usual"),
    "ten million accelerators": (base("gpus: 10000000"), "check_inputs_usual"),
    "a million spare nodes": (base(added="spare_nodes: 1000000\n"), "check_spares_fewer"),
    "reserved ten times dearer": (base(added="reserved_share: 50%\nreserved_price: 20\n"), "check_tier_dearer"),
    "spot ten times dearer": (base(added="spot_share: 50%\nspot_price: 20\n"), "check_tier_dearer"),
    "a deposit of a trillion": (base(added="deposit: 1e12\n"), "check_deposit"),
    "a hundred failed runs": (base(added="failed_runs: 100\n"), "check_surcharges"),
    "support of all": (base(added="support: 100%\n"), "check_surcharges"),
    "contingency of all": (base("contingency: 100%"), "check_surcharges"),
    "tax of all": (base("tax: 100%"), "check_surcharges"),
    "a reserved price without a share": (base(added="reserved_price: 2\n"), "reserved_price"),
    "a commitment of nothing": (base(added="commitment_months: 12\n"), "commitment_months"),
    "a total that no convention takes": (base(added="published_training_flops: 3.8e25\n"), "published_training_flops"),
    "the packing of no documents": (base(added="packed_mean_square: 1000\n"), "packed_mean_square"),
    "a figure of efficiency too many": (base(added="stated_flops_per_gpu: 1 TFLOPS\n"), "efficiency_basis"),
    "a price that may be ten years old": (
        base("price_date: 2017-10-15", added="price_age_limit: 3650\n"), "check_inputs_usual",
    ),
    "an MFU from 0": (base(added="mfu_review_low: 0%\n"), "mfu_review_low"),
    "an MFU up to 100 %": (base(added="mfu_review_high: 100%\n"), "check_inputs_usual"),
    "a tolerance of a hundredth": (base(added="check_tolerance: 0.01\n"), "check_inputs_usual"),
    "actuals after the as-of date": (base(added=MONTH % "1e6"), "check_actuals_dated"),
    "actuals of 1e15 hours": (base("as_of: 2027-02-01", added=MONTH % "1e15"), "check_actuals_capacity"),
    "names that read alike": (
        base(added="cases:\n  - {name: Straße, gpus: 8192}\n  - {name: STRASSE, gpus: 4096}\n"), "cases.name",
    ),
    "a step larger than the run": (base("tokens: 10M"), "check_batch"),
    "a context beyond the model's": (model("max_context_length: 4096"), "check_context"),
}  # fmt: skip
SAID_OF_NOTHING = {
    "the base": base(),
    "the model written out": model(),
    "an MFU that says that it is of fp8": base("precision: fp8", "stated_mfu: 35%", added="mfu_precision: fp8\n"),
    "a rate in fp8": base("precision: fp8", "stated_mfu: x").replace(
        "stated_mfu: x", "stated_flops_per_gpu: 700 TFLOPS"
    ),
    "actuals up to the as-of date": base("as_of: 2027-01-31", "start_date: 2027-01-31", added=MONTH % "1e6"),
    "a spare rack": base(added="spare_nodes: 64\n"),
    "a deposit of a month": base(added="deposit: 20M\n"),
    "the rate of the yen": base("price_per_gpu_hour: 300", "price_date: 2026-10-15", added=QUOTE + "0.0067\n").replace(
        "EUR", "JPY"
    ),
}


def said(text: str, tmp_path: Path) -> set[str]:
    """The keys that a scenario is refused for, or the checks that ask for a review."""
    path = tmp_path / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        scenario = load_scenario(path)
    except InvalidInput as error:
        return {problem.key or "" for problem in error.problems}
    return {line.partition("(check_")[2].partition(")")[0] for line in reviews(evaluate(scenario))}


@pytest.mark.parametrize(("text", "outcome"), TABLE.values(), ids=list(TABLE))
def test_nonsense_is_an_error_or_a_review(text: str, outcome: str, tmp_path: Path) -> None:
    """Each slip is refused at its key, or the check that it trips asks for a review."""
    assert outcome.removeprefix("check_") in said(text, tmp_path)


@pytest.mark.parametrize("text", SAID_OF_NOTHING.values(), ids=list(SAID_OF_NOTHING))
def test_what_is_plausible_is_not_asked_for(text: str, tmp_path: Path) -> None:
    """Negative controls: what differs from nonsense by being plausible trips no check."""
    assert said(text, tmp_path) == set()


def test_a_review_of_size_names_the_figure(tmp_path: Path) -> None:
    """The key, what was given and what is usual stand in the line."""
    path = tmp_path / "scenario.yaml"
    path.write_text(base("gpus: 10000000"), encoding="utf-8")

    (line,) = reviews(evaluate(load_scenario(path)))
    assert line.endswith("gpus is 10,000,000, usual is 1 to 1,000,000")
