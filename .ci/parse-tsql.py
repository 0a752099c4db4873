"""Lets two independent parsers of T-SQL judge scripts: sqlfluff, which knows batches, and sqlglot.

Directives of sqlcmd are taken out and its variables filled in before, as sqlcmd does. What a parser
is known not to read is left to the other one, and must be read by it.
"""
import re
import sys

import sqlglot
from sqlfluff.core import FluffConfig, Linter
from sqlglot import exp

VALUES = {"StagingPath": "D:\\staging", "SqlcmdMode": "on"}


def prepared(text):
    """Does what sqlcmd does before the server sees anything; fails where sqlcmd would."""
    lines = [line for line in text.split("\n") if not line.startswith(":")]
    known = [line for line in text.split("\n") if line.startswith(":")]
    for line in known:
        assert re.fullmatch(r":on error exit|:setvar \w+ \"\w+\"", line), f"no directive: {line}"
    return re.sub(r"\$\((\w+)\)", lambda name: VALUES[name[1]], "\n".join(lines))


def sqlfluff_problems(text):
    config = FluffConfig(overrides={"dialect": "tsql", "large_file_skip_byte_limit": 0})
    parsed = Linter(config=config).parse_string(text)
    problems = [str(violation) for violation in parsed.violations]
    tree = parsed.tree
    if tree is None:
        return problems + ["no tree"]
    return problems + [f"unparsable: {piece.raw[:120]!r}" for piece in tree.recursive_crawl("unparsable")]


def batches(text):
    return [batch.strip() for batch in re.split(r"(?mi)^GO[ \t]*$", text) if batch.strip()]


def statements(batch):
    """Cuts a batch into what sqlglot reads: it knows neither BULK INSERT nor IF with one statement."""
    batch = re.sub(r"/\*.*?\*/", "", batch, flags=re.S)
    batch = re.sub(r"(?m)--.*$", "", batch)
    batch = re.sub(r"(?s)BULK INSERT.*?;", "", batch)
    return batch


def is_read(expression):
    """Tells whether a statement was understood, not just kept as words."""
    opaque = expression.find(exp.Command)
    return opaque is None or opaque.name.upper() in {"SET", "ROLLBACK", "RAISERROR", "RETURN", "PRINT", "DROP", "IF"}


def sqlglot_problems(text):
    problems = []
    for batch in batches(text):
        # Only data statements: control of flow is what sqlfluff is for.
        for found in re.finditer(r"(?ms)^(?:INSERT|SELECT|UPDATE|CREATE TABLE)\b.*?;$", statements(batch)):
            try:
                for expression in sqlglot.parse(found[0], dialect="tsql"):
                    if expression is not None and isinstance(expression, exp.Command):
                        problems.append(f"not understood: {found[0][:120]!r}")
            except sqlglot.errors.SqlglotError as error:
                problems.append(f"{error}: {found[0][:120]!r}")
    return problems


def judge(text):
    text = prepared(text.replace("\r\n", "\n"))
    return sqlfluff_problems(text) + sqlglot_problems(text)
