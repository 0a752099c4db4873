"""Rehearses what load.sql does to data: rehearse-tsql.py GC2PC PACKAGE

sqlglot translates its statements on data, and SQLite runs them on a target as the documentation
describes it: side tables filled from the lane's files, then inserts and counts in the script's order.
What arrives is compared with the documents of the package. This shows that joins, keys and counts
are right; it shows nothing of locks, identity columns, transactions or BULK INSERT, which SQLite does
not have.
"""
import csv
import importlib.util
import io
import pathlib
import sqlite3
import subprocess
import sys
import uuid
from xml.etree import ElementTree

from sqlglot import exp, parse_one

here = pathlib.Path(__file__).parent
spec = importlib.util.spec_from_file_location("judge", here / "parse-tsql.py")
judge = importlib.util.module_from_spec(spec)
spec.loader.exec_module(judge)
csv.field_size_limit(1 << 30)

ROOT, SYSTEM = 1, 1
ROLES = {"Member": 41, "Manager": 17, "Voiced": 23, "Creator": 5}
SETTINGS = {"private": 2, "scope": 3, "normal": 4, "auditorium": 5, "open": 6}
NAMESPACE = "{urn:gc2pc:package:1}"


class Target:
    """A content database as the vendor's installer leaves it, with one principal of the package."""

    def __init__(self, known_person, root_guid):
        self.base = sqlite3.connect(":memory:")
        for schema in ("dbo", "gc2pc_staging"):
            self.base.execute(f"ATTACH ':memory:' AS {schema}")
        self.base.create_function("UUID", 0, lambda: str(uuid.uuid4()))
        self.base.create_collation("DATABASE_DEFAULT", lambda one, other: (one > other) - (one < other))
        for line in judge.DOCUMENTED.replace("\n    ", " ").strip().split("\n"):
            name, columns = line.split(":")
            self.base.execute(f"CREATE TABLE dbo.{name} ({', '.join(columns.split())})")
        for table, keys in {"tblChat": "channelId, chatId", "tblNode": "nodeID", "tblPrincipal": "prinID",
                            "tblScopePrincipal": "scopeNodeID, scopePrinID", "tblLastChatId": "nodeID",
                            "tblPrincipalRole": "prinRoleNodeID, prinRolePrinID, prinRoleTypeID"}.items():
            self.base.execute(f"CREATE UNIQUE INDEX dbo.key_{table} ON {table} ({keys})")
        self.put("tblNode", nodeID=ROOT, parentID=ROOT, nodeGuid=root_guid, nodeType=1, nodeName="Root",
                 behavior=4, visibility=2)
        self.put("tblPrincipal", prinID=SYSTEM, prinGuid=str(uuid.uuid4()), prinTypeID=4)
        self.put("tblPrincipal", prinID=77, prinGuid=known_person, prinTypeID=5, prinName="who was there before")
        for name, number in ROLES.items():
            self.put("tblRoleType", rtypeID=number, rtypeDesc=name)
        for name, number in SETTINGS.items():
            self.put("tblEnumValue", valueID=number, attributeValue=name)
        for number in range(4, 11):
            self.put("tblPrincipalType", ptypeID=number)

    def put(self, table, **values):
        marks = ", ".join("?" * len(values))
        self.base.execute(f"INSERT INTO dbo.{table} ({', '.join(values)}) VALUES ({marks})", list(values.values()))

    def fill(self, table, rows):
        for row in rows:
            # A message may say `\\N`, which this reader of CSV cannot tell from NULL.
            values = [None if value == "\\N" and at != 7 else value for at, value in enumerate(row)]
            self.base.execute(f"INSERT INTO gc2pc_staging.{table} VALUES ({', '.join('?' * len(values))})", values)

    def all(self, query):
        return self.base.execute(query).fetchall()

    def run(self, words, variables):
        """Runs a statement. Returns the variables that it sets, and its rows."""
        statement = parse_one(words, dialect="tsql")
        wanted = [one for one in statement.expressions if judge.is_assignment(one)] if isinstance(statement, exp.Select) else []
        for one in wanted:
            one.replace(one.expression)
        # Days and milliseconds are the server's own business.
        statement = statement.transform(lambda node: exp.Literal.number(0) if isinstance(node, (exp.DateDiff, exp.DateAdd)) else node)
        statement = statement.transform(lambda node: exp.Literal.string(node.name) if isinstance(node, exp.National) else node)
        statement = statement.transform(
            lambda node: literal(variables.get(node.name)) if isinstance(node, exp.Parameter) else node)
        # SQLite has no types whose length could be `max`.
        text = statement.sql(dialect="sqlite").replace("TEXT(MAX)", "TEXT")
        try:
            found = self.base.execute(text).fetchall()
        except sqlite3.OperationalError as error:
            raise ValueError(f"{error}: {text}") from error
        return wanted, found


