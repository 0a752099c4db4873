"""Small bad inputs, each in a folder of its own under `damaged/`."""

from .formats import delimited, odd_ticks
from .records import TABLE, XML, Record, Rejected
from .tree import OLD
from .people import DOMAIN

COLUMNS = "channelId chatId chatDate userId isAlert content".split()
MAX_TICKS = 3_155_378_975_999_999_999


def rows():
    return [(5, n, odd_ticks(f"2012-03-0{n} 09:00:00", "damaged"), 10 + n, 0, text)
            for n, text in enumerate(["first, sound", "second", "third, sound"], 1)]


def record(stream, row):
    return Record(stream, TABLE, str(row[0]), row[2], f"#{row[3]}", row[5], chat_id=row[1],
                  numbering=("table", row[0]), alert=False)


def add_table(folder, name, data, bad):
    """Adds a tblChat of three rows, of which the row with number `bad` cannot be used."""
    stream = f"{name}/tblChat.csv"
    records = [Rejected(stream) if n == bad else record(stream, row) for n, row in enumerate(rows(), 1)]
    folder.add(f"damaged/{stream}", data, records)


def write_damaged(folder):
    sound = delimited(COLUMNS, rows())
    lines = sound.split("\r\n")
    cut = sound.index("third") + 5
    assert sound[cut - 6] == '"'
    add_table(folder, "truncated", sound[:cut].encode(), 3)

    def second(line):
        return "\r\n".join([*lines[:2], line, *lines[3:]]).encode()

    fields = lines[2].split(",")
    add_table(folder, "too-many-fields", second(lines[2] + ",surplus"), 2)
    add_table(folder, "too-few-fields", second(",".join(fields[:4])), 2)
    add_table(folder, "bad-number", second(",".join([fields[0], "two", *fields[2:]])), 2)
    add_table(folder, "tick-out-of-range", second(",".join([*fields[:2], str(MAX_TICKS + 1), *fields[3:]])), 2)
    bad_byte = second(lines[2] + " caf#").replace(b"caf#", b"caf\xe9 au lait")
    add_table(folder, "invalid-utf8", b"\xef\xbb\xbf" + bad_byte, 2)
    write_xml(folder)
    folder.add("damaged/empty-file/tblChat.csv", b"", [])
    stream = "csv-named-xml/tblChat.xml"
    folder.add("damaged/" + stream, sound.encode(), [record(stream, row) for row in rows()])
    folder.add("damaged/no-zip/archive.zip", b"PK this is no ZIP archive, only its first two letters\r\n", [])


def write_xml(folder):
    room = OLD["townhall"]

    def message(number):
        time = odd_ticks(f"2012-04-0{number} 09:00:00", "damaged")
        return time, (f'<Message type="CHAT" content="message {number}" id="{number}"><Sender UserName="Ann Meyer" '
                      f'id="10" email="" internal="true" uri="ann.meyer@{DOMAIN}" />'
                      f'<DateTimeUTC long="{time}" /></Message>\n')

    head = '<?xml version="1.0" encoding="utf-8"?>\n'
    body = f'<Conversations><Conversation><Channel uri="{room.uri}" name="{room.uri}" islogged="" />\n<Messages>\n'
    tail = "</Messages></Conversation></Conversations>\n"
    times, messages = zip(*(message(n) for n in (1, 2, 3)))
    whole = head + body + "".join(messages) + tail
    stream = "broken-xml/broken.xml"
    records = [
        Record(stream, XML, room.guid, time, f"ann.meyer@{DOMAIN}", f"message {n}", chat_id=n, numbering=("xml", DOMAIN))
        for n, time in enumerate(times[:2], 1)
    ]
    folder.add("damaged/" + stream, whole[: whole.index("message 3") + 7].encode(), [*records, Rejected(stream)])
    doctype = '<!DOCTYPE Conversations [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>\n'
    folder.add("damaged/doctype/doctype.xml",
               (head + doctype + body + messages[0].replace("message 1", "&b;") + tail).encode(), [])
    folder.add("damaged/other-root/other-root.xml",
               (head + "<Archive><Item>A custom transform can print anything.</Item></Archive>\n").encode(), [])
