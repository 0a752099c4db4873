"""Polars: tblChat as CSV to one CSV, each message once, ordered by room, time and id.

usage: with_polars.py tblChat.csv OUT.csv     (threads by POLARS_MAX_THREADS)
"""

import sys

import polars

SCHEMA = {
    "channelId": polars.Int32,
    "chatId": polars.Int64,
    "chatDate": polars.Int64,
    "userId": polars.Int32,
    "isAlert": polars.UInt8,
    "content": polars.String,
    "rtf": polars.String,
}


def main(source, target):
    rows = polars.read_csv(source, schema=SCHEMA, null_values=["NULL"])
    rows = rows.unique(maintain_order=False).sort("channelId", "chatDate", "chatId")
    rows.write_csv(target)
    print("messages", rows.height)


main(*sys.argv[1:])
