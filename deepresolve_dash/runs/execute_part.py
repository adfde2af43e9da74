"""Some classes of a run, up to the units of work on disk: what a helper computes."""

from collections.abc import Callable, Mapping

from deepresolve_dash.core.ascent.ascend import Ascent, ascend
from deepresolve_dash.core.ascent.base import make_base
from deepresolve_dash.core.ascent.problem import Progress, Units
from deepresolve_dash.core.ascent.rows import background_generator
from deepresolve_dash.networks.cut import cut
from deepresolve_dash.runs.execute import choose_device, full_precision, make_background, watched
from deepresolve_dash.runs.job import Job


def execute_part(
    job: Job,
    classes: slice,
    *,
    units: Units,
    device: str = "auto",
    known: Mapping[str, Ascent] | None = None,
    progress: Progress | None = None,
    on_phase: Callable[[str], None] = lambda _: None,
) -> None:
    """Run the ascent of some classes of a run, from the same base, into the same units.

    Parameters
    ----------
    job : Job
        The whole run.
    classes : slice
        Positions in the spec's classes.
    units, device, known, progress, on_phase
        As for `execute`.
    """
    on_phase("loading")
    place = choose_device(device)
    spec = job.spec
    parts = cut(job.network, spec.layer, output=spec.output).to(place)
    with full_precision(place):
        heard = watched(parts, lambda: on_phase("background"))
        background = make_background(job, background_generator(spec.settings.seed)).to(place)
        base = make_base(heard.head, background, spec.settings)
        on_phase("ascent")
        for _ in ascend(
            parts.tail,
            spec.classes,
            base=base,
            settings=spec.settings,
            keep_fim=spec.keep_fim,
            progress=progress,
            units=units,
            known=known,
            turns=lambda *_: [classes],
        ):
            pass
