"""CSV as it really comes: any of the usual encodings, separators and quoting mistakes.

A private splitter instead of the ``csv`` module, which lets one missing quote swallow the rest of the file
and gives up at one long cell. Here both stay the fault of one row.
"""

import codecs
import re
from collections.abc import Iterator, Sequence

from kopru_orderfile.cells import MAX_CELL, MAX_COLUMNS, Cell, Flaw, Row, checked

DELIMITERS = (";", ",", "\t", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATOR_LINE = re.compile(r"sep=(?P<delimiter>[;,\t|])\n", re.IGNORECASE)
_ENDINGS = re.compile(r"\r\n?")


def decode(content: bytes, encoding: str) -> str:
    """Return a file's text with ``\\n`` line ends. Bytes that do not fit become U+FFFD.

    Without a given encoding: a BOM decides; else UTF-8 if the text is that (a few stray bytes are the fault
    of their rows); else Windows-1254, which ISO-8859-9 is a part of.
    """
    return _ENDINGS.sub("\n", _decode(content, encoding)).lstrip("\ufeff")


def _decode(content: bytes, encoding: str) -> str:
    if encoding != "auto":
        return content.decode(encoding, errors="replace")
    for bom, name in _BOMS:
        if content.startswith(bom):
            return content.decode(name, errors="replace")
    if wide := _bare_utf16(content):
        return content.decode(wide, errors="replace")
    text = content.decode("utf-8", errors="replace")
    wrong = text.count("\ufffd")
    right = sum(1 for character in text if character > "\x7f") - wrong
    return text if wrong * 10 <= right else content.decode("windows-1254", errors="replace")


def _bare_utf16(content: bytes) -> str:
    start = content[:400]
    if len(start) < 20:
        return ""
    if start[1::2].count(0) > len(start) * 0.35 and not start[0::2].count(0):
        return "utf-16-le"
    if start[0::2].count(0) > len(start) * 0.35 and not start[1::2].count(0):
        return "utf-16-be"
    return ""


def separator_line(text: str) -> tuple[str, str]:
    """Return the separator that Excel's ``sep=;`` line announces, and the text after it."""
    match = _SEPARATOR_LINE.match(text)
    return (match["delimiter"], text[match.end() :]) if match else ("", text)


def rows(text: str, delimiter: str, *, first: int = 1) -> Iterator[Row]:
    """Yield the rows of a text; ``first`` is the number of the first row.

    A quoted cell may hold separators and line ends. A quote that never closes, or closes so late that another
    quoted cell must have begun inside, is taken as a mistake of its own line: that row is flawed
    (``quotes``) and the next line is read normally.
    """
    position = 0
    number = first
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        line = text[position:end]
        if '"' not in line:
            yield Row(number, _checked(line.split(delimiter)))
            position = end + 1
        else:
            cells, after = _record(text, position, delimiter)
            if after < 0:
                yield Row(number, _checked(line.replace('"', "").split(delimiter)), "quotes")
                position = end + 1
            else:
                yield Row(number, _checked(cells))
                position = after
        number += 1


def _checked(cells: Sequence[str]) -> tuple[Cell, ...]:
    if len(cells) > MAX_COLUMNS:
        return (*map(checked, cells[:MAX_COLUMNS]), Flaw("too_wide"))
    return tuple(map(checked, cells))


def _record(text: str, position: int, delimiter: str) -> tuple[list[str], int]:
    """Return the record that starts here and where the next one does; -1 when its quotes are broken."""
    cells: list[str] = []
    while True:
        if text.startswith('"', position):
            cell, position = _quoted(text, position + 1, delimiter)
            if position < 0:
                return cells, -1
        else:
            end = _plain_end(text, position, delimiter)
            cell, position = text[position:end], end
        cells.append(cell)
        if position >= len(text):
            return cells, position
        position += 1
        if text[position - 1] == "\n":
            return cells, position


def _plain_end(text: str, position: int, delimiter: str) -> int:
    line = text.find("\n", position)
    line = len(text) if line < 0 else line
    cell = text.find(delimiter, position, line)
    return line if cell < 0 else cell


def _quoted(text: str, start: int, delimiter: str) -> tuple[str, int]:
    position = start
    parts: list[str] = []
    while True:
        quote = text.find('"', position)
        if quote < 0 or quote - start > MAX_CELL:
            return "", -1
        parts.append(text[position:quote])
        after = text[quote + 1 : quote + 2]
        if after in ("", "\n", delimiter):
            return "".join(parts), quote + 1
        if after == '"':
            position = quote + 2
        elif "\n" in text[start:quote]:
            return "", -1
        else:
            # "Defter "A5" boy": a quote inside, not doubled.
            position = quote + 1
        parts.append('"')
