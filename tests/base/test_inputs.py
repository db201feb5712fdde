"""The inputs as records: what a row of ``templates/inputs.yaml`` may say, and the words that a choice is written by."""

from __future__ import annotations

import pytest

from sheetgen.base import inputs
from sheetgen.base.inputs import fields, options
from sheetgen.base.templates import TemplateError, packaged


@pytest.mark.parametrize(
    ("text", "value"), [("yes", "yes"), ("no", "no"), ("true", "yes"), ("True", "yes"), ("FALSE", "no")]
)
def test_a_yes_or_no_may_be_written_as_yaml_writes_a_boolean(text: str, value: str) -> None:
    assert fields()["gated_ffn"].read(text) == value


def test_other_words_are_left_for_the_caller_to_refuse() -> None:
    """Control: what writes no choice stays as it is, and no other list takes ``true``."""
    assert fields()["gated_ffn"].read("maybe") == "maybe"
    assert fields()["norm"].read("true") == "true"
    assert fields()["accelerator"].read("true") == "true"


def test_no_two_choices_of_a_list_are_written_alike() -> None:
    """Another word for a choice is no choice of the same list, and stands for one only."""
    for name in {spec.choices for spec in fields().values() if spec.choices} - set(inputs.RUNTIME_CHOICES):
        words = [word for option in options(name) for word in (option.value, *option.also)]
        assert len(words) == len(set(words)), name


def test_a_word_that_a_row_does_not_know_is_refused() -> None:
    """A slip in a row of the template (``mim`` for ``min``) is no silent loss of a bound."""
    row = {"key": "x", "label": "X", "type": "number", "unit": "count", "mim": 1}
    with pytest.raises(TemplateError, match="mim"):
        inputs._field(row, {"title": "Run"}, packaged())


def test_an_example_is_an_allowed_value() -> None:
    """What a starter scenario writes lies within the input's own bounds and choices."""
    examples = {key: spec for key, spec in fields().items() if spec.example is not None}
    assert len(examples) > 20
    for key, spec in examples.items():
        value = spec.read(str(spec.example))
        assert spec.complaint(value) is None, key
        if spec.choices and spec.choices not in inputs.RUNTIME_CHOICES:
            assert value in [option.value for option in options(spec.choices)], key
