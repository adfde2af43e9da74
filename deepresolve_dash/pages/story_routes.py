"""Routes of stories: what they hold, the link that opens one, and what can be done with them."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, Response
from werkzeug.wrappers import Response as Answer

from deepresolve_dash.errors import DeepResolveError, SettingsError
from deepresolve_dash.pages.answers import action, answer, body
from deepresolve_dash.pages.called import called
from deepresolve_dash.pages.context import context, open_run
from deepresolve_dash.pages.gate import may
from deepresolve_dash.pages.offline_asks import channel_of, class_of, run_of
from deepresolve_dash.pages.prefix import send_on
from deepresolve_dash.pages.quota import bring
from deepresolve_dash.pages.who import me
from deepresolve_dash.people.owners import STORY as STORIES
from deepresolve_dash.runs.story import Story, read_steps

STORY, STEP, PRESENT = "story", "step", "present"  # keys in the address of a view
routes = Blueprint("stories", __name__)


@routes.get("/stories/<story_id>")
def opened(story_id: str) -> Answer:
    """Send the link of a story on to its first view."""
    try:
        return send_on(first_view(context().stories.open(story_id)))
    except DeepResolveError:
        return send_on(edit_address(story_id))  # that page says what is missing


@routes.get("/data/stories.json")
def listed() -> Response:
    """Return which stories there are."""
    return answer([line(story) for story in shown()])


@routes.get("/data/stories/<story_id>.json")
def story_data(story_id: str) -> Response:
    """Return a story with the addresses of its views."""
    try:
        return answer(told(context().stories.open(story_id)))
    except DeepResolveError as error:
        return Response(str(error), status=404, mimetype="text/plain")


@routes.post("/act/stories/new")
@action
def new() -> dict:
    """Keep a new story."""
    given = body()
    steps = read_steps(given.get("steps", []))
    story = context().stories.create(str(given.get("title", "")), steps)
    bring(STORIES, story.id)
    return told(story)


@routes.post("/act/stories/<story_id>/copy")
@action
def copy(story_id: str) -> dict:
    """Keep a copy that can be changed."""
    story = context().stories.copy(story_id)
    bring(STORIES, story.id)
    return told(story)


@routes.post("/act/stories/<story_id>/save")
@action
def save(story_id: str) -> dict:
    """Put title and steps in the place of those of a revision."""
    given = body()
    revision = given.get("revision")
    if not isinstance(revision, int):
        raise SettingsError("It is not told which revision was changed.", "Load the page again.")
    steps = read_steps(given.get("steps"))
    return told(context().stories.save(story_id, revision, str(given.get("title", "")), steps))


@routes.post("/act/stories/<story_id>/add")
@action
def add(story_id: str) -> dict:
    """Add a step at the end."""
    (step,) = read_steps([body()])
    return told(context().stories.add(story_id, step))


@routes.post("/act/stories/<story_id>/delete")
@action
def delete(story_id: str) -> dict:
    """Move a story to the bin."""
    context().stories.delete(story_id)
    return {"id": story_id}


@routes.post("/act/stories/<story_id>/restore")
@action
def restore(story_id: str) -> dict:
    """Take a story back out of the bin."""
    return {"id": context().stories.restore(story_id).id}


def shown() -> list[Story]:
    """Return the stories that whoever asks may see."""
    return [story for story in context().stories.stories() if me().sees_story(story.id)]


def line(story: Story) -> dict:
    """Return what a list says of a story."""
    return {
        "id": story.id,
        "title": story.title,
        "n": len(story.steps),
        "shipped": story.shipped,
        "own": not story.shipped and may(f"/act/stories/{story.id}/save"),
        "first": first_view(story),
        "edit": edit_address(story.id),
    }


def told(story: Story) -> dict:
    """Return a story for the browser; `href` is where its editor is."""
    steps = [
        {
            "address": step.address,
            "caption": step.caption,
            "panel": step.panel,
            "view": view_address(story, place),
            "called": _class_name(step.address),
            "motif": _motif_name(step.address),
        }
        for place, step in enumerate(story.steps)
    ]
    about = {"href": edit_address(story.id), "revision": story.revision, "steps": steps}
    return line(story) | about


def _class_name(address: str) -> str | None:
    """Return the name of the class that a view is about, None where it is not known here."""
    run, target = run_of(address), class_of(address)
    if run is None or target is None:
        return None
    try:
        summary = open_run(run).summary
    except DeepResolveError:
        return None
    names = zip(summary.target.values.tolist(), summary.target_name.values.tolist(), strict=True)
    return dict(names).get(target)


def _motif_name(address: str) -> str | None:
    """Return the motif that the channel of a view is named after, None where it has none here."""
    run, channel = run_of(address), channel_of(address)
    if run is None or channel is None:
        return None
    try:
        return called(open_run(run)).get(str(channel))
    except DeepResolveError:
        return None


def first_view(story: Story) -> str:
    """Return where a story begins; an empty one has only its editor."""
    return view_address(story, 0) if story.steps else edit_address(story.id)


def edit_address(story_id: str) -> str:
    """Return the address of the page that shows a story as a list."""
    return f"/stories/{story_id}/edit"


def view_address(story: Story, place: int) -> str:
    """Return the address of a step as a view of its story; steps count from 1 there."""
    step = story.steps[place]
    parts = urlsplit(step.address)
    ours = {STORY: story.id, STEP: str(place + 1)} | ({PRESENT: step.panel} if step.panel else {})
    kept = [pair for pair in parse_qsl(parts.query) if pair[0] not in (STORY, STEP, PRESENT)]
    return f"{parts.path}?{urlencode([*kept, *ours.items()], safe=',')}"
