"""The command line as a user meets it: what each command prints, writes and ends with."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import click
import pytest

from sheetgen.cli.main import main
from tests.support.command import invoked as run
from tests.support.edits import set_cells
from tests.support.package import formula_cells, read_book
from tests.support.paths import SAMPLES

LLAMA, GPT4 = SAMPLES["llama405b"], SAMPLES["gpt4-epoch"]
FOLDER = LLAMA.parent
COMMANDS = (
    "new",
    "import",
    "build",
    "verify",
    "diff",
    "export",
    "recalc",
    "estimate",
    "explain",
    "plan",
    "compare",
    "pdf",
    "keygen",
    "seal",
    "evidence",
    "mfu",
    "models",
    "gpus",
    "prices",
    "fields",
    "schema",
)

# Llama 3.1 405B counted from its config.json (Hugging Face, meta-llama/Llama-3.1-405B): L 126, h 16384, 128 heads of
# 128, 8 key-value heads, f 53248, V 128256, untied, two RMSNorms a layer and one at the end.
LLAMA_LAYER = 2 * 16384**2 + 2 * 16384 * 8 * 128 + 3 * 16384 * 53248 + 2 * 16384
LLAMA_PARAMETERS = 405_853_388_800
KEYS = (
    "parameters", "active_parameters", "embedding_parameters", "forward_flops_per_token", "training_flops_per_token",
    "training_flops", "hardware_flops", "peak_flops_per_gpu", "mfu", "hfu", "achieved_flops_per_gpu",
    "tokens_per_second", "training_seconds", "calendar_days", "gpu_hours", "compute_cost", "total_cost",
    "cost_per_million_tokens", "training_flops_6nd", "training_flops_kaplan", "training_flops_chinchilla",
    "training_flops_palm", "training_flops_megatron", "training_flops_exact", "training_flops_8nt",
)  # fmt: skip


def estimated(scenario: Path) -> dict[str, dict[str, float | str]]:
    """The values of ``estimate --format json`` by case and key."""
    cases = json.loads(run("estimate", "--scenario", scenario, "--format", "json").stdout)["cases"]
    return {case["name"]: {key: entry["value"] for key, entry in case["quantities"].items()} for case in cases}


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of the Llama sample."""
    path = tmp_path_factory.mktemp("cli") / "llama.xlsx"
    run("build", "--scenario", LLAMA, "-o", path)
    return path


@pytest.fixture(scope="module")
def llama() -> dict[str, dict[str, float | str]]:
    """The estimate of the Llama sample by case and key."""
    return estimated(LLAMA)


class TestHelp:
    """Every command and option explains itself."""

    def test_commands(self) -> None:
        """The group lists all commands in the order of a session, and the exit codes."""
        text = run("--help").stdout
        places = [text.index(f"\n  {name} ") for name in COMMANDS]
        assert places == sorted(places)
        assert tuple(main.commands) == COMMANDS
        codes = "Exit codes: 0 agrees or done, 1 disagrees or invalid input, 2 wrong usage, 3 could not verify."
        assert codes in " ".join(text.split())

    @pytest.mark.parametrize("name", COMMANDS)
    def test_command(self, name: str) -> None:
        """A command's help says what it does, and what each of its options does; -h is --help."""
        command = main.commands[name]
        assert command.help
        text = " ".join(run(name, "--help").stdout.split()).replace("GPU- hour", "GPU-hour")  # it may end a line
        assert text == " ".join(run(name, "-h").stdout.split()).replace("GPU- hour", "GPU-hour")
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help
                assert max(option.opts, key=len) in text
                assert " ".join(option.help.split()) in text

    def test_version(self) -> None:
        """--version prints the version alone on a line."""
        assert run("--version").stdout == "sheetgen, version 0.4.0\n"

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["buidl"], "No such command 'buidl'"),
            (["build", "-o", "a.xlsx"], "Missing option '--scenario'"),
            (["build", "--scenario", "a.yaml"], "Missing option '--output'"),
            (["estimate", "--scenario", "a.yaml", "--format", "xml"], "'xml' is not one of 'table', 'json', 'csv'"),
            (["verify"], "Missing argument 'WORKBOOK'"),
            (["models", "--catalogue", "no-such-directory"], "'no-such-directory' does not exist"),
            (["gpus", "--outptu"], "No such option '--outptu'"),
        ],
    )
    def test_wrong_usage(self, arguments: Sequence[str], message: str) -> None:
        """Wrong usage ends with 2 and says what is wrong on standard error."""
        result = run(*arguments, code=2)
        assert message in result.stderr
        assert result.stdout == ""


