"""How long the table of channels of a large run takes; a part of `bench.explorer`."""

from pathlib import Path

from playwright.sync_api import Browser, Page

from bench.browser import NO_TOUR

_SCRIPTS = Path(__file__).with_suffix(".js")


def measure_channels(
    browser: Browser, address: str, view: dict, *, rounds: int
) -> tuple[dict, dict[str, list[float]]]:
    """Return when the table can be used, and how long each of some changes took.

    Parameters
    ----------
    address : str
        Of the table of channels.

    Returns
    -------
    dict
        `first_ms`, `again_ms`: from the start of the navigation until the rows on screen have
        their logos; first where nobody has opened it since the run was made, then in new tabs.
    dict of list
        Times in milliseconds: all logos drawn at once until the second frame after, frames of
        a list that is scrolled by 120 px in each.
    """
    pages = [_visit(browser, address, view) for _ in range(4)]
    usable = [page.evaluate("channelTable.usable()") for page in pages]
    for page in pages[:-1]:
        page.context.close()
    page = pages[-1]
    page.wait_for_load_state("networkidle")
    times = {
        "all logos at once": [page.evaluate("channelTable.everyLogo()") for _ in range(rounds)],
        "frame of scrolling": page.evaluate("channelTable.scroll()"),
    }
    page.context.close()
    return {"first_ms": round(usable[0]), "again_ms": round(sorted(usable[1:])[1])}, times


def _visit(browser: Browser, address: str, view: dict) -> Page:
    """Open the table and wait until the rows on screen are drawn."""
    page = browser.new_context(viewport=view, bypass_csp=True).new_page()
    page.set_default_timeout(60_000)
    page.add_init_script(NO_TOUR)
    page.add_init_script(path=_SCRIPTS)
    page.goto(address)
    page.wait_for_function("channelTable.drawn()")
    return page
