"""YAML as untrusted input: what is read, what is refused, and that nothing gets past either.

The rules of the format are those of YAML 1.1 (https://yaml.org/spec/1.1/); the alias bomb is "billion laughs"
(https://en.wikipedia.org/wiki/Billion_laughs_attack, variations) and the tags are those of CVE-2020-14343.

Longer than 400 lines: one table of refused inputs, and both parsers of PyYAML run through it.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.base.yamlfile import Items, Node, Scalar, Table, load_yaml, parse_yaml

RELAXED = settings(max_examples=400)
SECONDS = 5  # generous: the whole of 100,000 nested lists takes PyYAML 15 s with libyaml and 110 s without
PARSERS = ["libyaml", "python"]


@pytest.fixture(params=PARSERS)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs a test with libyaml and, as where PyYAML was built without it, with the parser in Python."""
    if request.param == "python":
        monkeypatch.delattr(yaml, "CSafeLoader")
    return str(request.param)


def problems(text: str, **limits: int) -> tuple[Problem, ...]:
    """The problems for which a text is refused."""
    with pytest.raises(InvalidInput) as caught:
        parse_yaml(text, "case.yaml", **limits)
    found = caught.value.problems
    assert all(problem.file == "case.yaml" and str(problem).isprintable() for problem in found)
    return found


def only(text: str, **limits: int) -> tuple[str, int | None]:
    """Message and line of the one problem for which a text is refused."""
    (problem,) = problems(text, **limits)
    return problem.message, problem.line


def plain(node: Node) -> object:
    """The tree as dictionaries, lists and strings."""
    if isinstance(node, Table):
        return {key: plain(value) for key, value in node.entries.items()}
    return [plain(item) for item in node.items] if isinstance(node, Items) else node.text


@pytest.mark.usefixtures("parser")
def test_a_scenario_is_read_with_its_lines() -> None:
    """Every value keeps its text, its line and whether it was quoted; every key keeps its line."""
    text = "# budget\nname: Llama 3\nrun:\n  tokens: 15.6T\n  notes: |\n    first\n    second\ncases: [a, 'b']\n"
    assert parse_yaml(text, "case.yaml") == Table(
        {
            "name": Scalar("Llama 3", 2, quoted=False),
            "run": Table(
                {
                    "tokens": Scalar("15.6T", 4, quoted=False),
                    "notes": Scalar("first\nsecond\n", 5, quoted=True),
                },
                {"tokens": 4, "notes": 5},
                4,
            ),
            "cases": Items((Scalar("a", 8, quoted=False), Scalar("b", 8, quoted=True)), 8),
        },
        {"name": 2, "run": 3, "cases": 8},
        2,
    )


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("text", ["no", "yes", "on", "1e3", "0x1F", "010", "2024-07-23", "1:30", ".nan", "1_000"])
def test_nothing_is_typed_implicitly(text: str) -> None:
    """What YAML 1.1 turns into booleans, octals, dates and base 60 stays the text that was written."""
    assert parse_yaml(f"a: {text}", "case.yaml") == Table({"a": Scalar(text, 1, quoted=False)}, {"a": 1}, 1)
    assert yaml.safe_load(f"a: {text}") != {"a": text} or text == "1e3"


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("written", "null"),
    [
        ("", True),
        ("~", True),
        ("null", True),
        ("Null", True),
        ("NULL", True),
        ("''", False),
        ('"null"', False),
        ("'~'", False),
        ("|\n  null", False),
        ("nil", False),
        ("0", False),
    ],
)
def test_null_is_what_is_unquoted_and_absent(written: str, null: bool) -> None:
    """Empty, ``~`` and ``null`` are null where unquoted (https://yaml.org/type/null.html), and only there."""
    root = parse_yaml(f"a: {written}\n", "case.yaml")
    assert isinstance(root, Table)
    value = root.entries["a"]
    assert isinstance(value, Scalar)
    assert value.is_null is null


def test_line_endings_and_byte_order_mark_do_not_matter(tmp_path: Path) -> None:
    """The same file saved with LF, CRLF or CR, with or without a byte order mark, is the same tree."""
    text = "a: 1\nb:\n  - x\n  - y\n"
    expected = parse_yaml(text, str(tmp_path / "case.yaml"))
    for ending in ("\n", "\r\n", "\r"):
        for mark in (b"", b"\xef\xbb\xbf"):
            (tmp_path / "case.yaml").write_bytes(mark + text.replace("\n", ending).encode())
            assert load_yaml(tmp_path / "case.yaml") == expected
    assert parse_yaml("\ufeff" + text, "case.yaml") == expected
    assert only("\ufeff\ufeff" + text) == ("control characters are not allowed", 1)


