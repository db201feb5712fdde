"""The templates: rows that the engine has too, in one unit; what the checker refuses; formulas kept as they are."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from sheetgen.base.resources import template_data, templates_directory
from sheetgen.base.templates import Templates, packaged
from sheetgen.workbook.check import check as check_templates
from sheetgen.workbook.definitions import Definitions, calculated_rows
from sheetgen.workbook.evaluator import CellError, Evaluator
from sheetgen.workbook.formula import FormulaError, check_portable, parse, same, substitute, to_excel, to_words
from sheetgen.workbook.formula import names as names_of
from sheetgen.workbook.template import TemplateError
from tests.support.engines import libreoffice_values
from tests.support.paths import DATA

FORMULAS = DATA / "formulas.txt"
Change = Callable[[dict[str, Any]], None]


# Rows and quantities


def test_helpers_are_those_listed() -> None:
    """What the comparison leaves out: row and column numbers, flags, figures copied from a table, and steps of a count
    whose result is compared."""
    helpers = {key for key, row in calculated_rows().items() if row.helper}

    assert helpers == {
        "qkv_bias_used", "qk_norm_width", "core_repeats", "accelerator_row", "precision_column", "dense_peak_tflops",
        "typed_peak_low", "typed_peak_high", "sparse_matches", "accumulate_tflops",
        "sparse_peak_tflops", "accelerator_memory_gb", "peak_kind", "peak_published", "latent_used", "experts_used",
        "shared_gate_parameters",
        # the sequence and parts of the model
        "vision_used", "class_tokens", "patches_per_side", "position_rows", "embedding_projected", "patch_weights",
        "latent_width", "ffn_biases", "shared_experts_used", "head_transform_weights", "head_width", "head_weights",
        # steps of a count whose result is compared
        "causal_used", "sliding_used", "sliding_pairs_causal", "sliding_pairs_full", "sliding_pairs", "chunk_rest",
        "chunk_square", "chunk_pairs", "mask_share", "sliding_area", "head_flops_per_image", "patch_flops_per_token",
        "head_flops_per_token_of_image", "forward_layers_linear_flops", "outside_layers_flops", "masked_core_flops",
        "area_core_flops", "area_core_flops_per_token", "masked_core_flops_per_token", "attention_dot_products",
        "ffn_dot_products", "shared_dot_products", "moe_dot_products", "transform_outputs", "head_dot_products",
        "outputs_per_image", "outside_dot_products", "forward_products_flops", "chinchilla_blocks_flops",
        # requests
        "mtp_block_parameters", "request_prompt", "request_output", "request_tokens", "full_inference_layers",
        "request_window", "prompt_window", "prompt_rest", "prompt_chunk_square", "prompt_sliding_causal",
        "prompt_sliding_full", "prompt_sliding", "prompt_chunks", "prompt_pairs_full_layer",
        "prompt_pairs_windowed_layer", "whole_window", "whole_rest", "whole_chunk_square", "whole_sliding_causal",
        "whole_sliding_full", "whole_sliding", "whole_chunks", "whole_pairs_full_layer", "whole_pairs_windowed_layer",
        "pair_flops", "cached_numbers", "gpu_price_per_flop",
        # currencies, spread over time, offers, ownership, risk
        "quoted_abroad", "uplift", "term_days", "storage_days", "offer_days", "offer_rate", "offer_exaflop",
        "offer_total",
        "data_sheet_power", "margin_per_hour", "run_multiple", "budget_distance", "full_days_p10", "full_days_p50",
        "full_days_p80", "full_days_p90", "risk_lows", "risk_highs", "certain_confidence", "uncertain", "place_mfu",
        "place_goodput", "place_price", "place_tokens", "place_runs", "same_work", "commitment_used", "optimum_used",
        "modelled_used", "failures_per_second", "least_loss", "ramp_full_days", "exchange_undated",
        # the law
        "law_holds", "loss_of_parameters", "loss_of_tokens", "law_exponents", "law_constant", "products_of_budget",
        "optimal_loss_of_parameters", "optimal_loss_of_tokens",
        # memory
        "sharing_ranks", "own_ranks", "expert_ranks", "key_heads_left", "widths_left", "experts_left",
        "sequence_left", "recipe_spaced", "weights_shared", "gradients_shared", "optimizer_shared",
        "kept_weight_bytes", "kept_gradient_bytes", "movable_bytes", "left_optimizer_bytes", "weights_ranks",
        "weights_expert_ranks", "gradients_ranks", "gradients_expert_ranks", "optimizer_ranks",
        "optimizer_expert_ranks", "live_bytes", "latent_up_weights", "split_by_heads", "split_by_keys",
        "key_shards", "ffn_whole", "shared_split", "head_copy", "head_split", "uncounted", "rank_dense_block",
        "rank_moe_block", "moe_block_parameters", "behind_layers", "both_ways", "dropout_bytes", "head_bytes",
        "narrow_bytes", "exchange_used", "outputs_kept", "scores_bytes", "full_used", "input_fused",
        "input_korthikanti", "input_hf", "input_hf_eager", "heads_fused", "heads_korthikanti", "heads_hf",
        "heads_hf_eager", "inner_fused", "inner_korthikanti", "inner_hf", "inner_hf_eager", "kept_inputs",
        "kept_heads", "kept_inner", "kept_scores", "kept_latents", "kept_exchanged", "expert_copies",
        "expert_activations", "logits_of_a_token", "gathered_input", "inside_dense", "inside_experts",
        "workspace_size", "latent_down_weights", "workspace_attention", "workspace_experts", "even_left",
        "even_each", "counted_left", "counted_each", "counted_used", "listed_used", "listed_spaced",
        "listed_stages", "held_1f1b", "held_gpipe", "held_zb1p", "held_zb2p", "held_dualpipe", "held_anywhere",
        "peak_memory_gb", "heaviest_dense", "heaviest_experts", "heaviest_all", "heaviest_shared",
        "kept_of_a_parameter", "kept_of_gradients", "latent_ends", "grouped_ends", "attention_ends",
        "dense_ends", "experts_ends", "linear_weights", "report_blocks", "report_whole", "report_heads",
        "report_dense_bytes", "report_expert_bytes", "report_per_token", "report_interleaved", "report_flight",
        "report_head", "report_in_flight", "deepspeed_share", "deepspeed_live",
        # checks
        "parameters_outside_layers", "packing_fill", "packing_spread", "image_faults", "image_parts",
        "square_convention", "pairs_uncut", "fewest_pairs",
    }  # fmt: skip


def test_labels_and_sources_are_there() -> None:
    """Every row has a label without spaces around it, and a source that is listed."""
    sources = packaged().lists("sources")
    for key, row in calculated_rows().items():
        assert row.label.strip() == row.label != "", key
        assert row.source is None or row.source in sources, key


@pytest.mark.parametrize("path", sorted(templates_directory().glob("*.yaml")), ids=lambda path: path.stem)
def test_templates_are_read_as_yaml(path: Path) -> None:
    """A template means what PyYAML's safe loader says it means."""
    assert template_data(path.stem) == yaml.safe_load(path.read_text(encoding="utf-8"))


