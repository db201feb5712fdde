"""YAML written, and changed in place: read back as the same texts; what is not changed stays, to the byte."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetgen.base.yaml_text import Tree, YamlText, entry
from sheetgen.base.yamlfile import parse_yaml
from tests.support.yaml_text import plain

TEXTS = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=20)
AWKWARD = st.sampled_from([
    "null", "~", "no", "1e3", "41%", "a: b", "a #b", "- a", "[x]", "{x}", "a, b", '"', "'", "a:", "*x", "&x", "!x", "%",
    "@x", "x\\n", "é", "–", "...", "---", "?", "|", ">", "a  b", " a", "a ",
])  # fmt: skip
KEYS = st.sampled_from(["gpus", "tokens", "name", "source", "cases"])
TREES = st.recursive(
    TEXTS | AWKWARD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)

FILE = """\
# A budget.
scenario: Test   # its name
cases:
  - name: One    # the first
    gpus: 8
  - {name: Two, gpus: 16}
# What follows is where figures come from.
sources:
  gpus: "A paper"
"""


@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=4))
@settings(max_examples=300)
def test_what_is_written_is_read_back(tree: dict[str, Tree]) -> None:
    """Any tree of texts, those among them that YAML takes for something else."""
    text = "".join(entry(key, value) for key, value in tree.items())
    assert plain(parse_yaml(text, "x.yaml")) == tree, text


@pytest.mark.parametrize(
    ("path", "new", "old_line", "new_line"),
    [
        (("scenario",), "Other: one", "scenario: Test   # its name", 'scenario: "Other: one"   # its name'),
        (("cases", 0, "gpus"), "9", "    gpus: 8", "    gpus: 9"),
        (("cases", 1, "gpus"), "9", "  - {name: Two, gpus: 16}", "  - {name: Two, gpus: 9}"),
        (("cases", 1, "name"), "a, b", "  - {name: Two, gpus: 16}", '  - {name: "a, b", gpus: 16}'),
        (("cases", 1, "tokens"), "1T", "  - {name: Two, gpus: 16}", "  - {name: Two, gpus: 16, tokens: 1T}"),
        (("cases", 0, "tokens"), "1T", "    gpus: 8", "    gpus: 8\n    tokens: 1T"),
        (("sources", "tokens"), "x", '  gpus: "A paper"', '  gpus: "A paper"\n  tokens: x'),
    ],
)
def test_a_change_touches_its_place_alone(path: tuple[str | int, ...], new: str, old_line: str, new_line: str) -> None:
    """A value, in a list, in braces, with a comment behind; a new key behind the others of its mapping."""
    file = YamlText(FILE)
    file.put(path, new)
    assert FILE.count(f"{old_line}\n") == 1
    assert file.written() == FILE.replace(f"{old_line}\n", f"{new_line}\n")


def test_keys_and_items_come_and_go() -> None:
    """A new key in front of the cases, one taken out, an item added, one taken out, a list exchanged."""
    file = YamlText(FILE)
    file.put(("paper",), "Letter", ("cases", "sources"))
    file.put(("sources",), {"tokens": "x"})
    file.take(("cases", 0))
    file.add_item(("cases",), {"name": "Three", "gpus": "4"})
    assert file.written() == FILE.replace("cases:", "paper: Letter\ncases:").replace(
        "  - name: One    # the first\n    gpus: 8\n", ""
    ).replace("gpus: 16}\n", "gpus: 16}\n  - name: Three\n    gpus: 4\n").replace('  gpus: "A paper"', "  tokens: x")
    other = YamlText(FILE)
    other.take(("scenario",))
    other.take(("cases", 1, "gpus"))
    other.take(("cases", 0, "gpus"))
    assert other.written() == FILE.replace("scenario: Test   # its name\n", "").replace(", gpus: 16", "").replace(
        "    gpus: 8\n", ""
    )


def test_an_unchanged_file_stays() -> None:
    """Comments, spaces and all."""
    assert YamlText(FILE).written() == FILE
