"""What files that are taken away are called."""

import re
from collections.abc import Mapping

from deepresolve_dash.exports.figures.panel import Panel
from deepresolve_dash.runs.store import Run

_LONGEST = 60  # characters of a word


def file_name(run: Run, values: Mapping[str, str], panel: Panel, kind: str) -> str:
    """Return what a file is called: run, what of it is shown, panel."""
    words = [run.info.get("name", ""), run.id, *_shown(run, values, panel), panel.name]
    clean = [re.sub(r"[^A-Za-z0-9]+", "-", word).strip("-")[:_LONGEST] for word in words]
    return "-".join(word for word in clean if word) + f".{kind}"


def _shown(run: Run, values: Mapping[str, str], panel: Panel) -> list[str]:
    """Return the words of a file name that say which class, pair or channel is shown."""
    if panel.page == "classes":  # all of them, or a pair
        return [f"classes-{values['pair']}"] if panel.name == "why" and values.get("pair") else []
    if panel.page == "channel":
        return [f"channel-{values.get('channel', '')}"]
    target, targets = values.get("target", ""), [str(one) for one in run.summary.target.values]
    if target not in targets:
        return []
    return [f"class-{target}", str(run.summary.target_name.values[targets.index(target)])]
