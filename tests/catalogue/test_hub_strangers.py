"""Files and models that the importer does not count: each is recognised, and the answer says what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sheetgen import import_config
from sheetgen.base.errors import InvalidInput
from sheetgen.catalogue.huggingface import packaged
from sheetgen.catalogue.huggingface.strangers import known_types, mistyped
from sheetgen.cli.main import main


def answer(path: Path) -> str:
    """What is said of a file that is refused."""
    with pytest.raises(InvalidInput) as raised:
        import_config(path)
    return "\n".join(str(problem) for problem in raised.value.problems)


def answered(tmp_path: Path, data: object) -> str:
    """The same for content."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return answer(path)


@pytest.mark.parametrize(
    ("data", "what", "give"),
    [
        (
            {"peft_type": "LORA", "r": 16, "base_model_name_or_path": "meta-llama/Llama-3.1-8B"},
            "is an adapter (LORA, rank 16)",
            "the config.json of its base model, meta-llama/Llama-3.1-8B",
        ),
        ({"lora_alpha": 32, "target_modules": ["q_proj"]}, "is an adapter", "its base model, not stated"),
        ({"_class_name": "FluxTransformer2DModel", "_diffusers_version": "0.30"}, "a diffusers pipeline", "diffusion"),
        ({"__version__": {"sentence_transformers": "3.0.0"}}, "is a file of sentence-transformers", "the encoder"),
        ({"max_seq_length": 512, "do_lower_case": False}, "is a file of sentence-transformers", "the encoder"),
        ({"metadata": {}, "weight_map": {}}, "is the index of the weights", "the config.json beside it"),
        ({"dim": 4096, "n_layers": 32, "n_heads": 32}, "is a params.json of Meta or Mistral", "Hugging Face version"),
        ({"architecture": "vit_base", "pretrained_cfg": {}}, "is a file of timm", "a config.json of transformers"),
        ({"tokenizer_class": "LlamaTokenizer"}, "is the file of a tokenizer", "the config.json beside it"),
        ({"image_processor_type": "ViTImageProcessor"}, "is the file of a processor", "the config.json beside it"),
        ({"do_sample": True, "temperature": 0.6}, "is a file of settings for generation", "the config.json beside it"),
    ],
)
def test_other_files_are_recognised(data: dict[str, Any], what: str, give: str, tmp_path: Path) -> None:
    """JSON files that stand beside a model: what each is, and what to give in its place."""
    said = answered(tmp_path, data)
    assert what in said
    assert "no configuration of a model" in said
    assert give in said


def test_a_list_of_modules_is_recognised(tmp_path: Path) -> None:
    """modules.json of sentence-transformers is a list; another list is no configuration either."""
    module = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}
    assert "is the list of modules of sentence-transformers" in answered(tmp_path, [module])
    assert "must be a JSON object" in answered(tmp_path, [1])


def test_directories_and_names_of_the_hub(tmp_path: Path) -> None:
    """A directory is its config.json; a name of the Hub is answered with the file's address."""
    assert "is a directory without a config.json" in answer(tmp_path)
    assert "https://huggingface.co/meta-llama/Llama-3.1-8B/raw/main/config.json" in answer(
        Path("meta-llama/Llama-3.1-8B")
    )
    assert "https://huggingface.co/Qwen/Qwen3-8B/raw/main" in answer(Path("https://huggingface.co/Qwen/Qwen3-8B"))
    assert "cannot be read" in answer(tmp_path / "none.json")
    sizes = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4}
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama", "vocab_size": 100, **sizes}))
    assert import_config(tmp_path).model.n_layers == 2


@pytest.mark.parametrize(
    ("family", "why"),
    [
        ("qwen3_next", "has layers of linear attention (gated delta rule)"),
        ("nemotron_h", "has state-space layers (Mamba)"),
        ("deepseek_v32", "has sparse attention with an indexer"),
        ("gemma4", "has other parts beside its text model"),
        ("t5", "has an encoder and a decoder"),
        ("whisper", "is a model of sound or speech"),
        ("swin", "is a model of images or video"),
        ("modernbert", "is an encoder of a kind"),
        ("chatglm", "is no family of transformers"),
        ("internlm2", "is no family of transformers"),
        ("timesfm", "is a model of time series"),
    ],
)
def test_real_families_are_no_typing_mistakes(family: str, why: str, tmp_path: Path) -> None:
    """A family that is known and not counted is refused with its reason and a way; no other family is suggested."""
    said = answered(tmp_path, {"model_type": family})
    assert why in said
    assert "Instead " in said
    assert "undisclosed_parameters" in said
    assert "did you mean" not in said


def test_no_known_family_is_taken_for_another() -> None:
    """Of every known model type none is a mistyped name of a counted one, and none is counted."""
    assert len(known_types()) > 700
    assert not set(known_types()) & set(packaged().names())


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("lama", "llama"), ("Llama", "llama"), ("gpt-2", "gpt2"), ("qwen3moe", "qwen3_moe"), ("mixtrall", "mixtral"),
        ("llama5", None), ("qwen4", None), ("glm5", None), ("exaone5", None), ("nemotron-nas", None), ("", None),
        ("phi5", None), ("deepseek_v9", None), ("x", None),
    ],
)  # fmt: skip
def test_only_a_mistyped_name_is_suggested(given: str, meant: str | None) -> None:
    """Another spelling or one letter; a further version is another family, and a longer name is one of its own."""
    assert mistyped(given, packaged().names()) == meant


def test_code_of_its_own_is_said(tmp_path: Path) -> None:
    """A family that nobody knows, with code of its own (auto_map), is no typing mistake either."""
    said = answered(tmp_path, {"model_type": "llamma", "auto_map": {"AutoConfig": "x.Y"}})
    assert "comes with code of its own" in said
    assert "did you mean" not in said


def test_a_missing_type_is_found_by_the_class(tmp_path: Path) -> None:
    """A file without model_type names its class: of which family it is, is said."""
    assert "architectures are those of olmo2" in answered(tmp_path, {"architectures": ["Olmo2ForCausalLM"]})


def test_the_families_are_listed() -> None:
    """``sheetgen import --families`` needs no file and lists every family with its class."""
    result = CliRunner().invoke(main, ["import", "--families"])
    assert result.exit_code == 0
    lines = dict(line.split(None, 1) for line in result.output.splitlines())
    assert set(lines) == set(packaged().names())
    assert lines["llama"] == "LlamaForCausalLM"
