"""The wheel's dependencies are requirements/runtime.in, so that they are written once."""

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface


class RuntimeDependencies(MetadataHookInterface):
    """Reads the runtime requirements into the wheel's metadata."""

    def update(self, metadata: dict) -> None:
        lines = (Path(self.root) / "requirements" / "runtime.in").read_text().splitlines()
        metadata["dependencies"] = [line for line in lines if line and not line.startswith("#")]
