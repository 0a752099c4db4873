"""The words of the archive. Each line: (time, author, text, options of `talk.Said`)."""

from .formats import guid
from .people import DOMAIN

REPLACED = "This message was replaced by the Persistent Chat administrator."
STORED_NAME = "0f3b2c55-6c1e-4f6e-9d3a-2f8f5a1b7c01.xlsx"
SWAPS_LINK = f"ma-chan://{DOMAIN}/{guid('node swaps')}"


def rich(body):
    return "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Segoe UI;}}\r\n\\f0\\fs20 " + body + "\\par\r\n}"


YEAR_END = [
    ("16:00:05", "lena", "Last trading day. Books close at 17:00.", {"alert": True}),
    ("16:41:50", "hans", "Books closed.", {}),
    ("16:42:10", "lena", "Thanks all. See you in 2010!", {}),
]
FALCON_2009 = [
    ("10:00:00", "lena", "Falcon kick-off notes are on the share.", {"exact": True}),
    ("10:02:31", "hans", "Got them.", {}),
]
FALCON_2010 = [
    ("11:15:00", "hans", "Falcon is cancelled. The room will be closed.", {}),
    ("11:15:40", "ann", "Understood.", {}),
]

MORNING_2009 = [
    ("07:30:01", "eve", "Good morning, first call on the new system.", {}),
    ("07:31:12", "hans", "Morning.", {}),
    ("07:33:40", "eve", "EURUSD 1.4870, nothing on the tape.", {}),
]
MORNING_NOVEMBER = [
    ("07:30:02", "eve", "Morning call starts.", {"alert": True}),
    ("07:31:15", "ann", "London: long gilts heavy, 10y 1.78", {"rtf": rich("London: {\\b long gilts} heavy, 10y 1.78")}),
    ("07:32:20", "dmitri", "Офис в Париже: без изменений.", {}),
    ("07:34:05", "ann", "ok", {}),  # two at one tick: both are real
    ("=", "ann", "ok", {}),
    ("07:34:06", "eve", "ok", {}),
    ("07:40:00", "eve", "Next: supply.\r\n- DMO 2022\r\n- OAT long end", {"breaks": "spaces"}),
    ("07:44:30", "grace", "DMO at 10:30, expect 2 bp concession", {"gap": 2}),
    ("07:50:00", "hans", "Noted.", {}),
    ("07:58:59", "eve", "Call ends.", {}),
    ("08:05:00", "ann", "Late: Bunds +12 ticks", {"archived": False}),
]
MORNING_JANUARY = [
    ("07:30:04", "eve", "First call on the new server.", {"archived": False}),
    ("07:31:00", "kim", "Hello from the digital desk 👋", {"archived": False, "rtf": rich("Hello from the digital desk \\u-10179?\\u-9141?")}),
]

EQUITIES_2009 = [
    ("08:00:01", "carla", "Opening auction imbalance 120k buy", {}),
    ("08:00:09", "bob", "Seen.", {}),
    ("08:15:00", "carla", "Flat.", {}),
]
EQUITIES_NOVEMBER = [
    ("08:00:03", "carla", "Block 50,000 FAB at 101.25; buyer waiting", {}),
    ("08:00:30", "bob", "done", {}),  # two at one tick, in a room whose ids were given out anew
    ("=", "bob", "done", {}),
    ("08:01:00", "carla", "Both legs?", {}),
    ("08:01:09", "bob", "Both.", {}),
    ("08:02:00", "carla", "Booked.", {"rtf": rich("Booked.")}),
]
EQUITIES_JANUARY = [
    ("08:00:11", "kim", "Is this room still in use?", {"archived": False}),
    ("08:03:00", "carla", "Yes.", {"archived": False}),
]

