"""Parses PowerShell scripts with tree-sitter and fails where the parser found an error."""
import sys

import tree_sitter_powershell
from tree_sitter import Language, Parser

parser = Parser(Language(tree_sitter_powershell.language()))
failed = False
for name in sys.argv[1:]:
    with open(name, "rb") as script:
        source = script.read()
    assert source.startswith(b"\xef\xbb\xbf"), f"{name}: no byte order mark"
    assert source.count(b"\n") == source.count(b"\r\n"), f"{name}: a line does not end in CRLF"
    pending = [parser.parse(source[3:]).root_node]
    while pending:
        node = pending.pop()
        if node.is_error or node.is_missing:
            failed = True
            print(f"{name}: line {node.start_point[0] + 1}: {node.text[:80]!r}")
        pending.extend(node.children)
sys.exit(failed)
