"""An administrator's script: tblChat as CSV to one XML document a room in a ZIP, each message once.

usage: script.py tblChat.csv OUT.zip
"""

import csv
import hashlib
import sys
import zipfile
from xml.sax.saxutils import escape


def messages(path):
    seen = set()
    rooms = {}
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        next(reader)
        for row in reader:
            row = tuple(row)
            if row not in seen:
                seen.add(row)
                rooms.setdefault(row[0], []).append(row)
    return len(seen), rooms


def document(room, rows):
    yield f'<Content Room="{room}">\n'
    for _, chat_id, date, user, alert, content, rtf in rows:
        line = f'<Message ChatId="{chat_id}" Date="{date}" Author="{user}" Alert="{alert}"><Text>{escape(content)}</Text>'
        if rtf != "NULL":
            line += f"<Rtf>{escape(rtf)}</Rtf>"
        yield line + "</Message>\n"
    yield "</Content>\n"


def main(source, target):
    csv.field_size_limit(1 << 30)
    count, rooms = messages(source)
    manifest = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for room, rows in sorted(rooms.items()):
            rows.sort(key=lambda row: (int(row[2]), int(row[1])))
            data = "".join(document(room, rows)).encode()
            manifest.append(f"{hashlib.sha256(data).hexdigest()}  {room}.xml\n")
            archive.writestr(f"{room}.xml", data)
        archive.writestr("manifest-sha256.txt", "".join(manifest))
    print("messages", count)


main(*sys.argv[1:])
