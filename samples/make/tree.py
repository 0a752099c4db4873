"""The tree of categories and rooms: nested in the old dump, flat in the new one."""

from dataclasses import dataclass, field

from .formats import guid, ticks
from .people import DOMAIN, PEOPLE

ADDIN = {"name": "Market data", "url": "https://addins.litware.example/market?view=\"depth\"&x=1"}
SEPARATOR = "_"


@dataclass
class Node:
    """One row of tblNode; `settings` holds only what the node itself says."""

    key: str
    id: int
    parent: str
    is_category: bool
    name: str
    desc: str = ""
    topic: str = ""
    settings: dict = field(default_factory=dict)
    updated: int = 0

    @property
    def guid(self):
        return guid("node " + self.key)

    @property
    def uri(self):
        return f"ma-chan://{DOMAIN}/{self.guid}"

    def get(self, name, default=None):
        return self.settings.get(name, default)


OLD_TIME = ticks("2011-06-01 10:00:00.25")
NEW_TIME = ticks("2012-12-01 22:15:00.5")


def category(key, id, parent, name, desc="", **settings):
    return Node(key, id, parent, True, name, desc, "", settings, OLD_TIME + id)


def room(key, id, parent, name, desc="", topic="", **settings):
    return Node(key, id, parent, False, name, desc, topic, settings, OLD_TIME + id)


OLD = {
    node.key: node
    for node in [
        category("root", 1, "root", "Litware Group Chat", "Root", invite=1, logged=1, visibility=3,
                 restrictChildCreate=0, filestoreURI="https://chat01.litware.example/MGCWebService"),
        category("markets", 2, "root", "Markets", "Everything that trades", filePost=1, scopeChange=1),
        category("trading", 3, "markets", "Trading", "Trading desks", scopeChange=1, restrictChildCreate=1),
        category("rates", 4, "trading", "Rates", "", logged=1),
        category("credit-cat", 5, "trading", "Credit", "Credit desks; \"restricted\"", overrideMember=1),
        category("ops", 6, "root", "Operations", "", inheritance=1, invite=0, logged=1, filePost=0,
                 visibility=2),
        category("settle", 7, "ops", "Settlements & Payments", "Back office <T+2>"),
        category("firm", 8, "root", "Firm-wide", "", invite=0),
        category("shelf", 9, "firm", "Empty shelf", "Nothing here yet"),
        room("swaps", 10, "rates", "Swaps desk", "Interest rate swaps", "Today: 10y fixing"),
        room("morning", 11, "rates", "Morning \"call\" – “London” & Paris", "07:30 UTC", "O'Hara chairs",
             filePost=0),
        room("credit", 12, "credit-cat", "Credit flow", "", visibility=2),
        room("townhall", 13, "firm", "Town hall", "All staff", "Q&A", behavior=5, invite=1),
        room("equities", 14, "trading", "Equities", "Cash equities, blocks", ""),
        room("payments", 15, "settle", "Payments incidents", "", "", invite=1, logged=0, visibility=3,
             overrideMember=1),
        room("falcon", 16, "markets", "Old project Falcon", "Closed in 2010", "", disabled=1),
        room("lobby", 17, "root", "Lobby", "Directly under the root", "Welcome"),
        room("bots", 18, "markets", "Research bots", "With an add-in", "", addin=1, filePost=1, invite=0,
             logged=0),
        room("hall", 19, "trading", "قاعة التداول", "غرفة عربية", "مرحبا"),
        room("quiet", 20, "ops", "Quiet room", "Never used"),
        room("yearend", 21, "trading", "Year-end 2009", "Only in the older dump", ""),
        room("test", 22, "settle", "Systems test", "Texts of every kind", ""),
    ]
}

OLD_SCOPES = [
    ("markets", "markets-ou"), ("markets", "london"), ("markets", "officers"), ("markets", "research"),
    ("credit-cat", "markets-ou"), ("credit-cat", "officers"),
    ("credit", "carla"), ("credit", "dmitri"), ("credit", "farid"),
    ("ops", "london"), ("ops", "domain"),
]

OLD_ROLES = [
    ("root", "ann", "Manager"), ("root", "officers", "Member"),
    ("markets", "traders", "Member"), ("markets", "grace", "Manager"),
    ("rates", "jonas", "Member"),
    ("credit-cat", "carla", "Member"), ("credit-cat", "dmitri", "Manager"),
    ("credit", "farid", "Member"), ("credit", "eve", "Member"),  # eve is outside the scope
    ("swaps", "bob", "Manager"), ("swaps", "pat", "Member"), ("swaps", "hans", "Member"),
    ("morning", "eve", "Member"), ("morning", "eve", "Voiced"),  # a presenter of a normal room
    ("townhall", "domain", "Member"), ("townhall", "ann", "Voiced"), ("townhall", "grace", "Voiced"),
    ("ops", "ann2", "Member"), ("payments", "ann2", "Member"), ("payments", "ines", "Member"),
    ("falcon", "lena", "Manager"), ("bots", "quinn", "Member"), ("bots", "research", "Member"),
    ("hall", "farid", "Manager"), ("lobby", "london", "Member"), ("test", "dmitri", "Member"),
]


def path_to_root(nodes, key):
    """Returns the keys from the node itself up to the root."""
    keys = [key]
    while keys[-1] != "root":
        keys.append(nodes[keys[-1]].parent)
    return keys


