"""The README tells the truth: its figures, tables, commands and code are those of the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sheetgen import estimate, load_scenario
from sheetgen.base.inputs import options
from sheetgen.catalogue import load_catalogue
from sheetgen.catalogue.huggingface import packaged
from sheetgen.cli.main import main
from sheetgen.evidence.measurements import read_measurements
from sheetgen.evidence.records import default_mfus, size_classes
from sheetgen.evidence.results import band, evidence, spreads
from sheetgen.scenario.keys import key_rows
from tests.support.paths import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
LLAMA = ROOT / "samples/llama405b.yaml"


def test_it_is_short_and_links_lead_somewhere() -> None:
    """At most 200 lines; each file or folder that is named in it, as a link or between backticks, is there."""
    assert len(TEXT.splitlines()) <= 200
    links = {link for link in re.findall(r"\]\(([^)]+)\)", TEXT) if "://" not in link}
    named = set(re.findall(r"`((?:sheetgen|templates|samples|tests)/[^`*]*)`", TEXT))
    assert {"samples/summary.png", "tests/README.md"} <= links
    assert [path for path in sorted(links | named) if not (ROOT / path).exists()] == []


def test_the_keys_that_it_names_are_keys() -> None:
    """A key of a scenario that the text writes as such (`key: value`, or in a sentence) is one of those listed."""
    keys = {row["key"] for row in key_rows()}
    written = set(re.findall(r"`([a-z_0-9]+): [^`]*`", TEXT))
    assert written
    assert written <= keys
    assert {"mfu_convention", "stated_flops_per_gpu", "cases", "sources"} <= keys & set(
        re.findall(r"`([a-z_]+)`", TEXT)
    )


def test_the_table_of_conventions_is_what_the_sample_gives() -> None:
    """Each convention's figure in the README is the estimate of the sample, to the unit."""
    quantities = estimate(load_scenario(LLAMA)).quantities[0]
    section = TEXT.partition("## FLOPs conventions")[2].partition("Gemma 2 9B")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d,]*) ?\|", section, re.MULTILINE))
    assert list(rows) == [option.value for option in options("flops_convention")]
    for convention, shown in rows.items():
        if convention != "published":
            assert int(shown.replace(",", "")) == quantities[f"training_flops_per_token_{convention}"]


def test_the_table_of_masks_is_what_the_sample_gives() -> None:
    """The figures of Gemma 2 9B in the README are the estimate of its sample, to the unit."""
    quantities = estimate(load_scenario(ROOT / "samples/gemma-2-9b.yaml")).quantities[0]
    section = TEXT.partition("Gemma 2 9B at")[2].partition("## Evidence")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([\d,]+) \|", section, re.MULTILINE)
    assert [name for name, _ in rows] == ["exact", "megatron", "windowed", "masked"]
    for name, shown in rows:
        assert int(shown.replace(",", "")) == quantities[f"training_flops_per_token_{name}"]


def test_the_number_of_families_is_that_of_the_importer() -> None:
    """As many families as `sheetgen import --families` lists, to a tenth: one more is told without the README."""
    (stated,) = re.findall(r"About (\d+)\s+families of transformers", TEXT)
    assert abs(len(packaged().names()) - int(stated)) <= int(stated) / 10


def test_the_figures_of_the_tour_are_what_the_samples_give() -> None:
    """Parameters, FLOPs, days, dollars and years that the README quotes come out of the samples."""
    llama = estimate(load_scenario(LLAMA))
    base, published = llama.quantities[0], llama.quantities[llama.cases.index("Published, 400 TFLOPS")]
    gpt4 = estimate(load_scenario(ROOT / "samples/gpt4-epoch.yaml")).quantities
    prose = " ".join(TEXT.split())
    assert f"has {base['parameters']:,} parameters" in prose
    assert f"{float(base['training_flops']):.4g} FLOP.".replace("+", "") in prose
    days, dollars = float(published["calendar_days"]), float(published["total_cost"]) / 1e6
    assert f"take {days:.1f} days and cost ${dollars:.1f} million" in prose
    assert f"take {float(gpt4[0]['single_gpu_years']):.1f} years" in prose
    assert f"and {float(gpt4[2]['single_gpu_years']):.1f} years at the dense one" in prose


def test_every_command_is_in_the_readme() -> None:
    """Each command of the program is shown, and each command that is shown exists."""
    shown = set(re.findall(r"sheetgen (new|build|verify|estimate|models|gpus|\w+)(?= |`)", TEXT))
    assert set(main.commands) <= shown


def test_the_python_code_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The block in the tour does what it says."""
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    space: dict[str, object] = {}
    exec(block, space)  # noqa: S102 - our own README
    assert (tmp_path / "budget.xlsx").exists()
    assert list(space["frame"].columns)[1] == "H100, MFU 41%"  # type: ignore[attr-defined]  # a pandas frame


def test_the_test_command_is_the_one_that_ci_runs() -> None:
    """What the README gives for running the tests is what .ci/run ends on."""
    commands = re.findall(r"```sh\n(.*?)\n```", TEXT, re.DOTALL)
    assert len(commands) == 2
    tail = commands[1].rpartition("/python ")[2]
    assert tail in (ROOT / ".ci/run").read_text(encoding="utf-8")


@pytest.mark.parametrize("picture", re.findall(r"!\[.*?\]\((.*?)\)", TEXT))
def test_the_pictures_are_there(picture: str) -> None:
    """Every picture that the README shows is in the repository."""
    assert (ROOT / picture).stat().st_size > 10_000


def test_evidence_figures() -> None:
    """The counts and the error band that the README quotes are what `sheetgen evidence` gives."""
    found = evidence()
    flat = " ".join(TEXT.split())
    assert f"{len(found.figures)} figures of five articles" in flat
    assert f"{len(found.runs)} figures of published runs" in flat
    assert f"for {len(found.whole)} whole runs" in flat
    rows = dict.fromkeys(re.findall(r"<!-- band -->\n(.*?)\n<!-- /band -->", TEXT, re.DOTALL)[0].splitlines())
    labels = {size["key"]: size["label"] for size in size_classes()}
    middle = default_mfus().index(0.4)
    own = {size: (found.runs, *found.interval(0.4)) for size, found in spreads(found.whole).items()}
    wanted = [
        f"| {labels[size]} | {own[size][0]} | {low:.2f} | {high:.2f} | {own[size][1]:.2f} | {own[size][2]:.2f} |"
        for size, index, low, high in band(found.whole)
        if index == middle
    ]
    assert list(rows) == wanted


def test_counts_of_measurements_and_prices() -> None:
    """The changelog's count of published MFUs, and the prices that the README names."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"{len(read_measurements())} published MFUs" in changelog
    for key in re.findall(r"price: (\S+/\S+)`", TEXT):
        assert key in load_catalogue().prices()