SWAPS_2009 = [
    ("09:00:00", "bob", "Year-end fixing: 3m 0.700", {}),
    ("12:30:00", "hans", "Half day. Closing.", {}),
]
SWAPS_NOVEMBER = [
    ("09:00:10", "bob", "10y GBP swap 1.905/1.915", {"rtf": rich("10y GBP swap {\\b 1.905/1.915}")}),
    ("09:01:22", "pat", "Fabrikam pays 1.912 in 25m", {}),
    ("09:02:00", "bob", "ok", {}),  # two at one tick
    ("=", "bob", "ok", {}),
    ("09:02:01", "ann", "ok", {}),
    ("09:05:00", "ann", "Confirm:\r\nnotional\t25m\r\nrate\t1.912", {"breaks": "refs"}),
    ("09:08:00", "hans", "Customer 4711 defaulted, keep it quiet", {"replaced": REPLACED}),
    ("09:09:30", "ann", "Hans, please do not write that here.", {}),
    ("09:12:00", "ann", "He said \"done, at 1.912\"; I said 'fine'", {}),
    ("09:15:00", "bob", "<a href=\"https://intranet.litware.example/rates?a=1&b=2\">rates page</a>", {}),
    ("09:16:00", "bob", "FIXING MOVED TO 11:00", {"alert": True, "rtf": rich("FIXING MOVED TO 11:00")}),
    ("09:20:00", "ann", f"<a href=\"ma-filelink:{STORED_NAME}\">Trades 5 Nov.xlsx (24 kilobytes)</a>", {}),
    ("09:25:00", "grace", "[STORY]Month-end roll\r\nThe roll goes ahead on the 28th.\r\n\r\nAsk Bob for the grid.",
     {"breaks": "raw"}),
    # Purged from the database before either dump was taken: only the archive has it.
    ("09:31:00", "pat", "Please delete my last message", {"in_old": False, "in_new": False}),
    ("09:40:00", "bob", "line one\nline two\rline three", {"breaks": "raw"}),
    ("09:45:00", "quinn", "Contoso here, good morning", {"gap": 1}),
    ("09:50:00", "ines", "  two blanks before and after  ", {}),
]
SWAPS_JANUARY = [
    ("09:00:00", "bob", "Happy new year from the new server", {"exact": True, "rtf": rich("Happy new year")}),
    ("09:00:45", "kim", "Thanks! 🎉🎉", {}),
    ("09:10:00", "bob", "5y 1.02/1.03", {}),
    ("09:11:00", "kim", "see also " + SWAPS_LINK, {}),
    ("09:30:00", "grace", "No number in the archive", {"numbered": False}),
    ("09:31:00", "bob", "10y 1.98", {"archived": False}),
]
# After the newer dump: the archive alone knows it.
SWAPS_MARCH = [
    ("09:00:00", "kim", "10y 1.87, lower again", {}),
    ("09:00:30", "bob", "and 30y 3.02\r\nsteeper", {}),
    ("09:01:00", "kim", "Noted \u0001 with a control character", {}),
]

HALL_NOVEMBER = [
    ("06:00:00", "farid", "صباح الخير يا فريق", {}),
    ("06:01:30", "grace", "שלום \u200fRTL\u202e reversed \u202c end", {}),
    ("06:02:00", "farid", "السعر 98.50 دولار", {"rtf": rich("\\rtlch \\u1575?\\u1604?\\u1587?\\u1593?\\u1585? 98.50")}),
    ("06:05:00", "farid", "Wrong customer name", {"replaced": REPLACED}),
    ("06:06:00", "carla", "👍🏽", {}),
    ("06:06:30", "carla", "family: 👨‍👩‍👧 flag: 🇬🇧", {}),
    ("06:07:00", "farid", "شكرا", {}),
]
HALL_FEBRUARY = [
    ("06:00:00", "farid", "صباح الخير", {}),
    ("06:03:00", "kim", "مرحبا", {"rtf": rich("\\u1605?\\u1585?\\u1581?\\u1576?\\u1575?")}),
]

CREDIT = [
    ("14:00:00", "carla", "FAB 5y 120/125", {}),
    ("14:00:20", "farid", "125 paid", {}),
    ("14:01:00", "carla", "Only the opening message is in the archive", {}),
    ("14:02:00", "dmitri", "Limit used 80 %", {"alert": True}),
]
TOWN_HALL = [
    ("15:00:00", "ann", "Welcome to the town hall.", {"alert": True}),
    ("15:01:00", "grace", "Q3 numbers: revenue +4,2 %; costs −1.1 %", {"rtf": rich("Q3 numbers: revenue +4,2 %; costs \\u8722?1.1 %")}),
    ("15:02:00", "ann", "Written by the archive with the time as text only", {}),
    ("15:30:00", "ann", "Thank you, and good-bye.", {}),
]
PAYMENTS = [
    ("10:00:00", "ann2", "TARGET2 queue at 300", {}),
    ("10:05:00", "ines", "Cleared.", {}),
]
LOBBY = [
    ("08:10:00", "ann", "Welcome to the lobby.", {}),
    ("08:11:00", "eve", "Thanks!", {}),
]
BOTS = [
    ("12:00:00", "quinn", "Contoso note 17: EM credit", {}),
    ("12:00:01", "quinn", "Contoso note 18: “quotes” – and dashes…", {"archived": False}),
    ("12:05:00", "grace", "=HYPERLINK(\"http://fabrikam.example\";\"looks like a formula\")", {}),
]

