"""The table of families: its expressions, and what is said of a row that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sheetgen.base.errors import InvalidInput
from sheetgen.catalogue.huggingface import FamilyTable, import_config, packaged
from sheetgen.catalogue.huggingface.expressions import Evaluator, Uncountable, parse
from sheetgen.catalogue.huggingface.table import TABLE

FIELDS = {"a": 12, "b": 5, "on": True, "kinds": ("x", "y", "x"), "word": "w"}


def value(text: str) -> object:
    """The value of an expression over a few fields, with three layers."""
    return Evaluator(lambda name: FIELDS.get(name, name), lambda: 3).value(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4 * a + 2", 50),
        ("a // b", 2),
        ("a / 4", 3),
        ("a % b", 2),
        ("-a", -12),
        ("a if on else b", 12),
        ("not on", False),
        ("no or b", 5),
        ("on and nothing == nothing", True),
        ("min(a, b)", 5),
        ("kinds[1]", "y"),
        ("count(kinds, x)", 2),
        ("layers(kinds[layer] == x)", 2),
        ("layers((layer + 1) % 2)", 2),
        ("5 in kinds", False),
        ("rmsnorm", "rmsnorm"),
    ],
)
def test_expressions(text: str, expected: object) -> None:
    """Whole numbers, flags, words and layers."""
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [("a / b", "b"), ("a % (b - 5)", "a"), ("kinds[9]", "kinds"), ("a + word", "a"), ("a < word", "a")],
)
def test_what_has_no_value(text: str, name: str) -> None:
    """A rest, a division by 0, a layer that is not there and a word as a number are no traceback."""
    with pytest.raises(Uncountable) as raised:
        value(text)
    assert raised.value.name == name


@pytest.mark.parametrize(
    "text", ["", "a +", "__import__('os')", "a.b", "[1]", "lambda: 1", "f(a)", "1.5", "x := 1", "min()", "a ** 9"]
)
def test_nothing_else_of_python_is_there(text: str) -> None:
    """Attributes, calls, lists, powers and the rest are refused when the text is read."""
    with pytest.raises(ValueError, match=r"expression"):
        parse(text)


OWN = """\
families:
  {name}:
    like: llama
    class: MyForCausalLM
    reads: {reads}
    model: {model}
"""


def own(tmp_path: Path, name: str = "mine", reads: str = "{}", model: str = "{norms_per_layer: 4}") -> Path:
    """A table of one's own, with one family."""
    path = tmp_path / "families.yaml"
    path.write_text(OWN.format(name=name, reads=reads, model=model), encoding="utf-8")
    return path


def test_a_family_is_a_few_rows(tmp_path: Path) -> None:
    """A family of one's own is laid over the table without a line of Python: Llama with four norms, 2·64·3 more."""
    sizes = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 3, "num_attention_heads": 4}
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"model_type": "mine", "vocab_size": 100, **sizes}), encoding="utf-8")
    table = FamilyTable((TABLE, own(tmp_path)))
    found = import_config(path, table=table)
    assert (found.model.norms_per_layer, found.model.gated_ffn, found.model_class) == (4, "yes", "MyForCausalLM")
    assert "mine" in table.names()
    assert "mine" not in packaged().names()


@pytest.mark.parametrize(
    ("reads", "model", "part"),
    [
        ("{hidden_sise: 3}", "{}", "unknown field; did you mean 'hidden_size'?"),
        ("{}", "{n_layer: 3}", "unknown key; did you mean 'n_layers'?"),
        ("{}", "{n_layers: num_layrs}", "num_layrs: names what is neither a field of this family nor a word"),
        ("{}", "{n_layers: 'a('}", "is not an expression"),
        ("{hidden_size: {defalt: 3}}", "{}", "unknown key; did you mean 'default'?"),
        ("{hidden_size: {kind: length}}", "{}", "is no kind of field"),
        ("[]", "{}", "reads: must be a mapping"),
    ],
)
def test_a_wrong_row_is_named(reads: str, model: str, part: str, tmp_path: Path) -> None:
    """With file and line, the key, and what was meant."""
    table = FamilyTable((TABLE, own(tmp_path, reads=reads, model=model)))
    with pytest.raises(InvalidInput) as raised:
        table.family("mine")
    assert part in str(raised.value)
    assert "families.yaml:" in str(raised.value)


def test_a_row_stands_on_one_above(tmp_path: Path) -> None:
    """A family that is like itself, or like one that is not there, is refused."""
    path = own(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("like: llama", "like: mine"), encoding="utf-8")
    with pytest.raises(InvalidInput) as raised:
        FamilyTable((TABLE, path)).family("mine")
    assert "is no family before this one" in str(raised.value)
