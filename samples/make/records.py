"""A record as it stands in one stream, and the folder that the samples are written to."""

from dataclasses import dataclass
from pathlib import Path
from typing import Optional

# The richest form survives; the deletion queue of `mgccomp` counts as a table.
TABLE, XML, FILE_DUMP = "table", "xml", "filedump"


@dataclass
class Record:
    """One message or one compliance event. `numbering` names the family its chat id belongs to."""

    stream: str
    form: str
    room: str  # GUID, or the room's number where no GUID is known
    time: int
    author: Optional[str]  # address in lower case without `sip:`; None where the source has none
    text: str
    event: Optional[str] = None  # type of a compliance event; None for a message
    chat_id: Optional[int] = None
    numbering: tuple = ()
    rtf: Optional[str] = None
    alert: Optional[bool] = None
    coarse: bool = False  # the time is a truncated millisecond


@dataclass
class Rejected:
    """One record that cannot be used."""

    stream: str


class Folder:
    """Collects files, records and row counts; writes the files at the end."""

    def __init__(self):
        self.files = {}
        self.records = {}  # sample -> [Record | Rejected]
        self.rows = {}  # sample -> {stream: rows} for tables that hold no records

    def add(self, path, data, records=None, rows=None):
        """Adds one file. Streams are named from the sample's last component on, as the tool names them."""
        assert path not in self.files and isinstance(data, bytes), path
        self.files[path] = data
        sample = self.sample_of(path)
        self.records.setdefault(sample, [])
        self.rows.setdefault(sample, {})
        if records is not None:
            self.records[sample] += records
        if rows is not None:
            self.rows[sample][self.stream(path)] = rows

    @staticmethod
    def sample_of(path):
        parts = path.split("/")
        return "/".join(parts[:2]) if parts[0] == "damaged" else parts[0]

    @staticmethod
    def stream(path):
        return path.split("/", 1)[1] if path.startswith("damaged/") else path

    def write(self, target):
        for path, data in sorted(self.files.items()):
            file = Path(target) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