class TestBuildAndVerify:
    """From a scenario to a workbook and back."""

    def test_build(self, tmp_path: Path) -> None:
        """``build`` names the file and the number of cases; --quiet prints nothing."""
        loud, quiet = tmp_path / "loud.xlsx", tmp_path / "quiet.xlsx"
        assert run("build", "--scenario", LLAMA, "--output", loud).stdout.startswith(f"{loud} written: 6 cases")
        assert run("--quiet", "build", "--scenario", LLAMA, "--output", quiet).output == ""
        assert loud.read_bytes() == quiet.read_bytes()

    def test_build_replaces_older_output(self, workbook: Path, tmp_path: Path) -> None:
        """An existing workbook is replaced, and nothing else is left in its directory."""
        target = tmp_path / "budget.xlsx"
        target.write_bytes(b"older")
        run("build", "--scenario", LLAMA, "-o", target)
        assert target.read_bytes() == workbook.read_bytes()
        assert list(tmp_path.iterdir()) == [target]

    def test_rounding_is_no_disagreement(self, tmp_path: Path) -> None:
        """Figures that differ in the last bit of a double neither stop the build nor fail an untouched workbook."""
        scenario, book = tmp_path / "a.yaml", tmp_path / "a.xlsx"
        models = ("llama-3.1-8b", "falcon-40b", "gpt2-medium", "gpt-neox-20b", "smollm3-3b")
        cases = [(model, tokens) for model in models for tokens in ("15.6T", "300B", "1.23456789T")]
        text = LLAMA.read_text().partition("base_case")[0]
        text = text.replace("context_length: 8192", "context_length: 1024")  # the positions that GPT-2 has
        rows = [f"  - {{name: {model} {tokens}, model: {model}, tokens: {tokens}}}\n" for model, tokens in cases]
        scenario.write_text(f"{text}\ncases:\n{''.join(rows)}")
        run("build", "--scenario", scenario, "-o", book)
        assert len(json.loads(run("verify", book, "--format", "json").stdout)["cases"]) == 1 + len(cases)

    def test_verify(self, workbook: Path) -> None:
        """An untouched workbook agrees: exit 0, every formula poisoned and compared, cases and verdict named."""
        result = run("verify", workbook)
        formulas = len(formula_cells(workbook))
        assert formulas > 1000
        assert f"{formulas:,} cached values poisoned, none read back" in result.stdout
        assert "H100, MFU 41%" in result.stdout
        assert result.stdout.endswith(f"{workbook}: agrees\n")
        assert run("--quiet", "verify", workbook).stdout == f"{workbook}: agrees\n"

    def test_verify_json(self, workbook: Path) -> None:
        """The JSON verdict of a good workbook: agrees, six cases, no findings."""
        verdict = json.loads(run("verify", workbook, "--format", "json").stdout)
        assert verdict["agrees"] is True
        assert len(verdict["cases"]) == 6
        assert verdict["canary"] == {"poisoned_cells": len(formula_cells(workbook)), "read_back": 0}
        assert not verdict["mismatches"] + verdict["mismatches_with_inputs_moved"] + verdict["overwritten_formulas"]
        assert verdict["inputs_edited_since_build"] is False

    def test_overwritten_formula_disagrees(self, workbook: Path, tmp_path: Path) -> None:
        """A number typed over the total cost ends with 1 and names sheet, cell, key and both contents."""
        edited = tmp_path / "edited.xlsx"
        place = labelled_cell(workbook, "Cost", "total_cost")
        set_cells(workbook, edited, {("Cost", place): 1000.0})
        result = run("verify", edited, code=1)
        assert f"Overwritten formula: Cost!{place}" in result.stdout
        assert "(total_cost)" in result.stdout
        assert "the constant 1000" in result.stdout
        assert result.stdout.endswith(f"{edited}: DOES NOT AGREE\n")
        verdict = json.loads(run("verify", edited, "--format", "json", code=1).stdout)
        assert verdict["agrees"] is False
        assert verdict["overwritten_formulas"][0]["cell"] == place

    def test_edited_input_agrees_and_is_listed(self, workbook: Path, tmp_path: Path) -> None:
        """A changed input is no disagreement: exit 0, and with the scenario the edit is listed."""
        edited = tmp_path / "edited.xlsx"
        set_cells(workbook, edited, {("Inputs", labelled_cell(workbook, "Inputs", "gpus")): 8192.0})
        result = run("verify", edited, "--scenario", LLAMA)
        assert "Inputs edited since build: yes" in result.stdout
        assert "gpus in case H100, MFU 41%: 16,384 is now 8,192" in result.stdout

    @pytest.mark.parametrize("name", ["missing.xlsx", "llama405b.yaml", "."])
    def test_no_verdict(self, name: str) -> None:
        """A missing file, a text file and a directory end with 3, one line each."""
        result = run("verify", FOLDER / name, code=3)
        assert result.stderr.startswith(f"sheetgen: {FOLDER / name}: ")
        assert len(result.stderr.splitlines()) == 1
        assert result.stdout == ""


