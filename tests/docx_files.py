"""Word documents made by hand, from the XML of their parts."""

from __future__ import annotations

import io
import zipfile

__all__ = ["docx_of", "p", "r"]

_SPACES = " ".join(
    f'xmlns:{prefix}="{address}"'
    for prefix, address in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "v": "urn:schemas-microsoft-com:vml",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    }.items()
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CORE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def r(text: str, properties: str = "") -> str:
    """A run."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def p(inside: str, properties: str = "") -> str:
    """A paragraph of runs; of plain text, where it begins with no tag."""
    return f"<w:p><w:pPr>{properties}</w:pPr>{inside if inside.startswith('<') else r(inside)}</w:p>"


def docx_of(body: str, *, core: str = "", main: str = "word/document.xml", **parts: str) -> bytes:
    """A document with this body. ``parts``: what its footnotes, styles, header … hold, without their root."""
    roots = {"header1": "hdr", "footer1": "ftr", "comments": "comments"}
    names = {name: f"word/{name}.xml" for name in parts}
    files = {main: f"<w:document {_SPACES}><w:body>{body}<w:sectPr/></w:body></w:document>"}
    for name, inside in parts.items():
        root = roots.get(name, name)
        files[names[name]] = f"<w:{root} {_SPACES}>{inside}</w:{root}>"
    kinds = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_WORD}.{name.rstrip("1")}+xml"/>'
        for name in parts
    )
    files["[Content_Types].xml"] = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{main}" ContentType="{_WORD}.document.main+xml"/>{kinds}'
        '<Override PartName="/docProps/core.xml"'
        ' ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
    )
    relation = '<Relationship Id="{}" Type="{}" Target="{}"/>'
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    files["_rels/.rels"] = relations.format(
        relation.format("d", f"{_OFFICE}/officeDocument", main)
        + relation.format("c", _CORE, "docProps/core.xml")
    )
    folder, _, name = main.rpartition("/")
    files[f"{folder}/_rels/{name}.rels"] = relations.format(
        "".join(
            relation.format(f"r{n}", f"{_OFFICE}/{part.rstrip('1')}", f"{part}.xml")
            for n, part in enumerate(parts)
        )
    )
    files["docProps/core.xml"] = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{core}</cp:coreProperties>'
    )
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return to.getvalue()
