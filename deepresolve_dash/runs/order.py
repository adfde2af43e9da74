"""Whose run is next: fair over users, whatever they queue."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache


@dataclass(frozen=True)
class Waiting:
    """A run that waits.

    Attributes
    ----------
    id : str
    users : tuple of str
        Who wants it.
    resume : bool
        It was running before and lost its worker.
    queued : float
        Epoch seconds.
    quick : bool
        Somebody looks at a page and waits for it; it takes seconds.
    priority : int
        1 goes before the other runs of its users, -1 after them.
    """

    id: str
    users: tuple[str, ...]
    resume: bool
    queued: float
    quick: bool = False
    priority: int = 0


@dataclass(frozen=True)
class Shares:
    """What each user has: how many runs are running, and when one was last taken up.

    Attributes
    ----------
    running : tuple of tuple of str
        Users of each running run, the one that was started first first.
    served : tuple of (str, int)
        User, and number of the change at which a run of theirs was taken up.
    most_running : int
        How many runs of a user may be running at once; 0 is any number.
    """

    running: tuple[tuple[str, ...], ...] = ()
    served: tuple[tuple[str, int], ...] = ()
    most_running: int = 0

    def holds_back(self, one: Waiting) -> bool:
        """Tell whether a run waits for others of its users to end, whatever workers are free."""
        if one.quick or not self.most_running:
            return False
        return _is_full(one.users, count_of(self.running), self.most_running)


def fair_order(waiting: Sequence[Waiting], shares: Shares) -> Iterator[Waiting]:
    """Yield runs in the order in which they will be taken up.

    *Choice:* what is quick goes first, then a run that lost its worker; then the user with the
    fewest running runs, then the one who was served longest ago, then that user's run of the
    highest priority, then the one that has waited longest. So a priority moves nothing but the
    runs of one user among each other. A run of several users goes by the one of them whose turn is
    nearest. Runs are taken to end in the order in which they started; those that are held back
    come after all that are not.
    """
    alike: dict[tuple, deque[Waiting]] = {}  # runs that only their age tells apart
    for one in sorted(waiting, key=lambda one: (one.queued, one.id)):
        alike.setdefault((one.users, one.quick, one.resume, one.priority), deque()).append(one)
    running, served = deque(shares.running), dict(shares.served)
    n_running = count_of(running)
    turn = max(served.values(), default=0)
    while alike:
        first, group = min(
            ((one[0], group) for group, one in alike.items()),
            key=lambda pair: (
                _key(pair[0], n_running, served, shares.most_running), pair[0].queued, pair[0].id
            ),
        )  # fmt: skip
        alike[group].popleft()
        if not alike[group]:
            del alike[group]
        yield first
        running.append(first.users)
        n_running.update(first.users)
        n_running.subtract(running.popleft())
        turn += 1
        served |= dict.fromkeys(first.users, turn)


@lru_cache(maxsize=4)
def positions(waiting: tuple[Waiting, ...], shares: Shares) -> Mapping[str, int]:
    """Return the place of each waiting run, 1 for the one that the next free worker takes up."""
    free = replace(shares, running=shares.running[1:])
    return {one.id: place for place, one in enumerate(fair_order(waiting, free), start=1)}


def count_of(running: Iterable[tuple[str, ...]]) -> Counter[str]:
    """Return how many of the running runs are each user's."""
    return Counter(user for users in running for user in users)


def _key(
    one: Waiting, n_running: Mapping[str, int], served: Mapping[str, int], most_running: int
) -> tuple[bool, bool, bool, tuple[int, int], int]:
    """Return what a run is ordered by before its age."""
    shares = [(n_running[user], served.get(user, 0)) for user in one.users]
    full = not one.quick and _is_full(one.users, n_running, most_running)
    return full, not one.quick, not one.resume, min(shares, default=(0, 0)), -one.priority


def _is_full(users: tuple[str, ...], n_running: Mapping[str, int], most: int) -> bool:
    """Tell whether all users of a run have as many running as they may."""
    return bool(most and users) and all(n_running[user] >= most for user in users)
