"""Parts of a Word document that python-docx has no call for: styles, tables made at once, contents, page numbers."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from dischargesim.report.blocks import Table
from dischargesim.report.formats.numbers import DASH, cell_text, heading, is_missing, numeric_columns
from dischargesim.report.formats.text import one_line

if TYPE_CHECKING:
    from docx.document import Document
    from docx.section import Section
    from docx.styles.style import ParagraphStyle
    from docx.text.paragraph import Paragraph

_EMU_A_MM = 36_000
_EMU_A_TWIP = 635
_UPRIGHT = (210, 297)
_MARGIN = 20
PAGE_WIDTH = (_UPRIGHT[0] - 2 * _MARGIN) * _EMU_A_MM
"""What fits between the margins of an upright page, in English Metric Units (EMU)."""
PAGE_HEIGHT = (_UPRIGHT[1] - 2 * _MARGIN) * _EMU_A_MM
"""The same of a page on its side."""
_LETTERS = "Arial"
_BAR = "12436D"
_SHADE = "EEF2F6"
_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
# Columns beyond which the letters of a table get smaller, and their size in half points.
_SIZES = ((12, 13), (9, 14), (6, 16), (0, 18))
_LONGEST_CELL = 70
_LONGEST_WORD = 18
# Of a bold letter, for each half point of its size; and what stands empty beside the text of a cell.
_TWIPS_A_LETTER = 5.8
_BESIDE = 200


# Styles -------------------------------------------------------------------------------------------------------------


def styles(document: Document) -> None:
    """The looks of the document: letters, headings, and a style for each kind of paragraph of a report."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    first = document.sections[0]
    first.page_width, first.page_height = Mm(_UPRIGHT[0]), Mm(_UPRIGHT[1])
    first.left_margin = first.right_margin = Mm(_MARGIN)
    first.top_margin = first.bottom_margin = Mm(_MARGIN)
    defaults = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    if defaults is not None:
        defaults.set(qn("w:val"), "en-GB")
    sizes = {
        "Normal": 11,
        "Title": 24,
        "Subtitle": 13,
        "Heading 1": 17,
        "Heading 2": 13,
        "Caption": 10,
        "List Bullet": 11,
    }
    for name, size in sizes.items():
        style = document.styles[name]
        _letters(style, size)
        style.font.color.rgb = RGBColor.from_string(_BAR if name.startswith("Heading") or name == "Title" else "0B0C0C")
        style.font.italic = False
    document.styles["Subtitle"].font.bold = False
    document.styles["Subtitle"].font.color.rgb = RGBColor.from_string("484949")
    document.styles["Title"].paragraph_format.space_after = Pt(6)
    _borders(document.styles["Title"])
    caption = document.styles["Caption"].paragraph_format
    caption.keep_with_next, caption.space_before, caption.space_after = True, Pt(10), Pt(4)
    document.styles["Heading 1"].paragraph_format.space_before = Pt(20)
    document.styles["Heading 1"].paragraph_format.space_after = Pt(6)
    document.styles["Heading 2"].paragraph_format.space_before = Pt(14)
    document.styles["Heading 2"].paragraph_format.space_after = Pt(3)
    for name in ("About", "Answer", "Caution", "Code", "Contents Entry", "Contents Heading", "Note", "Picture"):
        document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = document.styles["Normal"]
    document.styles["About"].paragraph_format.space_after = Pt(0)
    _letters(document.styles["Answer"], 13)
    _borders(document.styles["Answer"], left=(36, _BAR))
    document.styles["Answer"].paragraph_format.left_indent = Mm(4)
    _borders(document.styles["Caution"], **dict.fromkeys(("top", "left", "bottom", "right"), (12, "0B0C0C")))
    document.styles["Caution"].paragraph_format.left_indent = Mm(2)
    document.styles["Caution"].paragraph_format.right_indent = Mm(2)
    _letters(document.styles["Code"], 9, "Courier New")
    _letters(document.styles["Note"], 9)
    document.styles["Note"].paragraph_format.space_before = Pt(3)
    document.styles["Contents Entry"].paragraph_format.space_after = Pt(2)
    _letters(document.styles["Contents Heading"], 13)
    document.styles["Contents Heading"].font.bold = True
    document.styles["Contents Heading"].paragraph_format.space_before = Pt(14)
    document.styles["Picture"].paragraph_format.space_before = Pt(4)


