"""The bucket: never over the store's limit when alone, always near it, fair to others; in simulated time."""

from __future__ import annotations

import math
import random
import threading
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orderdesk_batch.errors import Stopped
from orderdesk_batch.pace import Bucket, Ticket, number_of
from orderdesk_batch.pace.bucket import WARY
from tests.pacing import Client, Other, Server, Time, alone, jitter, steady

LATENCIES = st.sampled_from([0.001, 0.05, 0.2, 0.5, 1.0])
WORKERS = st.sampled_from([1, 2, 8, 30])
LATE = st.sampled_from([0.0, 0.5, 1.0])  # where in the latency the token is taken
EXACT = st.sampled_from([math.floor, float])  # what the header does with fractions


def bucket_at(clock: Time) -> Bucket:
    return Bucket(clock=clock, wait=lambda seconds: clock.run(clock.now + seconds), chance=lambda: 0.5)


def told(bucket: Bucket, tokens: object) -> Ticket:
    """One call that is answered at once."""
    ticket = bucket.take()
    bucket.answered(ticket, tokens)
    return ticket


# --- alone --------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 120), LATENCIES, st.floats(0, 0.03), LATE, WORKERS, EXACT, st.floats(1, 20), st.integers())
def test_a_quiet_store_never_answers_429(
    calls: int,
    latency: float,
    noise: float,
    late: float,
    workers: int,
    rounding: object,
    level: float,
    seed: int,
) -> None:
    latencies = jitter(latency, latency + noise, seed)
    run = alone(calls, latencies, workers=workers, late=late, level=level, rounding=rounding)
    assert run.refused == 0
    assert run.done == calls


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 120), LATENCIES, LATE, WORKERS, st.floats(0, 0.999))
@example(79, 0.05, 0.0, 30, 0.0485)
@example(22, 0.05, 0.0, 2, 0.03125)
def test_a_store_that_fills_by_three_once_a_second_never_answers_429_either(
    calls: int, latency: float, late: float, workers: int, phase: float
) -> None:
    run = alone(calls, steady(latency), workers=workers, late=late, steps=True, phase=phase)
    assert run.refused == 0


@settings(max_examples=100, deadline=None)
@given(st.integers(60, 200), LATENCIES, st.floats(0, 0.03), LATE, WORKERS, st.integers())
@example(60, 0.05, 0.0, 0.0, 8, 1)
@example(60, 1.0, 0.0, 0.0, 8, 1)
@example(60, 1.0, 0.0, 1.0, 30, 1)
def test_the_allowed_rate_is_reached(calls: int, latency: float, noise: float, late: float, workers: int, seed: int) -> None:
    ours = alone(calls, jitter(latency, latency + noise, seed), workers=workers, late=late)
    ideal = alone(calls, jitter(latency, latency + noise, seed), workers=workers, late=late, ideal=True)
    assert ours.ended <= ideal.ended * 1.05 + 0.3


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([60, 200]), st.sampled_from([0.05, 0.3, 1.0]), LATE, st.floats(0, 0.999))
@example(60, 1.0, 0.5, 0.9)
def test_the_rate_of_a_store_that_fills_by_three_once_a_second_is_reached_too(
    calls: int, latency: float, late: float, phase: float
) -> None:
    job = {"workers": 20, "late": late, "steps": True, "phase": phase, "chained": True}
    ours = alone(calls, steady(latency), **job)
    ideal = alone(calls, steady(latency), ideal=True, **job)
    assert (ours.refused, ideal.refused) == (0, 0)
    assert ours.ended <= ideal.ended * 1.05 + 0.3


@pytest.mark.parametrize("calls", [22, 25, 30, 41])
def test_a_short_job_reaches_it_too_where_answers_are_prompt(calls: int) -> None:
    ideal = alone(calls, steady(0.05), ideal=True)
    assert alone(calls, steady(0.05)).ended <= ideal.ended * 1.05 + 0.3


def test_random_latencies_up_to_a_second_cost_neither_429_nor_the_rate() -> None:
    for seed in range(20):
        run = alone(60, jitter(0, 1, seed))
        ideal = alone(60, jitter(0, 1, seed), ideal=True)
        assert (run.refused, run.ended <= ideal.ended * 1.05 + 0.3) == (0, True)


def test_a_bucket_that_another_run_has_emptied_is_not_overdrawn() -> None:
    for level in (1.0, 1.4, 2.0, 3.5):
        assert alone(30, steady(0.05), level=level).refused == 0


