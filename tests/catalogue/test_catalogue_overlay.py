"""A user's catalogue directory: what it adds and replaces, and a placed message for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgen.base.errors import InvalidInput
from sheetgen.catalogue import load_catalogue
from tests.support.overlay import HEADER, MODEL, ROW, refused, write_accelerators, write_model


class TestOverlay:
    """A user's directory."""

    def test_rows_and_files_are_added(self, tmp_path: Path) -> None:
        """New keys join the packaged ones; columns may be left out and cells left empty."""
        write_accelerators(tmp_path, ROW)
        write_model(tmp_path, MODEL)
        catalogue = load_catalogue(tmp_path)
        accelerator = catalogue.accelerators["tensor-1"]
        assert set(catalogue.accelerators) == {*load_catalogue().accelerators, "tensor-1"}
        assert (accelerator.dense, accelerator.sparse) == ({"bf16": 500}, {"bf16": 1000})
        assert (accelerator.memory_gb, accelerator.tdp_w, accelerator.release_year) == (96, None, None)
        model = catalogue.model("acme-1b")
        assert (model.vocab_size, model.max_context_length, model.qkv_bias) == (32_000, 8_000, "no")
        assert (model.source_url, model.notes) == ("", "")
        assert "gpt2" in catalogue.model_keys()

    def test_the_same_key_replaces(self, tmp_path: Path) -> None:
        """A row or file with a packaged key takes its place whole; the others stay."""
        write_accelerators(tmp_path, ROW.replace("tensor-1", "l4"))
        write_model(tmp_path, MODEL, "gpt2")
        catalogue = load_catalogue(tmp_path)
        assert list(catalogue.accelerators) == list(load_catalogue().accelerators)
        assert catalogue.accelerators["l4"].dense == {"bf16": 500}
        assert catalogue.accelerators["l4"].bandwidth_gb_s is None
        assert catalogue.model("gpt2").name == "Acme 1B"
        assert catalogue.model("gpt2-xl").name == "GPT-2 1.5B"
        assert load_catalogue().model("gpt2").name == "GPT-2 124M"

    def test_models_are_read_only_when_asked_for(self, tmp_path: Path) -> None:
        """A broken model file hurts only who asks for that model, or for all."""
        write_model(tmp_path, "name: [", "broken")
        catalogue = load_catalogue(tmp_path)
        assert catalogue.model("gpt2").d_model == 768
        with pytest.raises(InvalidInput, match=r"broken\.yaml"):
            catalogue.model("broken")
        with pytest.raises(InvalidInput, match=r"broken\.yaml"):
            catalogue.models()

    def test_text_that_looks_like_a_formula_is_text(self, tmp_path: Path) -> None:
        """A name that starts with an equals sign is kept as it is."""
        write_accelerators(tmp_path, ROW.replace("Tensor One", '"=HYPERLINK(""x"")"'))
        write_model(tmp_path, MODEL.replace("name: Acme 1B", "name: '=1+1'"))
        catalogue = load_catalogue(tmp_path)
        assert catalogue.accelerators["tensor-1"].name == '=HYPERLINK("x")'
        assert catalogue.model("acme-1b").name == "=1+1"

    def test_files_as_spreadsheets_save_them(self, tmp_path: Path) -> None:
        """A byte order mark, Windows line ends, quotes and empty rows are read."""
        path = tmp_path / "accelerators.csv"
        quoted = ROW.replace("Tensor One", '"Tensor, One"')
        path.write_bytes(("\ufeff" + HEADER + "\r\n" + quoted + "\r\n,,,,,,,,,\r\n\r\n").encode())
        assert load_catalogue(tmp_path).accelerators["tensor-1"].name == "Tensor, One"

    def test_every_mistake_of_a_file_is_reported_at_once(self, tmp_path: Path) -> None:
        """Three mistakes in two rows and a bad file name give four problems, with their lines."""
        rows = (ROW.replace(",500,", ",-5,").replace("Acme data sheet", ""), ROW.replace(",96,", ",many,"))
        write_accelerators(tmp_path, *rows)
        write_model(tmp_path, MODEL, "Acme")
        problems = refused(tmp_path)
        found = [(Path(str(p.file)).name, p.line, p.key) for p in problems]
        assert ("accelerators.csv", 2, "bf16") in found
        assert ("accelerators.csv", 2, "source") in found
        assert ("accelerators.csv", 3, "memory_gb") in found
        assert ("Acme.yaml", None, "key") in found

    def test_a_flood_of_mistakes_is_cut_off(self, tmp_path: Path) -> None:
        """After fifty mistakes the rest of a table is not read, nor is a header of thousands of columns."""
        write_accelerators(tmp_path, *[ROW.replace(",500,", ",x,")] * 2_000)
        assert len(refused(tmp_path)) < 60
        write_accelerators(tmp_path, header=",".join(f"c{i}" for i in range(20_000)))
        assert len(refused(tmp_path)) < 60
