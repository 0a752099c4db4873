"""Reads the generator's files back, told their shape, so that the generator is tested too.

Nothing is detected here: encoding, delimiter and columns come from the generator.  What is checked is
that the bytes hold what they should, with readers that share no code with the writers.
"""

from __future__ import annotations

import re
import uuid
from typing import Dict, List, Optional

from archive import TICKS_1970
from package import read_csv
from parts import File

ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


def decode(data: bytes, encoding: str) -> str:
    for bom, name in ((b"\xef\xbb\xbf", "utf-8-bom"), (b"\xff\xfe", "utf-16-le-bom"), (b"\xfe\xff", "utf-16-be-bom")):
        if encoding == name:
            if not data.startswith(bom):
                raise ValueError("no byte order mark")
            data, encoding = data[len(bom) :], name[:-4]
    return data.decode(encoding, "surrogatepass" if "16" in encoding else "strict")


def grid(file: File) -> List[List[Optional[str]]]:
    """The fields of a table file without its header; NULL where the shape can tell it."""
    source = file.table
    assert source is not None
    shape = source.shape
    if shape.family == "native":
        return native(file.data, source)
    text = decode(file.data, shape.encoding)
    if shape.family == "script":
        return script(text, shape)
    if shape.family == "bcp":
        lines = text.split(shape.end)
        if lines.pop() != "":
            raise ValueError("no terminator at the end")
        return [
            [None if value == "" else "" if value == "\0" else value for value in line.split(shape.delimiter)]
            for line in lines
        ]
    if shape.family == "sqlcmd":
        lines = text.split("\r\n")
        count = int(lines[-2].split()[0].lstrip("("))
        if lines[-3] != "" or lines[-1] != "" or len(lines) != count + 5 or set(lines[1]) - {"-", shape.delimiter}:
            raise ValueError("not what sqlcmd prints")
        return [list(line.split(shape.delimiter)) for line in lines[2:-3]]
    rows = read_csv(text, shape.delimiter)
    if rows and rows[0][0].startswith("#TYPE System") and len(rows[0]) == 1:
        rows.pop(0)
    if shape.header:
        names = rows.pop(0)
        if names[: len(source.rendered.header)] != source.rendered.header:
            raise ValueError("header is %r" % names)
    return [list(row) for row in rows]


def native(data: bytes, source) -> List[List[Optional[str]]]:
    """The rows of native data: a length and so many bytes for each column; all ones are NULL."""
    kinds = [column.kind for column in source.rendered.columns]
    rows, at = [], 0
    while at < len(data):
        row: List[Optional[str]] = []
        for kind in kinds:
            prefix = 1 if kind in ("int", "bit", "guid", "date") else 8
            length = int.from_bytes(data[at : at + prefix], "little")
            at += prefix
            if length == 256**prefix - 1:
                row.append(None)
                continue
            value = data[at : at + length]
            at += length
            if len(value) != length:
                raise ValueError("the data end within a value")
            if kind == "int":
                row.append(str(int.from_bytes(value, "little", signed=True)))
            elif kind == "bit":
                row.append(source.shape.bits[value[0]])
            elif kind == "guid":
                row.append(str(uuid.UUID(bytes_le=value)))
            else:
                row.append(value.decode("utf-16-le", "surrogatepass"))
        rows.append(row)
    return rows


# A literal of text, a call that makes a line end, a date, NULL, or a number.
VALUE = re.compile(
    r"N'(?:[^']|'')*'(?: \+ N?CHAR\(\d+\)| \+ N'(?:[^']|'')*')*|CAST\(N'[^']*' AS DateTime\)|NULL|-?\d+", re.S
)
PIECE = re.compile(r"N'((?:[^']|'')*)'|CHAR\((\d+)\)", re.S)


def script(text: str, shape) -> List[List[Optional[str]]]:
    """The rows of INSERT statements, by regular expressions: whatever stands in parentheses behind VALUES."""
    rows = []
    for start in re.finditer(r"^insert [^']*?\bvalues ", text, re.I | re.M):
        at = start.end()
        if inside(text, start.start()):
            continue
        while True:
            row: List[Optional[str]] = []
            if text[at] != "(":
                raise ValueError("no row at %d" % at)
            at += 1
            while True:
                value = VALUE.match(text, at)
                if value is None:
                    raise ValueError("no value at %d" % at)
                row.append(meaning(value.group(0)))
                at = value.end()
                if text[at] == ")":
                    break
                at += 2  # a comma and a blank
            rows.append(row)
            behind = text[at + 1 :][: 1 + len(shape.end)]
            if behind != "," + shape.end:
                break
            at += 1 + len(behind)
    return rows


def inside(text: str, at: int) -> bool:
    """Whether a place is within a literal: an odd number of quotes stands before it."""
    return text.count("'", 0, at) % 2 == 1


def meaning(value: str) -> Optional[str]:
    if value == "NULL":
        return None
    if not value.startswith("N'"):
        return value
    pieces = [chr(int(code)) if code else part.replace("''", "'") for part, code in PIECE.findall(value)]
    return "".join(pieces)


