"""Workbooks that reach for a server or a file when a program opens them: every spelling that was thought of.

Each is the small sample book with a few parts changed or added. ``{url}`` in a part is replaced by the address to
reach.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
DRAWING_KIND = "application/vnd.openxmlformats-officedocument.drawing+xml"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)

Edit = Callable[[bytes], bytes]


class Reach(NamedTuple):
    """What is changed in a book: parts by their edit, and parts that are new."""

    edits: Mapping[str, Edit] = {}
    adds: Mapping[str, bytes] = {}
    alone: bool = False  # nothing of the book but xl/workbook.xml


SHEET, DRAWING = "xl/worksheets/sheet2.xml", "xl/drawings/drawing1.xml"
DRAWING_LINKS, BOOK_LINKS = "xl/drawings/_rels/drawing1.xml.rels", "xl/_rels/workbook.xml.rels"
SHEET_LINKS = "xl/worksheets/_rels/sheet2.xml.rels"


def before(end: str, text: str) -> Edit:
    """Put text before the last occurrence of another."""

    def edit(data: bytes) -> bytes:
        head, found, tail = data.rpartition(end.encode())
        assert found, end
        return head + text.encode() + found + tail

    return edit


def replaced(old: str, new: str) -> Edit:
    """Put new text in the place of old."""

    def edit(data: bytes) -> bytes:
        changed, count = re.subn(old.encode(), new.encode().replace(b"\\", b"\\\\"), data, count=1)
        assert count == 1, old
        return changed

    return edit


def link(kind: str, target: str, mode: str = ' TargetMode="External"', identity: str = "rX") -> str:
    """A relationship."""
    kind = kind if ":" in kind else f"{OFFICE}/{kind}"
    return f'<Relationship Id="{identity}" Type="{kind}" Target="{target}"{mode}/>'


def picture(attribute: str = 'r:embed="rX"', more: str = "") -> str:
    """A picture in a drawing."""
    return (
        "<xdr:oneCellAnchor><xdr:from><xdr:col>1</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>1</xdr:row>"
        '<xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:ext cx="900000" cy="900000"/><xdr:pic><xdr:nvPicPr>'
        f'<xdr:cNvPr id="77" name="p">{more}</xdr:cNvPr><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill><a:blip '
        f'xmlns:r="{OFFICE}" {attribute}/><a:stretch><a:fillRect/></a:stretch></xdr:blipFill><xdr:spPr><a:xfrm>'
        '<a:off x="0" y="0"/><a:ext cx="900000" cy="900000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        "</xdr:spPr></xdr:pic><xdr:clientData/></xdr:oneCellAnchor>"
    )


def pictured(relationship: str, drawn: str | None = None, adds: Mapping[str, bytes] | None = None) -> Reach:
    """A book whose drawing has one more picture with a link of its own."""
    edits = {
        DRAWING: before("</xdr:wsDr>", picture() if drawn is None else drawn),
        DRAWING_LINKS: before("</Relationships>", relationship),
    }
    return Reach(edits, adds or {})


def with_formula(formula: str, **adds: bytes) -> Reach:
    """A book with one more formula."""
    cell = f'<row r="30"><c r="A30"><f>{formula}</f><v>0</v></c></row></sheetData>'
    return Reach({SHEET: replaced("</sheetData>", cell)}, adds)


def with_external(part: str, formula: str) -> Reach:
    """A book with an external link part and a formula that uses it."""
    cell = f'<row r="30"><c r="A30"><f>{formula}</f><v>0</v></c></row></sheetData>'
    head = '<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    return Reach(
        {
            SHEET: replaced("</sheetData>", cell),
            BOOK_LINKS: before("</Relationships>", link("externalLink", "externalLinks/externalLink1.xml", "")),
            "xl/workbook.xml": replaced("<definedNames>", '<externalReferences><externalReference r:id="rX"/></externalReferences><definedNames>'),
            "[Content_Types].xml": before("</Types>", '<Override PartName="/xl/externalLinks/externalLink1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"/>'),
        },
        {
            "xl/externalLinks/externalLink1.xml": f'{head}xmlns:r="{OFFICE}">{part}</externalLink>'.encode(),
            "xl/externalLinks/_rels/externalLink1.xml.rels": links_part(link("externalLinkPath", "{url}/book.xlsx", identity="rId1")),
        },
    )  # fmt: skip


def links_part(*relationships: str) -> bytes:
    """A part of relationships."""
    return f'<Relationships xmlns="{RELATIONSHIPS}">{"".join(relationships)}</Relationships>'.encode()


def in_utf16(relationship: str) -> Reach:
    """The links of the drawing in UTF-16."""

    def edit(data: bytes) -> bytes:
        text = before("</Relationships>", relationship)(data).decode().replace("UTF-8", "UTF-16")
        return text.encode("utf-16")

    return Reach({DRAWING: before("</xdr:wsDr>", LINKED), DRAWING_LINKS: edit})


CONTENT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2"><office:body><office:spreadsheet>'
    '<table:table table:name="S"><table:shapes><draw:frame svg:width="2cm" svg:height="2cm" svg:x="1cm" svg:y="1cm">'
    '<draw:image xlink:href="{url}/ods.png" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/></draw:frame>'
    "</table:shapes><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>"
    "</table:table></office:spreadsheet></office:body></office:document-content>"
)
MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
    '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    '<manifest:file-entry manifest:full-path="xl/workbook.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
OPENDOCUMENT = Reach(
    {},
    {
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": CONTENT.encode(),
        "META-INF/manifest.xml": MANIFEST.encode(),
    },
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9"><image xlink:href="{url}/svg.png" width="9" height="9"/></svg>'
VML = '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"><v:shape id="CH" type="#t" style="position:absolute;width:99pt;height:99pt"><v:imagedata src="{url}/vml.png" o:href="{url}/vml.png"/></v:shape></xml>'
ALTERNATE = '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main" Requires="a14">{}</mc:Choice><mc:Fallback>{}</mc:Fallback></mc:AlternateContent>'
CHART = "xl/charts/chart1.xml"
CHART_LINKS = "xl/charts/_rels/chart1.xml.rels"
FILL = f'<c:spPr><a:blipFill xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:blip xmlns:r="{OFFICE}" r:embed="rX"/><a:stretch/></a:blipFill></c:spPr>'
HTTP = link("image", "{url}/a.png")
LINKED = picture('r:link="rX"')

REACHES: Mapping[str, Reach] = {
    "picture": pictured(HTTP),
    "picture, entity in External": pictured(HTTP.replace("External", "&#69;xternal"), LINKED),
    "picture, spaces around the equals sign": pictured(HTTP.replace("Mode=", "Mode\n=\t"), LINKED),
    "picture, UTF-16": in_utf16(HTTP),
    "picture, no mode": pictured(link("image", "{url}/a.png", "")),
    "picture, mode in another case": pictured(HTTP.replace("External", "external"), LINKED),
    "picture, only linked": pictured(HTTP, LINKED),
    "picture, embedded and linked": pictured(
        HTTP + link("image", "../media/i.png", "", "rY"), picture('r:embed="rY" r:link="rX"'), {"xl/media/i.png": PIXEL}
    ),
    "picture, file": pictured(link("image", "{file}"), LINKED),
    "picture, share of another machine": pictured(link("image", r"\\\\127.0.0.1\\share\\a.png"), LINKED),
    "picture, base of the relationships": Reach(
        {
            DRAWING: before("</xdr:wsDr>", LINKED),
            DRAWING_LINKS: lambda data: before("</Relationships>", link("image", "a.png"))(
                data.replace(b"<Relationships ", b'<Relationships xml:base="{url}/" ')
            ),
        }
    ),
    "picture, strict type": pictured(
        link("http://purl.oclc.org/ooxml/officeDocument/relationships/image", "{url}/a.png")
    ),
    "picture, alternative": pictured(HTTP, ALTERNATE.format(LINKED, LINKED)),
    "picture, vector": pictured(
        link("image", "../media/v.svg", ""), adds={"xl/media/v.svg": SVG.encode()}
    ),
    "picture, vector named PNG": pictured(link("image", "../media/v.png", ""), adds={"xl/media/v.png": SVG.encode()}),
    "click on a picture": pictured(
        link("hyperlink", "{url}/click") + link("image", "../media/i.png", "", "rY"),
        picture('r:embed="rY"', f'<a:hlinkClick xmlns:r="{OFFICE}" r:id="rX"/>'),
        {"xl/media/i.png": PIXEL},
    ),
    "sound on a picture": pictured(
        link("audio", "{url}/a.wav") + link("image", "../media/i.png", "", "rY"),
        picture('r:embed="rY"', f'<a:hlinkClick xmlns:r="{OFFICE}" r:id=""><a:snd r:embed="rX" name="s"/></a:hlinkClick>'),
        {"xl/media/i.png": PIXEL},
    ),
    "background": Reach(
        {
            SHEET: replaced("</worksheet>", f'<picture xmlns:r="{OFFICE}" r:id="rX"/></worksheet>'),
            SHEET_LINKS: before("</Relationships>", HTTP),
        }
    ),
    "comments' shapes": Reach(
        {
            SHEET: replaced("</worksheet>", f'<legacyDrawing xmlns:r="{OFFICE}" r:id="rX"/></worksheet>'),
            SHEET_LINKS: before("</Relationships>", link("vmlDrawing", "../drawings/vml1.vml", "")),
        },
        {"xl/drawings/vml1.vml": VML.encode()},
    ),
    "header's picture": Reach(
        {
            SHEET: replaced("</worksheet>", f'<headerFooter><oddHeader>&amp;G</oddHeader></headerFooter><legacyDrawingHF xmlns:r="{OFFICE}" r:id="rX"/></worksheet>'),
            SHEET_LINKS: before("</Relationships>", link("vmlDrawing", "../drawings/vml1.vml", "")),
        },
        {"xl/drawings/vml1.vml": VML.encode()},
    ),
    "hyperlink": Reach(
        {
            SHEET: replaced("</worksheet>", f'<hyperlinks><hyperlink xmlns:r="{OFFICE}" ref="A1" r:id="rX"/></hyperlinks></worksheet>'),
            SHEET_LINKS: before("</Relationships>", link("hyperlink", "{url}/h")),
        }
    ),
    "hyperlink by location": Reach(
        {SHEET: replaced("</worksheet>", '<hyperlinks><hyperlink ref="A1" location="{url}/h"/></hyperlinks></worksheet>')}
    ),
    "WEBSERVICE": with_formula('_xlfn.WEBSERVICE("{url}/w")'),
    "WEBSERVICE, bare": with_formula('1 + WEBSERVICE ("{url}/w")'),
    "IMAGE": with_formula('_xlfn.IMAGE("{url}/i.png")'),
    "HYPERLINK": with_formula('HYPERLINK("{url}/h","here")'),
    "INDIRECT": with_formula("INDIRECT(\"'{url}/b.ods'#$S.A1\")"),
    "external file in a formula": with_formula("'{url}/[b.xlsx]S'!A1"),
    "external file in Calc's way": with_formula("'{url}/b.ods'#$S.A1"),
    "DDE": with_formula("soffice|'{url}/b.ods'!A1"),
    "DDE function": with_formula('DDE("soffice","{url}/b.ods","S.A1")'),
    "RTD": with_formula('RTD("x.y","127.0.0.1","{url}")'),
    "external link": with_external(
        '<externalBook r:id="rId1"><sheetNames><sheetName val="S"/></sheetNames></externalBook>', "[1]S!A1"
    ),
    "external link, OLE": with_external(
        '<oleLink r:id="rId1" progId="Excel.Sheet"><oleItems><oleItem name="A1" icon="1"/></oleItems></oleLink>', "[1]!A1"
    ),
    "external link, DDE": with_external(
        '<ddeLink ddeService="soffice" ddeTopic="{url}/b.ods"><ddeItems><ddeItem name="A1"/></ddeItems></ddeLink>', "[1]!A1"
    ),
    "name": Reach(
        {
            "xl/workbook.xml": replaced("</definedNames>", '<definedName name="web">_xlfn.WEBSERVICE("{url}/n")</definedName></definedNames>'),
            SHEET: replaced("</sheetData>", '<row r="30"><c r="A30"><f>web</f></c></row></sheetData>'),
        }
    ),
    "conditional format": Reach(
        {SHEET: replaced("</sheetData>", '</sheetData><conditionalFormatting sqref="A1"><cfRule type="expression" priority="9"><formula>_xlfn.WEBSERVICE("{url}/c")="x"</formula></cfRule></conditionalFormatting>')}
    ),
    "validation": Reach(
        {SHEET: replaced("</sheetData>", '</sheetData><dataValidations count="1"><dataValidation type="custom" sqref="A1"><formula1>_xlfn.WEBSERVICE("{url}/v")="x"</formula1></dataValidation></dataValidations>')}
    ),
    "chart's series": Reach({CHART: replaced("<c:f>[^<]*</c:f>", "<c:f>'{url}/[b.xlsx]S'!$A$1:$A$2</c:f>")}),
    "chart's fill": Reach({CHART: before("</c:chartSpace>", FILL)}, {CHART_LINKS: links_part(HTTP)}),
    "chart's data": Reach(
        {CHART: before("</c:chartSpace>", f'<c:externalData xmlns:r="{OFFICE}" r:id="rX"><c:autoUpdate val="1"/></c:externalData>')},
        {CHART_LINKS: links_part(link("oleObject", "{url}/b.xlsx"))},
    ),
    "chart's shapes": Reach(
        {CHART: before("</c:chartSpace>", f'<c:userShapes xmlns:r="{OFFICE}" r:id="rX"/>')},
        {CHART_LINKS: links_part(link("chartUserShapes", "{url}/d.xml"))},
    ),
    "OLE object": Reach(
        {
            SHEET: replaced("</worksheet>", f'<oleObjects><oleObject xmlns:r="{OFFICE}" progId="Excel.Sheet.12" link="[1]!x" oleUpdate="OLEUPDATE_ALWAYS" shapeId="1025" r:id="rX"/></oleObjects></worksheet>'),
            SHEET_LINKS: before("</Relationships>", link("oleObject", "{url}/b.xlsx")),
        }
    ),
    "control": Reach(
        {
            SHEET: replaced("</worksheet>", f'<controls><control xmlns:r="{OFFICE}" shapeId="1026" r:id="rX" name="c"/></controls></worksheet>'),
            SHEET_LINKS: before("</Relationships>", link("control", "{url}/c.xml")),
        }
    ),
    "alternative document": Reach({BOOK_LINKS: before("</Relationships>", link("aFChunk", "{url}/x.html"))}),
    "template": Reach({BOOK_LINKS: before("</Relationships>", link("attachedTemplate", "{url}/t.xltx"))}),
    "theme elsewhere": Reach({BOOK_LINKS: replaced('Target="theme/theme1.xml"', 'Target="{url}/t.xml" TargetMode="External"')}),
    "styles elsewhere": Reach({BOOK_LINKS: replaced('Target="styles.xml"', 'Target="{url}/s.xml" TargetMode="External"')}),
    "web query": Reach(
        {BOOK_LINKS: before("</Relationships>", link("connections", "connections.xml", ""))},
        {"xl/connections.xml": b'<connections xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><connection id="1" name="c" type="4" refreshOnLoad="1" refreshedVersion="3"><webPr url="{url}/q" htmlTables="1"/></connection></connections>'},
    ),
    "picture in a cell": Reach(
        {SHEET: replaced('<c r="A1"', '<c vm="1" r="A1"'), BOOK_LINKS: before("</Relationships>", link("http://schemas.microsoft.com/office/2017/06/relationships/rdRichValueWebImage", "richData/w.xml", ""))},
        {"xl/richData/w.xml": b"<webImagesSrd/>", "xl/richData/_rels/w.xml.rels": links_part(HTTP)},
    ),
    "macro on a picture": pictured(
        link("image", "../media/i.png", ""),
        picture().replace("<xdr:pic>", '<xdr:pic macro="[0]!run">'), {"xl/media/i.png": PIXEL},
    ),
    "xlink in the drawing": Reach(
        {DRAWING: before("</xdr:wsDr>", '<a:blip xmlns:x="http://www.w3.org/1999/xlink" x:href="{url}/x.png" x:actuate="onLoad"/>')}
    ),
    "web publishing": Reach(
        {SHEET: replaced("</worksheet>", '<webPublishItems><webPublishItem id="1" divId="d" sourceType="sheet" destinationFile="{url}/p"/></webPublishItems></worksheet>')}
    ),
    "OpenDocument beside": OPENDOCUMENT,
}  # fmt: skip

REFUSED: Mapping[str, Reach] = {
    "document type": Reach({DRAWING: replaced("<xdr:wsDr", '<!DOCTYPE x SYSTEM "{url}/d.dtd"><xdr:wsDr')}),
    "entity": Reach({"xl/workbook.xml": replaced("<workbook", '<!DOCTYPE x [<!ENTITY e SYSTEM "{url}/e">]><workbook')}),
    "style of the XML": Reach({DRAWING: replaced("<xdr:from>", '<?xml-stylesheet href="{url}/s.xsl"?><xdr:from>')}),
    "sheet elsewhere": Reach(
        {BOOK_LINKS: replaced('Target="worksheets/sheet2.xml"', 'Target="{url}/s.xml" TargetMode="External"')}
    ),
    "OpenDocument alone": OPENDOCUMENT._replace(alone=True),
    "macro sheet": Reach({BOOK_LINKS: replaced(r'worksheet"(?= Target="worksheets/sheet3)', 'xlMacrosheet"')}),
}


def write_reaching(sample: Path, out: Path, reach: Reach, url: str, file: str = "/etc/hostname") -> Path:
    """Write the sample with what a Reach changes, its addresses filled in."""

    def filled(data: bytes) -> bytes:
        for coding in ("utf-8", "utf-16-le"):
            data = data.replace("{url}".encode(coding), url.encode(coding))
        return data.replace(b"{file}", file.encode())

    result = io.BytesIO()
    with zipfile.ZipFile(sample) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        missing = set(reach.edits) - set(source.namelist())
        assert not missing, missing
        if "mimetype" in reach.adds:
            target.writestr("mimetype", reach.adds["mimetype"], zipfile.ZIP_STORED)
        for name in ["xl/workbook.xml"] if reach.alone else source.namelist():
            data = source.read(name)
            target.writestr(name, filled(reach.edits[name](data)) if name in reach.edits else data)
        for name, data in reach.adds.items():
            if name != "mimetype":
                target.writestr(name, filled(data))
    out.write_bytes(result.getvalue())
    return out
