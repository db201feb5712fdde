"""YAML that is refused: anchors, tags, repeated keys, depth, size, syntax and characters, with both parsers."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from sheetgen.base.errors import InvalidInput
from sheetgen.base.yamlfile import Table, parse_yaml
from tests.support.yaml_text import SECONDS, only, plain, problems


@pytest.mark.usefixtures("parser")
def test_billion_laughs() -> None:
    """The alias bomb is refused at its anchors and aliases, at once, with nothing expanded."""
    rows = ["a0: &a0 lol"]
    rows += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    started = time.perf_counter()
    found = problems("\n".join(rows))
    assert time.perf_counter() - started < SECONDS
    assert (found[0].message, found[0].line) == ("aliases and anchors are not allowed", 1)
    assert [problem.given for problem in found[:3]] == ["&a0", "&a1", "*a0"]
    assert len(found) == 51
    assert "more than 50 mistakes" in found[-1].message


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("text", ["a: *x", "*x : 1", "a: &x 1", "a: &x\n  b: 1", "a: &x [1]", "&x a: 1", "&x {a: 1}"])
def test_every_anchor_and_alias_is_refused(text: str) -> None:
    """An anchor or an alias is refused wherever it stands, defined or not."""
    assert only(text) == ("aliases and anchors are not allowed", 1)


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("tag", "given"),
    [
        ("!!python/object/apply:os.system", "!!python/object/apply:os.system"),
        ("!!python/object/new:type", "!!python/object/new:type"),
        ("!foo", "!foo"),
        ("!!str", "!!str"),
        ("!!binary", "!!binary"),
        ("!<tag:example.org,2000:x>", "tag:example.org,2000:x"),
        ("!", "!"),
    ],
)
@pytest.mark.parametrize("value", ["x", "[x]", "{b: x}"])
def test_every_tag_is_refused(tag: str, given: str, value: str) -> None:
    """A tag is refused on any value, even the harmless ``!!str``, and is shown as it was written."""
    (problem,) = problems(f"ok: 1\na: {tag} {value}\n")
    assert (problem.message, problem.line, problem.given) == ("tags are not allowed", 2, given)


@pytest.mark.usefixtures("parser")
def test_duplicate_keys_are_all_reported_with_both_lines() -> None:
    """Each repetition of a key, quoted or not, is one problem, with its own line and that of the first."""
    found = problems("a: 1\nb:\n  c: 1\n  'c': 2\na: 2\n\"a\": 3\nd: {x: 1, x: 2}\n")
    assert [(problem.key, problem.line, problem.message) for problem in found] == [
        ("c", 4, "duplicate key: already on line 3"),
        ("a", 5, "duplicate key: already on line 1"),
        ("a", 6, "duplicate key: already on line 1"),
        ("x", 7, "duplicate key: already on line 7"),
    ]


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("key", ["? [a, b]\n: 1", "? {a: b}\n: 1", "? - a\n: 1", "[a]: 1", "{a: b}: 1"])
def test_keys_are_text(key: str) -> None:
    """A list or a mapping as a key is refused at its line."""
    assert only(f"ok: 1\n{key}\n") == ("a key must be a single word or text, not a list or a mapping", 2)


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[{a: "])
def test_deep_nesting_is_refused_at_once(opening: str) -> None:
    """A hundred thousand openings neither crash nor recurse nor take time: reading ends at the 21st level."""
    started = time.perf_counter()
    message, line = only(opening * 100_000)
    assert time.perf_counter() - started < SECONDS
    assert (message, line) == ("nested too deeply: more than 20 levels of lists and mappings", 1)


@pytest.mark.usefixtures("parser")
def test_depth_limit_is_exact() -> None:
    """Twenty levels, the root being the first, are read; twenty-one are not; the limit can be set."""
    assert plain(parse_yaml("a: " + "[" * 19 + "]" * 19, "case.yaml"))
    assert "more than 20 levels" in only("a: " + "[" * 20 + "]" * 20)[0]
    assert "more than 2 levels" in only("a: [\n[1]]", max_depth=2)[0]
    assert only("a: [\n[1]]", max_depth=2)[1] == 2


@pytest.mark.usefixtures("parser")
def test_node_limit_is_exact() -> None:
    """The root, the key, the list and its items count: 50,000 are read, one more is not."""
    items = ",".join(["1"] * 49_997)
    root = parse_yaml(f"a: [{items}]", "case.yaml")
    assert isinstance(root, Table)
    assert only(f"a: [{items},1]") == ("too many values: more than 50,000 keys, values and lists", 1)


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("text", "line"),
    [("a: 1\n---\nb: 2\n", 2), ("a: 1\n...\n---\nb: 2\n", 3), ("---\na: 1\n---\n", 3), ("---\n---\n", 2)],
)
def test_a_second_document_is_refused(text: str, line: int) -> None:
    """Only one document is allowed; the problem is where the second one starts."""
    assert only(text) == ("only one document is allowed in a file ('---' starts a second one)", line)


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("", "the file is empty; expected keys and values", 1),
        (" \n\n", "the file is empty; expected keys and values", 1),
        ("# only a comment\n", "the file holds no values; expected keys and values", 1),
        ("---\n", "the file holds no values; expected keys and values", 1),
        ("~", "the file holds no values; expected keys and values", 1),
        ("\n- a\n", "expected keys and values (key: value) at the top level, not a list", 2),
        ("text", "expected keys and values (key: value) at the top level, not a single value", 1),
        ("''", "expected keys and values (key: value) at the top level, not a single value", 1),
    ],
)
def test_the_root_is_a_mapping(text: str, message: str, line: int) -> None:
    """An empty file, a list and a single value are refused, each in its words."""
    assert only(text) == (message, line)


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a: 1\nb: [1, 2\n", 3, "flow sequence"),
        ("a: 'open\n", 2, "quoted scalar"),
        ("a: b: c\n", 1, "mapping values are not allowed"),
        ("a: 1\n b: 2\n", 2, "mapping values"),
        ("a: @x\n", 1, "cannot start any token"),
        ("a: 1\n\tb: 2\n", 2, ""),
        ('a: "\\q"\n', 1, "unknown escape"),
        ("%YAML 2.0\n---\na: 1\n", 1, "incompatible"),
        ("a: 1\nb\n", 3, "':'"),
    ],
)
def test_syntax_errors_have_line_and_reason(text: str, line: int, word: str) -> None:
    """Invalid YAML is one problem on one line of text, with the line and the parser's reason."""
    message, found = only(text)
    assert message.startswith("not valid YAML: ")
    assert word in message
    assert found is not None
    assert abs(found - line) <= 1  # the two parsers report an unfinished construct at its end or after it