def bare_keys(data: Any) -> list[str]:
    """The keys, at any depth, that have nothing beside them."""
    if isinstance(data, dict):
        return [key for key, value in data.items() if value is None] + bare_keys(list(data.values()))
    return [key for item in data for key in bare_keys(item)] if isinstance(data, list) else []


@pytest.mark.parametrize("path", sorted(templates_directory().glob("*.yaml")), ids=lambda path: path.stem)
def test_no_text_ends_at_a_comma(path: Path) -> None:
    """In ``{help: a, b}`` the text is a, and b a key of its own: such a text needs quotes."""
    assert bare_keys(template_data(path.stem)) == []


def test_a_text_that_ends_at_a_comma_is_found() -> None:
    """Negative control."""
    assert bare_keys(yaml.safe_load("rows: [{key: x, help: Licences, collection}]")) == ["collection"]


# The checker


@pytest.fixture
def check() -> Callable[[str, Change], None]:
    """A function that changes a copy of one template and loads all of them as the product does."""

    def checked(name: str, change: Change) -> None:
        data = {file: packaged().data(file) for file in packaged().files}
        data[name] = copy.deepcopy(data[name])
        change(data[name])
        check_templates(Definitions(Templates(data)))

    return checked


def row_of(data: dict[str, Any], key: str) -> dict[str, Any]:
    """The row of a key in a template's data."""
    found: dict[str, Any] = next(row for part in data["sections"] for row in part["rows"] if row["key"] == key)
    return found


def with_row(key: str, /, **values: str) -> Change:
    """A change that sets entries of a row."""
    return lambda data: row_of(data, key).update(values)


def section_of(data: dict[str, Any], block: str) -> dict[str, Any]:
    """The section that a look-up reads."""
    found: dict[str, Any] = next(part for part in data["sections"] if part.get("block") == block)
    return found


def test_checker_passes_the_templates(check: Callable[[str, Change], None]) -> None:
    """Control: without a change nothing is refused."""
    check("cost", lambda _: None)


