"""Where a node keeps its things: pure functions of its home folder."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

DATABASE = "bashu"
DEMO_DATABASE = "bashu_demo"
PORT = 5432  # names the socket file only: nothing listens on the network

# A process has one of these for its whole life; the database user is "bashu_" + role.
OWNER, APP, SYSTEM = "owner", "app", "system"
SUPERVISOR = "supervisor"  # the cluster's superuser: creates the other three, nothing else


@dataclass(frozen=True)
class Layout:
    """The folders of the node whose home is `home` (made absolute, symbolic links followed)."""

    home: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "home", Path(self.home).resolve())

    @property
    def name_hash(self) -> str:
        """Sixteen hex digits that stand for this home in places shared with other nodes."""
        return hashlib.sha256(str(self.home).encode()).hexdigest()[:16]

    @property
    def data_dir(self) -> Path:
        """The server's data folder; a link to /var/lib/bashu when the server's user cannot enter `home`."""
        return self.home / "pg"

    @property
    def socket_dir(self) -> Path:
        """Holds the server's socket, 0700. In /tmp because a socket's path may have 107 bytes and a home more.

        The same path for every OS user, so that root and the server's own user find one server.
        """
        return Path("/tmp") / f"bashu-{self.name_hash}"  # noqa: S108 - made 0700 and its owner checked before every use

    @property
    def keys_dir(self) -> Path:
        """Secret key, node key: 0700."""
        return self.home / "keys"

    @property
    def run_dir(self) -> Path:
        """Locks: 0700."""
        return self.home / "run"

    @property
    def log_dir(self) -> Path:
        """Logs of our own processes, 0700; the server writes its own into the data folder's `log`."""
        return self.home / "log"

    @property
    def supervisor_lock(self) -> Path:
        """Held exclusively, with its process id inside, by the one supervisor."""
        return self.run_dir / "supervisor.lock"

    @property
    def start_lock(self) -> Path:
        """Held exclusively by whoever starts or stops the supervisor."""
        return self.run_dir / "start.lock"

    @property
    def use_lock(self) -> Path:
        """Held shared by those who need the server, exclusively by a supervisor leaving because nobody does."""
        return self.run_dir / "use.lock"

    def dsn(self, role: str, database: str) -> str:
        """Connection string of `role` (owner, app, system) to `database` on the embedded server."""
        return f"host={self.socket_dir} port={PORT} user=bashu_{role} dbname={database}"