def labelled_cell(workbook: Path, sheet: str, key: str) -> str:
    """The address of a key's cell in the first case, which stands in column D."""
    cells = read_book(workbook).sheet_by_name[sheet.lower()].cells
    (row,) = {cell.row for cell in cells if cell.value == key}
    return f"D{row}"


class TestEstimate:
    """The engine's quantities on the command line."""

    def test_schema(self) -> None:
        """``{"scenario", "cases": [{"name", "quantities": {key: {"value", "unit"}}}]}`` with the required keys."""
        data = json.loads(run("estimate", "--scenario", LLAMA, "--format", "json").stdout)
        assert set(data) == {"scenario", "cases"}
        assert data["scenario"] == "Llama 3.1 405B pre-training"
        assert len(data["cases"]) == 6
        for case in data["cases"]:
            assert set(case) == {"name", "quantities"}
            assert set(KEYS) <= set(case["quantities"])
            for entry in case["quantities"].values():
                assert set(entry) == {"value", "unit"}
        units = {key: entry["unit"] for key, entry in data["cases"][0]["quantities"].items()}
        assert (units["total_cost"], units["training_flops"], units["calendar_days"]) == ("USD", "FLOP", "day")

    def test_llama_by_hand(self, llama: dict[str, dict[str, float | str]]) -> None:
        """Llama 3.1 405B at an MFU of 41 %: 6ND, throughput, time and cost worked by hand."""
        assert 126 * LLAMA_LAYER + 2 * 128256 * 16384 + 16384 == LLAMA_PARAMETERS
        case = llama["H100, MFU 41%"]
        flops = 6 * LLAMA_PARAMETERS * 15.6e12
        seconds = flops / (16384 * 0.41 * 989.4e12)  # dense bf16 peak of the H100 SXM5: 989.4 TFLOPS (NVIDIA)
        hours = 16384 * seconds / 3600 / 0.9
        assert case["parameters"] == case["active_parameters"] == LLAMA_PARAMETERS
        assert case["embedding_parameters"] == 128256 * 16384
        assert case["forward_flops_per_token"] == 2 * LLAMA_PARAMETERS
        assert case["training_flops_per_token"] == 6 * LLAMA_PARAMETERS
        assert case["training_flops"] == case["training_flops_6nd"] == pytest.approx(3.798787719168e25, rel=1e-12)
        assert flops == pytest.approx(3.798787719168e25, rel=1e-12)
        assert case["training_flops_8nt"] == pytest.approx(flops * 8 / 6, rel=1e-12)
        assert case["peak_flops_per_gpu"] == 989.4e12
        assert case["mfu"] == case["hfu"] == pytest.approx(0.41, rel=1e-12)
        assert case["achieved_flops_per_gpu"] == pytest.approx(405.654e12, rel=1e-12)
        assert case["training_seconds"] == pytest.approx(seconds, rel=1e-12)
        assert case["tokens_per_second"] == pytest.approx(15.6e12 / seconds, rel=1e-12)
        assert case["calendar_days"] == pytest.approx(seconds / 86400 / 0.9, rel=1e-12)
        assert case["gpu_hours"] == pytest.approx(hours, rel=1e-12)
        assert case["compute_cost"] == pytest.approx(2 * hours, rel=1e-12)
        assert case["total_cost"] == pytest.approx(2 * hours * 1.1, rel=1e-12)
        assert case["cost_per_million_tokens"] == pytest.approx(2.2 * hours / 15.6e6, rel=1e-12)

    def test_llama_as_published(self, llama: dict[str, dict[str, float | str]]) -> None:
        """3.8e25 FLOP (arXiv:2407.21783, 3.2.1) on 16,000 GPUs of 400 TFLOPS: 68.7 days, $52.8M at $2.00."""
        case = llama["Published, 400 TFLOPS"]
        assert case["training_seconds"] == 5_937_500
        assert case["calendar_days"] == pytest.approx(68.7, abs=0.05)
        assert case["total_cost"] == pytest.approx(52_777_777.78, abs=0.01)

    def test_gpt4_on_one_gpu(self) -> None:
        """2.15e25 FLOP at the sparse 1,979 TFLOPS of one H100 take 344.5 years; at the dense 989.4, twice that."""
        cases = estimated(GPT4)
        assert cases["Sparse peak, 100 %"]["single_gpu_years"] == pytest.approx(344.5, abs=0.05)
        assert cases["Sparse peak, 100 %"]["calendar_days"] == pytest.approx(2.15e25 / 1979e12 / 86400, rel=1e-12)
        assert cases["Dense peak, 100 %"]["calendar_days"] == pytest.approx(2.15e25 / 989.4e12 / 86400, rel=1e-12)

    def test_csv(self, llama: dict[str, dict[str, float | str]]) -> None:
        """One row a quantity: key, unit, then the cases; the numbers are those of the JSON."""
        rows = list(csv.reader(io.StringIO(run("estimate", "--scenario", LLAMA, "--format", "csv").stdout)))
        assert rows[0] == ["key", "unit", *llama]
        values = {row[0]: row[2:] for row in rows[1:]}
        assert list(values) == list(llama["H200"])
        assert [float(text) for text in values["total_cost"]] == [case["total_cost"] for case in llama.values()]

    def test_table(self) -> None:
        """The table has the key figures, one column a case, in a reader's units; --all has every quantity in full.

        400 TFLOPS and 3.8e25 FLOP are Meta's; 15.6T tokens and 16,384 GPUs those of the paper; the last column's days
        are 3.8e25 / (400e12 · 16,000) / 86,400 = 68.7. What is not the base's has a star.
        """
        lines = run("estimate", "--scenario", LLAMA).stdout.splitlines()
        assert max(map(len, lines)) <= 100
        assert (lines[0].split()[-1], lines[1].split()[-2:]) == ("Published,", ["400", "TFLOPS"])
        rows = {line[:22].strip(): line[22:].split() for line in lines}
        assert rows["Days"] == ["73.5", "79.3*", "70.1*", "73.5", "69.7*", "68.7*"]
        assert rows["Tokens, trillion"] == ["15.60"] * 6
        assert rows["Per GPU, TFLOPS"][-1] == "400.0*"
        assert rows["FLOPs"][-1] == "3.80e+25"
        assert rows["Total, USD million"][0] == "63.59"
        full = run("estimate", "--scenario", LLAMA, "--all").stdout.splitlines()
        assert set(KEYS) <= {line.split()[0] for line in full}
        assert len(full) > len(lines)


