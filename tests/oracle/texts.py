"""Message texts: ordinary ones, and those that have broken readers before."""

from __future__ import annotations

import random

WORDS = "rates bonds desk lunch risk report call market open close spread audit server build ship".split()

# Texts that have broken readers before.  Not among them: a text that is exactly one NUL, which in a
# bcp file would be an empty string.
NASTY = [
    "",
    " ",
    "   ",
    "\u00a0",
    " leading",
    "trailing ",
    "  both  ",
    "ok",
    "ok ",
    "NULL",
    "null",
    "\\N",
    "\\n",
    "N/A",
    "#TYPE System.Data.DataRow",
    "-----------",
    "(3 rows affected)",
    "channelId,chatId,chatDate,userId,isAlert,content",
    "1,2,633409486005222640,3,0,x",
    "5;6;7",
    "5|6|7",
    "5\t6\t7",
    'say "hi"',
    '"',
    '""',
    '"quoted"',
    "it's",
    "''",
    "a,b",
    "a;b",
    "a|b",
    "a\tb",
    ",",
    ";",
    "|",
    "\t",
    "tail\t",
    "\thead",
    "one\ntwo",
    "one\r\ntwo",
    "one\rtwo",
    "\n",
    "\r",
    "\r\n",
    "a\r\n\r\nb",
    "a\n\rb",
    "end\r\n",
    "\r\nstart",
    "x\r\n\ty",
    "<b>bold</b>",
    "&amp; &lt; &#65;",
    "a < b > c & d",
    "]]>",
    "<![CDATA[x]]>",
    "<!-- no -->",
    '<?xml version="1.0"?>',
    'see <a href="http://litware.example/?a=1&b=2">the page</a>',
    "ma-filelink:ma-chan://litware.example/x/plan.docx",
    "<a href='ma-filelink:x/0988239a-bb66-4616-90a4-b07771a2097c.txt'>plan.txt (3 kilobytes)</a>",
    "[STORY]Title\r\nThe body\r\nof it",
    "=1+1",
    "@SUM(A1)",
    "+49 30 1234",
    "-1",
    "0",
    "00012",
    "1e5",
    "True",
    "\U0001f600",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 family",
    "e\u0301 is not \u00e9",
    "\u65e5\u672c\u8a9e",
    "\u05e9\u05dc\u05d5\u05dd \u202eabc\u202c",
    "\u0645\u0631\u062d\u0628\u0627",
    "zero\u200bwidth",
    "\u2028line\u2029para",
    "caf\u00e9 \u20ac 5 \u201csmart\u201d \u2013 \u00fc\u00df",
    "\u00c3\u00a9",
    "na\u00efve",
    "bell\x07",
    "\x01\x02\x1f",
    "esc\x1b[31m",
    "del\x7f",
    "nel\x85",
    "c1\x9b",
    "vt\x0bff\x0c",
    "nul\0inside",
    "\0\0two",
    "lone \ud83d high",
    "low \ude00 lone",
    "\udc00",
    "\ufffe",
    "not \uffff char",
    "\ufeffbom",
    "replacement \ufffd",
    # Code units whose bytes look like line breaks, delimiters and quotes.
    "\u0a0d\u0d0a\u0a0a",
    "\u2c2c\u3b3b\u7c7c\u0909",
    "\u2222\u2200\u0022x",
    "\u0100\u0200",
    "%s %d {0}",
    "C:\\temp\\new",
    "trailing backslash\\",
    "../../etc/passwd",
    "'; DROP TABLE tblChat; --",
    "GO",
    "This message was replaced by the Persistent Chat administrator.",
]

RTF = [
    r"{\rtf1\ansi\deff0{\fonttbl{\f0 Segoe UI;}}\f0\fs20 hello}",
    r"{\rtf1\ansi \u8364?5 \'e9}",
    "{\\rtf1\\ansi\r\n{\\b bold}\\par\r\n}",
    r"{\rtf1 a,b;c|d " "e" "}",
    "{\\rtf1 tab\\tab}\r\n",
]


def text(rng: random.Random) -> str:
    """A message text: mostly ordinary, often nasty, seldom long."""
    dice = rng.random()
    if dice < 0.30:
        return " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 8)))
    if dice < 0.85:
        return rng.choice(NASTY)
    if dice < 0.985:
        # A high and a low lone surrogate side by side would become one character.
        one, two = rng.choice(NASTY), rng.choice(NASTY)
        return one + " " + two
    return "".join(rng.choice(NASTY + WORDS) + " " for _ in range(rng.choice([200, 1500])))