def test_a_full_bucket_is_spent_at_once() -> None:
    run = alone(19, steady(0.01), workers=30)
    assert run.ended < 0.05


# --- with others --------------------------------------------------------------------------------------


@pytest.mark.parametrize("latencies", [(0.05, 0.05), (0.3, 0.3), (1.0, 1.0), (0.05, 1.0)])
def test_two_runs_on_one_store_share_it(latencies: tuple[float, float]) -> None:
    clock = Time()
    server = Server(clock)
    runs = []
    for number, latency in enumerate(latencies):
        bucket = Bucket(clock=clock, chance=random.Random(number).random)
        runs.append(Client(clock, server, bucket, 10_000, steady(latency)))
        runs[-1].start(3.0 * number)
    clock.run(63)
    assert sum(run.done for run in runs) > 0.97 * (20 + 63 * 3)  # nothing is wasted
    assert min(run.done for run in runs) > 55  # nobody starves
    assert sum(run.refused for run in runs) < 0.3 * sum(run.done for run in runs)


@pytest.mark.parametrize("latency", [0.05, 1.0])
def test_what_another_client_leaves_is_used_with_few_429(latency: float) -> None:
    clock = Time()
    server = Server(clock)
    ours = Client(clock, server, Bucket(clock=clock, chance=random.Random(3).random), 10_000, steady(latency))
    ours.start()
    other = Other(clock, server, 2 / 3, 1)  # half of the rate
    other.start(1)
    clock.run(100)
    assert ours.done > 0.95 * (20 + 150)
    assert other.done > 0.9 * 150
    assert ours.refused < (10 if latency < 0.1 else 40)


@pytest.mark.parametrize("gap", [0.34, 0.1])
def test_a_run_gets_something_even_beside_a_greedy_client(gap: float) -> None:
    clock = Time()
    server = Server(clock)
    ours = Client(clock, server, Bucket(clock=clock, chance=random.Random(3).random), 10_000, steady(0.05))
    ours.start()
    greedy = Other(clock, server, gap, gap)
    greedy.start(1)
    clock.run(100)
    assert ours.done > 20


def test_the_count_follows_what_the_store_says_downwards_at_once() -> None:
    clock = Time()
    bucket = bucket_at(clock)
    told(bucket, 19)
    assert bucket.delay() == 0
    told(bucket, 0)
    assert bucket.delay() == pytest.approx((1 + WARY) / 3, abs=0.1)


def test_an_old_answer_does_not_raise_the_count() -> None:
    clock = Time()
    bucket = bucket_at(clock)
    told(bucket, 19)
    early, late = bucket.take(), bucket.take()
    bucket.answered(late, 0)  # somebody took the rest
    bucket.answered(early, 18)
    assert bucket.delay() > 0


def test_calls_that_overtake_each_other_do_not_fool_the_count() -> None:
    clock = Time()
    bucket = bucket_at(clock)
    told(bucket, 19)
    tickets = [bucket.take() for _ in range(8)]
    for ticket, left in zip(tickets, (11, 18, 12, 17, 13, 16, 14, 15), strict=True):
        bucket.answered(ticket, left)
    assert bucket.forecast(11) == 0
    assert bucket.forecast(14) == pytest.approx(1)


def test_a_count_that_drifted_low_recovers() -> None:
    clock = Time()
    bucket = bucket_at(clock)
    told(bucket, 19)
    for _ in range(10):
        bucket.lost(bucket.take())  # as if they had been counted, but the store never saw them
    clock.now += 0.3
    assert bucket.forecast(19) > 2
    told(bucket, 18)
    assert bucket.forecast(18) < 0.1


def test_a_larger_bucket_than_the_documented_one_is_used() -> None:
    clock = Time()
    bucket = bucket_at(clock)
    told(bucket, 99)
    told(bucket, 98)
    assert bucket.forecast(90) == 0


def test_without_the_header_our_own_count_from_a_full_bucket_holds() -> None:
    clock = Time()
    bucket = bucket_at(clock)
    told(bucket, None)
    assert bucket.forecast(19) == 0
    assert bucket.forecast(22) == pytest.approx(1)


# --- after a 429 --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [("2", 2, 3), (7, 7, 8), (None, 1, 2), ("soon", 1, 2), ("nan", 1, 2), ("-5", 0, 1), ("1e9", 300, 301)],
)
def test_a_429_pauses_everybody_as_long_as_it_says(asked: object, least: float, most: float) -> None:
    bucket = bucket_at(Time())
    told(bucket, 19)
    assert least <= bucket.limited(bucket.take(), asked) <= most
    assert bucket.delay() >= least


