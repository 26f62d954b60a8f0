"""What signing in leaves behind, and its end."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from bashu.kernel.parties import services
from bashu.kernel.parties.models import SignIn

pytestmark = pytest.mark.slow


def test_traces_end_after_180_days(database):
    services.sign_in_note(person=None, outcome="refused", method="password", network="", agent="")
    assert not SignIn.objects.exists()  # the application sees none without a scope, and may delete none
    connection.close()
    connection.settings_dict["USER"] = "bashu_system"
    try:
        assert services.traces_prune(datetime.now(UTC) + timedelta(days=179)) == 0
        assert services.traces_prune(datetime.now(UTC) + timedelta(days=181)) == 1
    finally:
        connection.close()
        connection.settings_dict["USER"] = "bashu_app"
