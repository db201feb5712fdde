"""Importing Hugging Face configurations: architectures of known files, defaults, and every kind of mistake.

Counts of every family against the real model classes are in tests/oracle, which needs PyTorch and transformers.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetgen import estimate, import_config, load_scenario
from sheetgen.base.errors import InvalidInput
from sheetgen.catalogue import load_catalogue
from sheetgen.catalogue.huggingface import model_file, packaged
from sheetgen.catalogue.models import read_model
from sheetgen.cli.main import main
from sheetgen.engine import count_parameters
from tests.oracle.configurations import CONFIGURATIONS
from tests.support.counted import CONFIGURATIONS as CHECKPOINT_CONFIGURATIONS
from tests.support.paths import SAMPLES

LLAMA: dict[str, Any] = CHECKPOINT_CONFIGURATIONS["llama-3.1-8b"]
LLAMA_SIZES = {key: value for key, value in LLAMA.items() if key not in ("model_type", "tie_word_embeddings")}
SAMPLE = SAMPLES["llama405b"]


def written(tmp_path: Path, data: object, name: str = "config.json") -> Path:
    """A configuration as a file."""
    path = tmp_path / name
    path.write_text(data if isinstance(data, str) else json.dumps(data, indent=1), encoding="utf-8")
    return path


def parameters(path: Path) -> int:
    """The count of the imported model."""
    return count_parameters(import_config(path).model.architecture())["parameters"]


def mistakes(tmp_path: Path, data: object) -> list[str]:
    """The messages about a configuration that is refused."""
    with pytest.raises(InvalidInput) as raised:
        import_config(written(tmp_path, data))
    return [str(problem).replace(str(tmp_path), "") for problem in raised.value.problems]


@pytest.mark.parametrize("key", CHECKPOINT_CONFIGURATIONS)
def test_checkpoints_are_imported_to_the_unit(key: str, tmp_path: Path) -> None:
    """All fifteen configurations give the parameters of their model class, which the catalogue's model has."""
    published = load_catalogue().model(key).published_parameters

    assert len(CHECKPOINT_CONFIGURATIONS) == 15
    assert parameters(written(tmp_path, CHECKPOINT_CONFIGURATIONS[key])) == published


def test_every_family_has_a_class_and_reads_its_configurations(tmp_path: Path) -> None:
    """Each family has a model class; each of its odd configurations is read, written and read back alike."""
    assert all(packaged().family(name).classes for name in packaged().names())
    for family, listed in CONFIGURATIONS.items():
        for number, configuration in enumerate(listed):
            found = import_config(written(tmp_path, configuration))
            again = tmp_path / f"{family.replace('_', '-')}-{number}.yaml"
            again.write_text(model_file(found.model), encoding="utf-8")
            assert read_model(again).architecture() == found.model.architecture(), family
            assert (found.family, found.model_class) == (family, packaged().family(family).classes[0])


def test_gemma_3_with_images_is_refused_or_its_text_model(tmp_path: Path) -> None:
    """The published 4B file leaves heads and vocabulary to the class; 3,880,263,168 elements, five windows in six.

    The whole class has 4,299,915,632 (transformers 5.24), so that the file alone is no model that can be counted.
    """
    inner = {
        "hidden_size": 2560, "intermediate_size": 10240, "model_type": "gemma3_text", "num_hidden_layers": 34,
        "sliding_window": 1024,
    }  # fmt: skip
    whole = {"model_type": "gemma3", "text_config": inner, "vision_config": {"hidden_size": 1152}}
    (message,) = mistakes(tmp_path, whole)
    assert "has other parts beside its text model" in message
    assert "Instead --text counts its text model alone" in message

    found = import_config(written(tmp_path, whole), text=True)
    model = found.model
    assert count_parameters(model.architecture())["parameters"] == 3_880_263_168
    assert (model.attention_window, model.windowed_layers) == (1024, 29)  # layers 6, 12, 18, 24 and 30 have none
    assert found.notes == ("The text model alone: the other parts of gemma3 are not counted.",)
    assert model.notes == found.notes[0]


