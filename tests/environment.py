"""Settings of the tests: a home of their own, no fsync, the restricted role; pytest is told of them by `--ds=environment`.

They stand in a module because pytest-django reads Django's settings before it reads any conftest.py.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = os.environ.get("BASHU_TEST_HOME", str(ROOT / "var" / "test"))  # another one where this user may not write
for name in list(os.environ):
    if name.startswith("BASHU_"):
        del os.environ[name]  # what the developer's shell sets for his own node is none of the tests' business
os.environ.update(
    BASHU_HOME=HOME,
    BASHU_DATABASE=f"bashu_test_{os.getpid()}",
    BASHU_DATABASE_FSYNC="off",
    BASHU_ROLE="app",
    BASHU_API_RATE="100000",  # all tests come from one address
    DJANGO_SETTINGS_MODULE="bashu.settings",  # for the processes that tests start
    PYTHONPATH=os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
)

from bashu.settings import *  # noqa: E402, F403