@pytest.mark.usefixtures("parser")
def test_a_tab_as_indentation_is_named() -> None:
    """Indenting with a tab, which no editor shows, is called by its name; other mistakes are not."""
    message, line = only("run:\n\ttokens: 1\n")
    assert line == 2
    assert message.endswith("; indent with spaces, not with tabs")
    assert "tab" not in only("run: @x\n")[0]


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("character", "given"),
    [
        ("\x00", "U+0000"),
        ("\x07", "U+0007"),
        ("\x1b", "U+001B"),
        ("\x7f", "U+007F"),
        ("\x85", "U+0085"),
        ("\u2028", "U+2028"),
        ("\ufeff", "U+FEFF"),
        ("\ud800", "U+D800"),
        ("\uffff", "U+FFFF"),
    ],
)
def test_control_characters_are_refused(character: str, given: str) -> None:
    """A control character is refused as itself and as an escape, with its code point and line."""
    (problem,) = problems(f"a: 1\nb: x{character}y\n")
    assert (problem.message, problem.line) == ("control characters are not allowed", 2)
    assert problem.given == given
    (problem,) = problems(f'a: 1\nb: "\\u{ord(character):04x}"\n')
    assert problem.line == 2
    assert problem.given == given or "Unicode" in problem.message


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("escape", ["\\U00110000", "\\UFFFFFFFF", "\\ud800\\udc00"])
def test_escapes_beyond_unicode_are_refused(escape: str) -> None:
    """An escape that is no character is a problem like any other, not an exception of Python's."""
    assert len(problems(f'a: "{escape}"')) >= 1


@pytest.mark.usefixtures("parser")
def test_mistakes_of_all_kinds_are_reported_together() -> None:
    """Anchors, tags, duplicates, keys and then a syntax error come in one list, in the order of the file."""
    found = problems("a: &x 1\nb: !!int 2\na: 3\n? [k]\n: 4\nc: 'open\n")
    assert [problem.line for problem in found[:4]] == [1, 2, 3, 4]
    assert [problem.message.split(":")[0] for problem in found] == [
        "aliases and anchors are not allowed",
        "tags are not allowed",
        "duplicate key",
        "a key must be a single word or text, not a list or a mapping",
        "not valid YAML",
    ]


@pytest.mark.usefixtures("parser")
def test_fifty_mistakes_are_reported_without_more() -> None:
    """Fifty mistakes are a list of fifty; from the fifty-first on a line says that reading ended."""
    assert len(problems("a: 1\n" * 51)) == 50
    found = problems("a: 1\n" * 5_000)
    assert len(found) == 51
    assert found[-1].message == "more than 50 mistakes: the rest of the file was not read"


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("piece", [*"'\"\\#,% \n\té", "a\n", "a: ", ": ", "|\n", "> ", "- \n", "[]", "a,", "&a "])
def test_repetition_takes_no_time(piece: str) -> None:
    """A file full of one thing is read or refused in seconds: nothing grows with its square."""
    started = time.perf_counter()
    for start in ("", "a: ", "a: [", "a: '"):
        with suppress(InvalidInput):
            parse_yaml((start + piece * 100_000)[:100_000], "case.yaml")
    assert time.perf_counter() - started < 4 * SECONDS