def _letters(style: ParagraphStyle, size: float, name: str = _LETTERS) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    style.font.name, style.font.size = name, Pt(size)
    fonts = style.element.get_or_add_rPr().find(qn("w:rFonts"))
    # A theme's letters would win over those that are named.
    for key in [key for key in fonts.attrib if key.lower().endswith("theme")]:
        del fonts.attrib[key]
    for kind in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{kind}"), name)


def _borders(style: ParagraphStyle, **sides: tuple[int, str]) -> None:
    """Lines beside the paragraphs of a style: width in eighths of a point and colour of each; none of what it had."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = style.element.get_or_add_pPr()
    for old in properties.findall(qn("w:pBdr")):
        properties.remove(old)
    if not sides:
        return
    lines = OxmlElement("w:pBdr")
    for side in ("top", "left", "bottom", "right"):
        if side in sides:
            line = OxmlElement(f"w:{side}")
            for key, value in (
                ("val", "single"),
                ("sz", str(sides[side][0])),
                ("space", "6"),
                ("color", sides[side][1]),
            ):
                line.set(qn(f"w:{key}"), value)
            lines.append(line)
    # The schema wants the lines before spacing and indents.
    properties.insert_element_before(
        lines,
        "w:shd",
        "w:tabs",
        "w:suppressAutoHyphens",
        "w:spacing",
        "w:ind",
        "w:contextualSpacing",
        "w:jc",
        "w:outlineLvl",
    )


# Fields and links ---------------------------------------------------------------------------------------------------


def _field(paragraph: Paragraph, kind: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(mark)


def _instruction(paragraph: Paragraph, text: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement("w:instrText")
    element.set(qn("xml:space"), "preserve")
    element.text = text
    paragraph.add_run()._r.append(element)


def page_number(section: Section) -> None:
    """The number of the page at its foot; later parts of the document take it over."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    paragraph.add_run("Page ")
    for kind in ("begin", "separate", "end"):
        _field(paragraph, kind)
        if kind == "begin":
            _instruction(paragraph, " PAGE ")
        elif kind == "separate":
            paragraph.add_run("1")


def start_contents(paragraph: Paragraph) -> None:
    """Begin a table of contents, which Word can bring up to date; until then it shows what is written in it."""
    _field(paragraph, "begin")
    _instruction(paragraph, ' TOC \\o "1-1" \\n \\h \\z ')
    _field(paragraph, "separate")


def contents_entry(paragraph: Paragraph, text: str, name: str) -> None:
    """A line of the contents that leads to a bookmark."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), _mark(name))
    link.set(qn("w:history"), "1")
    run = paragraph.add_run(text)
    link.append(run._r)
    paragraph._p.append(link)


def end_contents(paragraph: Paragraph) -> None:
    """End the table of contents."""
    _field(paragraph, "end")


def _mark(name: str) -> str:
    # Word takes 40 letters: the sum keeps names apart that only differ further on.
    return f"_{name[:30]}_{zlib.crc32(name.encode('ascii')):08x}"


def bookmark(paragraph: Paragraph, number: int, name: str) -> None:
    """Make a heading something that a link can lead to."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for element in (start, end):
        element.set(qn("w:id"), str(number))
    start.set(qn("w:name"), _mark(name))
    paragraph._p.insert(1 if paragraph._p.pPr is not None else 0, start)
    paragraph._p.append(end)


def caption(paragraph: Paragraph, number: int, title: str) -> None:
    """The words above a table, with a number that Word can count again."""
    paragraph.add_run("Table ")
    _field(paragraph, "begin")
    _instruction(paragraph, " SEQ Table \\* ARABIC ")
    _field(paragraph, "separate")
    paragraph.add_run(str(number))
    _field(paragraph, "end")
    paragraph.add_run(f": {title}")


