"""What was said, and who came and went: the truth that every sample shows a part of."""

from dataclasses import dataclass
from typing import Optional

from . import texts
from .formats import odd_ticks, ticks
from .tree import NEW, OLD

OLD_DUMP = ticks("2012-11-30 18:00:00")
KEPT_SINCE = ticks("2010-01-01 00:00:00")  # the migration left out what was older
NEW_DUMP = ticks("2013-02-15 20:00:00")
RENUMBERED = ("morning", "equities")  # rooms that the migration numbered from 1 again


@dataclass
class Said:
    """One message as it truly was. `old_id` and `new_id` are its chat ids before and after the migration."""

    room: str
    time: int
    who: str
    text: str
    alert: bool = False
    rtf: Optional[str] = None
    replaced: Optional[str] = None  # what an administrator put in its place before the newer dump
    breaks: str = "refs"  # how line breaks fare in compliance XML
    archived: bool = True  # may stand in compliance XML
    numbered: bool = True  # carries its chat id in compliance XML
    in_old: bool = False
    in_new: bool = False
    old_id: int = 0
    new_id: int = 0


@dataclass(frozen=True)
class Happened:
    """One compliance event that is no message."""

    room: str
    time: int
    type: str
    who: str
    content: str = ""


def conversations():
    """Yields (room, day, [(time, who, text, options)]); the time `=` repeats the tick before."""
    yield "yearend", "2009-12-30", texts.YEAR_END
    yield "falcon", "2009-12-14", texts.FALCON_2009
    yield "falcon", "2010-03-02", texts.FALCON_2010
    yield "morning", "2009-11-20", texts.MORNING_2009
    yield "morning", "2012-11-05", texts.MORNING_NOVEMBER
    yield "morning", "2013-01-14", texts.MORNING_JANUARY
    yield "equities", "2009-10-01", texts.EQUITIES_2009
    yield "equities", "2012-11-06", texts.EQUITIES_NOVEMBER
    yield "equities", "2013-01-21", texts.EQUITIES_JANUARY
    yield "swaps", "2009-12-31", texts.SWAPS_2009
    yield "swaps", "2012-11-05", texts.SWAPS_NOVEMBER
    yield "swaps", "2013-01-15", texts.SWAPS_JANUARY
    yield "swaps", "2013-03-01", texts.SWAPS_MARCH
    yield "hall", "2012-11-07", texts.HALL_NOVEMBER
    yield "hall", "2013-02-14", texts.HALL_FEBRUARY
    yield "credit", "2012-11-08", texts.CREDIT
    yield "townhall", "2012-11-09", texts.TOWN_HALL
    yield "payments", "2012-11-12", texts.PAYMENTS
    yield "lobby", "2012-11-13", texts.LOBBY
    yield "bots", "2012-11-14", texts.BOTS
    yield "test", "2012-11-15", texts.TEST_ROOM
    yield "digital", "2013-01-16", texts.DIGITAL


def messages():
    """Returns every message with its numbers, by room and time."""
    said = []
    next_old, next_new, last = {}, {}, 0
    for room, day, lines in conversations():
        for number, (clock, who, text, options) in enumerate(lines):
            options = dict(options)
            gap = options.pop("gap", 0)  # ids of messages that were purged
            exact = options.pop("exact", False)
            if clock != "=":
                moment = f"{day} {clock}"
                last = ticks(moment) if exact else odd_ticks(moment, room, number)
            message = Said(room, last, who, text)
            message.in_old = room in OLD and last < OLD_DUMP
            message.in_new = room in NEW and KEPT_SINCE <= last < NEW_DUMP
            for name, value in options.items():
                assert hasattr(message, name), name
                setattr(message, name, value)
            message.old_id = next_old[room] = next_old.get(room, 0) + 1 + gap
            message.new_id = message.old_id
            if room in RENUMBERED:
                assert message.archived is False or last < OLD_DUMP
                if message.in_new:
                    message.new_id = next_new[room] = next_new.get(room, 0) + 1
            said.append(message)
    return said


def happened():
    """Returns every event that the compliance XML may show."""
    out = []
    for room, day, lines in texts.EVENTS:
        for number, (clock, type, who, *content) in enumerate(lines):
            time = odd_ticks(f"{day} {clock}", room, "event", number)
            out.append(Happened(room, time, type, who, *content))
    return out
