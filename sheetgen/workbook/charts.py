"""Charts of the workbook: drawn by the library that the writer hands over, from a plan of where their figures stand."""

from __future__ import annotations

from typing import Any

from sheetgen.base.errors import BuildError
from sheetgen.workbook.book import KEY, PIXELS_PER_UNIT, Book, ChartPlan, Sheet
from sheetgen.workbook.chart_numbers import axis_format, label_format
from sheetgen.workbook.paging import cuts
from sheetgen.workbook.styles import FONT

CHART_WIDTH, CHART_HEIGHT, CHART_MARGIN = 900, 285, 4  # pixels
SERIES_COLOURS = ("#2F5597", "#C55A11", "#548235", "#BF9000", "#7030A0", "#404040", "#00808A", "#A61C4C")
MARKERS = ("circle", "square", "triangle")
BAR_COLOURS: dict[str, tuple[str, ...]] = {
    "waterfall": ("", "#2F5597", "#C55A11", "#548235"),
    "tornado": ("#2F5597", "#C55A11"),
}


def add_chart(workbook: Any, page: Any, sheet: Sheet, plan: ChartPlan, book: Book) -> None:
    if plan.kind in {"waterfall", "tornado"}:
        _bars(workbook, page, sheet, plan, book)
        return
    if plan.kind in {"scatter", "curves"}:
        draw = _scatter if plan.kind == "scatter" else _curves
        draw(workbook, page, sheet, plan, book)
        return
    kind, _, subtype = plan.kind.partition("_")
    stacked = {"subtype": subtype} if subtype and subtype != "time" else {}
    chart = workbook.add_chart({"type": kind, **stacked})
    alone = len(plan.series) == 1
    for series, colour in zip(plan.series, SERIES_COLOURS, strict=False):
        place = f"={series.name}" if "!" in series.name else series.name
        options: dict[str, Any] = {"name": place, "categories": f"={plan.categories}", "values": f"={series.values}"}
        if kind == "line":
            options |= {"line": {"color": colour, "width": 1.75}, "marker": {"type": "none"}}
        else:
            options |= {"fill": {"color": colour}, "gap": 80 if alone else 50}
        if alone:
            font = {"name": FONT, "size": 8}
            options["data_labels"] = {"value": True, "num_format": label_format(book, plan), "font": font}
        chart.add_series(options)
    font = {"name": FONT, "size": 8}
    share = plan.axis == "%"
    title = plan.title if share or not plan.axis else f"{plan.title}, {plan.axis}"
    chart.set_title({"name": title, "name_font": {"name": FONT, "size": 10}, "overlay": False})
    chart.set_legend({"none": True} if alone else {"position": "right", "font": font})
    dates = {"num_format": "yyyy-mm", "text_axis": True} if subtype == "time" else {}
    if plan.lines:
        lines = workbook.add_chart({"type": "line"})
        for series in plan.lines:
            drawn = {"name": series.name, "categories": f"={plan.categories}", "values": f"={series.values}"}
            lines.add_series({**drawn, "line": {"color": "#C00000", "width": 2}, "marker": {"type": "none"}})
        chart.combine(lines)
    chart.set_x_axis(_named(plan.across) | {"num_font": font} | (dates or ({} if alone else {"num_format": "#,##0"})))
    chart.set_y_axis({
        "num_font": font, "num_format": "0%" if share else axis_format(book, plan), "min": 0,
        "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}},
        **_named("share of the forward pass" if share else plan.axis),
    } | ({"max": 1} if share else {}))  # fmt: skip
    _insert(page, sheet, book, chart, plan, CHART_WIDTH, CHART_HEIGHT)


def _named(words: str) -> dict[str, Any]:
    """The name of an axis; none for amounts, whose currency the head above the chart says."""
    return {"name": words, "name_font": {"name": FONT, "size": 8, "bold": False}} if words else {}


def _insert(page: Any, sheet: Sheet, book: Book, chart: Any, plan: ChartPlan, width: int, height: int) -> None:
    """Put a chart below its row, as wide as planned, else so wide or as the sheet is.

    Where the sheet is cut, it stands between the label column, which every page across repeats, and the first cut.
    """
    breaks = cuts(sheet, book)
    column, end = (plan.spot.column or KEY, breaks[0]) if breaks else (plan.spot.column, sheet.last_printed_column + 1)
    room = sum(sheet.widths.get(place, 0) for place in range(column, end)) * PIXELS_PER_UNIT - 2 * CHART_MARGIN
    chart.set_size({"width": plan.spot.width or min(width, int(room)), "height": plan.spot.height or height})
    where = {
        "description": plan.description, "object_position": 1, "x_offset": CHART_MARGIN, "y_offset": CHART_MARGIN,
    }  # fmt: skip
    if page.insert_chart(plan.spot.row, column, chart, where):
        raise BuildError(f"{sheet.name}, chart: refused by the writer")


