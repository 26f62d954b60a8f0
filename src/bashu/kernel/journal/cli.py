"""`bashu journal`: seal, verify, export, rotate the key."""

import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from bashu.kernel.database.role import need
from bashu.kernel.database.snapshot import snapshot
from bashu.kernel.journal import sealer, selectors, services
from bashu.kernel.journal.engine.verify import Fault
from bashu.kernel.journal.formats.export import write

app = typer.Typer(no_args_is_help=True)
console = Console(highlight=False, soft_wrap=True)
VERIFIER = Path(__file__).parent / "standalone" / "verify_journal.py"


@app.command()
def status() -> None:
    """Print how much is sealed, how much waits, and the public key to verify with."""
    need("system")
    checkpoint = selectors.checkpoint_latest()
    console.print(f"{selectors.tree_size():,} entries sealed, {selectors.unsealed_count():,} waiting for the sealer")
    if checkpoint:
        console.print(
            f"latest checkpoint: size {checkpoint.size:,}, root {bytes(checkpoint.root).hex()}, {checkpoint.time}"
        )
    for key in selectors.public_keys():
        console.print(f"key {key.id} ({key.algorithm}) from size {key.size:,}: {key.public.hex()}")


@app.command()
def seal(watch: Annotated[bool, typer.Option(help="go on until stopped (`bashu serve` runs this)")] = False) -> None:
    """Seal what was committed: give it its place in the tree and sign a checkpoint."""
    need("system")
    if watch:
        sealer.watch()
        return
    total = 0
    while sealed := services.entries_seal().entries:
        total += sealed
    console.print(f"Sealed {total:,} entries; the tree has {selectors.tree_size():,}.")


@app.command()
def verify() -> None:
    """Check every entry, body, leaf, tree node and checkpoint; name the first that is wrong and exit with 1."""
    need("system")
    with snapshot():
        found = selectors.verified()
        missing = selectors.unsealed_lost()
        waiting = selectors.unsealed_count()
    if isinstance(found, Fault):
        console.print(f"[red]The journal is not intact:[/] {found.kind} {found.number}: {escape(found.what)}")
        raise typer.Exit(1)
    if missing:
        console.print(
            f"[red]The journal is not intact:[/] {missing} entries are neither sealed nor waiting for the sealer"
        )
        raise typer.Exit(1)
    console.print(
        f"The journal is intact: {found.entries:,} entries ({found.bodies:,} bodies, {found.erased:,} erased), "
        f"{found.nodes:,} tree nodes, {found.checkpoints:,} signed checkpoints covering {found.signed:,} entries; "
        f"{waiting:,} wait for the sealer."
    )
    console.print(f"root {found.root.hex()}")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="file to write; .gz compresses")],
    everything: Annotated[
        bool,
        typer.Option(
            "--everything", help="bodies that are not public too: for the other government, not for the press"
        ),
    ] = False,
    verifier: Annotated[bool, typer.Option(help="put the stand-alone verifier beside it")] = True,
) -> None:
    """Write the sealed journal so that a stranger can verify it with the public key alone."""
    need("system" if everything else "app")
    with snapshot():
        write(file, selectors.export_lines())
    key = selectors.public_keys()[0].public.hex()
    if verifier:
        shutil.copy(VERIFIER, file.parent / VERIFIER.name)
        console.print(f"Wrote {file} and {VERIFIER.name}. Anyone can now check it:")
        console.print(f"  python3 {VERIFIER.name} {file.name} --key {key}")
    else:
        console.print(f"Wrote {file}. The key to verify it with: {key}")


@app.command("rotate-key")
def rotate_key() -> None:
    """Make a new signing key, endorsed by the present one; old checkpoints stay valid."""
    need("system")
    key = services.key_rotate()
    console.print(f"Key {key.id} signs from size {key.size:,} on: {bytes(key.public).hex()}")