def table_problems(file: File) -> List[str]:
    source = file.table
    assert source is not None
    fields = grid(file)
    if len(fields) != len(source.rows):
        return ["%d rows instead of %d" % (len(fields), len(source.rows))]
    found = []
    for number, (values, row) in enumerate(zip(fields, source.rows), 1):
        if len(values) < len(source.rendered.columns):
            found.append("row %d has %d fields" % (number, len(values)))
        for column, value in zip(source.rendered.columns, values):
            wanted = row.get(column.name)
            if column.kind == "extra" or column.kind == "date":
                continue
            if wanted is None:
                good = value in (None, source.shape.null) and column.nullable
            elif column.kind == "guid":
                good = value is not None and value.lower().strip("{}") == wanted
            elif column.kind == "bit":
                good = value == source.shape.bits[bool(wanted)]
            else:
                good = value in (str(wanted), str(int(wanted)) if isinstance(wanted, bool) else str(wanted))
            if not good:
                found.append("row %d, %s: %a instead of %a" % (number, column.name, value, wanted))
    return found


def unescape(value: str) -> str:
    """The value of an attribute: line ends first, then white space, then references."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    value = re.sub("[\t\n]", " ", value)

    def resolve(match) -> str:
        name = match.group(1)
        if name.startswith("#x"):
            return chr(int(name[2:], 16))
        return ENTITIES[name]

    return re.sub("&([#a-zA-Z0-9]+);", resolve, value)


def xml_records(data: bytes) -> List[Dict[str, object]]:
    """The records of a document, by regular expressions: what it holds may be no XML 1.0."""
    if data[:2] == b"\xff\xfe":
        text = data[2:].decode("utf-16-le", "surrogatepass")
    else:
        text = data.decode("utf-8-sig")
    result: List[Dict[str, object]] = []
    for conversation in re.findall("<Conversation[ >].*?</Conversation>", text, re.S):
        if "<RoomID>" in conversation:
            room = re.search("<RoomID>(.*?)</RoomID>", conversation)
            for stamp, content in re.findall(
                "<DateTimeUTC>(.*?)</DateTimeUTC>.*?<Content>(.*?)</Content>", conversation, re.S
            ):
                content = re.sub("\r\n|\r", "\n", content)
                content = re.sub("&#xD;", "\r", content)
                result.append(
                    dict(
                        room=room.group(1) if room else "",
                        ticks=TICKS_1970 + int(stamp) * 10_000,
                        text=re.sub("&(lt|gt|amp);", lambda match: ENTITIES[match.group(1)], content),
                    )
                )
            continue
        uri = re.search('<Channel uri="(.*?)"', conversation)
        found = re.findall("<Message (.*?)</Message>", conversation, re.S)
        found = found or re.findall("<FirstMessage (.*?)</FirstMessage>", conversation, re.S)
        for element in found:
            pairs = {
                name.lower(): value
                for name, value in re.findall('([A-Za-z0-9]+)="(.*?)"', element.split(">")[0], re.S)
            }
            stamp = re.search('long="(.*?)"', element)
            since = re.search('since1970="(.*?)"', element)
            address = re.search('uri="(.*?)"', element, re.I)
            ticks = int(stamp.group(1)) if stamp else TICKS_1970 + int(since.group(1)) * 10_000  # type: ignore
            result.append(
                dict(
                    room=uri.group(1) if uri else "",
                    ticks=ticks,
                    text=unescape(pairs["content"]),
                    type=pairs["type"].upper(),
                    id=int(pairs["id"]),
                    author=address.group(1).lower(),
                )
            )  # type: ignore
    return result


def xml_problems(file: File) -> List[str]:
    records = xml_records(file.data)
    if len(records) != len(file.records):
        return ["%d records instead of %d" % (len(records), len(file.records))]
    found = []
    for number, (given, wanted) in enumerate(zip(records, file.records), 1):
        pairs = [
            ("ticks", given["ticks"], wanted.ticks),
            ("text", given["text"], wanted.text),
            ("room", str(given["room"]).rpartition("/")[2], wanted.room.rpartition("/")[2]),
        ]
        if "type" in given:
            pairs += [
                ("type", given["type"], wanted.type or "CHAT"),
                ("id", given["id"], wanted.chat_id or 0),
                ("author", given["author"], wanted.author),
            ]
        found += ["record %d, %s: %a instead of %a" % ((number,) + pair) for pair in pairs if pair[1] != pair[2]]
    return found


def problems(path: str, file: File) -> List[str]:
    try:
        if file.table is not None:
            found = table_problems(file)
        elif path.endswith(".xml"):
            found = xml_problems(file)
        else:
            return []
    except (ValueError, AttributeError, IndexError, KeyError) as error:
        found = ["%s: %s" % (type(error).__name__, error)]
    return ["%s (%s): %s" % (path, file.table.shape if file.table else "XML", line) for line in found]
