"""The server of faults: what each kind does to the work, and what the client gets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests

from orderdesk_batch.sandbox import Sandbox, Switches
from tests.faults import Fault, FaultServer, Request

ORDER = "7000001"


@pytest.fixture(scope="module")
def _server() -> Iterator[tuple[Sandbox, FaultServer, dict[str, Any]]]:
    box = Sandbox(orders=20, inventory=20, bucket=(1e9, 1e9))
    with FaultServer(box.app) as server:
        yield box, server, box.dump()
    box.close()


@pytest.fixture
def box(_server: tuple[Sandbox, FaultServer, dict[str, Any]]) -> Sandbox:
    box, server, dump = _server
    server.reset()
    server.before = server.after = None
    box.restore(dump)
    box.switches = Switches()
    box.requests.clear()
    return box


@pytest.fixture
def server(_server: tuple[Sandbox, FaultServer, dict[str, Any]], box: Sandbox) -> FaultServer:
    return _server[1]


class Web:
    """A client with one kept connection."""

    def __init__(self, box: Sandbox, server: FaultServer) -> None:
        self.url = server.url
        self.session = requests.Session()
        self.session.headers.update({"ORDERDESK-STORE-ID": box.store_id, "ORDERDESK-API-KEY": box.api_key})

    def get(self, path: str = "/test", timeout: float = 5) -> requests.Response:
        return self.session.get(self.url + path, timeout=timeout)

    def ship(self, number: str = "T1", timeout: float = 5) -> requests.Response:
        body = {"tracking_number": number}
        return self.session.post(f"{self.url}/orders/{ORDER}/shipments", json=body, timeout=timeout)


@pytest.fixture
def web(box: Sandbox, server: FaultServer) -> Iterator[Web]:
    web = Web(box, server)
    yield web
    web.session.close()


def shipped(box: Sandbox) -> list[str]:
    return [shipment["tracking_number"] for shipment in box.order(ORDER)["order_shipments"]]


def test_without_faults_it_is_the_sandbox_over_a_kept_connection(
    box: Sandbox, server: FaultServer, web: Web
) -> None:
    assert web.get().json()["message"] == "Connection Successful"
    assert web.ship().json()["status"] == "success"
    assert shipped(box) == ["T1"]
    assert [(entry.method, entry.path) for entry in server.requests] == [
        ("GET", "/test"),
        ("POST", f"/orders/{ORDER}/shipments"),
    ]
    assert server.count == 2 and server.fired == []


@pytest.mark.fact("answers-unclear-write")
@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize(("when", "done"), [("before", []), ("after", ["T1"])])
def test_an_error_status_says_nothing_about_the_work(
    box: Sandbox, server: FaultServer, web: Web, status: int, when: str, done: list[str]
) -> None:
    server.faults.append(Fault(f"{status}_{when}"))
    assert web.ship().status_code == status
    assert shipped(box) == done
    assert web.get().status_code == 200


@pytest.mark.parametrize(("when", "done"), [("before", []), ("after", ["T1"])])
def test_a_cut_connection_says_nothing_about_the_work(
    box: Sandbox, server: FaultServer, web: Web, when: str, done: list[str]
) -> None:
    server.faults.append(Fault(f"cut_{when}"))
    with pytest.raises(requests.ConnectionError):
        web.ship()
    assert shipped(box) == done


@pytest.mark.parametrize(("when", "done"), [("before", []), ("after", ["T1"])])
def test_a_truncated_body_is_shorter_than_announced(
    box: Sandbox, server: FaultServer, web: Web, when: str, done: list[str]
) -> None:
    server.faults.append(Fault(f"truncated_{when}"))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        web.ship()
    assert shipped(box) == done


@pytest.mark.parametrize("kind", ["html_after", "broken_after", "empty_after", "html_before"])
def test_garbage_in_http_200_is_no_json(box: Sandbox, server: FaultServer, web: Web, kind: str) -> None:
    server.faults.append(Fault(kind))
    reply = web.ship()
    assert reply.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        reply.json()
    assert shipped(box) == ([] if kind == "html_before" else ["T1"])


def test_429_comes_with_and_without_a_time(server: FaultServer, web: Web) -> None:
    server.faults += [Fault("429", retry_after="7"), Fault("429_bare")]
    first, second = web.get(), web.get()
    assert (first.status_code, first.headers["X-Retry-After"]) == (429, "7")
    assert second.status_code == 429 and "X-Retry-After" not in second.headers


def test_an_error_in_http_200_does_nothing(box: Sandbox, server: FaultServer, web: Web) -> None:
    server.faults.append(Fault("error200", message="Busy"))
    reply = web.ship()
    assert reply.status_code == 200 and reply.json() == {"status": "error", "message": "Busy"}
    assert shipped(box) == []


@pytest.mark.parametrize("warm", [False, True])
def test_refused_resets_a_new_connection_and_an_open_one(
    box: Sandbox, server: FaultServer, web: Web, warm: bool
) -> None:
    if warm:
        web.get()
    server.faults.append(Fault("refused"))
    with pytest.raises(requests.ConnectionError):
        web.ship()
    assert shipped(box) == [] and len(server.fired) == 1
    assert web.ship().status_code == 200


def test_while_it_is_down_connections_are_refused(server: FaultServer, web: Web) -> None:
    web.get()
    with server.down(), pytest.raises(requests.ConnectionError):
        web.get()
    assert web.get().status_code == 200


@pytest.mark.parametrize(("when", "done"), [("before", []), ("after", ["T1"])])
def test_it_never_answers_until_the_client_gives_up(
    box: Sandbox, server: FaultServer, web: Web, when: str, done: list[str]
) -> None:
    server.faults.append(Fault(f"hang_{when}"))
    with pytest.raises(requests.ReadTimeout):
        web.ship(timeout=0.1)
    assert shipped(box) == done


def test_an_answer_held_back_can_be_let_go(box: Sandbox, server: FaultServer, web: Web) -> None:
    server.faults.append(Fault("hang_after"))
    server.after = lambda request: server.release.set()
    with pytest.raises(requests.ConnectionError):
        web.ship()
    assert shipped(box) == ["T1"]


def test_late_work_is_done_after_further_requests(box: Sandbox, server: FaultServer, web: Web) -> None:
    server.faults.append(Fault("late", after=2))
    with pytest.raises(requests.ReadTimeout):
        web.ship(timeout=0.1)
    assert shipped(box) == []
    assert web.get(f"/orders/{ORDER}/shipments").json()["shipments"] == []
    assert web.get(f"/orders/{ORDER}/shipments").json()["shipments"] == []
    assert shipped(box) == ["T1"]


def test_late_work_can_wait_to_be_run(box: Sandbox, server: FaultServer, web: Web) -> None:
    server.faults.append(Fault("late", after=None))
    with pytest.raises(requests.ReadTimeout):
        web.ship(timeout=0.1)
    web.get()
    assert shipped(box) == []
    assert server.run_late() == 1
    assert shipped(box) == ["T1"]


def test_chosen_entries_of_a_batch_fail_and_the_others_are_done(
    box: Sandbox, server: FaultServer, web: Web
) -> None:
    server.faults.append(Fault("batch_failed", rows=(0, 2)))
    assert web.get().ok
    rows = [{"order_id": ORDER, "tracking_number": f"T{number}"} for number in range(4)]
    reply = web.session.post(f"{server.url}/batch-shipments", json=rows, timeout=5).json()
    assert [entry["status"] for entry in reply["results"]] == ["error", "success", "error", "success"]
    assert shipped(box) == ["T1", "T3"]


def test_late_work_can_be_done_when_the_client_has_gone(box: Sandbox, server: FaultServer, web: Web) -> None:
    server.faults.append(Fault("late", after=0))
    with pytest.raises(requests.ReadTimeout):
        web.ship(timeout=0.1)
    server.settle()
    assert shipped(box) == ["T1"]


def test_it_can_be_waited_for(server: FaultServer, web: Web) -> None:
    reached = threading.Event()
    server.before = lambda request: reached.wait(5)
    with pytest.raises(requests.ReadTimeout):
        web.get(timeout=0.05)
    with pytest.raises(TimeoutError):
        server.settle(timeout=0)
    reached.set()
    server.settle()


def test_a_batch_can_fail_altogether(box: Sandbox, server: FaultServer, web: Web) -> None:
    server.faults += [Fault("batch_failed", rows=(0, 1)), Fault("batch_failed", rows=(0,))]
    rows = [{"order_id": ORDER, "tracking_number": f"T{number}"} for number in range(2)]
    reply = web.session.post(f"{server.url}/batch-shipments", json=rows, timeout=5).json()
    assert [entry["status"] for entry in reply["results"]] == ["error", "error"]
    box.switches = replace(box.switches, batch_results=False)
    items = [item | {"stock": 7} for item in box.inventory()[:2]]
    reply = web.session.put(f"{server.url}/batch-inventory-items", json=items, timeout=5).json()
    assert reply["status"] == "success" and "results" not in reply
    assert shipped(box) == [] and box.inventory()[1]["stock"] == 7 != box.inventory()[0]["stock"]


def test_chosen_orders_are_not_moved(box: Sandbox, server: FaultServer, web: Web) -> None:
    server.faults.append(Fault("batch_failed", rows=(1,)))
    body = {"order_id_list": ["7000001", "7000002"], "destination_folder_name": "Hold"}
    reply = web.session.post(f"{server.url}/move-orders", json=body, timeout=5).json()
    assert ["original_folder_id" in entry for entry in reply["results"]] == [True, False]
    assert box.order("7000002")["folder_id"] != "21658" == box.order("7000001")["folder_id"]


def test_a_fault_strikes_where_it_is_told(server: FaultServer, web: Web) -> None:
    server.faults += [
        Fault("500_before", at=1, times=2),
        Fault("503_before", at=1, match=lambda request: request.path == "/store"),
    ]
    paths = ["/test", "/test", "/store", "/store", "/store", "/test"]
    assert [web.get(path).status_code for path in paths] == [200, 500, 500, 503, 200, 200]
    assert [(fault.kind, request.index) for fault, request in server.fired] == [
        ("500_before", 1),
        ("500_before", 2),
        ("503_before", 3),
    ]


def test_hooks_are_called_before_and_after_the_work(box: Sandbox, server: FaultServer, web: Web) -> None:
    seen: list[tuple[str, int, list[str]]] = []
    server.before = lambda request: seen.append(("before", request.index, shipped(box)))
    server.after = lambda request: seen.append(("after", request.index, shipped(box)))
    web.ship()
    assert seen == [("before", 0, []), ("after", 0, ["T1"])]


def test_a_hook_can_cut_the_client_off_at_an_exact_point(box: Sandbox, server: FaultServer, web: Web) -> None:
    reached = threading.Event()

    def stop(request: Request) -> None:
        web.session.close()
        reached.set()

    server.after = stop
    web.ship()
    assert reached.is_set() and shipped(box) == ["T1"]


def test_a_kind_nobody_knows_is_an_error() -> None:
    with pytest.raises(ValueError, match="flood"):
        Fault("flood")