def _bars(workbook: Any, page: Any, sheet: Sheet, plan: ChartPlan, book: Book) -> None:
    """A waterfall, whose first series only holds the bars up; or a tornado, whose bars start at the budget."""
    waterfall = plan.kind == "waterfall"
    chart = workbook.add_chart({"type": "column" if waterfall else "bar", "subtype": "stacked"})
    font = {"name": FONT, "size": 8}
    for index, (series, colour) in enumerate(zip(plan.series, BAR_COLOURS[plan.kind], strict=True)):
        options: dict[str, Any] = {
            "name": series.name,
            "categories": f"={plan.categories}",
            "values": f"={series.values}",
            "gap": 40,
        }
        options |= {"fill": {"none": True}, "border": {"none": True}} if not colour else {"fill": {"color": colour}}
        if waterfall and not index:
            options["name"] = " "
        chart.add_series(options)
    small = plan.spot.height > 0
    chart.set_title({
        "name": plan.title, "overlay": False,
        "name_font": {"name": FONT, "size": 9 if small else 10},
    })  # fmt: skip
    legend = {"position": "bottom", "font": font} | ({"delete_series": [0]} if waterfall else {})
    chart.set_legend({"none": True} if small and waterfall else legend)
    amounts = {
        "num_font": font, "num_format": axis_format(book, plan),
        "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}},
    }  # fmt: skip
    names: dict[str, Any] = {"num_font": font}
    if not waterfall:
        narrow = small and plan.spot.width < CHART_WIDTH / 2  # beside the table, which has the names
        names |= {"reverse": True, "label_position": "none" if narrow else "low"}
    across, up = (names, amounts) if waterfall else (amounts, names)  # the bars of a tornado lie
    chart.set_x_axis(across)
    chart.set_y_axis(up)
    _insert(page, sheet, book, chart, plan, CHART_WIDTH, CHART_HEIGHT)


def _curves(workbook: Any, page: Any, sheet: Sheet, plan: ChartPlan, book: Book) -> None:
    """A share over a count on a log axis; each series has its colour, and a shape where colours come again."""
    chart = workbook.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    font = {"name": FONT, "size": 8}
    for place, series in enumerate(plan.series):
        again, colour = divmod(place, len(SERIES_COLOURS))
        fill = {"color": SERIES_COLOURS[colour]}
        chart.add_series({
            "name": series.name, "categories": f"={series.across}", "values": f"={series.values}",
            "line": {**fill, "width": 1.25},
            "marker": {"type": MARKERS[again % len(MARKERS)], "size": 6, "fill": fill, "border": fill},
        })  # fmt: skip
    chart.set_title({"name": plan.title, "name_font": {"name": FONT, "size": 10}, "overlay": False})
    chart.set_legend({"position": "right", "font": font})
    grid, small = {"visible": True, "line": {"color": "#D9D9D9"}}, {"name": FONT, "size": 8, "bold": False}
    along = {"name": plan.axis, "name_font": small, "num_font": font, "num_format": "#,##0", "log_base": 10}
    chart.set_x_axis({**along, "major_gridlines": grid})
    chart.set_y_axis({"num_font": font, "num_format": "0%", "min": 0, "major_gridlines": grid})
    _insert(page, sheet, book, chart, plan, 720, 380)


def _scatter(workbook: Any, page: Any, sheet: Sheet, plan: ChartPlan, book: Book) -> None:
    """Markers on log axes; the last series is the line on which both axes are equal."""
    chart = workbook.add_chart({"type": "scatter"})
    font = {"name": FONT, "size": 8}
    for series, colour in zip(plan.series, SERIES_COLOURS, strict=False):
        options: dict[str, Any] = {
            "name": series.name,
            "categories": f"={series.across}",
            "values": f"={series.values}",
        }
        if series is plan.series[-1]:
            options |= {"line": {"color": "#7F7F7F", "width": 1}, "marker": {"type": "none"}}
        else:
            fill = {"color": colour}
            options["marker"] = {"type": "circle", "size": 6, "fill": fill, "border": {"color": "#FFFFFF"}}
        chart.add_series(options)
    chart.set_title({"name": plan.title, "name_font": {"name": FONT, "size": 10}, "overlay": False})
    chart.set_legend({"position": "right", "font": font})
    grid = {"visible": True, "line": {"color": "#D9D9D9"}}
    for place, name in ((chart.set_x_axis, "published"), (chart.set_y_axis, "predicted")):
        label = {"name": name, "name_font": {"name": FONT, "size": 8, "bold": False}}
        place({"num_font": font, "num_format": "0.E+00", "log_base": 10, "major_gridlines": grid, **label})
    _insert(page, sheet, book, chart, plan, 720, 380)
