"""What a chart draws and says: its kind, its series by the cells that they draw, its titles, its axes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

from sheetgen.workbook.file.number_format import meaning
from sheetgen.workbook.file.xml_part import CHART, DRAWING

OURS = {meaning(code) for code in ("#,##0", '#,##0.0,,"M"', "0%", "0.E+00", "yyyy-mm", "General")}
"""Formats of figures of ours, which follow the size of what is drawn."""


def chart_traits(root: Element, formula: Callable[[str], str]) -> dict[str, str]:
    """A chart in words, by what each says; references are told by ``formula``."""
    found = {"title": _text(root.find(f"{_path('chart')}/{_path('title')}"), formula)}
    plot = root.find(f"{_path('chart')}/{_path('plotArea')}")
    kinds = [] if plot is None else [part for part in plot if part.tag.endswith("Chart")]
    found["kind"] = ", ".join(filter(None, map(_kind, kinds)))
    number = 0
    for kind in kinds:
        for series in kind.findall(_path("ser")):
            number += 1
            for name, text in _series(series, formula):
                found[f"series {number} {name}"] = text
    axes = [] if plot is None else [part for part in plot if part.tag.endswith("Ax")]
    for axis in axes:
        across = "of values" if axis.tag.endswith("valAx") else "of names"
        both = sum(other.tag == axis.tag for other in axes) > 1
        place = (" up" if _value(axis, "axPos") in {"l", "r"} else " across") if both else ""
        found[f"axis {across}{place}"] = _axis(axis, formula)
    odd = [own for own in root.iter(_path("numFmt")) if meaning(own.get("formatCode", "General")) not in OURS]
    if odd:
        found["format of figures"] = ", ".join(sorted({own.get("formatCode", "") for own in odd}))
    if root.find(f".//{_path('userShapes')}") is not None:
        found["shapes"] = "drawn over the chart"
    return found


def _kind(part: Element) -> str:
    words = [part.tag.rpartition("}")[2].removesuffix("Chart")]
    words += [text for text in (_value(part, "barDir"), _grouping(part)) if text]
    return " ".join(words)


def _grouping(part: Element) -> str:
    """How series stand to each other; one alone is not stacked, though LibreOffice says so beside stacked columns."""
    text = _value(part, "grouping")
    alone = text == "stacked" and len(part.findall(_path("ser"))) == 1
    return "" if alone or text in {"clustered", "standard"} else text


def _series(series: Element, formula: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    yield "name", _text(series.find(_path("tx")), formula)
    for name, tags in (("across", ("cat", "xVal")), ("values", ("val", "yVal"))):
        part = next((series.find(_path(tag)) for tag in tags if series.find(_path(tag)) is not None), None)
        if part is None:
            continue
        place = next(part.iter(_path("f")), None)
        if place is not None:
            yield name, formula(place.text or "")
        else:
            yield name, "typed: " + ", ".join(own.text or "" for own in part.iter(_path("v")))


def _axis(axis: Element, formula: Callable[[str], str]) -> str:
    scaling = axis.find(_path("scaling"))
    words = [_text(axis.find(_path("title")), formula)]
    if scaling is not None:
        words += [f"{name} {float(text):g}" for name in ("min", "max", "logBase") if (text := _value(scaling, name))]
        words += ["reversed"] if _value(scaling, "orientation") == "maxMin" else []
    words += ["not shown"] if _value(axis, "delete") == "1" else []
    return ", ".join(filter(None, words))


def _text(part: Element | None, formula: Callable[[str], str]) -> str:
    """The words of a title or a name: as they stand, or the cell that has them."""
    if part is None:
        return ""
    place = next(part.iter(_path("f")), None)
    if place is not None and not (place.text or "").startswith('"'):
        return formula(place.text or "")
    if place is not None:
        return (place.text or "").strip('"').strip()
    runs = [own.text or "" for own in part.iter(f"{{{DRAWING}}}t")] or [own.text or "" for own in part.iter(_path("v"))]
    return "".join(runs).strip()


def _value(part: Element, name: str) -> str:
    own = part.find(_path(name))
    return "" if own is None else own.get("val", "")


def _path(name: str) -> str:
    return f"{{{CHART}}}{name}"