def turn(document: Document, on_its_side: bool) -> None:
    """Go on with a new page, on its side or upright."""
    from docx.enum.section import WD_ORIENT, WD_SECTION
    from docx.shared import Mm

    section = document.add_section(WD_SECTION.NEW_PAGE)
    width, height = reversed(_UPRIGHT) if on_its_side else _UPRIGHT
    section.orientation = WD_ORIENT.LANDSCAPE if on_its_side else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(width), Mm(height)


# Tables -------------------------------------------------------------------------------------------------------------


def table_xml(table: Table, width: int) -> str:
    """A table as the XML of a Word table.

    Cell by cell, python-docx takes seconds for what this does at once.

    Parameters
    ----------
    table : Table
    width : int
        Of the whole table, in EMU.

    Returns
    -------
    str
        A ``w:tbl`` element whose first row is marked as its head and comes again on every page.
    """
    right = numeric_columns(table)
    size = next(size for most, size in _SIZES if len(table.columns) > most)
    widths = _widths(table, width // _EMU_A_TWIP, size)
    heads = [heading(column) for column in table.columns]
    lines = [
        [DASH if is_missing(cell) else cell_text(cell, column) for cell, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]
    rows = [_row(heads, right, widths, size, head=True), *(_row(line, right, widths, size) for line in lines)]
    grid = "".join(f'<w:gridCol w:w="{each}"/>' for each in widths)
    return (
        f'<w:tbl xmlns:w="{_NAMESPACE}"><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        '<w:tblBorders><w:top w:val="single" w:sz="8" w:color="0B0C0C"/>'
        '<w:bottom w:val="single" w:sz="8" w:color="0B0C0C"/>'
        '<w:insideH w:val="single" w:sz="4" w:color="B1B4B6"/></w:tblBorders>'
        '<w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="90" w:type="dxa"/><w:right w:w="90" w:type="dxa"/></w:tblCellMar>'
        '<w:tblLook w:val="06A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0" w:noHBand="1" '
        'w:noVBand="1"/>'
        f"<w:tblCaption w:val={_attribute(table.title)}/><w:tblDescription w:val={_attribute(table.note)}/>"
        f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _attribute(text: str) -> str:
    return quoteattr(one_line(text))


def _row(texts: list[str], right: list[bool], widths: list[int], size: int, head: bool = False) -> str:
    marks = "<w:cantSplit/>" + ("<w:tblHeader/>" if head else "")
    cells = "".join(
        _cell(text, number, each, size, head) for text, number, each in zip(texts, right, widths, strict=True)
    )
    return f"<w:tr><w:trPr>{marks}</w:trPr>{cells}</w:tr>"


def _cell(text: str, number: bool, width: int, size: int, head: bool) -> str:
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{_SHADE}"/><w:vAlign w:val="bottom"/>' if head else ""
    side = '<w:jc w:val="right"/>' if number else ""
    keep, bold = ("<w:keepNext/>", "<w:b/>") if head else ("", "")
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr><w:p><w:pPr>{keep}'
        f'<w:spacing w:before="30" w:after="30" w:line="240" w:lineRule="auto"/>{side}</w:pPr>'
        f'<w:r><w:rPr>{bold}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p></w:tc>'
    )


def _widths(table: Table, whole: int, size: int) -> list[int]:
    """Widths of the columns in twips, which sum to the whole: room for the longest word, more where text is."""
    letter = size * _TWIPS_A_LETTER
    least, wants = [], []
    for at, column in enumerate(table.columns):
        head = heading(column)
        cells = [cell_text(row[at], column) for row in table.rows]
        words = [word for text in (head, *cells) for word in text.split()]
        # Capitals are wider than the letters that are counted here.
        longest = min(max((len(word) + 0.35 * sum(map(str.isupper, word)) for word in words), default=1), _LONGEST_WORD)
        whole_cell = min(max((len(text) for text in cells), default=0), _LONGEST_CELL)
        least.append(longest * letter + _BESIDE)
        wants.append(max(whole_cell, longest, len(head) / 3) * letter + _BESIDE)
    spare = whole - sum(least)
    asked = sum(wants) - sum(least)
    if spare < 0 or asked <= 0:
        widths = [int(whole * each / sum(least)) for each in least]
    else:
        widths = [int(low + spare * (want - low) / asked) for low, want in zip(least, wants, strict=True)]
    return [*widths[:-1], whole - sum(widths[:-1])]
