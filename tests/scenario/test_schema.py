"""The JSON Schema of a scenario: it takes what the reader takes, and marks what can be marked while one types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from sheetgen import starter
from sheetgen.base.inputs import fields
from sheetgen.base.numbers import NUMBER, parse_number
from sheetgen.catalogue import load_catalogue
from sheetgen.scenario import schema as module
from sheetgen.scenario.keys import OWN_KEYS, key_rows
from sheetgen.scenario.schema import schema
from tests.scenario.test_bad_input import MISTAKES, edited

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.yaml"))
SCHEMA = json.loads(json.dumps(schema(load_catalogue())))
VALIDATOR = Draft7Validator(SCHEMA)


class Editor(yaml.SafeLoader):
    """YAML 1.2 as editors read it: dates, yes and no are texts."""


Editor.yaml_implicit_resolvers = {
    letter: [(tag, rule) for tag, rule in rules if not tag.endswith((":timestamp", ":bool"))]
    for letter, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def marked(text: str, loader: type[yaml.SafeLoader] = Editor) -> list[str]:
    """What an editor marks of a scenario's text: the path of each mistake."""
    data = yaml.load(text, Loader=loader)  # noqa: S506 - a subclass of SafeLoader
    return ["/".join(map(str, error.absolute_path)) or error.message for error in VALIDATOR.iter_errors(data)]


def test_it_is_a_schema() -> None:
    Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_valid(path: Path) -> None:
    assert marked(path.read_text(encoding="utf-8")) == []


def test_a_starter_is_valid_and_complete() -> None:
    """What ``sheetgen new`` writes has no mistake; without any one of its required keys it has."""
    assert marked(starter()) == []
    for key in SCHEMA["required"]:
        text = "\n".join(line for line in starter().splitlines() if not line.startswith(f"{key}:"))
        assert marked(text) == [f"'{key}' is a required property"]


def test_a_yes_may_be_a_boolean() -> None:
    """Also as YAML 1.1 reads it: ``gated_ffn: yes`` is then true."""
    for written in ("yes", "true", "no", "false"):
        text = starter() + f"gated_ffn: {written}\n"
        for loader in (Editor, yaml.SafeLoader):
            assert "gated_ffn" not in marked(text, loader)
    assert "gated_ffn" in marked(starter() + "gated_ffn: maybe\n")


# What is wrong only beside another value, in its unit or as a suffix, or in YAML itself, no schema of values shows.
BEYOND_A_SCHEMA = {
    "unknown GPU", "unknown model", "BF16 on a V100", "FP8 on an A100 in a case", "duplicate case",
    "unknown chosen case", "two efficiencies", "basis without figure", "published without total", "heads do not divide",
    "no such day",
    "date too early", "date too late", "beyond a double", "duplicated key", "MFU over 100 %", "hexadecimal",
    "line break in a name",
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_marked(name: str) -> None:
    """A bad file that the reader refuses is marked too, but for what shows only beside something else."""
    old, new, key, _ = MISTAKES[name]
    found = marked(edited((old, new)))
    if name in BEYOND_A_SCHEMA:
        assert found == []
    else:
        assert found
        places = (key.rpartition(".")[2], "properties", "cases", "sources")
        assert any(word in place for place in found for word in places)


def test_numbers_are_written_alike() -> None:
    """The schema's form of a number is the parser's, exponents of four digits aside."""
    texts = [
        "15.6T",
        "41%",
        ".5",
        "5.",
        "1e3",
        "1_000",
        "-3k",
        "15,6",
        "1e999",
        "0x10",
        "inf",
        "16m",
        "1__0",
        "1 000",
        "",
    ]
    pattern = module.re.compile(module.NUMBER)
    for text in texts:
        assert bool(pattern.fullmatch(text)) == bool(NUMBER.fullmatch(text)), text
    assert parse_number("15.6T") == 15.6e12


def test_every_key_is_in_the_schema_and_in_the_listing() -> None:
    """Every input and every key of the scenario's own is offered by editors and listed by ``sheetgen fields``."""
    offered, listed = set(SCHEMA["properties"]), {row["key"] for row in key_rows()}
    own = {key.key for key in OWN_KEYS if "scenario" in key.places}
    aliases = {alias for spec in fields().values() for alias in spec.aliases}
    assert offered == {*fields(), *own, *aliases} - {"case_name"}
    assert listed == {*fields(), *(key.key for key in OWN_KEYS)} - {"case_name"}


def refs(node: Any) -> Iterator[str]:
    """Every reference in a schema."""
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "$ref")
        node = list(node.values())
    for item in node if isinstance(node, list) else ():
        yield from refs(item)


def test_references_lead_somewhere() -> None:
    assert {ref.rpartition("/")[2] for ref in refs(SCHEMA)} <= set(SCHEMA["definitions"])
