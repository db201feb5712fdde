"""YAML as untrusted input: what is read, what is refused, and that nothing gets past either.

The rules of the format are those of YAML 1.1 (https://yaml.org/spec/1.1/); the alias bomb is "billion laughs"
(https://en.wikipedia.org/wiki/Billion_laughs_attack, variations) and the tags are those of CVE-2020-14343.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sheetgen.base.errors import InvalidInput
from sheetgen.base.yamlfile import Items, Scalar, Table, load_yaml, parse_yaml
from tests.support.yaml_text import PARSERS, only, plain

RELAXED = settings(max_examples=400)


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
def test_the_same_key_in_two_mappings_is_no_duplicate() -> None:
    """Keys need to be unique within their own mapping only, and differ by case."""
    assert plain(parse_yaml("a: {x: 1}\nb: {x: 1}\nA: {a: 1}\n", "case.yaml")) == {
        "a": {"x": "1"},
        "b": {"x": "1"},
        "A": {"a": "1"},
    }


@pytest.mark.usefixtures("parser")
def test_printable_text_of_any_language_is_kept() -> None:
    """The control of the above: tabs and line feeds in quotes, accents, CJK and emoji are text."""
    assert plain(parse_yaml('é: "\\t\\n × 训练 🦙"\n', "case.yaml")) == {"é": "\t\n × 训练 🦙"}


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
