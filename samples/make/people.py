"""The people of the invented bank: users, groups, containers, guests from other companies."""

from dataclasses import dataclass
from typing import Optional

from .formats import guid

DOMAIN = "litware.example"


@dataclass(frozen=True)
class Person:
    """One principal. `old` and `new` are its prinID in the 2010 and the 2013 dump (None: no row there)."""

    key: str
    name: Optional[str]
    address: str
    type: int
    old: Optional[int]
    new: Optional[int]
    off: int = 0  # prinDisabled in the 2013 dump
    old_off: int = 0  # prinDisabled in the 2010 dump
    new_address: Optional[str] = None
    unit: str = "London"
    company: Optional[str] = "Litware; Bank plc"

    @property
    def guid(self):
        return guid("person " + self.key)

    @property
    def is_user(self):
        return self.type in (5, 7)

    @property
    def is_federated(self):
        return self.type in (7, 11)

    def uri(self, newer=False):
        """Returns prinUri as the dump has it; the newer dump writes some letters in capitals."""
        if not self.is_user:
            return f"ma-grp://{DOMAIN}/{self.guid}"
        address = (newer and self.new_address) or self.address
        return "sip:" + (address.title() if newer and self.key == "bob" else address)

    def path(self):
        """Returns the distinguished name; guests and the system user have none."""
        if self.is_federated or self.type == 4:
            return None
        parts = ["DC=" + part for part in DOMAIN.split(".")]
        if self.type == 8:
            return ",".join(parts)
        kind = "OU" if self.type == 10 else "CN"
        upper = [] if self.type == 10 else ["OU=" + self.unit]
        return ",".join([f"{kind}={self.name or self.key}", *upper, *parts])


def user(key, name, local, old, new, **more):
    return Person(key, name, f"{local}@{DOMAIN}", 5, old, new, **more)


# The numbers overlap on purpose: 10 is Ann in the old dump and Bob in the new one.
PEOPLE = {
    person.key: person
    for person in [
        Person("system", "AD Sync", "", 4, 1, 1, company=None),
        user("ann", "Ann Meyer", "ann.meyer", 10, 11),
        user("bob", "Bob Okafor", "bob.okafor", 11, 10, unit="Markets"),
        user("carla", "Carla Rossi", "carla.rossi", 12, 14, unit="Markets"),
        user("dmitri", "Дмитрий Волков", "dmitri.volkov", 13, 12),
        user("eve", "Eve O'Hara \"EO\"", "eve.o'hara", 14, 13),
        user("farid", "فريد حداد", "farid.haddad", 15, 16, unit="Markets"),
        user("grace", "刘 Grace", "grace.liu", 16, 15),
        user("hans", "Hans Größl", "hans.groessl", 17, 18, off=2, old_off=1),
        user("ines", "Inés Márquez", "ines.marquez", 18, 17, off=1),
        user("jonas", "Jonas Weber", "jonas.weber", 19, 20,
             new_address=f"jonas.weber-lind@{DOMAIN}"),
        user("ann2", "Ann Meyer", "ann.meyer2", 20, 19, unit="Operations"),
        user("lena", "Lena Brandt", "lena.brandt", 21, None, old_off=1),
        user("kim", "Kim Satō", "kim.sato", None, 21, unit="Markets"),
        Person("pat", "Pat Fabri", "pat@fabrikam.example", 7, 30, 40, off=1,
               company="Fabrikam, Inc."),
        Person("quinn", "Quinn", "quinn@contoso.example", 7, 31, 41, off=1, company="Contoso"),
        Person("research", "Fabrikam research", "", 11, 32, 42, off=1, company=None),
        Person("traders", "All Traders", "", 9, 40, 30, company=None, unit="Groups"),
        Person("officers", "Compliance Officers", "", 9, 41, 31, company=None, unit="Groups"),
        Person("london", "London", "", 10, 42, 32, company=None),
        Person("markets-ou", "Markets", "", 10, 43, 33, company=None),
        Person("domain", DOMAIN, "", 8, 44, 34, company=None),
    ]
}

# user -> groups, containers, domain: the flattened membership of tblPrincipalAffiliations
AFFILIATIONS = {
    "ann": ["london", "traders", "domain"],
    "bob": ["markets-ou", "traders", "domain"],
    "carla": ["markets-ou", "traders", "domain"],
    "dmitri": ["london", "officers", "domain"],
    "eve": ["london", "domain"],
    "farid": ["markets-ou", "traders", "domain"],
    "grace": ["london", "officers", "domain"],
    "hans": ["london", "domain"],
    "ines": ["london", "domain"],
    "jonas": ["london", "domain"],
    "ann2": ["domain"],
    "kim": ["markets-ou", "traders", "domain"],
    "traders": ["domain"],
    "officers": ["domain"],
    "pat": ["research"],
}
