"""Times and sizes in words that fit them."""

_STEPS = ((60, "s", 1), (3600, "min", 60), (86400, "h", 3600), (float("inf"), "days", 86400))


def duration(seconds: float | None) -> str:
    """Return a time as "40 s", "12 min", "3.5 h"; a dash when it is not known."""
    if seconds is None or seconds != seconds:  # NaN
        return "–"
    if seconds < 1:
        return "less than 1 s"
    for bound, unit, length in _STEPS:
        if seconds < 0.995 * bound:
            value = seconds / length
            digits = 1 if value < 10 and unit in ("h", "days") else 0
            return f"{value:.{digits}f} {unit}"
    return "–"


def size(n_bytes: float) -> str:
    """Return a number of bytes in the unit that fits, powers of 1024."""
    if n_bytes < 1024:
        return f"{n_bytes:.0f} bytes"
    for unit in ("kB", "MB", "GB"):
        n_bytes /= 1024
        if n_bytes < 1023.5 or unit == "GB":
            break
    return f"{n_bytes:.3g} {unit}" if n_bytes < 999.5 else f"{n_bytes:,.0f} {unit}"


def count(n: int, one: str, several: str = "") -> str:
    """Return "1 class", "31 classes"."""
    return f"{n:,} {one if n == 1 else several or one + 's'}"