@pytest.mark.usefixtures("parser")
def test_markers_of_the_one_document_are_fine() -> None:
    """``---`` before and ``...`` after the only document, a directive and comments change nothing."""
    assert plain(parse_yaml("%YAML 1.1\n--- # start\na: 1\n...\n# end\n", "case.yaml")) == {"a": "1"}


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
def test_the_same_key_in_two_mappings_is_no_duplicate() -> None:
    """Keys need to be unique within their own mapping only, and differ by case."""
    assert plain(parse_yaml("a: {x: 1}\nb: {x: 1}\nA: {a: 1}\n", "case.yaml")) == {
        "a": {"x": "1"},
        "b": {"x": "1"},
        "A": {"a": "1"},
    }


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
def test_printable_text_of_any_language_is_kept() -> None:
    """The control of the above: tabs and line feeds in quotes, accents, CJK and emoji are text."""
    assert plain(parse_yaml('é: "\\t\\n × 训练 🦙"\n', "case.yaml")) == {"é": "\t\n × 训练 🦙"}


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


def test_a_huge_file_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of 100 MB is refused by its size alone: it is never opened; message and limit are in bytes."""
    path = tmp_path / "huge.yaml"
    with path.open("wb") as stream:
        stream.truncate(100_000_000)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the file was opened")

    monkeypatch.setattr(Path, "open", refuse)
    started = time.perf_counter()
    with pytest.raises(InvalidInput) as caught:
        load_yaml(path)
    assert time.perf_counter() - started < 1
    assert str(caught.value) == (
        f"{path}: the file is too large (given: 100,000,000 bytes; allowed: at most 1,000,000 bytes)"
    )


def test_size_limit_is_exact_and_in_bytes(tmp_path: Path) -> None:
    """A file of the limit is read, a byte more is refused; é counts as its two bytes of UTF-8."""
    path = tmp_path / "case.yaml"
    path.write_bytes(b"a: '" + "é".encode() * 10 + b"'\n")
    assert path.stat().st_size == 26
    assert plain(load_yaml(path, max_bytes=26)) == {"a": "é" * 10}
    with pytest.raises(InvalidInput, match=r"26 bytes; allowed: at most 25 bytes"):
        load_yaml(path, max_bytes=25)
    with pytest.raises(InvalidInput, match=r"26 bytes; allowed: at most 25 bytes"):
        parse_yaml(path.read_text("utf-8"), "case.yaml", max_bytes=25)


def test_a_file_that_grew_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that grows between the look at its size and the reading is cut short and refused."""
    path = tmp_path / "case.yaml"
    path.write_text("a: 1\n")
    small = path.stat()
    path.write_text("a: 1\n#" + "é" * 100, "utf-8")  # the cut is at 51 bytes, inside a letter
    monkeypatch.setattr(Path, "stat", lambda _: small)
    with pytest.raises(InvalidInput, match="the file is too large"):
        load_yaml(path, max_bytes=50)


@pytest.mark.parametrize(
    ("data", "given", "line"),
    [
        (b"a: 1\nb: caf\xe9\n", "byte 0xe9 at offset 11", 2),
        (b"\xff\xfea\x00:\x00", "byte 0xff at offset 0", 1),
        (b"a: \xed\xa0\x80", "byte 0xed at offset 3", 1),
        (b"a: 1\r\n\r\nb: \xc0\xaf", "byte 0xc0 at offset 11", 3),
    ],
)
def test_other_encodings_are_refused(tmp_path: Path, data: bytes, given: str, line: int) -> None:
    """Latin-1, UTF-16, surrogates and overlong forms (RFC 3629) are refused at their byte and line."""
    path = tmp_path / "case.yaml"
    path.write_bytes(data)
    with pytest.raises(InvalidInput) as caught:
        load_yaml(path)
    (problem,) = caught.value.problems
    assert problem.message == "the file is not UTF-8 text; save it as UTF-8"
    assert (problem.file, problem.given, problem.line) == (str(path), given, line)


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    """A directory and a pipe (which would block for ever) are refused before they are opened."""
    with pytest.raises(InvalidInput, match="expected a YAML file, but this is a directory"):
        load_yaml(tmp_path)
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(InvalidInput, match="expected a YAML file, but this is not a regular file"):
        load_yaml(tmp_path / "pipe.yaml")


