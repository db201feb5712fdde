"""Reviewer's checklist, chapter C: inputs.

Item 20: some inputs move no result of their own case, and the test lists them with the reason: the thresholds of
checks, which only move a check's word; names and quotes, which are only shown; and with an undisclosed architecture
(GPT-4) the sizes of its layers, each of which multiplies zeros. The two efficiency figures that the basis does not use
are results elsewhere: they move their row on sheet Time and nothing behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from tests.conftest import Breaker
from tests.support.columns import key_index
from tests.support.edits import edit_parts, set_cells
from tests.support.package import Book, ErrorValue, Value, read_book
from tests.support.paths import TEMPLATES
from tests.support.reviewer import c_inputs, layout
from tests.support.reviewer.controls import Check, Control, fired
from tests.support.reviewer.recalculation import opened

SCHEMA = TEMPLATES / "inputs.yaml"
RESULTS = {*layout.CALCULATIONS, "Actuals", "Steps"} - {"Cases"}
THRESHOLDS = {"mfu_review_low", "mfu_review_high", "check_tolerance", "price_age_limit"}
ONLY_SHOWN = {
    "scenario", "requester", "purpose", "model", "price_source", "risk_1", "risk_2", "risk_3",
    "exclusion_1", "exclusion_2", "model_notes",
}  # fmt: skip
TYPED_MFU, TYPED_GOODPUT = {"risk_mfu_low", "risk_mfu_high"}, {"risk_goodput_low", "risk_goodput_high"}
OF_RANGES = {  # a range is typed or published; a goodput of 94 % over that of the budget is 100 % at most
    "deepseek-v3": TYPED_GOODPUT | {"published_goodput_high", "mfu_range", "published_mfu_low"},  # no run is near
    "vit-l16": TYPED_GOODPUT | {"published_goodput_high", "mfu_range", "published_mfu_low"},
    "gemma-2-9b": TYPED_MFU | TYPED_GOODPUT | {"published_goodput_high"},
    "gpt4-epoch": TYPED_MFU | TYPED_GOODPUT  # and its FLOPs are quoted, whatever the tokens
    | {"published_goodput_high", "risk_tokens_low", "risk_tokens_high"},
    "procurement-70b": {"published_mfu_low", "published_mfu_high", "published_goodput_low", "published_goodput_high",
                        "confidence_wanted"},  # not reached either way
}  # fmt: skip
OF_CONVERSION = {"exchange_source", "quote_currency"}  # words: which they are matters once there is a conversion
ZERO_WITHOUT_LAYERS = {
    "n_layers", "d_model", "n_kv_heads", "head_dim", "d_ff", "vocab_size", "learned_positions", "norms_per_layer",
    "tied_embeddings", "attention_output_bias", "ffn_bias", "qk_norm",
}  # fmt: skip
NOTHING_WITHOUT_LAYERS = {
    "attention", "n_experts", "embedding_norm", "final_norm", "attention_mask", "kv_bytes", "attention_sinks",
    "token_types", "head", "head_transform", "head_bias",
}  # fmt: skip
OF_A_TYPED_LAW = {
    "law_irreducible_loss", "law_parameter_scale", "law_parameter_exponent", "law_token_scale", "law_token_exponent",
}  # fmt: skip
"""The law in force is a published one."""
OF_LONG_MODELS = {"max_context_length"}  # made for more than they are trained on
OF_LATENT_ATTENTION = {"q_lora_rank", "kv_lora_rank", "qk_nope_dim", "qk_rope_dim", "v_head_dim"}
OF_GROUPED_ATTENTION = {"n_kv_heads", "head_dim", "qk_norm"}
OF_EXPERTS = {
    "experts_per_token",
    "expert_d_ff",
    "shared_expert_d_ff",
    "shared_expert_gate",
    "dense_layers",
    "router_bias",
    "expert_bias",
}
OF_SHARED_EXPERTS = {"shared_expert_gate"}
OF_IMAGES = {"images", "epochs", "global_batch_images", "class_token"}
OF_TEXT = {
    "tokens", "context_length", "global_batch_tokens", "learned_positions", "tied_embeddings", "prompt_tokens",
    "output_tokens", "kv_bytes",
}  # fmt: skip
OF_PARTS_ABSENT = {  # what speaks of a part that the base has not
    "packed_mean_square": "packed_documents",
    "window_kind": "windowed_layers",
    "mtp_logits": "mtp_layers",
    "position_embedding": "learned_positions",
    "egress_price": "egress_tb",
    "storage_price": "storage_months",
    "spot_overhead": "spot_share",
}
INPUTS = "Inputs"

CONTROLS = [
    Control(c_inputs.rows_are_complete, INPUTS, "goodput C", r"<v>\d+</v>", ""),
    Control(c_inputs.rows_are_complete, INPUTS, "goodput M", r"<v>.*?</v>", ""),
    Control(c_inputs.provenance_is_stated, INPUTS, "seconds_per_hour K", r"<v>\d+</v>", ""),
    Control(c_inputs.provenance_is_stated, INPUTS, "price_date D", r"<v>\d+</v>", "", frozenset({"rows_are_complete"})),
    Control(
        c_inputs.lists_are_ranges, INPUTS, "", r"<formula1>Choices!.*?</formula1>", '<formula1>"yes,no"</formula1>'
    ),
    Control(c_inputs.lists_are_ranges, INPUTS, "peak D", r"<v>\d+</v>", "<v>0</v>"),
    Control(c_inputs.only_inputs_are_unlocked, "xl/styles.xml", "", 'locked="0"', 'locked="1"'),
    Control(
        c_inputs.inputs_stand_out, "xl/styles.xml", "", r'(<font><sz val="9"/><color rgb=")FF0000FF', r"\1FF000000"
    ),
    Control(
        c_inputs.fractions_are_percent, "xl/styles.xml", "", "0.0##%", "0.0##", frozenset({"formats_show_the_value"})
    ),
    Control(c_inputs.fractions_are_percent, INPUTS, "", r'(promptTitle="Goodput, typed" prompt=")[^"]*', r"\1Share."),
    Control(
        c_inputs.formats_show_the_value,
        "xl/styles.xml",
        "",
        "#,##0.00####",
        "#,##0",
    ),
    Control(c_inputs.look_ups_are_exact, "Time", "precision_column D", r", 0\)", ", 1)"),
    Control(c_inputs.look_ups_are_exact, "Accelerators", "B7", r"<v>\d+</v>", "<v>@B6@</v>"),
]


@pytest.fixture(scope="module")
def schema() -> Mapping[str, Mapping[str, Any]]:
    """Every input of the schema by its key."""
    sections = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))["sections"]
    return {
        row["key"]: row | ({"sheet": section["sheet"]} if "sheet" in section else {})
        for section in sections
        for row in section.get("inputs", ())
    }


@pytest.mark.parametrize("check", c_inputs.CHECKS, ids=lambda check: check.__name__)
def test_inputs_hold(check: Check, book: Book) -> None:
    """Items 21, 22, 25 to 29, 31: what each check of chapter C promises holds on every sample."""
    assert check(book) == []


def test_numbers_and_validations_follow_the_schema(book: Book, schema: Mapping[str, Mapping[str, Any]]) -> None:
    """Items 20, 23, 24: every input of the schema is one row, a number where it is one, validated with its bounds."""
    there = {sheet.name.lower() for sheet in book.sheets}
    wanted = [key for key, row in schema.items() if row.get("sheet", "").replace("_", "") in there | {""}]
    assert sorted(row.key for row in layout.input_rows(book)) == sorted(wanted)
    assert c_inputs.numbers_are_numbers(book, schema) == []
    assert c_inputs.validations_hold_the_bounds(book, schema) == []


@pytest.mark.parametrize("control", CONTROLS, ids=str)
def test_broken_inputs_are_found(control: Control, llama: Book, break_copy: Breaker) -> None:
    """Items 21 to 31, negative control: the broken copy fires its check, and no other but those named."""
    if "@B6@" in control.new:
        first = layout.sheet(llama, "Accelerators").by_address["B6"].raw
        control = control._replace(new=f"<v>{first}</v>", also=frozenset({"lists_are_ranges"}))
    assert fired(c_inputs.CHECKS, llama, break_copy(control)) == {control.check.__name__} | control.also


@pytest.mark.parametrize("name", ["xl/comments1.xml", "xl/threadedComments/threadedComment1.xml"])
def test_comments_are_found(name: str, llama: Book, tmp_path: Path) -> None:
    """Item 21, negative control: a comment, old or threaded, is found, and by no other check."""
    edit_parts(llama.path, tmp_path / "commented.xlsx", {}, add={name: b"<comments/>"})
    assert fired(c_inputs.CHECKS, llama, read_book(tmp_path / "commented.xlsx")) == {"no_comments"}


@pytest.mark.parametrize(
    ("key", "old", "new", "said"),
    [
        ("tokens D", '( s="[0-9]+")><v>.*?</v>', r'\1 t="inlineStr"><is><t>15,600</t></is>', "number"),
        ("", 'sqref="D55:I55"', 'sqref="D55:E55"', "bounds"),
        ("", "<formula2>1</formula2>", "<formula2>2</formula2>", "bounds"),
        ("", ' showErrorMessage="1"', "", "bounds"),
        ("", '<dataValidation type="decimal"', '<dataValidation type="decimal" errorStyle="warning"', "bounds"),
        ("goodput O", "<v>1</v>", "<v>0.99</v>", "bounds"),
    ],
)
def test_broken_numbers_and_validations_are_found(
    key: str, old: str, new: str, said: str, break_copy: Breaker, schema: Mapping[str, Mapping[str, Any]]
) -> None:
    """Items 23, 24, negative control: text for a number, a validation that is short, wider, silent or soft."""
    broken = break_copy(Control(c_inputs.no_comments, INPUTS, key, old, new))
    assert bool(c_inputs.numbers_are_numbers(broken, schema)) == (said == "number")
    assert bool(c_inputs.validations_hold_the_bounds(broken, schema)) == (said == "bounds")


def quiet_inputs(book: Book) -> set[str]:
    """The inputs that move no result in any cell when the base's value is changed, each kind in its own way.

    A number grows by a tenth and stays within its bounds, a zero becomes its maximum's share or 1, a date moves by 40
    days, and a choice runs through all others of its list.
    """
    workbook, page = opened(book.path), layout.sheet(book, INPUTS)
    before = {key: value for key, value in workbook.values().items() if key[0] in RESULTS}
    maximum = layout.head_column(page, "Maximum")
    found = set()
    for key, row, columns in layout.input_rows(book):
        cell, most = layout.cell(page, row, columns[0]), layout.cell(page, row, maximum)
        assert cell is not None
        for value in other_values(book, key, row, columns[0], cell.value, most.value if most else None):
            with workbook.trial({(INPUTS, cell.address): value}):
                if workbook.differs(before):
                    break
        else:
            found.add(key)
    return found


def other_values(
    book: Book, key: str, row: int, column: int, value: Value | None, most: Value | None
) -> list[float | str]:
    """What to type instead."""
    if isinstance(value, str):
        rule = c_inputs.validation(layout.sheet(book, INPUTS), row, column)
        return [choice for choice in c_inputs.choices(book, rule) if choice != value] or [f"{value} x"]
    assert isinstance(value, float)
    assert isinstance(most, float)
    if key.endswith("date") or key == "as_of":
        return [value + 40, value - 40]
    if value == 0:
        return [1.0]
    whole = value == int(value) and value > 1
    more = value + max(1.0, value // 10) if whole else value * 1.1
    return [more if more <= most else value * 0.9]


def base_input(book: Book, key: str) -> float | str | bool | None:
    """What the base's cell of an input holds."""
    page = layout.sheet(book, INPUTS)
    cell = layout.cell(page, layout.key_rows(page)[key], layout.FIRST_CASE)
    assert cell is not None
    return cell.value


