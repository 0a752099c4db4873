"""README.md with the totals in it, so that the page and expected.json cannot disagree."""

PAGE = """# Samples

A small invented bank (litware.example) with guests from fabrikam.example and contoso.example. Everything here but the
backup, this page too, is written by `generate.py` (Python 3.9 or newer, standard library only, the same bytes each time):

    python3 samples/generate.py            write all files anew
    python3 samples/generate.py --check    fail if a file differs

The backup is made of `mgc-2010/` by the builder of the tests, which checks that it is, byte for byte:

    GC2PC_WRITE_SAMPLES=1 cargo test --test database_files sample    write it anew

The default conversion, which rejects nothing and has no finding of level *error*:

    gc2pc convert samples/mgc-2010 samples/mgc-2013 samples/compliance -o history.zip

`expected.json` holds what a right conversion comes to; the script computes it from its own model (`make/truth.py`), not from
gc2pc. A value `[least, most]` stands where equal records of two streams may either survive; totals of a set are always exact.
`status` is null, and `left_open` says why, where the rules do not decide. `messages_of_sound` lists every message of the
default conversion; any of its `chat_ids` may stand in the package. A record is one message or one compliance event; a row of
`tblComplianceParticipant` is a join and, if it has one, a part. Rows of other tables are no records and stand under
`structure_rows`. `.gitattributes` keeps git from changing line ends.

## What each shows

| sample | form | shows |
|---|---|---|
| `mgc-2010/` | UTF-8, comma, CRLF, `NULL`; `tblChat` with a byte order mark | the old product: nested tree, scopes, inherited members, guests; a lone surrogate is its three bytes |
| `mgc-2010.bak` | backup of SQL Server 2008 R2 (version 661), not compressed, with page checksums | the tables of `mgc-2010/` once more, row for row: 19 of them, clustered by their primary keys, texts within and outside of their rows |
| `mgc-2013/` | UTF-16LE with mark; `tblChat` TAB, `tblNode` as `Export-Csv` (`#TYPE`, True/False, empty for NULL), others semicolon | the same deployment after the migration and ten weeks on: flat, other numbers, RTF |
| `compliance/2012-11/batch-*.xml` | many rooms a file | re-run that overlaps (0002 repeats part of 0001 with other letters in types and addresses); twins cut apart between two files; every event type; `batch-0003` has a byte order mark and a Conversation with `FirstMessage` alone |
| `compliance/2012-11/rooms/*.xml` | one room a file | room and user details; an unknown event type (`town-hall`); a message with `string` as its only time; illegal characters as references (`systems-test`) |
| `compliance/2013-*/*.xml` | after the migration | other `Sender/@id` for the same people; a CHAT with id 0 in two files; messages later than either dump |
| `compliance/2012-11/batch-0001.ATTACH` | manifest | is listed, never parsed |
| `compliance/filedump/` | the sample transform | milliseconds, no authors; its messages stand elsewhere too, its events nowhere else |
| `published/` | XML | the vendor's published example: a room with a number for a GUID, events only |
| `tblChat-alone/` | Windows-1252, semicolon, LF | one table without rooms or people; column names in other letters |
| `missing-author/` | UTF-8, comma | one message whose author has no row (PRIN-MISSING) |
| `mgccomp/` | UTF-8, comma | the queue: types 1, 2, 3, 4, 9, 10, 11 and the undocumented 5; stays with and without an end |
| `damaged/` | one fault a folder | see below |

### Tables of the two dumps

| file | shows |
|---|---|
| `tblNode` | the tree below, with tri-state settings and stored definers (2010), `purgedOn` as 11/30/2012 11:59:59 PM (2013) |
| `tblChat` | every text below; in 2013 the columns stand in another order and `rtf` is there |
| `tblPrincipal`, `tblPrincipalType` | users, guests, groups, containers; GUIDs in capitals and the types 6, 7, 11 gone in 2013 |
| `tblPrincipalRole`, `tblRoleType` | members, managers, presenters; creators and expanded members in 2013 |
| `tblScopePrincipal` | scopes; a denied person in 2013 |
| `tblPrincipalAffiliations` | who is in which group, the row of one's own with index −1 |
| `tblEnumAttribute`, `tblEnumValue` | static; in 2010 with its columns in another order |
| `tblSiopWhiteList` | the add-in, quotes and `&` in its address |
| `tblLastChatId` | the last id given out in each room |
| `tblPrincipalInvites`, `tblLastInviteId` | `datetime` with 1/300 s |
| `tblPreference` | an encoded text and a NULL |
| `tblFileToken` | `fileTokenExpireTime` in 2010, `fileTokenExpireDate` and more in 2013 |
| `tblConfig` | a text with line breaks and quotes |
| `tblServerIdentity`, `tblSystemRevision` | tables that nothing depends on |

### Rooms and categories

| node | shows |
|---|---|
| Markets / Trading / Rates | three levels; `Swaps desk` becomes `Markets_Trading_Rates_Swaps desk` |
| Markets, Credit | a scope, and one narrowed below it; Credit starts its members anew |
| Credit flow | scope rows on a room; a member outside of them |
| Operations | `inheritance = 1` against the overrides of `Payments incidents` |
| Firm-wide | no scope rows up to the root; invitations off in the category, on in `Town hall` |
| Empty shelf, Quiet room | a category without rooms, a room without messages |
| Town hall | an auditorium with presenters |
| Morning "call" – “London” & Paris | quotes and ampersand in a name; a presenter of a normal room; **ids and `channelId` new** in 2013 |
| Equities | the same `channelId` in both dumps, **but ids given out anew** (ID-REUSED) |
| Swaps desk | another `channelId`, the same ids; settings and members edited after the migration; one message replaced |
| قاعة التداول | a right-to-left name; the same `channelId` and ids in both dumps; one message replaced |
| Old project Falcon | disabled |
| Research bots | an add-in; its own settings for history, upload, invitations |
| Lobby | directly under the root in 2010, moved to Firm-wide by 2013 |
| Year-end 2009 | only in the older dump, as is Lena Brandt |
| Digital, Digital desk | only in the newer dump, as is Kim Satō |
| Systems test | texts of every kind: `NULL`, `\\N`, quotes, delimiters, all line breaks, blanks at the ends, NUL and control characters, lone surrogates, non-characters, emoji, stories, links, formulas, markup, an empty text |

Further: root manager Ann Meyer (and a second Ann Meyer); disabled Hans Größl, deleted by 2013; Jonas Weber, whose address changed;
guests Pat and Quinn, disabled by the migration; groups, OUs and the domain as principals, with their affiliations; prinID 10 is
Ann in one dump and Bob in the other; what was said before 2010 is missing in 2013; role numbers are invented and differ.

## Totals

@SETS@

`ids reused` counts rooms with the finding ID-REUSED; `conflicts` counts pairs. Ticks, texts and totals of each stream are in `expected.json`.

### Damaged

@DAMAGED@

The sound rows of the tables name people and rooms without rows of their own, so PRIN-MISSING stands beside what is in the table.
"""