_AUTHORS = ("dmitri", "ann2", "eve")
_SPECIAL = [
    ("NULL", {}),
    ("\\N", {}),
    ("null", {}),
    ("\"", {}),
    ("\"\"", {}),
    ("comma, semicolon; tab\there | pipe", {}),
    ("ends with a backslash \\", {}),
    (" leading blank", {}),
    ("trailing blank ", {}),
    ("\ttab at both ends\t", {}),
    ("CR\rLF\nCRLF\r\nLFCR\n\rend", {}),
    ("two empty lines\r\n\r\n\r\nend", {"breaks": "spaces"}),
    ("vertical\u000btab, form\u000cfeed, bell\u0007, escape\u001b[31m", {}),
    ("NUL \u0000 inside", {}),
    ("next line \u0085, line separator \u2028, paragraph \u2029", {}),
    ("byte order mark \ufeff and non-characters \ufffe \uffff", {}),
    ("lone high \ud83d surrogate", {"archived": False}),
    ("lone low \ude00 surrogate", {"archived": False}),
    ("swapped pair \ude00\ud83d", {"archived": False}),
    ("emoji 😀 beyond the first plane 𝒳 𠀀", {}),
    ("composed é, decomposed e\u0301, ligature ﬁ, soft\u00adhyphen, zero\u200bwidth", {}),
    ("<b>not HTML</b> & &amp; &lt; &#65; ]]> <!-- -->", {}),
    ("'; DROP TABLE tblChat; --", {}),
    ("=1+2", {}),
    ("+44 20 7946 0000", {}),
    ("@SUM(A1:A9)", {}),
    ("0x4D41", {}),
    ("True", {}),
    ("00123.4500", {}),
    ("\u00a0no-break blanks\u00a0", {}),
    ("[STORY]Title only", {}),
    ("ma-filelink:7d1f0a52-9a0e-4b58-8a40-0d1c2b3a4f05.txt", {}),
    ("<a href='http://fabrikam.example/'>unclosed", {}),
    ("Łódź, Ærøskøbing, Αθήνα, Москва, 東京, ไทย", {}),
    ("", {"archived": False}),
    (" ", {"archived": False}),
    ("\r\n", {"archived": False}),
    ("[STORY]A long story\r\n" + "".join(f"Paragraph {n}: the quick brown fox jumps over the lazy dog.\r\n"
                                         for n in range(1, 81)), {"archived": False}),
    ("last of the tests", {}),
]
TEST_ROOM = [
    (f"13:{number:02d}:00", _AUTHORS[number % 3], text, options)
    for number, (text, options) in enumerate(_SPECIAL)
]

DIGITAL = [
    ("10:00:00", "kim", "First room of the new tree", {"rtf": rich("First room of the {\\i new} tree")}),
    ("10:00:20", "carla", "👏", {}),
    ("10:01:00", "kim", "ok", {}),
    ("=", "kim", "ok", {}),
]

# room, day, [(time, type, person, content)]
EVENTS = [
    ("morning", "2012-11-05", [
        ("07:29:30", "JOIN", "eve"), ("07:29:41", "JOIN", "ann"), ("07:30:40", "BACKCHAT", "ann", "last 25"),
        ("07:45:10", "PART", "ann"), ("07:59:30", "PART", "eve"),
    ]),
    ("swaps", "2012-11-05", [
        ("09:19:40", "FILEUPLOAD", "ann", STORED_NAME), ("09:21:00", "FILEDOWNLOAD", "pat", STORED_NAME),
        ("09:27:00", "JOIN", "grace"), ("09:33:00", "PART", "pat"),
        ("09:34:00", "BACKCHAT", "hans", "search: \"fixing\" <all>"), ("09:41:00", "PART", "hans"),
    ]),
    ("townhall", "2012-11-09", [
        ("14:59:00", "JOIN", "ann"), ("14:59:30", "JOIN", "grace"), ("15:31:00", "PART", "grace"),
        ("15:31:20", "ROOMRENAMED", "ann", "from \"Townhall\" to \"Town hall\""),
    ]),
    ("quiet", "2012-11-05", [("09:10:00", "JOIN", "ines")]),
    ("hall", "2012-11-07", [("05:59:59", "JOIN", "farid"), ("06:10:00", "PART", "farid")]),
    ("swaps", "2013-01-15", [
        ("08:59:00", "JOIN", "bob"), ("08:59:20", "JOIN", "kim"), ("09:40:00", "PART", "kim"),
    ]),
    ("digital", "2013-01-16", [("09:59:00", "JOIN", "kim"), ("10:30:00", "PART", "kim")]),
    ("swaps", "2013-03-01", [("08:59:00", "JOIN", "kim"), ("09:02:00", "PART", "kim")]),
]