@pytest.mark.parametrize("name", ["deepseek-v3", "gemma-2-9b", "gpt4-epoch", "procurement-70b", "vit-l16"])
def test_every_input_moves_a_result(name: str, read_samples: Mapping[str, Book]) -> None:
    """Item 20: changing an input changes a result; those that do not are listed above with the reason.

    On a sample of each kind: latent attention and experts, windows, an undisclosed model, every sheet, images.
    """
    book = read_samples[name]
    always, quiet = THRESHOLDS | ONLY_SHOWN, quiet_inputs(book)
    latent = base_input(book, "attention") == "mla"
    absent = OF_GROUPED_ATTENTION if latent else OF_LATENT_ATTENTION
    absent |= OF_SHARED_EXPERTS if base_input(book, "n_experts") else OF_EXPERTS
    vision = base_input(book, "workload") == "vision"
    absent |= OF_TEXT if vision else OF_IMAGES
    absent |= {key for key, part in OF_PARTS_ABSENT.items() if not base_input(book, part) and not vision}
    absent |= OF_CONVERSION | OF_LONG_MODELS | OF_A_TYPED_LAW | {"price_term_months"}  # no sample is priced for a term
    absent |= OF_RANGES[name]
    if vision or name == "gemma-2-9b":
        absent |= {"deposit"}  # paid and returned in one month: the run takes less
    if vision:
        absent |= {"packed_mean_square", "window_kind", "mtp_logits"}
    if book.path.stem == "gpt4-epoch":
        absent |= ZERO_WITHOUT_LAYERS | NOTHING_WITHOUT_LAYERS
    if book.path.stem == "deepseek-v3":
        absent |= {"as_of", "price_date", "uncounted_part"}  # its price is two years old, and a part is not counted
    assert always <= quiet
    assert quiet - always - absent == set()