@pytest.mark.parametrize(
    ("sheet", "key", "entries", "message"),
    [
        ("cost", "compute_cost", {"formula": "gpu_hours * gpus"}, r"Cost, row compute_cost: the unit is currency"),
        ("cost", "compute_cost", {"unit": "currency/(GPU*h)"}, r"Cost, row compute_cost: the unit is currency/\(GPU"),
        ("cost", "cost_before_tax", {"formula": "compute_cost + gpu_hours"}, r"\+ joins"),
        ("cost", "tax_cost", {"formula": "IF(tax > 0, compute_cost, tokens)"}, r"IF joins"),
        ("time", "mfu", {"formula": "training_seconds + gpus"}, r"'training_seconds' is not a key of an earlier row"),
        ("time", "training_seconds", {"formula": "training_flops * cluster_flops"}, r"the unit is s, the formula"),
        ("time", "end_date", {"formula": "start_date + gpus"}, r"\+ joins"),
        ("cost", "tax_cost", {"formula": "cost_before_taxes * tax"}, r"'cost_before_taxes' is not a key"),
        ("cost", "tax_cost", {"key": "compute_cost"}, r"Cost, row compute_cost: the key is used twice"),
        ("cost", "tax_cost", {"key": "gpus"}, r"Cost, row gpus: the key is used twice"),
        ("cost", "tax_cost", {"source": "hearsay"}, r"Cost, row tax_cost: unknown source 'hearsay'"),
        ("cost", "tax_cost", {"unit": "furlong"}, r"Cost, row tax_cost: .*furlong"),
        ("cost", "tax_cost", {"formulas": "1"}, r"Cost, row tax_cost: unknown \['formulas'\]"),
        ("cost", "tax_cost", {"formula": "cost_before_tax *"}, r"Cost, row tax_cost: cannot be parsed"),
        ("time", "mfu", {"formula": "INDEX(block_speeds, 1)"}, r"Time, row mfu: .*speeds"),
        ("time", "mfu", {"formula": "INDEX(table_prices, 1)"}, r"Time, row mfu: .*table_prices"),
        ("time", "precision_column", {"formula": "MATCH(precision, list_bits, 0)"}, r"precision_column: .*list_bits"),
    ],
)  # fmt: skip
def test_checker_refuses(
    check: Callable[[str, Change], None], sheet: str, key: str, entries: dict[str, str], message: str
) -> None:
    """A unit that does not follow, an unknown or later key, a key used twice: refused with sheet, key and reason."""
    with pytest.raises(TemplateError, match=message):
        check(sheet, with_row(key, **entries))


@pytest.mark.parametrize(
    "function",
    [
        "XLOOKUP",
        "LET",
        "TEXT",
        "OFFSET",
        "INDIRECT",
        "IFERROR",
        "NOW",
        "TODAY",
        "RAND",
        "CEILING",
        "NPV",
        "VLOOKUP",
        "FOO",
    ],
)
def test_checker_names_the_function(check: Callable[[str, Change], None], function: str) -> None:
    """A function that spreadsheet programs do not share is refused by its name."""
    with pytest.raises(TemplateError, match=rf"Cost, row tax_cost: function {function} is outside the portable subset"):
        check("cost", with_row("tax_cost", formula=f"cost_before_tax * {function}(tax, 1)"))


@pytest.mark.parametrize("formula", ["-tax^2", "tax^2", "tax & currency", "tax%", "{1, 2}", "TRUE", "#REF!"])
def test_checker_refuses_constructs(check: Callable[[str, Change], None], formula: str) -> None:
    """Operators and literals that programs read differently are refused."""
    with pytest.raises(TemplateError, match="Cost, row tax_cost"):
        check("cost", with_row("tax_cost", formula=formula))


@pytest.mark.parametrize("missing", ["key", "label", "unit", "formula", "source"])
def test_checker_wants_every_entry(check: Callable[[str, Change], None], missing: str) -> None:
    """A row without one of its five entries is refused."""

    def change(data: dict[str, Any]) -> None:
        del row_of(data, "tax_cost")[missing]

    with pytest.raises(TemplateError, match=rf"missing \['{missing}'\]"):
        check("cost", change)


@pytest.mark.parametrize("block", ["forward_flops", "training_flops", "attention_core", "layer_forward"])
def test_checker_wants_the_order_of_the_choices(check: Callable[[str, Change], None], block: str) -> None:
    """Rows that a choice looks up stand in the order of the choices: two exchanged, or one too few, are refused."""

    def exchange(data: dict[str, Any]) -> None:
        rows = section_of(data, block)["rows"]
        rows[1], rows[2] = rows[2], rows[1]

    def shorten(data: dict[str, Any]) -> None:
        del section_of(data, block)["rows"][-1]

    for change in (exchange, shorten):
        with pytest.raises(
            TemplateError, match=r"not labelled with flops_convention, in order|not a key of an earlier"
        ):
            check("flops", change)


# Formulas