def test_what_cannot_be_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing file, a file as a folder, impossible names and a denied permission say why, with the path."""
    path = tmp_path / "case.yaml"
    path.write_text("a: 1\n")
    for name, reason in [
        ("missing.yaml", "No such file or directory"),
        ("case.yaml/x", "Not a directory"),
        ("x" * 300, "File name too long"),
        ("nul\x00", "null"),
    ]:
        with pytest.raises(InvalidInput, match=f"cannot read the file: .*{reason}") as caught:
            load_yaml(tmp_path / name)
        assert caught.value.problems[0].file == str(tmp_path / name)

    def deny(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)  # a changed mode would not stop a test that runs as root
    with pytest.raises(InvalidInput, match="cannot read the file: Permission denied"):
        load_yaml(path)


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("piece", [*"'\"\\#,% \n\té", "a\n", "a: ", ": ", "|\n", "> ", "- \n", "[]", "a,", "&a "])
def test_repetition_takes_no_time(piece: str) -> None:
    """A file full of one thing is read or refused in seconds: nothing grows with its square."""
    started = time.perf_counter()
    for start in ("", "a: ", "a: [", "a: '"):
        with suppress(InvalidInput):
            parse_yaml((start + piece * 100_000)[:100_000], "case.yaml")
    assert time.perf_counter() - started < 4 * SECONDS


TOKENS = st.sampled_from(
    [
        *"abc:-?[]{},#&*!|>'%@`~09F",
        *(" ", "\n", "\t", "\r\n", "\n  ", "\ufeff", "\x00", "é"),
        *("---\n", "...\n", "%YAML 1.1\n", "%TAG ! x\n"),
        *(": ", "- ", "? ", "a: ", "<<: ", "[a, b]", "{c: d}", "null"),
        *("&a ", "*a ", "!!str ", "!t ", "|2-\n", ">+\n"),
        *("'a'", '"b"', '"', "\\", '"\\u', '"\\U', '"\\x'),
    ]
)


@pytest.mark.parametrize("name", PARSERS)
@RELAXED
@given(text=st.text(max_size=80) | st.lists(TOKENS, max_size=40).map("".join))
@example(text='a: "\\UFFFFFFFF"')
@example(text="[" * 2_000)
@example(text="!<")
@example(text="%TAG ! %zz\n---\na: !b c")
def test_any_text_is_read_or_refused(name: str, text: str) -> None:
    """Whatever the text, it is refused with problems or read as PyYAML's own composer reads it."""
    with pytest.MonkeyPatch.context() as patch:
        if name == "python":
            patch.delattr(yaml, "CSafeLoader")
        try:
            root = parse_yaml(text, "case.yaml")
        except InvalidInput as error:
            refused = error.problems
        else:
            refused = ()
            loader = yaml.BaseLoader if name == "python" else yaml.CBaseLoader
            assert plain(root) == yaml.load(text, Loader=loader)  # noqa: S506 - BaseLoader makes only strings
    assert all(problem.message and str(problem).isprintable() for problem in refused)


@RELAXED
@given(data=st.binary(max_size=80))
def test_any_file_is_read_or_refused(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever the bytes of a file, it is read or refused with problems that name the file."""
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(data)
    try:
        assert isinstance(load_yaml(path), Table)
    except InvalidInput as error:
        refused = error.problems
    else:
        refused = ()
    assert all(problem.file == str(path) for problem in refused)


TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff\ufffe\uffff"))
TREES = st.dictionaries(
    TEXTS,
    st.recursive(
        TEXTS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
        max_leaves=12,
    ),
    min_size=1,
    max_size=4,
)


class _Dumper(yaml.SafeDumper):
    """PyYAML's writer, without anchors for what occurs twice."""

    def ignore_aliases(self, data: object) -> bool:
        """Nothing is written as an alias."""
        del data
        return True


@pytest.mark.parametrize("name", PARSERS)
@RELAXED
@given(tree=TREES, flow=st.booleans())
def test_what_pyyaml_writes_is_read_back(name: str, tree: dict[str, object], flow: bool) -> None:
    """Any tree of printable strings that PyYAML writes, in blocks or in brackets, is read back as it was."""
    text = yaml.dump(tree, Dumper=_Dumper, allow_unicode=True, default_flow_style=flow)
    with pytest.MonkeyPatch.context() as patch:
        if name == "python":
            patch.delattr(yaml, "CSafeLoader")
        assert plain(parse_yaml(text, "case.yaml")) == tree
