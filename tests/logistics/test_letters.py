"""Letters: each notice once, to its organisation's members, in both languages; a worker killed in between loses none."""

import os
import socketserver
import subprocess
import sys
import threading
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header

import pytest
from django.db import transaction
from django.utils import timezone

from bashu.kernel.commands.actor import ANONYMOUS
from bashu.kernel.parties.selectors import seen_by
from bashu.logistics.eyes import as_node
from bashu.logistics.models import Notification
from bashu.logistics.services.notices import Notice, notices_write

SEND = "import django; django.setup(); from bashu.logistics.tasks import letters_send; print(letters_send())"


class Sink(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it takes; `stuck` makes it take a letter and never answer."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        self.taken, self.stuck, self.refuses = [], threading.Event(), ""
        super().__init__(("127.0.0.1", 0), Taker)

    @property
    def letters(self):
        return [(to, message_from_bytes(text)) for to, text in self.taken]


class Taker(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as a client needs to hand over a letter."""

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        to = []
        self.say("220 sink")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.say("354 go on")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.taken.append((to, text))
                if self.server.stuck.is_set():
                    self.rfile.readline()  # until the client is gone
                    return
                self.say("250 taken")
                to = []
            elif word == b"RCPT" and self.server.refuses and self.server.refuses in line.decode():
                self.say("550 nobody of that name")
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                if word == b"RCPT":
                    to.append(line.decode().split("<")[1].split(">")[0])
                self.say("250 ok")


@pytest.fixture
def sink():
    """A mail server on the loopback."""
    with Sink() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


@pytest.fixture
def noticed(harbour):
    """Three notices to a shipper and one to another, in committed rows; one is too old for a letter."""
    one = harbour.booked()
    now = timezone.now()
    kinds = [("missed", now), ("delayed", now), ("delivered", now - timedelta(days=3))]
    facts = {
        "hub": "QINZHOU",
        "to": "SINGAPORE",
        "service": "SEA",
        "departs_at": now,
        "arrives_at": now,
        "booked": now,
        "at": now,
    }
    with transaction.atomic(), seen_by(ANONYMOUS), as_node():
        for kind, at in kinds:
            notices_write([Notice(harbour.organisations["enterprise.CQ"], one.pk, kind, facts)], at)
        notices_write([Notice(harbour.organisations["sea"], one.pk, "missed", facts)], now)
    return one


@pytest.fixture
def sending(database, sink):
    """Start a worker's sending of letters, in a process with the system role."""

    def start():
        environment = {**os.environ, "BASHU_ROLE": "system", "BASHU_SMTP": f"127.0.0.1:{sink.server_address[1]}"}
        return subprocess.Popen(
            [sys.executable, "-c", SEND], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    return start


def unmailed():
    """Notices that no letter went out for."""
    with transaction.atomic(), seen_by(ANONYMOUS), as_node():
        return Notification.objects.filter(mailed_at__isnull=True).count()


pytestmark = pytest.mark.slow


def test_each_goes_once_to_the_members_alone_in_both_languages(database, noticed, sink, sending):
    done = [sending(), sending()]  # two workers at once
    outputs = [one.communicate(timeout=60) for one in done]
    assert sum(int(out) for out, _ in outputs) == len(sink.taken) == 3, outputs
    assert sorted(to for to, _ in sink.letters) == [["enterprise.cq@example.com"]] * 2 + [["sea@ports.example.com"]]
    for to, letter in sink.letters:
        text = letter.get_payload(decode=True).decode()
        assert noticed.number in text
        assert "Port of" in text or "expected" in text or "Qinzhou" in text
        assert to[0] not in letter.as_string(), "who else reads it is nobody's business"
        assert noticed.number in str(make_header(decode_header(letter["Subject"])))
    assert unmailed() == 1
    assert sending().communicate(timeout=60)[0].strip() == "0"


def test_a_worker_killed_after_the_server_took_the_letter_sends_it_again_under_the_same_name(
    database, noticed, sink, sending, until
):
    sink.stuck.set()
    first = sending()
    until(lambda: sink.taken)
    first.kill()
    first.wait()
    sink.stuck.clear()
    assert sending().communicate(timeout=60)[0].strip() == "3"
    names = [letter["Message-ID"] for _, letter in sink.letters]
    assert len(names) == 4
    assert len(set(names)) == 3
    assert unmailed() == 1


def test_an_address_that_is_refused_holds_up_nobody(database, noticed, sink, sending):
    sink.refuses = "sea@"
    assert sending().communicate(timeout=60)[0].strip() == "3"
    assert len(sink.taken) == 2
    assert unmailed() == 1


def test_without_a_mail_server_nothing_is_sent(db, settings):
    from bashu.logistics.tasks import letters_send

    assert settings.BASHU_SMTP == ""
    assert letters_send() == 0