def fixtures() -> list[tuple[str, str | None]]:
    """The lines of formulas.txt: formula, and value where one is given."""
    found: list[tuple[str, str | None]] = []
    for line in FORMULAS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            formula, given, value = line.partition(" ; ")
            found.append((formula, value if given else None))
    return found


@pytest.mark.parametrize("formula", [formula for formula, _ in fixtures()])
def test_formula_is_kept(formula: str) -> None:
    """A formula parsed and written is the same text, and says the same when parsed again."""
    tree = parse(formula)

    assert to_excel(tree) == formula
    assert same(parse(f"={to_excel(tree)}"), tree)
    check_portable(tree, formula)


@pytest.fixture(scope="module")
def formula_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str]]]:
    """One file with the formulas that have a value in column A of sheet Formulas; the data stand on sheet Data."""
    path = tmp_path_factory.mktemp("formulas") / "formulas.xlsx"
    pairs = [(formula, value) for formula, value in fixtures() if value is not None]
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "Data"
    for row in ((2, 10, "a", "OK"), (3, 20, "b", "FAIL"), (5, 30, "c", "OK")):
        book.active.append(row)
    sheet = book.create_sheet("Formulas")
    for row_number, (formula, _) in enumerate(pairs, start=1):
        sheet.cell(row_number, 1, f"={to_excel(parse(formula))}")
    book.save(path)
    return path, pairs


def expected(value: str) -> object:
    """A number where the text is one, to 1e-12."""
    try:
        return pytest.approx(float(value), rel=1e-12)
    except ValueError:
        return value


def test_formulas_have_their_values_by_the_evaluator(formula_file: tuple[Path, list[tuple[str, str]]]) -> None:
    """The product's evaluator gives each formula the value worked by hand."""
    path, pairs = formula_file
    evaluator = Evaluator.from_bytes(path.read_bytes())
    evaluator.recalculate()

    assert len(pairs) >= 40
    for row, (formula, value) in enumerate(pairs):
        found = evaluator.value("Formulas", row, 0)
        assert not isinstance(found, CellError), formula
        assert found == expected(value), formula


def test_formulas_have_their_values_by_libreoffice(
    formula_file: tuple[Path, list[tuple[str, str]]], tmp_path: Path
) -> None:
    """LibreOffice gives each formula the same value."""
    path, pairs = formula_file
    (values,) = libreoffice_values([path], tmp_path)

    for row, (formula, value) in enumerate(pairs, start=1):
        assert values["Formulas", f"A{row}"] == expected(value), formula


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("1+2*3", "1 + 2 * 3", True),
        ("(1 + 2)", "1 + 2", True),
        ("1 + (2 + 3)", "1 + 2 + 3", False),
        ("SUM( $a$1:$A$3 )", "SUM($A$1:$A$3)", True),
        ("sum(A1)", "SUM(A1)", True),
        ("'Data'!A1", "Data!A1", True),
        ("1000000", "1E+06", True),
        ("A1", "$A$1", False),
        ("A1", "A2", False),
        ('IF(A1 = "a", 1, 2)', 'IF(A1 = "A", 1, 2)', False),
        ("A1 - A2", "A2 - A1", False),
        ("MAX(A1, A2)", "MIN(A1, A2)", False),
    ],
)
def test_same_compares_meaning_and_not_spelling(one: str, other: str, equal: bool) -> None:
    """Spaces, case of names, quotes and number spelling do not count; operands, order and anchors do."""
    assert same(parse(one), parse(other)) is equal


@pytest.mark.parametrize("text", ["", "1 +", "(1", "SUM(1", '"open', "1 2", "=", "A1:", "* 2"])
def test_what_is_no_formula_is_refused(text: str) -> None:
    """Text that is no formula is a FormulaError that shows it."""
    with pytest.raises(FormulaError):
        parse(text)


def test_names_and_substitution() -> None:
    """Names come once, in order; a name replaced by a sum keeps the meaning through parentheses."""
    tree = parse("price * hours * (1 + share) + price")

    assert names_of(tree) == ["price", "hours", "share"]
    put = substitute(tree, {"hours": parse("days * 24 + rest")}.get)
    assert to_excel(put) == "price * (days * 24 + rest) * (1 + share) + price"


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("gpu_hours * price", "GPU-hours × price"),
        ("a - b / c", "a − b ÷ c"),
        ('IF(peak = "sparse", a, b)', "if peak = “sparse” then a else b"),
        ("ABS(a - b) <= c", "|a − b| ≤ c"),
    ],
)
def test_formula_in_words(formula: str, words: str) -> None:
    """The reader's form has labels, ×, ÷ and − and no function names where a word does."""
    assert to_words(parse(formula), lambda name: {"gpu_hours": "GPU-hours"}.get(name, name)) == words
