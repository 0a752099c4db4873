"""An administrator's script: tblChat as CSV to one XML document a room in a ZIP, each message once.

usage: script.py tblChat.csv OUT.zip
"""

import csv
import hashlib
import sys
import zipfile
from xml.sax.saxutils import escape


def rooms_of(path):
    rooms = {}
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        next(reader)
        for room, chat_id, date, user, alert, content, rtf in reader:
            line = f'<Message ChatId="{chat_id}" Date="{date}" Author="{user}" Alert="{alert}"><Text>{escape(content)}</Text>'
            if rtf != "NULL":
                line += f"<Rtf>{escape(rtf)}</Rtf>"
            message = int(date), int(chat_id), f"{line}</Message>\n".encode()
            if room in rooms:
                rooms[room].add(message)
            else:
                rooms[room] = {message}
    return rooms


def main(source, target):
    csv.field_size_limit(1 << 30)
    rooms = rooms_of(source)
    count = 0
    manifest = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for room in sorted(rooms):
            messages = sorted(rooms.pop(room))
            count += len(messages)
            lines = b"".join(line for _, _, line in messages)
            data = b'<Content Room="%s">\n%s</Content>\n' % (room.encode(), lines)
            manifest.append(f"{hashlib.sha256(data).hexdigest()}  {room}.xml\n")
            archive.writestr(f"{room}.xml", data)
        archive.writestr("manifest-sha256.txt", "".join(manifest))
    print("messages", count)


main(*sys.argv[1:])
