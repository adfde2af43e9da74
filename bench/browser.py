"""The Chromium that the journeys and the benches drive."""

import os
import shutil

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NO_TOUR = "try { localStorage.setItem('drd-tour', 'seen') } catch {}"  # the tour is for newcomers


def chromium() -> str | None:
    """Return the path of the system's Chromium, None where playwright must have its own."""
    named = os.environ.get("CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("google-chrome")
