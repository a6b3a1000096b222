from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest


@pytest.fixture
def start() -> Iterator[Callable[..., threading.Thread]]:
    """Give a function that starts a thread; the test fails unless all of them end."""
    threads: list[threading.Thread] = []

    def begin(target: Callable[..., object], *arguments: object) -> threading.Thread:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        threads.append(thread)
        thread.start()
        return thread

    yield begin
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