@pytest.mark.parametrize(
    ("outer", "inner", "family", "parameters_"),
    [
        # LLaVA 1.5 7B leaves nearly all to Llama's class: 32 layers, 4,096 wide, 32,064 words
        ({"model_type": "llava"}, {"vocab_size": 32064, "max_position_embeddings": 4096}, "llama", 6_738_939_904),
        ({"model_type": "llava", "tie_word_embeddings": True}, {"model_type": "qwen2", **LLAMA_SIZES}, "qwen2", None),
        ({"model_type": "mistral3"}, {"model_type": "ministral3", **LLAMA_SIZES}, "ministral3", None),
        ({"model_type": "internvl_chat"}, {"model_type": "qwen3", **LLAMA_SIZES}, "qwen3", None),
    ],
)
def test_text_models_inside_others(
    outer: dict[str, Any], inner: dict[str, Any], family: str, parameters_: int | None, tmp_path: Path
) -> None:
    """The family is what the part names, or what the whole has; what the part does not state is the class's default."""
    key = "llm_config" if outer["model_type"] == "internvl_chat" else "text_config"
    found = import_config(written(tmp_path, {**outer, key: inner, "vision_config": {}}), text=True)
    assert found.family == family
    assert found.model.tied_embeddings == ("yes" if outer.get("tie_word_embeddings") else "no")
    if parameters_ is not None:
        assert count_parameters(found.model.architecture())["parameters"] == parameters_


def test_a_flat_file_of_a_model_with_images(tmp_path: Path) -> None:
    """Older files of Qwen2-VL have the text model's fields beside vision_config: the same count as nested ones."""
    sizes = {**LLAMA_SIZES, "vision_config": {"depth": 32}}
    flat = import_config(written(tmp_path, {"model_type": "qwen2_vl", **sizes}), text=True)
    nested = import_config(written(tmp_path, {"model_type": "qwen2_vl", "text_config": LLAMA_SIZES}), text=True)
    assert flat.family == nested.family == "qwen2_vl_text"
    assert flat.model.architecture() == nested.model.architecture()


@pytest.mark.parametrize(
    ("changes", "window", "layers"),
    [
        ({"model_type": "mistral"}, 4096, 32),
        ({"model_type": "mistral", "sliding_window": None}, 0, 0),
        ({"model_type": "qwen2"}, 0, 0),
        ({"model_type": "qwen2", "use_sliding_window": True, "sliding_window": 512, "max_window_layers": 20}, 512, 12),
        ({"model_type": "gemma2"}, 4096, 16),
        ({"model_type": "gemma3_text", "sliding_window_pattern": 4}, 4096, 24),
        ({"model_type": "phi3", "sliding_window": 2047}, 2047, 32),
        ({"model_type": "gpt_oss", "num_local_experts": 8, "num_experts_per_tok": 2}, 128, 16),
        ({"model_type": "gemma2", "layer_types": ["sliding_attention"] * 3 + ["full_attention"] * 29}, 4096, 3),
    ],
)
def test_windows_follow_the_family(changes: dict[str, Any], window: int, layers: int, tmp_path: Path) -> None:
    """In all layers, none, those behind the first, every second, or five in six: as the configuration class has it."""
    model = import_config(written(tmp_path, {**LLAMA, "head_dim": 128, **changes})).model

    assert (model.attention_window, model.windowed_layers) == (window, layers)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        (
            {"model_type": "lama"},
            ":2: model_type: is not a family that can be counted: did you mean 'llama'?; sheetgen import --fam",
        ),
        ({"model_type": None}, "model_type: is missing"),
        ({"hidden_size": None}, "hidden_size: is null (allowed: a whole number from 1)"),
        ({"hidden_size": "4096"}, 'hidden_size: is not a size (given: "4096"'),
        ({"hidden_size": -4096}, "hidden_size: is not a size (given: -4096"),
        ({"hidden_size": 10**12}, "hidden_size: is not a size"),
        ({"num_hidden_layers": 1.5}, "num_hidden_layers: is not a size (given: 1.5"),
        ({"num_hidden_layers": True}, "num_hidden_layers: is not a size (given: true"),
        ({"num_attention_heads": 24}, "num_attention_heads: does not divide hidden_size"),
        ({"attention_bias": "no"}, 'attention_bias: must be true or false (given: "no"'),
        ({"architectures": ["LlamaForSequenceClassification"]}, "architectures: is another model class"),
        ({"is_encoder_decoder": True}, "is_encoder_decoder: has an encoder and a decoder"),
        ({"num_key_value_heads": 7}, "num_key_value_heads: does not divide num_attention_heads (given: 7"),
    ],
)
def test_each_mistake_is_named(changes: dict[str, Any], part: str, tmp_path: Path) -> None:
    """The family, a field that is missing, of another type or out of range, and what contradicts: file, line, key."""
    found = mistakes(tmp_path, {"note": 1, **LLAMA, **changes} if "model_type" not in changes else {**LLAMA, **changes})

    assert any(part in message for message in found), found


