"""Byte forms: ticks, delimited text, XML attributes. Knows nothing of chat."""

import base64
import datetime
import hashlib
import uuid

EPOCH_TICKS = 621_355_968_000_000_000  # 1970-01-01 in 100 ns since 0001-01-01
NAMESPACE = uuid.UUID("5d3c2f64-0d2e-4a51-9a55-6c1c0a7be001")


def guid(name):
    """Returns the same invented GUID for the same name, lower-case."""
    return str(uuid.uuid5(NAMESPACE, name))


def ticks(text):
    """Returns the ticks of `2012-11-05 09:00:12.1234567` (UTC)."""
    whole, _, fraction = text.partition(".")
    moment = datetime.datetime.strptime(whole, "%Y-%m-%d %H:%M:%S")
    seconds = (moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(seconds=1)
    return EPOCH_TICKS + seconds * 10_000_000 + int((fraction or "0").ljust(7, "0"))


def odd_ticks(text, *salt):
    """Returns the ticks of a whole second plus a fraction that depends on the salt alone."""
    digest = hashlib.sha256("|".join([text, *map(str, salt)]).encode()).digest()
    return ticks(text) + int.from_bytes(digest[:8], "big") % 9_999_999 + 1


def iso(value):
    """Returns ISO 8601 with up to 7 decimals, trailing zeros dropped, as the product writes it."""
    seconds, fraction = divmod(value - EPOCH_TICKS, 10_000_000)
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    return (text + "." + f"{fraction:07d}".rstrip("0") if fraction else text) + "Z"


def since_1970(value):
    """Returns milliseconds since 1970, truncated."""
    return (value - EPOCH_TICKS) // 10_000


def utf16_base64(text):
    """Returns base64 of the UTF-16LE units; lone surrogates stay what they are."""
    return base64.b64encode(text.encode("utf-16-le", "surrogatepass")).decode("ascii")


def encode(text, encoding, bom):
    """Returns bytes; a lone surrogate becomes its three bytes in UTF-8, its unit in UTF-16."""
    if encoding == "cp1252":
        return text.encode("cp1252")
    mark = "\ufeff" if bom else ""
    return (mark + text).encode(encoding, "surrogatepass")


def field(value, delimiter, quote_all, null):
    """Returns one field: None unquoted, everything else quoted where RFC 4180 needs it."""
    if value is None:
        return null
    text = str(value)
    needs = any(c in text for c in (delimiter, '"', "\r", "\n"))
    if needs or (quote_all and isinstance(value, str)) or quote_all == "everything":
        return '"' + text.replace('"', '""') + '"'
    return text


def delimited(columns, rows, delimiter=",", quote_all=False, null="NULL", eol="\r\n", before=""):
    """Returns the text of a table: a header, then one record a row."""
    lines = [delimiter.join(field(name, delimiter, quote_all, null) for name in columns)]
    for row in rows:
        assert len(row) == len(columns), (columns, row)
        lines.append(delimiter.join(field(value, delimiter, quote_all, null) for value in row))
    return before + "".join(line + eol for line in lines)


def attribute(text, line_breaks="refs"):
    """Returns an XML attribute value; what XML 1.0 forbids goes out as a numeric reference.

    `line_breaks`: `refs` keeps them as references; `spaces` has lost them already;
    `raw` writes them literally, so that any XML reader turns them into spaces.
    """
    if line_breaks == "spaces":
        text = attribute_value(text, "spaces")
    out = []
    for char in text:
        code = ord(char)
        if char in "&<>\"":
            out.append({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}[char])
        elif char in "\r\n\t":
            out.append(char if line_breaks == "raw" else f"&#x{code:X};")
        elif code < 0x20 or code in (0xFFFE, 0xFFFF) or 0xD800 <= code <= 0xDFFF:
            out.append(f"&#x{code:X};")
        else:
            out.append(char)
    return "".join(out)


def attribute_value(text, line_breaks):
    """Returns what a reader gets back from `attribute(text, line_breaks)`."""
    if line_breaks == "refs":
        return text
    return text.replace("\r\n", " ").replace("\r", " ").replace("\n", " ").replace("\t", " ")


def element(text):
    """Returns XML element content."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
