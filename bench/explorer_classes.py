"""How long the page of all classes of a large run takes; a part of `bench.explorer`."""

from playwright.sync_api import Browser, Page

from bench.browser import NO_TOUR

LOWER = ("clusters", "stability", "disagreement", "association", "ofiv", "cells")


def measure_classes(
    browser: Browser, address: str, view: dict, scripts, *, rounds: int
) -> tuple[dict, dict[str, list[float]]]:
    """Return when the page can be used, and how long each of some changes took.

    Parameters
    ----------
    address : str
        Of the page of all classes.

    Returns
    -------
    dict
        `usable_ms`: from the start of the navigation until tree, both matrices and the pairs are
        drawn; first where nobody has opened it since the run was made, then in new tabs.
    dict of list
        Times in milliseconds; of what lower panels ask the server for, the first time apart.
    """
    pages = [_visit(browser, address, view, scripts) for _ in range(4)]
    usable = [page.evaluate("explorer.usable()") for page in pages]
    for page in pages[:-1]:
        page.context.close()
    page = pages[-1]
    page.wait_for_load_state("networkidle")
    names = {"cell marked": "cell", "pair shown": "pair", "zoom": "zoom", "cut moved": "cut"}
    times = {label: _timed(page, name, rounds) for label, name in names.items()}
    times |= _lower_panels(page, rounds)
    page.context.close()
    return {"first_ms": round(usable[0]), "again_ms": round(sorted(usable[1:])[1])}, times


def _lower_panels(page: Page, rounds: int) -> dict[str, list[float]]:
    """Return how long the routes of the lower panels take, the first time and again."""
    times = {}
    for name in LOWER:
        answers = [page.evaluate("name => explorer.below(name)", name) for _ in range(1 + rounds)]
        if not all(answer["ok"] for answer in answers):
            raise SystemExit(f"The route of {name} fails.")
        first, *again = [answer["took"] for answer in answers]
        times |= {f"{name}, first": [first], name: again}
    return times


def _visit(browser: Browser, address: str, view: dict, scripts) -> Page:
    """Open the page and wait until all of its first screen is drawn."""
    page = browser.new_context(viewport=view, bypass_csp=True).new_page()
    page.set_default_timeout(60_000)
    page.add_init_script(NO_TOUR)
    page.add_init_script(path=scripts)
    page.goto(address)
    page.wait_for_function("explorer.allClasses()")
    return page


def _timed(page: Page, what: str, rounds: int) -> list[float]:
    return [page.evaluate(f"explorer.{what}({turn})") for turn in range(rounds)]
