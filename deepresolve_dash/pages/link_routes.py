"""Links that show one run or story: made and ended by those who are in, opened by anybody."""

import re
import time
from urllib.parse import urlsplit

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as Answer

from deepresolve_dash.errors import DeepResolveError, RunRefused, SettingsError
from deepresolve_dash.pages import who
from deepresolve_dash.pages.answers import action, answer, body
from deepresolve_dash.pages.context import context, open_run
from deepresolve_dash.pages.gate import note
from deepresolve_dash.pages.login import here, notice
from deepresolve_dash.pages.prefix import send_on
from deepresolve_dash.people.links import DAYS, Link
from deepresolve_dash.people.roles import Need
from deepresolve_dash.runs.story import Story

routes = Blueprint("links", __name__)
_OF_RUN = re.compile(r"/runs/([^/?]+)")
_OPEN = RunRefused(
    "Whoever reaches this dashboard sees everything in it already.", "Send the address of the page."
)
_ENDED = (
    "This link has ended",
    "It was revoked, or its time is over. Ask whoever sent it for another one.",
)


@routes.get("/share/<token>")
def opened(token: str) -> Answer:
    """Let whoever has a link see what it shows, for as long as it lives."""
    link = who.door().people.links.open(token)
    if link is None:
        return notice(*_ENDED, status=404)
    found = who.person()
    if found is None or found.is_guest:
        who.enter_by_link(link.id)
    place = here(request.args.get("to", ""))
    return send_on(place if place != "/" else target(link))


def target(link: Link) -> str:
    """Return where a link leads."""
    return f"/stories/{link.story}" if link.story else f"/runs/{link.runs[0]}"


@routes.get("/data/<run_id>/links.json")
def of_run(run_id: str) -> Response:
    """Return the links to a run that live."""
    return answer([line(link) for link in who.door().people.links.all(run=run_id)])


@routes.get("/data/links/<story_id>.json")
def of_story(story_id: str) -> Response:
    """Return the links to a story that live."""
    return answer([line(link) for link in who.door().people.links.all(story=story_id)])


@routes.post("/act/runs/<run_id>/share")
@action
def share_run(run_id: str) -> dict:
    """Make a link that shows a run."""
    run = open_run(run_id)
    return _made(str(run.info.get("name") or run.id), [run.id])


@routes.post("/act/stories/<story_id>/share")
@action
def share_story(story_id: str) -> dict:
    """Make a link that shows a story and the runs it leads to."""
    story = context().stories.open(story_id)
    return _made(story.title, runs_of(story), story=story.id)


@routes.post("/act/links/<link_id>/revoke")
@action
def revoke(link_id: str) -> dict:
    """End a link that one has made; an admin ends any."""
    links, found = who.door().people.links, who.me()
    link = links.get(link_id)
    if link.user != found.name and not found.may(Need.ADMINISTER):
        raise RunRefused(f"{link.user} made this link.", "They or an admin can revoke it.")
    links.revoke(link_id)
    return {"id": link_id}


def _made(title: str, runs: list[str], *, story: str = "") -> dict:
    if who.door().is_open:
        raise _OPEN
    days = body().get("days", DAYS)
    if not isinstance(days, int):
        raise SettingsError("The time that a link lives is a number of days.")
    link, token = who.door().people.links.create(
        title, runs, user=who.me().name, story=story, days=days
    )
    note(link=link.id, days=days)
    return line(link) | {"href": f"/share/{token}"}


def runs_of(story: Story) -> list[str]:
    """Return the runs that the steps of a story show, those that are here."""
    named = [_OF_RUN.match(urlsplit(step.address).path) for step in story.steps]
    found = []
    for run in dict.fromkeys(match[1] for match in named if match):
        try:
            found.append(open_run(run).id)
        except DeepResolveError:
            continue
    return found


def line(link: Link) -> dict:
    """Return what a list says of a link."""
    left = max(0, round((link.expires - time.time()) / 86400))
    return {
        "id": link.id,
        "title": link.title,
        "user": link.user,
        "created": link.created,
        "expires": link.expires,
        "left": left,
        "opened": link.opened,
        "story": bool(link.story),
        "mine": link.user == who.me().name or who.me().may(Need.ADMINISTER),
    }
