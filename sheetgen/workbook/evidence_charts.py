"""The charts of sheet Evidence: predicted against published on log axes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sheetgen.workbook.book import FIRST_CASE, KEY, LABEL, UNIT, Cell, ChartPlan, Series, Sheet, address

NAME = "Evidence"
PUBLISHED, FOUND, DIFFERENCE = range(FIRST_CASE, FIRST_CASE + 3)
CHART_ROWS = 22


def label(sheet: Sheet, row: int, text: str, key: str, unit: str) -> None:
    """Label, key and unit of a row."""
    sheet.text(row, LABEL, text, "label")
    sheet.text(row, KEY, key, "key")
    sheet.text(row, UNIT, f"unit:{unit}", "unit")
    sheet.key_rows[key] = row


def add_charts(sheet: Sheet, data: Mapping[str, Any], row: int, places: Mapping[str, list[tuple[int, int]]]) -> None:
    """Predicted against published on log axes, with the line on which they are equal."""
    titles = {metric["key"]: metric["title"] for metric in data["metrics"]}
    for chart in data["charts"]:
        metrics = [metric["key"] for metric in data["metrics"] if metric.get("chart") == chart["key"]]
        spans = places[chart["key"]]
        sheet.text(row, LABEL, chart["title"], "section")
        ends: list[int] = []
        for word, function in (("smallest", "MIN"), ("largest", "MAX")):
            row += 1
            key = f"chart_{chart['key'].replace(' ', '_')}_{word}"
            label(sheet, row, f"The {word} of the chart", key, "count")
            for column in (PUBLISHED, FOUND):
                ranges = [f"{address(top, column)}:{address(last, column)}" for top, last in spans]
                sheet.put(row, column, Cell("calc:scientific", formula=f"{function}({', '.join(ranges)})"))
            ends.append(row)
        series = tuple(
            Series(titles[metric], cells(*span, FOUND), cells(*span, PUBLISHED))
            for metric, span in zip(metrics, spans, strict=True)
        )
        line = cells(ends[0], ends[1], PUBLISHED)
        series += (Series("equal", line, line),)
        row += 1
        sheet.charts.append(ChartPlan(row, chart["title"], chart["description"], "scatter", "", series, ""))
        row += CHART_ROWS
    sheet.text(row, LABEL, "On the line predicted and published are equal.", "note_line")


def cells(first: int, last: int, column: int) -> str:
    return f"{NAME}!{address(first, column, absolute=True)}:{address(last, column, absolute=True)}"
