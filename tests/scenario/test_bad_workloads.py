"""Scenarios and model files of images, windows and packed documents that do not fit: one clear message each."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgen import load_scenario
from sheetgen.base.errors import InvalidInput
from sheetgen.catalogue.models import read_model
from tests.support.paths import ROOT

TEXT = (ROOT / "samples/llama405b.yaml").read_text(encoding="utf-8")
IMAGES = (ROOT / "samples/vit-l16.yaml").read_text(encoding="utf-8")
MODELS = ROOT / "sheetgen/catalogue/models"


def refused(tmp_path: Path, text: str) -> list[str]:
    """The messages about a scenario."""
    path = tmp_path / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as raised:
        load_scenario(path)
    return [str(problem).removeprefix(f"{path}:") for problem in raised.value.problems]


def replaced(text: str, old: str, new: str) -> str:
    """The text with one place changed."""
    assert text.count(old) == 1, old
    return text.replace(old, new)


def test_the_samples_themselves_are_read(tmp_path: Path) -> None:
    """The control: unchanged, both are read."""
    for text in (TEXT, IMAGES):
        (tmp_path / "scenario.yaml").write_text(text, encoding="utf-8")
        assert load_scenario(tmp_path / "scenario.yaml").cases


@pytest.mark.parametrize(
    ("old", "new", "key", "part"),
    [
        ("images: 303M\n", "", "images", "is missing (allowed: a number from 1 to 1e+15)"),
        ("\nepochs: 7\n", "\n", "epochs", "is missing (allowed: a number from 0.001 to 100,000)"),
        ("global_batch_images: 4096\n", "", "global_batch_images", "is missing"),
        (
            "images: 303M",
            "images: 0",
            "images",
            "is missing, for the workload is vision (case 7 epochs, 680 core-days) (given: 0; allowed: a number from",
        ),
        ("images: 303M", "images: 303M\ntokens: 1T", "tokens", "belongs to the workload text, and this one is vision"),
        ("model: vit-l-16", "model: {catalogue: vit-l-16, attention_mask: causal}", "attention_mask", "does not fit"),
        ("model: vit-l-16", "model: {catalogue: vit-l-16, patch_size: 15}", "patch_size", "does not divide the image"),
        (
            "model: vit-l-16",
            "model: {catalogue: vit-l-16, vocab_size: 9}",
            "vocab_size",
            "belongs to the workload text",
        ),
        (
            "model: vit-l-16",
            "model: {catalogue: vit-l-16, n_classes: 0}",
            "n_classes",
            "is missing, for the workload is vision",
        ),
        ("model: vit-l-16", "model: {catalogue: vit-l-16, workload: text}", "tokens", "is missing"),
        (  # 224 / 16 = 14, 14² + 1 = 197 tokens: two documents of 197²/4 to 197²/2
            "images: 303M",
            "images: 303M\npacked_documents: 2\npacked_mean_square: 100",
            "packed_mean_square",
            "allowed: 9702.25 to 19404.5",
        ),
    ],
)
def test_images(old: str, new: str, key: str, part: str, tmp_path: Path) -> None:
    """A run of images needs images, epochs and a batch of them, and a model of whole patches that sees them all."""
    found = refused(tmp_path, replaced(IMAGES, old, new))
    assert any(f" {key}: " in message and part in message for message in found), found


@pytest.mark.parametrize(
    ("old", "new", "key", "part"),
    [
        ("\ntokens: 15.6T", "\n", "tokens", "is missing (allowed: a number from 1 to 1e+18)"),
        ("context_length: 8192\n", "", "context_length", "is missing (allowed: a whole number from 1 to 100,000,000)"),
        (
            "\ntokens: 15.6T",
            "\ntokens: 0",
            "tokens",
            "is missing, for the workload is text (case H100, MFU 41%) (given: 0; allowed: a number from 1 to 1e+18)",
        ),
        ("\ntokens: 15.6T", "\ntokens: 0.5", "tokens", "is too small"),
        (
            "\ntokens: 15.6T",
            "\ntokens: 15.6T\nimages: 5M",
            "images",
            "belongs to the workload vision, and this one is text",
        ),
        ("\ntokens: 15.6T", "\ntokens: 15.6T\nattention_window: 4096", "windowed_layers", "is needed by a window"),
        ("\ntokens: 15.6T", "\ntokens: 15.6T\nwindowed_layers: 3", "attention_window", "is needed by layers"),
        (
            "\ntokens: 15.6T",
            "\ntokens: 15.6T\nwindowed_layers: 127\nattention_window: 9",
            "windowed_layers",
            "is more than the layers",
        ),
        (
            "\ntokens: 15.6T",
            "\ntokens: 15.6T\nimage_size: 224",
            "image_size",
            "belongs to the workload vision, and this one is text",
        ),
        (  # two documents that fill 8,192 tokens: from 4,096² if alike to 8,192²/2
            "\ntokens: 15.6T",
            "\ntokens: 15.6T\npacked_documents: 2\npacked_mean_square: 1000000",
            "packed_mean_square",
            "allowed: 1.67772e+07 to 3.35544e+07",
        ),
    ],
)
def test_text(old: str, new: str, key: str, part: str, tmp_path: Path) -> None:
    """A run of text needs tokens, a context and a batch; windows need a size and layers; documents fill a sequence."""
    found = refused(tmp_path, replaced(TEXT, old, new))
    assert any(f" {key}: " in message and part in message for message in found), found


def test_pairs_of_an_undisclosed_architecture(tmp_path: Path) -> None:
    """Pairs of queries and keys cannot be counted without layers: refused, not counted as 0."""
    text = (ROOT / "samples/gpt4-epoch.yaml").read_text(encoding="utf-8")
    changed = replaced(text, "\nflops_convention: published", "\nflops_convention: masked")
    found = refused(tmp_path, changed)
    assert any(" flops_convention: needs the architecture" in message for message in found), found


@pytest.mark.parametrize(
    ("key", "old", "new", "part"),
    [
        (
            "gemma-2-9b",
            "windowed_layers: 21\n",
            "",
            "windowed_layers: is needed by a window (allowed: a whole number from 1 to 42)",
        ),
        ("gemma-2-9b", "attention_window: 4096\n", "", "attention_window: is needed by layers with a window"),
        ("gemma-2-9b", "windowed_layers: 21", "windowed_layers: 43", "windowed_layers: is more than the layers"),
        ("gemma-2-9b", "vocab_size: 256000", "vocab_size: 0", "vocab_size: is missing, for the workload is text"),
        (
            "gemma-2-9b",
            "norm: rmsnorm",
            "norm: rmsnorm\nimage_size: 224",
            "image_size: belongs to the workload vision, and this one is text",
        ),
        (
            "gemma-2-9b",
            "norm: rmsnorm",
            "norm: rmsnorm\nclass_token: yes",
            "class_token: belongs to the workload vision",
        ),
        ("vit-b-16", "patch_size: 16\n", "", "patch_size: is missing, for the workload is vision"),
        ("vit-b-16", "patch_size: 16\n", "patch_size: 15\n", "patch_size: does not divide the image (given: 15"),
        (
            "vit-b-16",
            "vocab_size: 0",
            "vocab_size: 7",
            "vocab_size: belongs to the workload text, and this one is vision",
        ),
        (
            "vit-b-16",
            "attention_mask: full",
            "attention_mask: causal",
            "attention_mask: does not fit a vision transformer (given: causal; allowed: full)",
        ),
        ("vit-b-16", "position_embedding: learned", "position_embedding: magic", "position_embedding"),
        ("vit-b-16", "token_types: 0", "token_types: 2", "token_types: belongs to the workload text"),
        ("vit-b-16", "embedding_width: 0", "embedding_width: 64", "embedding_width: belongs to the workload text"),
        ("vit-b-16", "mtp_layers: 0", "mtp_layers: 1", "mtp_layers: needs attention_mask: causal"),
        ("gemma-2-9b", "mtp_logits: yes", "mtp_logits: no", "mtp_logits: needs mtp_layers"),
        ("gemma-2-9b", "learned_positions: 0", "learned_positions: 9", "needs position_embedding: learned"),
        ("gemma-2-9b", "expert_bias: no", "expert_bias: yes", "expert_bias: needs n_experts"),
        ("llama-3-8b", "window_kind: sliding", "window_kind: chunked", "window_kind: needs attention_window"),
    ],
)
def test_model_files(key: str, old: str, new: str, part: str, tmp_path: Path) -> None:
    """The same of a file of the catalogue."""
    text = (MODELS / f"{key}.yaml").read_text(encoding="utf-8")
    if old not in text:  # a key at its default is not written
        text += f"{old}\n"
    path = tmp_path / f"{key}.yaml"
    path.write_text(text, encoding="utf-8")
    assert read_model(path).key == key
    path.write_text(replaced(text, old, new), encoding="utf-8")
    with pytest.raises(InvalidInput) as raised:
        read_model(path)
    assert any(part in str(problem) for problem in raised.value.problems), raised.value.problems
