"""DuckDB: tblChat as CSV to one CSV, each message once, ordered by room, time and id.

usage: with_duckdb.py tblChat.csv OUT.csv THREADS
"""

import sys

import duckdb

COLUMNS = {
    "channelId": "INTEGER",
    "chatId": "BIGINT",
    "chatDate": "BIGINT",
    "userId": "INTEGER",
    "isAlert": "UTINYINT",
    "content": "VARCHAR",
    "rtf": "VARCHAR",
}


def main(source, target, threads):
    database = duckdb.connect()
    database.execute(f"SET threads = {int(threads)}")
    database.execute("SET preserve_insertion_order = false")
    database.execute("SET enable_progress_bar = false")
    copied = database.execute(
        f"""COPY (
            SELECT DISTINCT * FROM read_csv(
                '{source}', header = true, auto_detect = false, columns = {COLUMNS},
                delim = ',', quote = '"', escape = '"', nullstr = 'NULL')
            ORDER BY channelId, chatDate, chatId
        ) TO '{target}' (FORMAT csv, HEADER)"""
    )
    print("messages", copied.fetchone()[0])


main(*sys.argv[1:])