@pytest.mark.parametrize(
    ("family", "changes", "part"),
    [
        ("gemma2", {"layer_types": ["full_attention"]}, "layer_types: is not one word a layer (given: 1; allowed: 32)"),
        ("gemma2", {"layer_types": ["linear_attention"] * 32}, "layer_types: names a kind that this family has not"),
        ("gemma2", {"use_bidirectional_attention": True}, "use_bidirectional_attention: changes the mask"),
        ("mistral", {"layer_types": ["full_attention"] * 32}, "layer_types: is not read by this family's model class"),
        ("mixtral", {"num_local_experts": 2, "num_experts_per_tok": 3}, "num_experts_per_tok: exceeds the experts"),
        ("qwen3_moe", {"num_experts": 8, "num_experts_per_tok": 2, "mlp_only_layers": [99]}, "mlp_only_layers: names"),
        ("deepseek_v2", {"moe_layer_freq": 2}, "moe_layer_freq: is not read by this family's model class"),
        ("bert", {"position_embedding_type": "relative_key"}, "position_embedding_type: has parameters that are not"),
        ("bert", {"is_decoder": True}, "is_decoder: makes another model"),
        ("gpt2", {"num_attention_heads": 5}, "num_attention_heads: does not divide hidden_size"),
        ("bert", {"tie_word_embeddings": False}, "tie_word_embeddings: is false: the head has a second bias then"),
        ("gpt2", {"n_embd": 768, "n_layer": 2, "n_head": 12, "add_cross_attention": True}, "add_cross_attention: adds"),
        ("gpt2", {"n_embd": 768, "hidden_size": 512, "n_layer": 2, "n_head": 12}, "hidden_size: contradicts n_embd"),
        ("vit", {"image_size": [224, 200]}, "image_size: is not square"),
        ("vit", {"image_size": 225}, "patch_size: does not divide image_size"),
        ("vit", {"num_labels": 3, "id2label": {"0": "a"}}, "num_labels: contradicts id2label"),
    ],
)
def test_contradictions_of_a_family_are_named(family: str, changes: dict[str, Any], part: str, tmp_path: Path) -> None:
    """What the model class does not read, cannot build, or what our keys cannot express."""
    found = mistakes(tmp_path, {**LLAMA, "model_type": family, "moe_intermediate_size": 8, **changes})

    assert any(part in message for message in found), found


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    """Three missing fields and one wrong one are four messages, and none about what follows from them."""
    assert len(mistakes(tmp_path, {"model_type": "llama", "hidden_size": "x", "num_attention_heads": 4})) == 4


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "is not JSON"),
        ("[1, 2]", "must be a JSON object"),
        ('{"model_type": "llama", "model_type": "gpt2"}', "model_type: the key stands twice"),
        ('{"model_type": NaN}', "model_type: must be a word"),
        ('{"model_type": "llama", "hidden_size": Infinity}', "hidden_size: is not a size (given: Infinity"),
        ('{"a": 1' + "0" * 5000 + "}", "a number that cannot be used"),
        ("[" * 1000, "nested too deeply"),
        ('{"model_type": "llama"', "is not JSON"),
        (" " * 8_000_001, "is too large"),
    ],
)
def test_files_of_strangers(text: str, part: str, tmp_path: Path) -> None:
    """What is no configuration is refused with a message: no traceback, no guess."""
    assert any(part in message for message in mistakes(tmp_path, text))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=6,
    ),
    st.sampled_from(sorted(CONFIGURATIONS)),
    st.data(),
)
@settings(max_examples=150)
def test_no_value_is_a_traceback(value: object, family: str, data: st.DataObject) -> None:
    """Any value in any field of any family is read or refused."""
    configuration = dict(CONFIGURATIONS[family][0])
    configuration[data.draw(st.sampled_from(sorted(configuration)))] = value
    with tempfile.TemporaryDirectory() as room:
        path = written(Path(room), configuration)
        found: object = None
        with contextlib.suppress(InvalidInput):
            found = import_config(path).model.n_layers
        assert found is None or isinstance(found, int)


