"""Links of the accelerators: one direction, their source beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgen.base.errors import InvalidInput
from sheetgen.catalogue import load_catalogue
from sheetgen.catalogue.accelerators import read_accelerators


@pytest.mark.parametrize(
    ("key", "link", "joined", "network"),
    [
        ("a100-sxm4-80gb", 300, 8, 25),  # DGX A100: 600 GB/s in both directions; eight HDR ports of 200 Gb/s
        ("h100-sxm5-80gb", 450, 8, 50),  # DGX H100: 900 GB/s in both directions; eight NDR ports of 400 Gb/s
        ("h800-sxm5-80gb", 200, 8, 50),  # DeepSeek-V3, section 3.1: 400 Gb/s a GPU; NVLink halved
        ("gb200", 900, 72, 50),  # NVL72: 1,800 GB/s in both directions
        ("mi300x", 448, 8, 50),  # seven links of 64 GB/s
    ],
)
def test_published_links(key: str, link: float, joined: float, network: float) -> None:
    """A data sheet's NVLink figure is of both directions: half of it counts."""
    chip = load_catalogue().accelerators[key]

    assert (chip.link_gb_s, chip.linked_gpus, chip.network_gb_s) == (link, joined, network)
    assert chip.link_source


def test_a_link_needs_its_source(tmp_path: Path) -> None:
    """Negative control: figures without a source are refused, none at all are not."""
    path = tmp_path / "accelerators.csv"
    head = "key,name,vendor,bf16,link_gb_s,linked_gpus,network_gb_s,link_source,source\n"

    path.write_text(f"{head}x,X,V,100,450,8,50,,S\n", "utf-8")
    with pytest.raises(InvalidInput, match="link_source: missing"):
        read_accelerators(path)
    path.write_text(f"{head}x,X,V,100,,,,,S\n", "utf-8")
    assert read_accelerators(path)["x"].link_gb_s is None
