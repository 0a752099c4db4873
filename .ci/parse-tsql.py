"""Lets two independent programs judge scripts in T-SQL: parse-tsql.py SCRIPT... | --self-test SCRIPT

sqlfluff, which knows batches and control of flow, parses the whole; sqlglot, which does not, parses
each statement on data and resolves every column against the tables that the script creates and the
documented tables of the target. Directives of sqlcmd are taken out and its variables filled in
before, as sqlcmd does. Neither is SQL Server: that a script is accepted here does not prove that it
runs. --self-test breaks a script in many ways, each of which must be found.
"""
import re
import sys

import sqlglot
from sqlfluff.core import FluffConfig, Linter
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

VALUES = {"StagingPath": "D:\\staging", "SqlcmdMode": "on"}

# What the vendor documents of the tables that the script names.
DOCUMENTED = """
tblActivePeers: aplServerID aplPeerID
tblServerIdentity: serverID serverAddress serverLastPingTime
tblChat: channelId chatId chatDate userId isAlert content rtf
tblLastChatId: nodeID lastChatID
tblNode: nodeID nodeGuid parentID nodeType nodeName nodeDesc invite logged filePost disabled behavior visibility siopID
    nodeAddedBy nodeAddedOn nodeUpdatedBy nodeUpdatedOn purgedOn
tblPrincipal: prinID prinGuid prinUri prinName prinDisplayName prinCompanyName prinEmail prinADPath
    prinADUserPrincipalName prinDisabled prinTypeID prinPoolID prinPolicyID prinAddedBy prinAddedOn prinUpdatedBy
    prinUpdatedOn prinVerifiedOn
tblPrincipalType: ptypeID ptypeDesc ptypeIsSystemUser ptypeIsUser
tblPrincipalRole: prinRoleNodeID prinRolePrinID prinRoleTypeID prinRoleUpdatedBy
tblRoleType: rtypeID rtypeDesc rtypeAllowedPermSet
tblScopePrincipal: scopeNodeID scopePrinID scopeUpdatedBy scopeIsDenied
tblSiopWhiteList: siopID siopName siopUrl
tblEnumValue: valueID attributeID attributeValue
"""
SYSTEM = {"columns": ["object_id", "name", "is_nullable", "default_object_id", "is_identity", "is_computed",
                      "system_type_id"]}


def prepared(text):
    """Does what sqlcmd does before the server sees anything; fails where sqlcmd would."""
    lines = text.replace("\r\n", "\n").split("\n")
    for line in lines:
        if line.startswith(":") and not re.fullmatch(r':on error exit|:setvar \w+ "\w+"', line):
            raise ValueError(f"no directive of sqlcmd: {line}")
    text = "\n".join("" if line.startswith(":") else line for line in lines)
    return re.sub(r"\$\((\w+)\)", lambda found: VALUES[found[1]], text)


def sqlfluff_problems(text):
    config = FluffConfig(overrides={"dialect": "tsql", "large_file_skip_byte_limit": 0})
    parsed = Linter(config=config).parse_string(text)
    problems = [f"sqlfluff: {violation}" for violation in parsed.violations]
    return problems if parsed.tree else problems + ["sqlfluff: no tree"]


def bare(text):
    """Takes comments out, but not what looks like one within a string."""
    keep = re.compile(r"(N?'(?:''|[^'])*')|/\*.*?\*/|--[^\n]*", re.S)
    return keep.sub(lambda found: found[1] or "", text)


def statements(text):
    """The statements on data: each begins and ends a line, outside of which nothing is indented less."""
    return re.findall(r"(?ms)^(?:INSERT|SELECT|UPDATE|CREATE TABLE)\b.*?;$", bare(text))


def schema_of(parsed):
    tables = {"sys": {name: dict.fromkeys(columns, "int") for name, columns in SYSTEM.items()}, "dbo": {}}
    for line in DOCUMENTED.replace("\n    ", " ").strip().split("\n"):
        name, columns = line.split(":")
        tables["dbo"][name] = dict.fromkeys(columns.split(), "int")
    for statement in parsed:
        if isinstance(statement, exp.Create):
            table = statement.this.this
            columns = {column.name: "int" for column in statement.this.expressions if isinstance(column, exp.ColumnDef)}
            tables.setdefault(table.db, {})[table.name] = columns
    return tables