def test_thresholds_move_their_checks(llama: Book) -> None:
    """Item 20: a threshold moves the check that it is for, once the figure lies beyond it."""
    book, page = opened(llama.path), layout.sheet(llama, INPUTS)
    rows, checks = layout.key_rows(page), layout.key_rows(layout.sheet(llama, "Checks"))
    for key, value in (("mfu_review_low", 0.5), ("mfu_review_high", 0.3)):
        with book.trial({(INPUTS, f"D{rows[key]}"): value}):
            assert book.value("Checks", f"D{checks['check_mfu_usual']}") == "REVIEW"


def test_an_input_typed_over_would_be_seen(llama: Book, tmp_path: Path) -> None:
    """Item 20, negative control: with the goodput of every case typed over on sheet Cases, the input is quiet."""
    row = layout.key_rows(layout.sheet(llama, "Cases"))["goodput"]
    typed = {("Cases", layout.address(row, column)): 0.9 for column in layout.case_columns(llama)}
    set_cells(llama.path, tmp_path / "typed.xlsx", typed)
    assert "goodput" in quiet_inputs(read_book(tmp_path / "typed.xlsx"))


def test_missing_accelerator_is_a_named_check(book: Book) -> None:
    """Item 31: an accelerator that is not in the table gives FAIL in its own check and no error in any cell."""
    workbook = opened(book.path)
    row = layout.key_rows(layout.sheet(book, INPUTS))["accelerator"]
    check = layout.key_rows(layout.sheet(book, "Checks"))["check_accelerator_listed"]
    with workbook.trial({(INPUTS, f"D{row}"): "none such"}):
        assert workbook.errors() == []
        assert workbook.value("Checks", f"D{check}") == "FAIL"
        assert not isinstance(workbook.value("About", "C2"), ErrorValue)


def test_no_constant_is_rounded_away(built_samples: Mapping[str, Path]) -> None:
    """Item 29 for constants: half of the square is shown as 0.5 and not as 1, the last day as a date."""
    page = openpyxl.load_workbook(built_samples["llama405b"])["Inputs"]
    cells = {row[key_index(page)].value: row[3] for row in page.iter_rows() if row[key_index(page)].value}
    assert cells["causal_fraction"].value == 0.5
    assert cells["causal_fraction"].number_format.endswith("#,##0.0#####")
    assert cells["last_day"].number_format == "yyyy-mm-dd"
    assert cells["tokens_per_million"].number_format.endswith("#,##0")
