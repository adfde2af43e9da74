"""Rows of bundles that were made when their columns had other names."""

import pandas as pd

_NAMES = {  # what a column was called before, and is called now
    "OFIV low (feature-map units)": "OFIV low, 2.5% (feature-map units)",
    "OFIV high (feature-map units)": "OFIV high, 97.5% (feature-map units)",
}
_NEW = ("rank in tree",)  # columns that rows did not have


def as_now(was: pd.DataFrame, now: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows of a bundle under the names of today, and those of today without what is new."""
    renamed = was.rename(columns={old: new for old, new in _NAMES.items() if new in now})
    return renamed, now.drop(columns=[name for name in _NEW if name in now and name not in was])
