"""Classes of a family that differ by their head: base models, poolers, classifiers and reward models.

Expected numbers are those of the real classes of transformers 5.24, parameters on the meta device and FLOPs of one
sequence by PyTorch's ``FlopCounterMode``; tests/oracle builds such classes of every family.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sheetgen.base.errors import InvalidInput
from sheetgen.catalogue.huggingface import import_config, model_file
from sheetgen.catalogue.models import read_model
from tests.support.engine_cases import compute

LARGE = {
    "hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 16, "num_hidden_layers": 24,
}  # fmt: skip
ONE_LABEL = {"id2label": {"0": "LABEL_0"}}
E5 = {
    "model_type": "mistral", "hidden_size": 4096, "intermediate_size": 14336, "num_attention_heads": 32,
    "num_hidden_layers": 32, "num_key_value_heads": 8, "vocab_size": 32000, "max_position_embeddings": 32768,
}  # fmt: skip
EMBEDDING_GEMMA = {
    "model_type": "gemma3_text", "hidden_size": 768, "intermediate_size": 1152, "num_hidden_layers": 24,
    "num_attention_heads": 3, "num_key_value_heads": 1, "head_dim": 256, "vocab_size": 262144,
    "max_position_embeddings": 2048, "sliding_window": 512, "use_bidirectional_attention": True,
}  # fmt: skip
BERT = {**LARGE, "model_type": "bert", "vocab_size": 30522}
XLM_ROBERTA = {
    **LARGE, "model_type": "xlm-roberta", "vocab_size": 250002, "max_position_embeddings": 514, "type_vocab_size": 1,
}  # fmt: skip


def imported(tmp_path: Path, kind: str, configuration: dict[str, Any]) -> Any:
    """What the importer makes of a configuration of a class."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**configuration, "architectures": [kind]}), encoding="utf-8")
    return import_config(path)


@pytest.mark.parametrize(
    ("kind", "configuration", "head", "parameters", "length", "flops"),
    [
        ("BertModel", {**BERT, **ONE_LABEL}, "pooler", 335_141_888, 512, 335_009_546_240),
        ("MistralModel", E5, "none", 7_110_660_096, 2048, 30_786_325_577_728),
        (
            "XLMRobertaForSequenceClassification", {**XLM_ROBERTA, **ONE_LABEL}, "pooled_classes",
            559_891_457, 514, 336_419_227_648,
        ),
        ("Gemma3TextModel", EMBEDDING_GEMMA, "none", 302_863_104, 2048, 724_775_731_200),
    ],
)  # fmt: skip
def test_heads_are_counted(
    kind: str, configuration: dict[str, Any], head: str, parameters: int, length: int, flops: int, tmp_path: Path
) -> None:
    """To the unit, and again from the model file that is written."""
    found = imported(tmp_path, kind, configuration)
    counts = compute({**found.model.architecture(), "context_length": length})
    assert (found.model_class, found.model.head) == (kind, head)
    assert (counts["parameters"], counts["forward_flops_per_sequence"]) == (parameters, flops)
    path = tmp_path / "model.yaml"
    path.write_text(model_file(found.model), encoding="utf-8")
    assert read_model(path).architecture() == found.model.architecture()


def test_bidirectional_windows(tmp_path: Path) -> None:
    """EmbeddingGemma's 512 are 257 to each side, the token among both (transformers halves and adds one)."""
    model = imported(tmp_path, "Gemma3TextModel", EMBEDDING_GEMMA).model
    assert (model.attention_mask, model.attention_window, model.windowed_layers) == ("full", 257, 20)


@pytest.mark.parametrize(
    ("kind", "labels", "classes", "bias"),
    [
        ("MistralForSequenceClassification", {}, 2, "no"),
        ("MistralForSequenceClassification", {"num_labels": 1}, 1, "no"),
        ("MistralForTokenClassification", {"id2label": {"0": "a", "1": "b", "2": "c"}}, 3, "yes"),
    ],
)
def test_classes_follow_the_labels(kind: str, labels: dict[str, Any], classes: int, bias: str, tmp_path: Path) -> None:
    """Two labels where the file names none, as in the configuration class; one is a reward."""
    model = imported(tmp_path, kind, {**E5, **labels}).model
    assert (model.head, model.n_classes, model.head_bias) == ("classes", classes, bias)


def test_the_head_of_no_class_is_that_of_words(tmp_path: Path) -> None:
    """Control: a file that names its usual class, or none, scores words; labels say nothing then."""
    assert imported(tmp_path, "MistralForCausalLM", {**E5, "num_labels": 5}).model.head == "scores"
    assert "head:" not in model_file(imported(tmp_path, "MistralForCausalLM", E5).model)


def test_labels_that_contradict_are_refused(tmp_path: Path) -> None:
    """Three labels and a number of two."""
    with pytest.raises(InvalidInput, match="num_labels: contradicts id2label"):
        imported(tmp_path, "MistralForSequenceClassification", {**E5, "num_labels": 2, "id2label": {"0": "a"}})


def test_layers_of_multi_token_prediction_are_a_part(tmp_path: Path) -> None:
    """A file that states them has a part that the class has not; one that states none has not."""
    sizes = {"hidden_size": 512, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 8}
    base = {**sizes, "model_type": "glm4_moe", "vocab_size": 99, "num_key_value_heads": 2, "n_routed_experts": 8}
    base |= {"num_experts_per_tok": 2, "moe_intermediate_size": 32}
    with_them = imported(tmp_path, "Glm4MoeForCausalLM", {**base, "num_nextn_predict_layers": 1})
    without = imported(tmp_path, "Glm4MoeForCausalLM", {**base, "num_nextn_predict_layers": 0})
    assert (with_them.model.uncounted_part, without.model.uncounted_part) == ("layers of multi-token prediction", "")


def test_code_of_its_own_is_noted(tmp_path: Path) -> None:
    """A file with auto_map says so, for its code is not looked at."""
    found = imported(tmp_path, "MistralForCausalLM", {**E5, "auto_map": {"AutoModel": "x.Y"}})
    assert "auto_map" in found.model.notes