def resolve(statement, tables, schema):
    """Resolves the columns of a statement; raises where one is not there."""
    query = statement
    if isinstance(statement, exp.Insert):
        target = statement.this
        table, columns = target.this, [column.name for column in target.expressions]
        known = tables[table.db][table.name]
        unknown = [column for column in columns if column not in known]
        if unknown or not columns:
            raise ValueError(f"no columns of {table.name}: {unknown}")
        query = statement.expression
        rows = query.expressions if isinstance(query, exp.Values) else [query]
        for row in rows:
            given = row.expressions
            if len(given) != len(columns):
                raise ValueError(f"{len(given)} values for {len(columns)} columns of {table.name}")
    if isinstance(query, exp.Query) and query.find(exp.From):
        # Assignments to variables are no names of columns.
        query = query.transform(lambda node: node.expression if is_assignment(node) else node)
        qualify(query.copy(), schema=schema, dialect="tsql", validate_qualify_columns=True)


def is_assignment(node):
    return isinstance(node, exp.EQ) and isinstance(node.this, exp.Parameter) and isinstance(node.parent, exp.Select)


def sqlglot_problems(text):
    problems, parsed = [], []
    for words in statements(text):
        try:
            found = sqlglot.parse_one(words, dialect="tsql")
        except sqlglot.errors.SqlglotError as error:
            problems.append(f"sqlglot: {error}")
            continue
        if isinstance(found, exp.Command):
            problems.append(f"sqlglot: not understood: {words[:100]!r}")
        parsed.append(found)
    tables = schema_of(parsed)
    schema = MappingSchema(tables, dialect="tsql")
    for statement in parsed:
        try:
            resolve(statement, tables, schema)
        except (sqlglot.errors.SqlglotError, ValueError, KeyError) as error:
            problems.append(f"sqlglot: {error!r} in {statement.sql(dialect='tsql')[:100]!r}")
    if len(parsed) < 20:
        problems.append(f"only {len(parsed)} statements on data were found")
    return problems


def judge(text):
    try:
        text = prepared(text)
    except (ValueError, KeyError) as error:
        return [f"sqlcmd: {error!r}"]
    return sqlfluff_problems(text) + sqlglot_problems(text)


BREAKS = [
    (":on error exit", ":on errors exit"),
    ("$(StagingPath)", "$(StagingPlace)"),
    ("BULK INSERT", "BULK INTO"),
    ("MAXERRORS = 0", "MAXERRORS 0"),
    ("RETURN;\r\nEND;", "RETURN;\r\n"),
    ("INSERT INTO dbo.tblChat", "INSERT INTO dbo.tblChats"),
    ("Ids.nodeID, Message.ChatId, Message.Ticks", "Ids.nodeID, Message.ChatID2, Message.Ticks"),
    ("Ids.nodeID, Message.ChatId, Message.Ticks", "Ids.nodeID, Message.Ticks"),
    ("ON Room.Guid = Message.Room\r\n", "ON Room.Guid = Message.Rooms\r\n"),
    ("INNER JOIN gc2pc_staging.[NodeIds] AS Parents ON", "INNER JOIN gc2pc_staging.[NodeIds] AS Parents"),
    ("WHERE Role.IsLoaded = 1;", "WHERE Role.IsLoaded = ;"),
    ("    [Person] int NOT NULL PRIMARY KEY,", "    [Person] int NOT NULL PRIMARY KEY"),
    ("prinVerifiedOn\r\n)", "prinVerifiedOn\r\n"),
    ("N'Nothing was loaded: %s.'", "N'Nothing was loaded: %s."),
]


def self_test(text):
    assert not judge(text), "the script must be sound before it is broken"
    missed = []
    for sound, broken in BREAKS:
        assert sound in text, f"nothing to break: {sound!r}"
        if not judge(text.replace(sound, broken, 1)):
            missed.append((sound, broken))
    return [f"not found: {sound!r} made {broken!r}" for sound, broken in missed]


def main(arguments):
    failed = False
    testing = arguments[:1] == ["--self-test"]
    for name in arguments[1:] if testing else arguments:
        with open(name, "rb") as script:
            source = script.read()
        assert source.isascii(), f"{name}: not ASCII"
        assert source.count(b"\n") == source.count(b"\r\n"), f"{name}: a line does not end in CRLF"
        for problem in (self_test if testing else judge)(source.decode()):
            failed = True
            print(f"{name}: {problem}")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