def literal(value):
    return exp.Null() if value is None else exp.Literal.number(value) if isinstance(value, int) else exp.Literal.string(value)


def rehearse(script, rows, known_person, spoil=None, root_guid="00000000-0000-0000-0000-00000000000a"):
    """Runs the script. Returns the target and everything that a check of it found."""
    target, objections = Target(known_person, root_guid), []
    variables = {"now": "2015-06-07 08:09:10"}
    for words in judge.statements(judge.prepared(script)):
        if any(system in words for system in ("sys.columns", "COLUMNPROPERTY", "OBJECT_ID", "serverAddress")):
            continue
        wanted, found = target.run(words, variables)
        for one in wanted:
            name = one.this.name
            if name == "why":
                objections += [row for row in found if any(row)]
            elif name != "loaded":
                variables[name] = found[0][0]
        if words.startswith("INSERT INTO gc2pc_staging.[Expected]"):
            for table, content in rows.items():
                target.fill(table, content)
            if spoil:
                target.base.execute(spoil)
    return target, objections


def rows_of(gc2pc, package):
    folder = package / "data/staging"
    files = sorted([*folder.glob("*.bcp"), *folder.glob("*.fmt")])
    rows = {}
    for file in folder.glob("*.bcp"):
        ran = subprocess.run([gc2pc, "rows", *files, file.stem], capture_output=True, check=True)
        text = ran.stdout.decode("utf-8", "replace")
        rows.setdefault(file.stem.split(".")[0], []).extend(list(csv.reader(io.StringIO(text, newline="")))[1:])
    return rows


def documents(package):
    parse = lambda name: ElementTree.parse(package / "data/import" / name).getroot()
    people = {person.get("Id"): person.get("Guid") for person in parse("User.xml")}
    rooms = {room.get("Guid"): room for room in parse("RoomDirectory.xml").iter(f"{NAMESPACE}Room")}
    categories = {one.get("Guid"): one for one in parse("Category.xml")}
    messages = []
    for path in (package / "data/import/Content").glob("*.xml"):
        root = ElementTree.parse(path).getroot()
        messages += [(root.get("Room"), int(one.get("Seq")), people[one.get("Author")]) for one in root]
    return people, rooms, categories, sorted(messages)


