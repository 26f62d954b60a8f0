"""kill -9 of every process of a node while it is written to: nothing half-written, nothing doubled, all of it sealed."""

import os
import signal

import psutil
import pytest

pytestmark = pytest.mark.slow
WRITERS = 4
written: set[str] = set()  # by all tests of this module, into its one node


@pytest.mark.parametrize("victim", ["web worker", "web server", "sealer", "worker", "server", "supervisor"])
def test_kill_while_writing(node, writers, victim: str) -> None:
    with writers(node, WRITERS, victim) as stream:
        stream.await_more(20)
        pid = node.victim(victim)
        os.kill(pid, signal.SIGKILL)
        stream.await_more(60)
    assert stream.wrong == []
    written.update(stream.acknowledged)
    node.await_ready()
    assert node.victim(victim) != pid
    node.assert_whole(written)


def test_a_second_serve_says_where_the_first_is(node) -> None:
    done = node.bashu("serve", "--port", "1")
    assert f"already running at {node.address}" in done.stdout


def test_kill_of_serve_itself_and_a_second_start(node, writers) -> None:
    with writers(node, WRITERS, "serve") as stream:
        stream.await_more(20)
        before = {process.pid for process in node.processes()}
        node.process.kill()
        node.process.wait()
        node.serve()
        stream.await_more(40)
    assert stream.wrong == []
    written.update(stream.acknowledged)
    node.assert_whole(written)
    for name in ("web", "sealer", "worker"):
        assert node.child(name).pid not in before
    served = psutil.Process(node.process.pid)
    family = {served.pid, *(child.pid for child in served.children(recursive=True))}
    keeper = node.victim("supervisor")
    left = [process for process in node.processes() if process.pid not in {*family, keeper}]
    assert [process.cmdline() for process in left] == []


def test_a_repeated_request_is_answered_as_the_first_time(node, writers) -> None:
    stream = writers(node, 0, "again")
    stream.put_forward("write-again")
    first = stream.acknowledged["write-again"]
    stream.put_forward("write-again")
    written.add("write-again")
    assert stream.acknowledged["write-again"] == first
    code, refusal = node.post(
        "/parties/organisations",
        {"name_zh": "write-other", "jurisdiction": "CQ", "kind": "enterprise"},
        key="write-again",
    )
    assert (code, refusal["type"]) == (409, "urn:bashu:error:bashu.key_reused")
    node.assert_whole(written)
