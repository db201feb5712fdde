"""What is in a workbook beside its cells that changes what is shown, or reaches outside: settings, macros, links.

A kind of relationship is known or it is not; the known ones are those that the usual programs write into a workbook of
figures, looks, charts, notes and tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from sheetgen.base.errors import NotVerifiable, one_line
from sheetgen.workbook.file.package import Package, source_of
from sheetgen.workbook.file.xml_part import children, is_on

HARMLESS = frozenset({
    "officeDocument", "worksheet", "chartsheet", "styles", "sharedStrings", "theme", "themeOverride", "calcChain",
    "drawing", "chart", "chartEx", "chartStyle", "chartColorStyle", "chartUserShapes", "image", "vmlDrawing",
    "comments", "threadedComment", "person", "table", "tableSingleCells", "printerSettings", "sheetMetadata",
    "hyperlink", "core-properties", "extended-properties", "custom-properties", "thumbnail", "customXml",
    "customXmlProps", "customProperty", "classificationlabels", "pivotTable", "pivotCacheDefinition",
    "pivotCacheRecords", "slicer",
    "slicerCache", "timeline", "timelineCache", "diagramData", "diagramLayout", "diagramQuickStyle", "diagramColors",
    "diagramDrawing", "origin", "signature", "usernames", "revisionHeaders", "revisionLog", "rdRichValue",
    "rdRichValueStructure", "rdRichValueTypes", "rdArray", "richStyles", "rdSupportingPropertyBag",
    "rdSupportingPropertyBagStructure", "featurePropertyBag", "namedSheetView", "wsSortMap", "font",
})  # fmt: skip
FOREIGN = {
    "vbaProject": "a macro project",
    "vbaProjectSignature": "a macro project",
    "wordVbaData": "a macro project",
    "xlMacrosheet": "a macro sheet",
    "xlIntlMacrosheet": "a macro sheet",
    "dialogsheet": "a dialog sheet",
    "externalLink": "a link to another workbook",
    "externalLinkPath": "a link to another workbook",
    "xlPathMissing": "a link to another workbook",
    "connections": "a connection to data outside",
    "queryTable": "a query of data outside",
    "volatileDependencies": "a real-time feed",
    "oleObject": "an embedded or linked object",
    "package": "an embedded or linked object",
    "control": "a control",
    "ctrlProp": "a control",
    "activeXControlBinary": "a control",
    "attachedToolbars": "a toolbar",
    "xmlMaps": "a map of XML data",
    "aFChunk": "another document",
    "attachedTemplate": "a template",
}
MAY_BE_OUTSIDE = frozenset({"hyperlink"})


def foreign_contents(package: Package, workbook: Element) -> list[str]:
    """What makes the workbook show or do other things than its cells say, each in words."""
    found = [*_settings(workbook, f"{package.file}: workbook"), *_links(package)]
    return list(dict.fromkeys(found))


def one_child(root: Element, name: str, place: str) -> Element | None:
    """The only child of a name, or None. Raises NotVerifiable where there are several."""
    found = children(root, name)
    if len(found) > 1:
        raise NotVerifiable(f"{place}: has {name} more than once")
    return found[0] if found else None


def _settings(workbook: Element, place: str) -> Iterator[str]:
    general, computing = one_child(workbook, "workbookPr", place), one_child(workbook, "calcPr", place)
    if general is not None and is_on(general.get("date1904")):
        yield "dates count from 1904: each date is shown four years and a day later than it is computed"
    if computing is not None:
        if not is_on(computing.get("fullPrecision", "1")):
            yield "precision as displayed: other programs compute with the rounded figures that are shown"
        if computing.get("calcMode", "auto") != "auto":
            mode = one_line(computing.get("calcMode", ""))[:20]
            yield f"calculation is set to {mode}: figures may be shown as they were"
        if computing.get("refMode", "A1") not in {"A1", "R1C1"}:
            yield "references are of an unknown kind"


def _links(package: Package) -> Iterator[str]:
    for name in package.names:
        if (source := source_of(name)) is None:
            continue
        for link in package.relationships(source).values():
            kind = link.kind.rpartition("/")[2]
            if kind in FOREIGN:
                yield FOREIGN[kind]
            elif kind not in HARMLESS:
                yield f"a part of an unknown kind ({one_line(kind)[:60]})"
            elif link.external and kind not in MAY_BE_OUTSIDE:
                yield f"{kind} outside of the file"
    for name in package.names:
        if name.lower().endswith("vbaproject.bin"):
            yield FOREIGN["vbaProject"]