class TestCatalogue:
    """The lists of models and accelerators."""

    def test_filters(self) -> None:
        """A name filters by key and by name, in any case; the published parameters and peaks are shown."""
        models = run("models", "LLAMA-3.1").stdout.splitlines()
        assert [line.split()[0] for line in models] == ["key", "llama-3.1-405b", "llama-3.1-70b", "llama-3.1-8b"]
        accelerators = run("gpus", "h100").stdout.splitlines()
        assert any(line.split()[:2] == ["h100-sxm5-80gb", "80"] and "989.4" in line for line in accelerators)
        assert not any("a100" in line for line in accelerators)
        assert len(run("gpus").stdout.splitlines()) > len(accelerators)

    @pytest.mark.parametrize("command", ["models", "gpus"])
    def test_formats(self, command: str) -> None:
        """JSON and CSV hold the same records with the same keys."""
        data = json.loads(run(command, "--format", "json").stdout)
        rows = list(csv.DictReader(io.StringIO(run(command, "--format", "csv").stdout)))
        assert [row["key"] for row in rows] == [record["key"] for record in data]
        assert list(rows[0]) == list(data[0])

    @pytest.mark.parametrize("command", ["models", "gpus"])
    @pytest.mark.parametrize("form", ["table", "json", "csv"])
    def test_nothing_found(self, command: str, form: str) -> None:
        """A name that nothing holds ends with 1 and a message, in every format."""
        assert "'no-such'" in run(command, "no-such", "--format", form, code=1).stderr

    def test_own_catalogue(self, tmp_path: Path) -> None:
        """A directory of one's own adds an accelerator and a model; listing, build and verify know them."""
        row = "tensor-1,Tensor One,Acme,96,500,Acme data sheet,https://acme.example/sheet.pdf"
        header = "key,name,vendor,memory_gb,bf16,source,source_url"
        (tmp_path / "accelerators.csv").write_text(f"{header}\n{row}\n")
        (tmp_path / "models").mkdir()
        shipped = json.loads(run("models", "gpt2-xl", "--format", "json").stdout)[0]
        own = {**shipped, "name": "Acme", "n_layers": 2 * shipped["n_layers"], "published_parameters": None}
        lines = [f"{key}: {json.dumps(value)}" for key, value in own.items() if key != "key" and value is not None]
        (tmp_path / "models" / "acme.yaml").write_text("\n".join(lines) + "\n")
        listed = json.loads(run("gpus", "tensor", "--catalogue", tmp_path, "--format", "json").stdout)
        assert [(entry["key"], entry["bf16"]) for entry in listed] == [("tensor-1", 500)]
        assert "acme" in run("models", "acme", "--catalogue", tmp_path).stdout
        scenario, book = tmp_path / "own.yaml", tmp_path / "own.xlsx"
        text = LLAMA.read_text().replace("model: llama-3.1-405b", "model: acme").partition("base_case")[0]
        scenario.write_text(
            text.replace("h100-sxm5-80gb", "tensor-1").replace("context_length: 8192", "context_length: 1024")
        )
        assert "tensor-1" in run("build", "--scenario", scenario, "-o", book, code=1).stderr
        run("build", "--scenario", scenario, "-o", book, "--catalogue", tmp_path)
        assert "accelerator tensor-1 is not in the packaged catalogue" in run("verify", book).stdout