def test_several_429_from_one_empty_bucket_count_once() -> None:
    bucket = bucket_at(Time())
    told(bucket, 19)
    pauses = [bucket.limited(ticket, 1) for ticket in [bucket.take() for _ in range(6)]]
    assert len(set(pauses)) == 1


def test_the_waits_grow_while_429_follow_each_other_but_not_for_ever() -> None:
    clock = Time()
    bucket = bucket_at(clock)
    told(bucket, 19)
    pauses = [bucket.limited(bucket.take(), 1) for _ in range(10)]
    assert pauses == sorted(pauses)
    assert pauses[0] < 1.5
    assert 2 < pauses[-1] <= 5


def test_an_answer_ends_the_row_of_429() -> None:
    clock = Time()
    bucket = bucket_at(clock)
    told(bucket, 19)
    for _ in range(5):
        bucket.limited(bucket.take(), 1)
    told(bucket, 5)
    assert bucket.limited(bucket.take(), 1) < 1.5


# --- taking -------------------------------------------------------------------------------------------


def test_until_the_first_answer_calls_go_at_the_rate_of_the_refill() -> None:
    clock = Time()
    bucket = bucket_at(clock)
    moments = [bucket.take().sent for _ in range(4)]
    assert [round(moment, 2) for moment in moments] == [0, 0.33, 0.67, 1.0]


def test_waiting_ends_when_the_run_is_stopped() -> None:
    bucket = Bucket(capacity=1, rate=0.001)
    bucket.take()
    stop = threading.Event()
    threading.Timer(0.02, stop.set).start()
    with pytest.raises(Stopped):
        bucket.take(stop)


def test_an_answer_wakes_the_calls_that_wait() -> None:
    bucket = Bucket(rate=0.01)
    first = bucket.take()
    went = threading.Event()
    waiting = threading.Thread(target=lambda: went.set() if bucket.take() else None)
    waiting.start()
    bucket.answered(first, 19)
    assert went.wait(5)
    waiting.join()


def test_threads_never_take_more_than_there_is() -> None:
    bucket = Bucket(rate=0.001)
    bucket.answered(bucket.take(), 15)
    stop = threading.Event()
    taken: list[Ticket] = []

    def work() -> None:
        try:
            while True:
                taken.append(bucket.take(stop))
        except Stopped:
            pass

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    ends = time.monotonic() + 5
    while len(taken) < 12 and time.monotonic() < ends:
        time.sleep(0.001)
    stop.set()
    for thread in threads:
        thread.join()
    assert 12 <= len(taken) <= 15
    assert len({ticket.number for ticket in taken}) == len(taken)


def test_a_call_that_never_left_gives_its_token_back() -> None:
    bucket = bucket_at(Time())
    told(bucket, 10)
    bucket.unused(bucket.take())
    assert bucket.forecast(10) == 0


def test_a_bucket_that_fills_up_at_once_never_makes_a_call_wait_for_ever() -> None:
    """As those of the tests do; on a busy machine latencies differ by more than there is between two of its moments."""
    for seed in range(5):
        clock, chance = Time(), random.Random(seed)
        bucket = Bucket(10**6, 1e6, clock=clock, wait=lambda _: pytest.fail("it waits"), chance=chance.random)
        for _ in range(60):
            ticket = bucket.take()
            clock.now += chance.choice((0.02, 0.1, 0.15, 0.3))
            bucket.answered(ticket, 10**6 - 1)


# --- the forecast -------------------------------------------------------------------------------------


def test_the_forecast_starts_with_the_tokens_there_are() -> None:
    clock = Time()
    bucket = bucket_at(clock)
    assert (bucket.forecast(20), bucket.forecast(41)) == (0, 7)
    told(bucket, 5)
    assert bucket.forecast(41) == pytest.approx(12)
    clock.now += 100
    assert bucket.forecast(41) == pytest.approx(7)


@settings(max_examples=30, deadline=None)
@given(st.integers(20, 150))
def test_the_forecast_comes_true(calls: int) -> None:
    run = alone(calls, steady(0.05))
    assert run.ended == pytest.approx(Bucket(clock=Time()).forecast(calls), abs=0.5, rel=0.05)


@pytest.mark.parametrize(
    ("value", "number"),
    [("19", 19), (" 3.5 ", 3.5), (0, 0), ("-2", 0), ("", None), (True, None), ("inf", None)],
)
def test_a_header_is_a_number_or_nothing(value: object, number: float | None) -> None:
    assert number_of(value) == number
