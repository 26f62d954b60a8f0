"""Verifying the stored journal, row by row, in constant memory."""
from django.db import connection, transaction

from bashu.kernel.journal.engine.verify import Fault, Summary, verify
from bashu.kernel.journal.models import Checkpoint, Key
from bashu.kernel.journal.selectors import rows
