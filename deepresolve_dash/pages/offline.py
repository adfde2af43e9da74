"""A page of a run, or of a story, as one file that opens without a server and without a network."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import orjson
from flask import Flask

from deepresolve_dash.errors import RunNotFound, SettingsError
from deepresolve_dash.pages import channel_page, channels_page, class_page, classes_page
from deepresolve_dash.pages.context import NAME as CONTEXT
from deepresolve_dash.pages.context import open_run
from deepresolve_dash.pages.offline_asks import (
    Asked,
    bars,
    class_of,
    key_of,
    of_channel,
    of_class,
    of_pairs,
    of_run,
    of_step,
    pack_of,
    run_of,
)
from deepresolve_dash.pages.offline_frame import head, plotly, script, tail, template
from deepresolve_dash.pages.offline_record import Pack, Recorder, sealed
from deepresolve_dash.pages.plain_html import as_html
from deepresolve_dash.pages.story_routes import first_view
from deepresolve_dash.people.roles import Person
from deepresolve_dash.runs.story import Story
from deepresolve_dash.views.classes import pair_words
from deepresolve_dash.views.logos import COLOURS, GLYPHS
from deepresolve_dash.views.measures import count
from deepresolve_dash.views.ofiv import SECOND
from deepresolve_dash.views.selection import Selection, address

LARGEST = 40 * 2**20  # bytes of a file, unless its first class alone is larger
MOST_CHANNELS = 128  # of which each gets its page
MOST_PAIRED = 40  # classes of which each pair can be compared
MOST_REGIMES = 60  # classes that are kept in every regime


@dataclass
class _Part:
    """A run in the file: what its pages ask, and its classes, those needed most first."""

    asked: Asked
    name: str
    names: list[str]
    wanted: list[int]
    steps: list[str]
    kept: list[int] = field(default_factory=list)

    @property
    def is_paired(self) -> bool:
        """Whether each pair of its classes can be compared."""
        return bool(self.asked.matrices) and len(self.wanted) <= MOST_PAIRED

    @property
    def pages(self) -> list[int]:
        """Channels that have their page."""
        every = self.asked.channels
        return list(every) if len(every) <= MOST_CHANNELS else []


def offline_page(
    server: Flask,
    run_id: str = "",
    *,
    classes: Sequence[int] | None = None,
    story: str = "",
    largest: int = LARGEST,
) -> Iterator[bytes]:
    """Return a file that holds the views of a run, or of the steps of a story, in pieces.

    The file shows what the app shows, by the same scripts, and asks nobody for anything. *Choice:*
    classes are taken in their order, those of the steps of a story first, as long as the file
    stays below `largest`; the file says which it holds. What is wrong is said before the first
    piece.

    Parameters
    ----------
    server : Flask
        Whose routes answer, with its context.
    run_id : str
        Not needed for a story.
    classes : sequence of int, optional
        Output indices; all classes without, and those of the steps of a story alone when empty.
    story : str
        Id of a story.
    largest : int
        Bytes.

    Raises
    ------
    RunNotFound
        When there is no such run, or none of these classes.
    StoryNotFound
        When there is no such story.
    SettingsError
        When the story has no step that shows a run.
    """
    told = server.extensions[CONTEXT].stories.open(story) if story else None
    views = [step.address for step in told.steps] if told else []
    runs = list(dict.fromkeys(filter(None, map(run_of, views)))) if told else [run_id]
    if not runs:
        raise SettingsError("This story shows no result.", "Add a view of a run to it first.")
    recorder = Recorder(server, Person("file", "link", frozenset(runs), story, way="link"))
    parts = [part for one in runs if (part := _part_of(recorder, one, classes, views, told))]
    if not parts:
        raise RunNotFound("None of the results that this story shows is here.")
    return _pieces(recorder, parts, told, largest)


def _part_of(
    recorder: Recorder,
    run_id: str,
    classes: Sequence[int] | None,
    views: Sequence[str],
    story: Story | None,
) -> _Part | None:
    """Return a run of the file; None for one that a story shows and that is not here any more."""
    try:
        return _part(recorder, run_id, classes, views)
    except RunNotFound:
        if story is None:
            raise
        return None


def _part(
    recorder: Recorder, run_id: str, classes: Sequence[int] | None, views: Sequence[str]
) -> _Part:
    with recorder.inside("/"):
        run = open_run(run_id)
        about = class_page.description(run)
    targets, mine = about["targets"], [view for view in views if run_of(view) == run_id]
    shown = [one for one in map(class_of, mine) if one is not None and one in targets]
    chosen = list(targets) if classes is None else [one for one in targets if one in classes]
    if classes and not chosen and not shown:
        raise SettingsError(
            "This run has none of the classes that were named.",
            f"Its classes are {', '.join(map(str, targets[:8]))}" + (", …" if targets[8:] else "."),
        )
    wanted = list(dict.fromkeys([*shown, *chosen])) or targets[:1]
    names = about["regimes"] if len(about["regimes"]) > 1 and len(wanted) <= MOST_REGIMES else []
    asked = Asked(run_id, targets, about["channels"], [None, *names], about["matrices"])
    return _Part(asked, about["name"], about["names"], wanted, mine)


def _pieces(
    recorder: Recorder, parts: Sequence[_Part], story: Story | None, largest: int
) -> Iterator[bytes]:
    """Make the file; the list of what it holds comes last, when that is known."""
    link = (story.title, f"#{first_view(story)}") if story else None
    size = len(script()) + len(plotly())
    for made in [head(link[0] if link else parts[0].name, link), plotly()]:
        size += len(made)
        yield made
    for place, part in enumerate(parts):
        share = largest * (place + 1) // len(parts)
        for made in _shared(recorder, part, story):
            size += len(made)
            yield made
        for target in part.wanted:
            made = sealed(_of_class(recorder, part, target))
            if size + len(made) > share and part.kept:
                break
            part.kept.append(target)
            size += len(made)
            yield made
    yield tail(_index(parts, story), [(_first(one), one.name, _says(one)) for one in parts])


def _shared(recorder: Recorder, part: _Part, story: Story | None) -> Iterator[bytes]:
    """Return the frames of the pages, and what they ask whichever class they show."""
    asked = part.asked
    yield _templates(recorder, part)
    steps = [one for view in part.steps for one in of_step(asked, view)]
    yield sealed(recorder.record([*of_run(asked), *steps]))
    if story:
        yield sealed(recorder.record([f"/data/stories/{story.id}.json"]))
    yield sealed(recorder.record(one for k in part.pages for one in of_channel(asked, k)))
    if part.is_paired:
        yield sealed(recorder.record(of_pairs(asked, sorted(part.wanted))))


def _templates(recorder: Recorder, part: _Part) -> bytes:
    run_id = part.asked.run
    with recorder.inside("/"):
        run = open_run(run_id)
        pages = {
            "class": class_page.page(run),
            "classes": classes_page.page(run),
            "channels": channels_page.page(run),
        }
        if part.pages:
            pages["channel"] = channel_page.page(run, part.pages[0])
        made = {name: as_html(one) for name, one in pages.items()}
    return b"".join(template(f"page-{name}-{run_id}", inside) for name, inside in made.items())


def _of_class(recorder: Recorder, part: _Part, target: int) -> dict[str, Pack]:
    """Return what is asked of a class, and what is said of it beside each other."""
    packs = recorder.record(of_class(part.asked, target))
    if part.is_paired:
        for regime in part.asked.regimes:
            with recorder.inside("/"):
                summary = open_run(part.asked.run).summary
                words = {
                    str(other): pair_words(
                        summary, Selection(part.asked.run, target, regime, (target, other))
                    )
                    for other in part.wanted
                    if other != target
                }
            at = part.asked.at("pair-words.json", target=target, regime=regime)
            packs[pack_of(at)].add(key_of(at), orjson.dumps(words))
    return packs


def _index(parts: Sequence[_Part], story: Story | None) -> dict:
    """Return what the scripts must know of the file."""
    return {
        "first": first_view(story) if story else _first(parts[0]),
        "glyphs": {"paths": GLYPHS, "colours": COLOURS},
        "second": {"type": "scatter", **SECOND},
        "runs": {
            part.asked.run: {
                "name": part.name,
                "names": part.names,
                "targets": part.asked.targets,
                "channels": part.asked.channels,
                "classes": sorted(part.kept, key=part.asked.targets.index),
                "of": len(part.asked.targets),
                "pages": part.pages,
                "bars": bars(part.asked),
                "regimes": len(part.asked.regimes) > 1,
            }
            for part in parts
        },
    }


def _first(part: _Part) -> str:
    """Return the address of the first class that is kept."""
    targets = part.asked.targets
    target = min(part.kept, key=targets.index)
    return address(part.asked.run, target, part.names[targets.index(target)])


def _says(part: _Part) -> str:
    """Return what is kept of a run, in words."""
    n, of, pages = len(part.kept), len(part.asked.targets), len(part.pages)
    classes = count(n, "class", "classes")
    kept = f"{classes}, all of the run" if n == of else f"{n:,} of {count(of, 'class', 'classes')}"
    alone = "each channel" if pages else "no page of a single channel"
    return f"run {part.asked.run}, {kept}; all classes compared; the table of channels and {alone}."