def test_the_command_writes_a_model_that_a_scenario_names(tmp_path: Path) -> None:
    """Imported, named by a scenario as a file and as the configuration itself, and by a catalogue: one count."""
    written(tmp_path, LLAMA)
    (tmp_path / "own" / "models").mkdir(parents=True)
    runner = CliRunner()
    for target in ("model.yaml", "own/models/mine.yaml"):
        result = runner.invoke(main, ["import", str(tmp_path / "config.json"), "-o", str(tmp_path / target)])
        assert result.exit_code == 0, result.output
        assert "LlamaForCausalLM, 8,030,261,248 parameters" in result.output
    text = SAMPLE.read_text(encoding="utf-8")
    for model in ("model.yaml", "config.json", "mine"):
        path = tmp_path / "scenario.yaml"
        path.write_text(text.replace("model: llama-3.1-405b", f"model: {model}"), encoding="utf-8")
        scenario = load_scenario(path, tmp_path / "own")
        assert estimate(scenario).quantities[0]["parameters"] == 8_030_261_248


def test_the_command_prints_without_a_file(tmp_path: Path) -> None:
    """Without -o the model file is printed; a name may be given; mistakes end with code 1."""
    path = written(tmp_path, LLAMA)
    result = CliRunner().invoke(main, ["--quiet", "import", str(path), "--name", "Mine"])
    assert result.exit_code == 0
    assert 'name: "Mine"\n' in result.stdout
    assert "n_layers: 32\n" in result.stdout
    assert CliRunner().invoke(main, ["import", str(written(tmp_path, "{}"))]).exit_code == 1
    assert CliRunner().invoke(main, ["import", str(path), "--name", "a\nb"]).exit_code == 1
    assert CliRunner().invoke(main, ["import", str(path), "-o", str(tmp_path / "model.txt")]).exit_code == 1


@pytest.mark.parametrize(
    ("model", "part"),
    [
        ("../config.json", "is outside of the scenario's directory"),
        ("/etc/passwd.json", "is outside of the scenario's directory"),
        ("link.json", "is outside of the scenario's directory"),
        ("none.json", "there is no such model file"),
        ("folder.yaml", "there is no such model file"),
        ("broken.json", "is not JSON"),
    ],
)
def test_a_scenario_reads_no_file_outside_of_its_directory(model: str, part: str, tmp_path: Path) -> None:
    """Scenarios come from strangers: no way up, no absolute name, no link, no directory."""
    written(tmp_path, LLAMA)
    home = tmp_path / "home"
    (home / "folder.yaml").mkdir(parents=True)
    (home / "link.json").symlink_to(tmp_path / "config.json")
    (home / "broken.json").write_text("{", encoding="utf-8")
    path = home / "scenario.yaml"
    text = SAMPLE.read_text(encoding="utf-8")
    path.write_text(text.replace("model: llama-3.1-405b", f"model: {model}"), encoding="utf-8")

    with pytest.raises(InvalidInput) as raised:
        load_scenario(path)
    assert any(part in str(problem) for problem in raised.value.problems)
