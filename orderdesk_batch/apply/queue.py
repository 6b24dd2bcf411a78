"""This file holds Queue: the jobs that are ready, in groups that may share a call."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable, Iterator

from ..lookup import Listed
from .writers import Job, writer_of

Group = tuple[str, ...]
SCAN = 200  # jobs looked at for one that is free


class Queue:
    """Jobs in groups; `expect` tells of jobs that will come, so that batches can wait to be full."""

    def __init__(self) -> None:
        self._groups: dict[Group, deque[Job]] = {}
        self._expected: dict[Group, set[int]] = defaultdict(set)
        self._added: set[int] = set()

    def __bool__(self) -> bool:
        return bool(self._groups)

    def add(self, job: Job) -> None:
        """Put a job at the end of its group; it need not be waited for any more."""
        self.unexpect(job)
        self._added.add(id(job.step))
        self._groups.setdefault(writer_of(job).group(job), deque()).append(job)

    def put_back(self, jobs: list[Job]) -> None:
        """Jobs of one group that were taken, to be taken next."""
        if jobs:
            self._groups.setdefault(writer_of(jobs[0]).group(jobs[0]), deque()).extendleft(reversed(jobs))

    def expect(self, job: Job) -> None:
        """Tell that this job will come later."""
        self._expected[writer_of(job).group(job)].add(id(job.step))

    def unexpect(self, job: Job) -> None:
        """Tell that this job need not be waited for any more."""
        self._expected[writer_of(job).group(job)].discard(id(job.step))

    def had(self, job: Job) -> bool:
        """Whether this job was put into the queue before."""
        return id(job.step) in self._added

    def sort(self) -> None:
        """Bring together what was read on one page, so that one page read anew serves many."""
        for group, jobs in self._groups.items():
            if writer_of(jobs[0]).needs:
                self._groups[group] = deque(sorted(jobs, key=lambda job: (job.change.page < 0, job.change.page)))

    def take(self, batch_size: int, is_free: Callable[[Job], bool], *, idle: bool) -> list[Job]:
        """The jobs of the next call; none if all that is ready has to wait.

        A batch that is not full waits for the jobs expected in its group, unless nothing else is going on.
        """
        for patient in (True, False) if idle else (True,):
            for group, jobs in self._groups.items():
                size = writer_of(jobs[0]).size(batch_size)
                if patient and size > 1 and len(jobs) < size and self._expected[group]:
                    continue
                if taken := self._take_from(group, size, is_free):
                    return taken
        return []

    def _take_from(self, group: Group, size: int, is_free: Callable[[Job], bool]) -> list[Job]:
        jobs = self._groups[group]
        taken: list[Job] = []
        left: list[Job] = []
        while jobs and len(taken) < size and len(left) < SCAN:
            job = jobs.popleft()
            (taken if is_free(job) else left).append(job)
        jobs.extendleft(reversed(left))
        if not jobs:
            del self._groups[group]
        return taken

    def upcoming(self, listed: Listed, window: int) -> Iterator[str]:
        """The records whose documents will be needed next."""
        for jobs in self._groups.values():
            writer = writer_of(jobs[0])
            if writer.needs and writer.listed == listed:
                for job, _ in zip(list(jobs), range(window), strict=False):
                    yield writer.record(job)

    def calls_left(self, batch_size: int) -> int:
        """How many calls what is ready takes."""
        return sum(math.ceil(len(jobs) / writer_of(jobs[0]).size(batch_size)) for jobs in list(self._groups.values()))
