"""How the rows of a table look in a file: delimiters, encodings, headers, quoting, format files.

Only shapes that the documentation of the export tools describes are made, and a row goes into a shape
only if the shape can carry it without doubt (`carries`): a bcp file has no quoting, so a text with a
TAB cannot stand in it, and so on.  Left out on purpose, since the design does not decide them:
files without a header whose delimiter is a TAB and that use quotes (they look like bcp), bcp files with
terminators of their own and no format file, bcp texts that begin with a quote and no format file.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Dict, List, Optional, Sequence

from tables import OPTIONAL, Column, columns

BOMS = {"utf-8-bom": b"\xef\xbb\xbf", "utf-16-le-bom": b"\xff\xfe", "utf-16-be-bom": b"\xfe\xff"}
ENCODINGS = ["utf-8", "utf-8-bom", "utf-16-le-bom", "utf-16-be-bom", "utf-16-le", "cp1252"]


@dataclass(frozen=True)
class Shape:
    family: str  # csv, export-csv, bcp, sqlcmd, script, native (bcp -N)
    encoding: str = "utf-8"
    delimiter: str = ","
    end: str = "\r\n"
    header: bool = True
    quote_all: bool = False
    null: str = "NULL"
    bits: Sequence[str] = ("0", "1")
    guid: str = "lower"  # lower, upper, braces
    shuffled: bool = False  # columns in random order and case, some missing, some extra
    format_file: Optional[str] = None  # non-xml or xml
    extension: str = ".csv"

    def __str__(self) -> str:
        words = [self.family, self.encoding, repr(self.delimiter), "header" if self.header else "no header"]
        if self.format_file:
            words.append("format file " + self.format_file)
        return " ".join(words)


# The shape that carries everything.
CARRIER = Shape("csv", "utf-16-le-bom", quote_all=True, null="\\N")


def random_shape(rng: random.Random) -> Shape:
    family = rng.choice(["csv", "csv", "csv", "export-csv", "bcp", "bcp", "sqlcmd", "script", "script", "native"])
    if family == "script":
        return Shape(
            "script",
            rng.choice(["utf-16-le-bom", "utf-16-le-bom", "utf-8", "utf-8-bom", "cp1252"]),
            end=rng.choice(["\r\n", "\r\n", "\n"]),
            guid=rng.choice(["lower", "upper"]),
            shuffled=rng.random() < 0.4,
            extension=rng.choice([".sql", ".SQL", ".Table.sql"]),
        )
    if family == "native":
        return Shape(
            "native",
            "utf-16-le",
            header=False,
            format_file="native",
            shuffled=rng.random() < 0.5,
            extension=rng.choice([".bcp", ".dat"]),
        )
    if family == "csv":
        header = rng.random() < 0.7
        return Shape(
            "csv",
            rng.choice(ENCODINGS),
            rng.choice([",", ";", "\t", "|"] if header else [",", ";", "|"]),
            rng.choice(["\n", "\r\n"]),
            header,
            rng.random() < 0.4,
            rng.choice(["NULL", "\\N", ""]),
            rng.choice([("0", "1"), ("False", "True")]),
            rng.choice(["lower", "upper", "braces"]),
            shuffled=header and rng.random() < 0.6,
            extension=rng.choice([".csv", ".txt", ".CSV"]),
        )
    if family == "export-csv":
        return Shape(
            "export-csv",
            rng.choice(["utf-8-bom", "utf-16-le-bom", "utf-8", "ascii"]),
            rng.choice([",", ";", "\t"]),
            "\r\n",
            True,
            True,
            "",
            ("False", "True"),
            shuffled=rng.random() < 0.5,
        )
    if family == "bcp":
        encoding = rng.choice(["utf-16-le", "cp1252", "utf-8"])
        format_file = rng.choice([None, "non-xml", "xml"])
        delimiter, end = "\t", "\r\n"
        if format_file:
            encoding = rng.choice(["utf-16-le", "cp1252"])
            delimiter, end = rng.choice([("\t", "\r\n"), ("|~|", "~^~\r\n"), ("+|", "&|\n"), (";", "\n")])
        return Shape(
            "bcp",
            encoding,
            delimiter,
            end,
            header=False,
            null="",
            guid="upper",
            format_file=format_file,
            shuffled=bool(format_file) and rng.random() < 0.5,
            extension=rng.choice([".bcp", ".dat", ".txt"]),
        )
    return Shape(
        "sqlcmd",
        rng.choice(["utf-16-le-bom", "cp1252", "utf-8"]),
        rng.choice([",", ";", "|", "\t"]),
        "\r\n",
        null="NULL",
        guid="upper",
        shuffled=rng.random() < 0.3,
        extension=rng.choice([".txt", ".csv"]),
    )


def codec(encoding: str) -> str:
    return {"utf-8-bom": "utf-8", "utf-16-le-bom": "utf-16-le", "utf-16-be-bom": "utf-16-be"}.get(encoding, encoding)


def encode(text: str, encoding: str) -> bytes:
    errors = "surrogatepass" if "16" in encoding else "strict"
    return BOMS.get(encoding, b"") + text.encode(codec(encoding), errors)


def encodable(text: str, encoding: str) -> bool:
    try:
        encode(text, encoding)
    except UnicodeEncodeError:
        return False
    # Windows-1252 is found by not being UTF-8: each of its texts must be recognisable, or plain ASCII.
    if encoding == "cp1252" and not text.isascii():
        try:
            text.encode("cp1252").decode("utf-8")
            return False
        except UnicodeDecodeError:
            return True
    return True


def carries(shape: Shape, value) -> bool:
    """Whether a text can stand in a file of this shape and be read in one way only."""
    if not isinstance(value, str):
        return True
    if not encodable(value, shape.encoding):
        return False
    if shape.family == "sqlcmd":  # no quoting, one line a row, -W trims blanks
        if shape.delimiter == "\t" and not value:
            return False  # an empty last field after a TAB is white space
        return (
            value.strip() == value
            and not value.startswith('"')
            and shape.delimiter not in value
            and not any(ord(char) < 32 or char in "\x7f\x85\u2028\u2029\ufeff" for char in value)
        )
    if shape.family == "script":  # a backslash at the end of a line vanishes with it
        return "\\\n" not in value and "\\\r" not in value
    if shape.family == "bcp":
        if "\0" in value:  # one NUL is how bcp writes an empty string
            return False
        if shape.format_file is None and value.startswith('"'):
            return False
        if shape.format_file is None and any(char in value for char in "\t\r\n"):
            return False
        marks = (shape.delimiter, shape.end)
        return not any(mark in value or (value + mark).find(mark) < len(value) for mark in marks)
    return True


def carries_row(shape: Shape, row: dict) -> bool:
    return all(carries(shape, value) for value in row.values())


def spell(shape: Shape, column: Column, value) -> Optional[str]:
    """The field of a value, before quoting; None for NULL."""
    if value is None:
        return None
    if column.kind == "bit":
        return shape.bits[1 if value else 0]
    if column.kind == "guid":
        return {"lower": value, "upper": value.upper(), "braces": "{%s}" % value.upper()}[shape.guid]
    if isinstance(value, datetime):
        if shape.family == "export-csv":
            return value.strftime("%m/%d/%Y %H:%M:%S")
        return value.strftime("%Y-%m-%d %H:%M:%S") + ".000"
    return str(value)


@dataclass
class Rendered:
    """A table file, its format file if any, and what a second reader needs to know."""

    data: bytes
    format_file: Optional[bytes]
    columns: List[Column]
    header: List[str] = field(default_factory=list)


def render(rng: random.Random, shape: Shape, table: str, generation: int, rows: List[dict]) -> Rendered:
    """The bytes of a table; `rows` may hold broken values (strings in number columns)."""
    chosen = columns(table, generation)
    if shape.shuffled:
        chosen = [column for column in chosen if column.name not in OPTIONAL or rng.random() < 0.6]
        for name in rng.sample(["rowguid", "xRemark", "msrepl_tran_version"], rng.randint(0, 2)):
            chosen.append(Column(name, "extra", True))
        rng.shuffle(chosen)
    names = [column.name for column in chosen]
    if shape.shuffled and not shape.format_file:
        style = rng.choice(["as documented", "lower", "upper", "swapcase"])
        names = [name if style == "as documented" else getattr(name, style)() for name in names]
    grid = [
        [spell(shape, column, row.get(column.name, "x" if column.kind == "extra" else None)) for column in chosen]
        for row in rows
    ]
    if shape.family == "native":
        return Rendered(native(chosen, grid), native_format(names, chosen), chosen, names)
    if shape.family == "script":
        return Rendered(encode(script(rng, shape, table, names, chosen, grid), shape.encoding), None, chosen, names)
    text = {"csv": delimited, "export-csv": export_csv, "bcp": bcp, "sqlcmd": sqlcmd}[shape.family](
        rng, shape, names, chosen, grid
    )
    format_file = None
    if shape.format_file == "non-xml":
        format_file = non_xml_format(shape, names, chosen)
    elif shape.format_file == "xml":
        format_file = xml_format(shape, names, chosen)
    return Rendered(encode(text, shape.encoding), format_file, chosen, names)


def needs_quotes(shape: Shape, field_text: Optional[str]) -> bool:
    return field_text is not None and any(char in field_text for char in '"\r\n' + shape.delimiter)


def quote(shape: Shape, field_text: Optional[str], rng: random.Random, freely: bool) -> str:
    if field_text is None:
        return shape.null
    if shape.quote_all or needs_quotes(shape, field_text) or (freely and rng.random() < 0.1):
        return '"%s"' % field_text.replace('"', '""')
    return field_text


def delimited(rng, shape, names, chosen, grid) -> str:
    lines = [shape.delimiter.join(names)] if shape.header else []
    # Quotes that nothing calls for stand only beside ones that something does: alone they could as
    # well be a person's own quotes in a file that nobody quoted.
    freely = any(needs_quotes(shape, value) for row in grid for value in row)
    lines += [shape.delimiter.join(quote(shape, value, rng, freely) for value in row) for row in grid]
    return shape.end.join(lines) + (shape.end if rng.random() < 0.8 or not grid else "")


def export_csv(rng, shape, names, chosen, grid) -> str:
    extras = ["RowError", "RowState", "Table", "ItemArray", "HasErrors"] if rng.random() < 0.6 else []
    values = ["", "Unchanged", "", "System.Object[]", "False"][: len(extras)]
    lines = ["#TYPE System.Data.DataRow"] if rng.random() < 0.7 else []
    lines.append(shape.delimiter.join('"%s"' % name for name in names + extras))
    for row in grid:
        fields = ["" if value is None else value for value in row] + values
        lines.append(shape.delimiter.join('"%s"' % value.replace('"', '""') for value in fields))
    return shape.end.join(lines) + shape.end


def bcp(rng, shape, names, chosen, grid) -> str:
    def bare(value: Optional[str]) -> str:
        return "" if value is None else value or "\0"

    return "".join(shape.delimiter.join(bare(value) for value in row) + shape.end for row in grid)


def sqlcmd(rng, shape, names, chosen, grid) -> str:
    lines = [shape.delimiter.join(names), shape.delimiter.join("-" * max(1, len(name)) for name in names)]
    lines += [shape.delimiter.join("NULL" if value is None else value for value in row) for row in grid]
    return shape.end.join(lines + ["", "(%d rows affected)" % len(grid), ""])


def script(rng, shape, table, names, chosen, grid) -> str:
    """INSERT statements as Management Studio generates them, or as people write them."""
    types = {"int": "bigint", "bit": "bit", "guid": "uniqueidentifier", "date": "datetime"}
    full = rng.choice(["[dbo].[%s]", "dbo.%s", "[mgc].[dbo].[%s]", "%s"]) % table
    described = not grid or rng.random() < 0.7
    lines = rng.choice([[], ["USE [mgc]", "GO"], ["-- made by hand", "SET NOCOUNT ON"]])[:]
    if described:
        lines.append("/****** Object:  Table %s    Script Date: 01/31/2012 ******/" % full)
        columns = []
        for name, column in zip(names, chosen):
            kind = "[%s]" % types[column.kind] if column.kind in types else "[nvarchar](max)"
            columns.append("\t[%s] %s %sNULL" % (name, kind, "" if column.nullable else "NOT "))
        lines += ["CREATE TABLE %s(" % full, ("," + shape.end).join(columns), ") ON [PRIMARY]", "GO"]

    def literal(column: Column, value: Optional[str]) -> str:
        if value is None:
            return "NULL"
        if column.kind == "date" and len(value) == 23 and value[4] == "-":
            return "CAST(N'%s' AS DateTime)" % value.replace(" ", "T")
        if column.kind in ("int", "bit") and value.lstrip("-").isdigit():
            return value
        text = "N'%s'" % value.replace("'", "''")
        if "\r\n" in text and rng.random() < 0.3:
            text = text.replace("\r\n", "' + CHAR(13) + NCHAR(10) + N'")
        return text

    listed = " (%s)" % ", ".join("[%s]" % name for name in names) if not described or rng.random() < 0.8 else ""
    into = rng.choice(["INSERT %s%s VALUES", "INSERT INTO %s%s VALUES", "insert %s%s\n values"]) % (full, listed)
    tuples = ["(%s)" % ", ".join(literal(column, value) for column, value in zip(chosen, row)) for row in grid]
    at, several = 0, rng.random() < 0.3
    while at < len(tuples):
        count = rng.randint(1, 5) if several else 1
        lines.append("%s %s" % (into, ("," + shape.end).join(tuples[at : at + count])))
        lines += rng.choice([[], [], ["GO"], ["print 'Processed 100 total records'"]])
        at += count
    return shape.end.join(lines) + shape.end


# Host type, prefix and length of each kind of column in native data.
NATIVE = {"int": ("SQLBIGINT", 1, 8), "bit": ("SQLBIT", 1, 1), "guid": ("SQLUNIQUEID", 1, 16), "date": ("SQLDATETIME", 1, 8)}
NATIVE_TEXT = ("SQLNCHAR", 8, 0)


def native(chosen: List[Column], grid) -> bytes:
    """Rows as `bcp -N` writes them: a length in front of each value, all ones for NULL."""

    def value(column: Column, text: str) -> bytes:
        if column.kind == "int":
            return int({"False": "0", "True": "1"}.get(text, text)).to_bytes(8, "little", signed=True)
        if column.kind == "bit":
            return bytes([text in ("1", "True")])
        if column.kind == "guid":
            return uuid.UUID(text).bytes_le
        if column.kind == "date":
            since = datetime.fromisoformat(text) - datetime(1900, 1, 1)
            ticks = since.seconds * 300 + since.microseconds * 3 // 10000
            return since.days.to_bytes(4, "little", signed=True) + ticks.to_bytes(4, "little")
        return text.encode("utf-16-le", "surrogatepass")

    out = bytearray()
    for row in grid:
        for column, text in zip(chosen, row):
            _, prefix, _ = NATIVE.get(column.kind, NATIVE_TEXT)
            data = None if text is None else value(column, text)
            out += b"\xff" * prefix if data is None else len(data).to_bytes(prefix, "little") + data
    return bytes(out)


def native_format(names: List[str], chosen: List[Column]) -> bytes:
    lines = ["10.0", str(len(names))]
    for index, (name, column) in enumerate(zip(names, chosen), 1):
        host, prefix, length = NATIVE.get(column.kind, NATIVE_TEXT)
        lines.append('%-8d%-16s%-8d%-8d""   %-6d%-30s""' % (index, host, prefix, length, index, name))
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


def terminators(shape: Shape, count: int) -> List[str]:
    def escaped(mark: str) -> str:
        result = ""
        for char in mark:
            result += {"\t": "\\t", "\n": "\\n", "\r": "\\r"}.get(char, char)
            if shape.encoding == "utf-16-le":
                result += "\\0"
        return result

    return [escaped(shape.delimiter)] * (count - 1) + [escaped(shape.end)]


def non_xml_format(shape: Shape, names: List[str], chosen: List[Column]) -> bytes:
    host = "SQLNCHAR" if shape.encoding == "utf-16-le" else "SQLCHAR"
    lines = ["11.0", str(len(names))]
    for index, (name, column, mark) in enumerate(zip(names, chosen, terminators(shape, len(names))), 1):
        collation = "SQL_Latin1_General_CP1_CI_AS" if column.kind in ("text", "extra") else '""'
        lines.append(
            "%-8d%-20s0       %-8d%-12s%-6d%-30s%s"
            % (index, host, 0 if column.kind == "text" else 80, '"%s"' % mark, index, name, collation)
        )
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


def xml_format(shape: Shape, names: List[str], chosen: List[Column]) -> bytes:
    kind = "NCharTerm" if shape.encoding == "utf-16-le" else "CharTerm"
    types: Dict[str, str] = {
        "int": "SQLBIGINT",
        "bit": "SQLBIT",
        "guid": "SQLUNIQUEID",
        "text": "SQLNVARCHAR",
        "date": "SQLDATETIME",
        "extra": "SQLNVARCHAR",
    }
    lines = [
        '<?xml version="1.0"?>',
        '<BCPFORMAT xmlns="http://schemas.microsoft.com/sqlserver/2004/bulkload/format" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">',
        " <RECORD>",
    ]
    for index, (column, mark) in enumerate(zip(chosen, terminators(shape, len(names))), 1):
        extra = ' COLLATION="SQL_Latin1_General_CP1_CI_AS"' if column.kind == "text" else ""
        lines.append(
            '  <FIELD ID="%d" xsi:type="%s" TERMINATOR="%s" MAX_LENGTH="2000000"%s/>'
            % (index, kind, mark.replace("&", "&amp;"), extra)
        )
    lines += [" </RECORD>", " <ROW>"]
    for index, (name, column) in enumerate(zip(names, chosen), 1):
        lines.append(
            '  <COLUMN SOURCE="%d" NAME="%s" xsi:type="%s"%s/>'
            % (index, name, types[column.kind], "" if column.nullable else ' NULLABLE="NO"')
        )
    return ("\n".join(lines + [" </ROW>", "</BCPFORMAT>"]) + "\n").encode("utf-8")


def choose(rng: random.Random, rows: List[dict], **fixed) -> Shape:
    """A random shape that carries all these rows."""
    for _ in range(12):
        shape = replace(random_shape(rng), **fixed)
        if rows and all(carries_row(shape, row) for row in rows):
            return shape
    return replace(CARRIER, **fixed)


def file_name(rng: random.Random, table: str, shape: Shape, number: Optional[int] = None) -> str:
    if table == "tblScopePrincipal" and rng.random() < 0.3:
        table = "tblScopedPrincipal"
    prefixes = ["", "dbo.", "mgc_", "mgc.dbo."] if number is None else ["", "mgc_", "dbo."]
    prefix = rng.choice(prefixes if not table.startswith("tblCompliance") else ["", "dbo.", "mgccomp_"])
    name = prefix + table + ("" if number is None else "_%d" % number)
    return (name.lower() if rng.random() < 0.1 else name) + shape.extension