def scope_definer(key):
    """Returns the nearest node on the path that has scope rows, else the root."""
    holders = {node for node, _ in OLD_SCOPES}
    return next((k for k in path_to_root(OLD, key) if k in holders), "root")


def role_definer(key):
    """Returns the nearest node on the path that starts its members anew, else the root."""
    return next((k for k in path_to_root(OLD, key) if OLD[k].get("overrideMember")), "root")


def effective(key, role):
    """Returns the people who hold the role at an old room, by the rules of the old product."""
    path = path_to_root(OLD, key)
    if role == "Member":
        path = path[: path.index(role_definer(key)) + 1]
    elif role == "Voiced":
        path = path[:1]
    return [who for node in path for at, who, what in OLD_ROLES if at == node and what == role]


def flat_name(key):
    """Returns the name after the migration: the path without the root; a room in a top-level category keeps its own."""
    path = [OLD[k].name for k in reversed(path_to_root(OLD, key)[:-1])]
    return path[-1] if not OLD[key].is_category and len(path) == 2 else SEPARATOR.join(path)


# The numbers after the migration. `equities` (14) and `hall` (19) kept theirs by chance.
NEW_IDS = {
    "root": 1, "rates": 2, "credit-cat": 3, "ops": 4, "markets": 5, "trading": 6, "firm": 7, "shelf": 8,
    "settle": 9, "morning": 10, "credit": 11, "townhall": 12, "swaps": 13, "equities": 14, "falcon": 15,
    "lobby": 16, "bots": 17, "quiet": 18, "hall": 19, "payments": 20, "test": 21,
    "digital-cat": 22, "digital": 23,
}
# invite, logged, filePost of the flat categories
NEW_SETTINGS = {
    "root": (1, 1, 0), "markets": (1, 1, 1), "trading": (1, 1, 1), "rates": (1, 1, 1), "credit-cat": (1, 1, 1),
    "ops": (0, 1, 0), "settle": (0, 1, 0), "firm": (0, 1, 0), "shelf": (0, 1, 0), "digital-cat": (1, 1, 1),
}
NEW_VISIBILITY = {"credit": 2, "payments": 2, "quiet": 2, "test": 2, "townhall": 6}


def new_tree():
    """Returns the nodes of the newer dump: one level, a few edited after the migration, two of them new."""
    nodes = {}
    for key, id in NEW_IDS.items():
        if key in ("digital-cat", "digital"):
            continue
        old = OLD[key]
        moved_to = "firm" if key == "lobby" else old.parent
        node = Node(key, id, "root" if old.is_category else moved_to, old.is_category,
                    old.name if key in ("root", "lobby") else flat_name(key), old.desc)
        node.updated = NEW_TIME + id
        nodes[key] = node
    nodes["digital-cat"] = Node("digital-cat", 22, "root", True, "Digital", "Since 2013")
    nodes["digital"] = Node("digital", 23, "digital-cat", False, "Digital desk", "Open to all allowed")
    for node in nodes.values():
        node.updated = node.updated or ticks("2013-01-07 08:00:00")
        if node.is_category:
            node.settings = dict(zip(("invite", "logged", "filePost"), NEW_SETTINGS[node.key]), visibility=3)
        else:
            node.settings = {
                "visibility": NEW_VISIBILITY.get(node.key, 6 if node.key == "digital" else 3),
                "behavior": 5 if node.key == "townhall" else 4,
                "invite": 0 if node.key in ("bots", "townhall") else None,
                "disabled": int(node.key == "falcon"),
                "addin": int(node.key == "bots"),
            }
    # Edited in the new product after the migration: the newer dump decides.
    nodes["swaps"].desc = "Interest rate swaps, EUR and GBP"
    nodes["swaps"].updated = ticks("2013-02-01 12:30:00.1")
    return nodes


NEW = new_tree()

NEW_SCOPES = [  # node, principal, denied
    ("markets", "markets-ou", 0), ("markets", "london", 0), ("markets", "officers", 0),
    ("trading", "markets-ou", 0), ("trading", "london", 0), ("trading", "officers", 0),
    ("rates", "markets-ou", 0), ("rates", "london", 0), ("rates", "officers", 0), ("rates", "ines", 1),
    ("credit-cat", "markets-ou", 0), ("credit-cat", "officers", 0),
    ("ops", "london", 0), ("ops", "domain", 0), ("settle", "london", 0), ("settle", "domain", 0),
    ("firm", "domain", 0), ("digital-cat", "markets-ou", 0),
]


def new_roles():
    """Returns the explicit roles of the newer dump; `hans` lost his seat in the swaps room, `kim` came."""
    rows = []
    for key, node in NEW.items():
        if node.is_category or key in ("digital", "lobby"):
            continue
        for role in ("Member", "Manager") + (("Voiced",) if key == "townhall" else ()):
            rows += [(key, who, role) for who in dict.fromkeys(effective(key, role))]
    rows.remove(("swaps", "hans", "Member"))
    rows += [("swaps", "kim", "Member"), ("lobby", "london", "Member"), ("lobby", "ann", "Manager")]
    rows += [("digital", "kim", "Manager"), ("trading", "grace", "Creator"), ("digital-cat", "kim", "Creator")]
    return [row for row in rows if PEOPLE[row[1]].new]
