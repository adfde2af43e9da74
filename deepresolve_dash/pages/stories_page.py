"""Stories: the list of them, and the page on which one is put in order."""

import orjson
from dash import dcc, html
from dash.development.base_component import Component

from deepresolve_dash.pages import channel_page, channels_page, classes_panels, probe_page
from deepresolve_dash.pages.acting import act, go
from deepresolve_dash.pages.class_page import panel_titles, titles_of
from deepresolve_dash.pages.classes_more_panels import classes_more_panels
from deepresolve_dash.pages.context import context
from deepresolve_dash.pages.panel import data
from deepresolve_dash.pages.story_routes import edit_address, first_view
from deepresolve_dash.runs.story import Story
from deepresolve_dash.views.measures import count


def page() -> html.Div:
    """Return the list of all stories."""
    found = context().stories.stories()
    mine = [row(story) for story in found if not story.shipped]
    shipped = [row(story) for story in found if story.shipped]
    return html.Div(
        [
            html.Div(
                [
                    html.H1("Stories"),
                    html.Div(className="fill"),
                    act("New story", "/act/stories/new", field="title", tone="main"),
                ],
                className="page-head",
            ),
            html.P(
                "A story is a list of saved views with captions. Show it full screen with the "
                "arrow keys, or send its link: whoever opens it sees what you saw.",
                className="lead",
            ),
            section("Yours", mine) if mine else empty(),
            section("With the demo runs", shipped) if shipped else None,
        ],
        className="list-page stories",
    )


def section(title: str, rows: list[html.Tr]) -> html.Section:
    """Return a table of stories."""
    return html.Section([html.H2(title), html.Table(html.Tbody(rows), className="table")])


def row(story: Story) -> html.Tr:
    """Return a story of the list."""
    link = dcc.Link(story.title, href=first_view(story))
    here = f"/act/stories/{story.id}"
    buttons: list[Component] = [
        *offline(story),
        go("Steps" if story.shipped else "Edit", edit_address(story.id)),
    ]
    if story.shipped:
        buttons.append(act("Copy and edit", f"{here}/copy"))
    else:
        gone, back = f"The story “{story.title}” is deleted.", f"{here}/restore"
        buttons.append(act("Delete", f"{here}/delete", said=gone, undo=back))
    return html.Tr(
        [
            html.Th(link, scope="row"),
            html.Td(count(len(story.steps), "step", "steps"), className="muted"),
            html.Td(html.Div(buttons, className="actions")),
        ]
    )


def offline(story: Story) -> list[html.Button]:
    """Return the button that saves a story as a file; nothing for one without a step."""
    if not story.steps:
        return []
    href = f"/data/stories/{story.id}/offline.html"
    title = "This story as one file that opens without the dashboard"
    return [html.Button("Offline page", className="button", title=title, **data(offline=href))]


def empty() -> html.Div:
    """Return how a first story is made."""
    return html.Div(
        html.P(
            "No story of yours yet. Open a result, choose a view, and press “Add to story” at the "
            "top; or copy a story below and change it."
        ),
        className="empty",
    )


def story_page(story_id: str) -> html.Div:
    """Return the page of one story; the browser fills in its steps.

    Raises
    ------
    StoryNotFound
        When there is none of this id.
    """
    story = context().stories.open(story_id)
    start = [go("Show", first_view(story), main=True)] if story.steps else []
    return html.Div(
        [
            html.Div(
                [html.H1(story.title), html.Div(className="fill"), *offline(story), *start],
                className="page-head",
            ),
            html.Div(id="story-steps", className="story-steps"),
        ],
        className="list-page story",
        **data(story=story.id, panels=orjson.dumps(titles()).decode()),
    )


def titles() -> dict[str, dict[str, str]]:
    """Return the title of each panel by its name, for each page that a step can show."""
    compared = [
        classes_panels.matrices_panel([]),
        classes_panels.scatter_panel(),
        classes_panels.pair_panel(),
        *classes_more_panels(),
    ]
    return {
        "class": panel_titles(),
        "classes": titles_of(compared),
        "channels": channels_page.TITLES,
        "channel": channel_page.TITLES,
        "probe": probe_page.TITLES,
    }