FAULTS = {
    "truncated": "ends within a quoted field of row 3",
    "too-many-fields": "row 2 has a field too many",
    "too-few-fields": "row 2 has four of six fields",
    "bad-number": "`chatId` of row 2 is a word",
    "tick-out-of-range": "`chatDate` of row 2 is one tick after the year 9999",
    "invalid-utf8": "a byte order mark says UTF-8, row 2 has a Latin-1 letter",
    "broken-xml": "cut within the text of message 3",
    "doctype": "declares entities",
    "other-root": "the root is `Archive`",
    "empty-file": "no byte",
    "csv-named-xml": "a sound table named `tblChat.xml`",
    "no-zip": "text named `archive.zip`",
}


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def render(expected):
    """Returns the page."""
    def status(entry):
        return "" if entry["status"] is None else entry["status"]

    counts = ("read", "written", "duplicate", "rejected")
    sets = table(
        ["set", "inputs", "status", *counts, "messages", "events", "rooms with messages", "conflicts", "ids reused",
         "first", "last"],
        [[f"`{name}`", " ".join(f"`{i}`" for i in e["inputs"]), status(e), *(e["totals"][c] for c in counts), e["messages"],
          e["events"], e["rooms_with_messages"], e["conflict_pairs"], e["ids_reused"], e["first"] or "", e["last"] or ""]
         for name, e in expected["sets"].items()],
    )
    damaged = table(
        ["`damaged/`", "fault", "status", *counts, "left open by the rules"],
        [[f"`{name}`", FAULTS[name], status(e), *(e["totals"][c] for c in counts), e["left_open"] or ""]
         for name, e in expected["damaged"].items()],
    )
    return PAGE.replace("@SETS@", sets).replace("@DAMAGED@", damaged)
