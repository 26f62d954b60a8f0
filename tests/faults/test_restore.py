"""A backup taken while eight writers write: restored in another home it verifies, and sealing goes on from there."""

import shutil

import pytest

from bashu.kernel.database.supervisor import ensure

pytestmark = pytest.mark.slow


def test_restored_elsewhere_it_verifies_and_goes_on(node, writers, other_home, monkeypatch) -> None:
    file = node.home / "bashu.dump"
    with writers(node, 8, "backup") as stream:
        stream.await_more(100)
        node.bashu("backup", str(file))
        stream.await_more(20)
    assert stream.wrong == []
    node.assert_whole(set(stream.acknowledged))

    monkeypatch.setenv("BASHU_DATABASE_FSYNC", "off")
    shutil.copytree(node.home / "keys", other_home.home / "keys")
    ensure(other_home.home)
    other_home.bashu("restore", str(file))
    other_home.bashu("upgrade")
    sealed_before = other_home.ask("SELECT count(*) FROM journal_leaf")[0]
    assert "is intact" in other_home.bashu("journal", "verify").stdout
    other_home.tokens = node.tokens
    other_home.serve()
    with writers(other_home, 4, "after") as more:
        more.await_more(30)
    assert more.wrong == []
    kept = {name for name in stream.acknowledged if other_home.knows(name)}
    other_home.assert_whole(kept | set(more.acknowledged))
    assert len(kept) >= 100
    assert other_home.ask("SELECT count(*) FROM journal_leaf")[0] > sealed_before