def compare(target, package):
    people, rooms, categories, messages = documents(package)
    member = lambda one: people[one.get("Person")]
    arrived = target.all("""SELECT n.nodeGuid, p.prinGuid FROM dbo.tblChat c JOIN dbo.tblNode n ON n.nodeID = c.channelId
        JOIN dbo.tblPrincipal p ON p.prinID = c.userId ORDER BY n.nodeGuid, c.chatId""")
    assert arrived == [(room, author) for room, _, author in messages], "messages, their order and their authors"
    nodes = target.all("SELECT n.nodeGuid, p.nodeGuid, n.visibility, n.behavior, n.disabled, n.invite FROM dbo.tblNode n "
                       "JOIN dbo.tblNode p ON p.nodeID = n.parentID WHERE n.nodeType = 0 ORDER BY 1")
    words = {"Secret": "private", "Closed": "scope", "Open": "open", "Normal": "normal", "Auditorium": "auditorium"}
    expected = [(guid, room.get("Category"), SETTINGS[words[room.get("Privacy")]], SETTINGS[words[room.get("Behavior")]],
                 int(room.get("Disabled") == "true"), 0 if room.get("Invitations") == "False" else None)
                for guid, room in sorted(rooms.items())]
    assert nodes == expected, "rooms and their settings"
    below = target.all(f"SELECT COUNT(*) FROM dbo.tblNode WHERE nodeType = 1 AND parentID = {ROOT} AND nodeID <> {ROOT}")
    assert below == [(len(categories),)], "categories below the root"
    roles = set()
    for guid, room in rooms.items():
        for name, role in (("Members", "Member"), ("Managers", "Manager"), ("Presenters", "Voiced")):
            taken = (role != "Member" or room.get("Privacy") != "Open") and (role != "Voiced" or room.get("Behavior") == "Auditorium")
            roles |= {(guid, member(one), ROLES[role]) for one in room.find(NAMESPACE + name)
                      if taken and one.get("OutsideScope") is None}
    for guid, category in categories.items():
        roles |= {(guid, member(one), ROLES["Creator"]) for one in category.find(f"{NAMESPACE}Creators")}
    found = target.all("""SELECT n.nodeGuid, p.prinGuid, r.prinRoleTypeID FROM dbo.tblPrincipalRole r
        JOIN dbo.tblNode n ON n.nodeID = r.prinRoleNodeID JOIN dbo.tblPrincipal p ON p.prinID = r.prinRolePrinID""")
    assert set(found) == roles and len(found) == len(roles), "roles"
    scopes = {}
    for guid, category in categories.items():
        for name, denied in (("AllowedMembers", 0), ("DeniedMembers", 1)):
            scopes |= {(guid, member(one)): denied for one in category.find(NAMESPACE + name)}
    found = target.all("""SELECT n.nodeGuid, p.prinGuid, s.scopeIsDenied FROM dbo.tblScopePrincipal s
        JOIN dbo.tblNode n ON n.nodeID = s.scopeNodeID JOIN dbo.tblPrincipal p ON p.prinID = s.scopePrinID""")
    assert {(node, person): denied for node, person, denied in found} == scopes, "scopes"
    principals = target.all("SELECT prinGuid FROM dbo.tblPrincipal WHERE prinID <> 1")
    assert sorted(principals) == sorted((guid,) for guid in people.values()), "each principal once"
    kept = target.all("SELECT prinID, prinName FROM dbo.tblPrincipal WHERE prinName = 'who was there before'")
    assert kept == [(77, "who was there before")], "who was there before stays"
    low = target.all("""SELECT COUNT(*) FROM dbo.tblLastChatId l
        WHERE l.lastChatID < (SELECT MAX(c.chatId) FROM dbo.tblChat c WHERE c.channelId = l.nodeID)""")
    assert low == [(0,)], "no last chat id below that of a message"
    return len(messages)


def main(gc2pc, package):
    package = pathlib.Path(package)
    script = (package / "data/staging/load.sql").read_text()
    rows = rows_of(gc2pc, package)
    known_person = rows["People"][3][1]
    target, objections = rehearse(script, rows, known_person)
    assert not objections, f"a sound package is objected to: {objections}"
    messages = compare(target, package)
    target, objections = rehearse(script, rows, known_person, root_guid=rows["Categories"][0][1])
    assert not objections, f"the root has the GUID of a category: {objections}"
    assert len(target.all("SELECT DISTINCT nodeGuid FROM dbo.tblNode")) == 1 + len(rows["Categories"]) + len(rows["Rooms"])
    for spoil in ["DELETE FROM gc2pc_staging.Messages WHERE Seq = 1",
                  "DELETE FROM gc2pc_staging.People WHERE Person = 1",
                  "DELETE FROM gc2pc_staging.Scopes WHERE Category = (SELECT MIN(Category) FROM gc2pc_staging.Scopes)",
                  "UPDATE gc2pc_staging.Messages SET ChatId = ChatId + 1000000 WHERE Seq = (SELECT MAX(Seq) FROM gc2pc_staging.Messages)",
                  "UPDATE gc2pc_staging.Messages SET Author = 999999 WHERE Seq = 1",
                  "UPDATE gc2pc_staging.Rooms SET Visibility = 'hidden' WHERE Number = (SELECT MIN(Number) FROM gc2pc_staging.Rooms)",
                  "UPDATE gc2pc_staging.Rooms SET Category = 999999",
                  "UPDATE gc2pc_staging.Roles SET RoleType = 'Owner'"]:
        try:
            _, objections = rehearse(script, rows, known_person, spoil)
        except sqlite3.IntegrityError as error:
            objections = [error]
        assert objections, f"nothing objects to: {spoil}"
    print(f"rehearsed: {messages} messages arrive, and every spoiled load is objected to")


if __name__ == "__main__":
    main(*sys.argv[1:])
