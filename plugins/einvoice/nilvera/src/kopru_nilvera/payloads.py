"""Documents as Nilvera hands them out: raw bytes, a JSON string, or Base64 in either."""

import base64
import binascii
import json

from kopru.sdk import DocumentFormat

MEDIA_TYPES = {
    DocumentFormat.XML: "application/xml",
    DocumentFormat.PDF: "application/pdf",
    DocumentFormat.HTML: "text/html",
}
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


def unwrap(content: bytes, form: DocumentFormat) -> bytes | None:
    """Return the document itself, or ``None`` when no reading of the answer gives one of that form.

    Raw bytes are returned unchanged, down to the last one. While Nilvera is still making a document the
    answer may hold none.
    """
    text = _from_json(content)
    plain = content if text is None else text
    if _is(plain, form):
        return plain
    unpacked = _from_base64(plain)
    return unpacked if unpacked is not None and _is(unpacked, form) else None


def _from_json(content: bytes) -> bytes | None:
    if not content.removeprefix(_UTF8_BOM).lstrip().startswith(b'"'):
        return None
    try:
        text = json.loads(content.decode("utf-8-sig"))
    except ValueError:
        return None
    return text.encode("utf-8", errors="replace") if isinstance(text, str) else None


def _from_base64(content: bytes) -> bytes | None:
    try:
        return base64.b64decode(b"".join(content.split()), validate=True)
    except binascii.Error:
        return None


def _is(content: bytes, form: DocumentFormat) -> bool:
    start = content.removeprefix(_UTF8_BOM).lstrip()
    if form is DocumentFormat.PDF:
        return start.startswith(b"%PDF-")
    return start.startswith(b"<") or content.startswith(_UTF16_BOMS)
