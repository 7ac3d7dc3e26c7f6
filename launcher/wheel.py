"""Build hook of the wheel: what it depends on is requirements/app.in, written once."""

from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Dependencies(MetadataHookInterface):  # type: ignore[misc]  # hatchling lives only in the build
    """Read the product's direct requirements from their one list."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Fill `dependencies` from requirements/app.in."""
        lines = Path(self.root, "requirements/app.in").read_text(encoding="utf-8").splitlines()
        metadata["dependencies"] = [line for line in lines if line and not line.startswith(("#", "-"))]
