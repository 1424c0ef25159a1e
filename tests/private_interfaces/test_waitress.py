"""What the web server builds on."""

from __future__ import annotations

import inspect

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask

from findme.serving import server


def test_waitress_is_made_of_the_parts_that_ours_replace():
    assert TcpWSGIServer.channel_class is HTTPChannel
    assert HTTPChannel.task_class is WSGITask
    made = inspect.signature(TcpWSGIServer.__init__).parameters
    assert {"map", "_sock", "dispatcher", "adj", "sockinfo", "bind_socket"} <= set(made)
    assert {"timeout", "use_poll", "map", "count"} <= set(
        inspect.signature(wasyncore.loop).parameters
    )
    for part, names in {
        TcpWSGIServer: ["maintenance", "pull_trigger", "del_channel"],
        HTTPChannel: ["request", "total_outbufs_len", "last_activity", "service", "send"],
        WSGITask: ["execute", "has_body", "build_response_header", "set_close_on_finish"],
        ThreadedTaskDispatcher: ["set_thread_count", "handler_thread"],
        Adjustments: list(server.SETTINGS),
    }.items():
        assert [name for name in names if not hasattr(part, name)] == []
