"""What a right conversion must come to: slow, plain, and written without a look at gc2pc.

A class is all records with equal room, author and normal text whose times agree. Each class keeps as many
messages as its numbering with most chat ids; the k-th chat id of one numbering meets the k-th of another.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from .formats import iso, utf16_base64
from .records import FILE_DUMP, TABLE, XML, Rejected


@dataclass
class Message:
    """One message that is kept, with every record that tells of it."""

    room: str
    time: int
    author: str
    normal: str
    records: list = field(default_factory=list)

    @property
    def chat_ids(self):
        return sorted({r.chat_id for r in self.records if r.chat_id is not None})

    def best(self):
        """Returns the records that may survive: those in the richest form."""
        def rank(r):
            return 0 if r.rtf is not None else 1 + [TABLE, XML, FILE_DUMP].index(r.form)

        least = min(map(rank, self.records))
        return [r for r in self.records if rank(r) == least]


def normal(text):
    """Returns the normal text: CRLF, CR, LF and TAB each become one space."""
    return text.replace("\r\n", " ").replace("\r", " ").replace("\n", " ").replace("\t", " ")


def numberings(records):
    """Returns record id -> numbering; a family that gave one id out twice falls apart into its streams."""
    uses = defaultdict(set)
    for r in records:
        if r.chat_id is not None:
            uses[r.room, r.numbering, r.chat_id].add((r.time, r.author))
    reused = {key[:2] for key, said in uses.items() if len(said) > 1}
    return reused, {
        id(r): (r.numbering, r.stream) if (r.room, r.numbering) in reused else (r.numbering,) for r in records
    }


def unite(records):
    """Returns the messages of the given message records, and the families whose ids were reused."""
    fine = [r for r in records if not r.coarse]
    reused, numbering = numberings(fine)
    classes = defaultdict(list)
    for r in fine:
        classes[r.room, r.author, normal(r.text), r.time].append(r)
    messages = []
    for (room, author, text, time), members in classes.items():
        slots = defaultdict(lambda: defaultdict(list))  # numbering -> chat id -> records
        for position, r in enumerate(members):
            slot = ("id", r.chat_id) if r.chat_id is not None else ("nth in its document", position)
            slots[numbering[id(r)]][slot].append(r)
        kept = [Message(room, time, author, text) for _ in range(max(map(len, slots.values())))]
        for by_id in slots.values():
            for message, slot in zip(kept, sorted(by_id)):
                message.records += by_id[slot]
        messages += kept
    return messages + take_coarse([r for r in records if r.coarse], messages), reused


def take_coarse(coarse, messages):
    """Gives each coarse record the earliest finer message that its document has not taken; returns those left alone."""
    assert len({r.stream for r in coarse}) <= 1, "how two coarse documents meet is not shown here"
    taken, alone = set(), []
    for r in sorted(coarse, key=lambda r: r.time):
        fits = [m for m in messages if m.room == r.room and m.normal == normal(r.text) and id(m) not in taken
                and r.time <= m.time < r.time + 10_000]
        assert len({m.author for m in fits}) <= 1, "two authors, one text, one millisecond"
        if fits:
            fits[0].records.append(r)
            taken.add(id(fits[0]))
        else:
            alone.append(Message(r.room, r.time, r.author, normal(r.text), [r]))
    return alone


def conflicts(messages):
    """Returns pairs that agree in room, chat id, author and time, but not in text."""
    return [
        (a, b) for n, a in enumerate(messages) for b in messages[n + 1:]
        if (a.room, a.author, a.time) == (b.room, b.author, b.time) and a.normal != b.normal
        and set(a.chat_ids) & set(b.chat_ids)
    ]


def unite_events(records):
    """Returns groups of equal events."""
    groups = defaultdict(list)
    for r in records:
        groups[r.room, r.event, r.author, r.time, r.text].append(r)
    for a in groups:
        for b in groups:
            far = a is b or a[0] != b[0] or abs(a[3] - b[3]) >= 10_000 or a[1] != b[1]
            assert far or (a[2] is not None and b[2] is not None), "whether a coarse event meets a finer one is not shown"
    return list(groups.values())


def check_plain(messages):
    """Makes sure that no total hangs on a choice the rules leave open."""
    for m in messages:
        best = m.best()
        assert len({(r.text, r.rtf, r.alert) for r in best}) == 1, m
        alerts = {r.alert for r in m.records if r.alert is not None}
        assert len(alerts) <= 1, m


def judge(records):
    """Returns (expected totals, messages) of a set of inputs."""
    rejected = [r for r in records if isinstance(r, Rejected)]
    good = [r for r in records if not isinstance(r, Rejected)]
    messages, reused = unite([r for r in good if r.event is None])
    events = unite_events([r for r in good if r.event is not None])
    check_plain(messages)
    streams = {r.stream: dict(read=0, written=[0, 0], rejected=0) for r in records}
    for r in records:
        streams[r.stream]["read"] += 1
    for r in rejected:
        streams[r.stream]["rejected"] += 1
    for candidates in [m.best() for m in messages] + events:
        names = {r.stream for r in candidates}
        for name in names:
            streams[name]["written"][1] += 1
            streams[name]["written"][0] += len(names) == 1
    written = len(messages) + len(events)
    times = sorted(m.time for m in messages)
    totals = {
        "totals": {"read": len(records), "written": written,
                   "duplicate": len(good) - written, "filtered": 0, "rejected": len(rejected)},
        "messages": len(messages),
        "events": len(events),
        "rooms_with_messages": len({m.room for m in messages}),
        "conflict_pairs": len(conflicts(messages)),
        "ids_reused": len(reused),
        "first": iso(times[0]) if times else None,
        "last": iso(times[-1]) if times else None,
        "streams": {name: stream_totals(**streams[name]) for name in sorted(streams)},
    }
    return totals, messages


def stream_totals(read, written, rejected):
    """Returns the totals of a stream; a range where equal records in two streams may either survive."""
    low, high = written
    good = read - rejected
    if low == high:
        return {"read": read, "written": low, "duplicate": good - low, "rejected": rejected}
    return {"read": read, "written": [low, high], "duplicate": [good - high, good - low], "rejected": rejected}


def listing(messages):
    """Returns every message as tests compare it: in the order of room, time, chat id, text."""
    pairs = conflicts(messages)
    in_conflict = {id(m) for pair in pairs for m in pair}
    out = []
    for m in sorted(messages, key=lambda m: (m.room, m.time, m.chat_ids, m.normal)):
        best = m.best()[0]
        alert = next((r.alert for r in m.records if r.alert is not None), None)
        out.append({
            "room": m.room, "ticks": m.time, "time": iso(m.time), "author": m.author,
            "text_utf16le_base64": utf16_base64(best.text), "rtf": best.rtf, "alert": bool(alert),
            "chat_ids": m.chat_ids, "conflict": id(m) in in_conflict, "records": len(m.records),
        })
    return out
