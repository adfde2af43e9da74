"""What each request needs, in one table: a route that is not in it cannot be forgotten.

Whoever asks for something with GET must be allowed to see; for anything else, to change. The table
holds the exceptions of both, by the rule of the route as the server knows it.
"""

from dataclasses import dataclass

from deepresolve_dash.people.roles import Need

CALLBACK = "/_dash-update-component"
LOOKING = ("GET", "HEAD", "OPTIONS")
_PAGE = "page.children"  # the callback that makes a page


@dataclass(frozen=True)
class Row:
    """What the requests of one kind need.

    Attributes
    ----------
    rule : str
        Rule of the route; with `*` at its end, of all that begin like this.
    need : Need
    looks : bool
        Whether it is about requests that look.
    own : str
        Name of the part of the address that names a thing which must be one's own: `run_id`,
        `model_id` or `story_id`; an admin owns everything.
    """

    rule: str
    need: Need
    looks: bool = True
    own: str = ""

    def fits(self, rule: str, *, looks: bool) -> bool:
        """Tell whether a request to the route of a rule is of this kind."""
        if looks != self.looks:
            return False
        return rule.startswith(self.rule[:-1]) if self.rule[-1] == "*" else rule == self.rule


_OF_RUN, _OF_MODEL, _OF_STORY = "run_id", "model_id", "story_id"
TABLE = (
    # the program itself, and the ways in and out
    *(
        Row(rule, Need.NOTHING)
        for rule in (
            "/static/*", "/assets/*", "/_dash-component-suites/*", "/bundle/*", "/_favicon.ico",
            "/login", "/share/<token>", "/healthz", "/readyz",
            "/metrics",  # which looks who asks by itself
        )
    ),
    Row("/login", Need.NOTHING, looks=False),
    Row("/logout", Need.NOTHING, looks=False),
    # frames without contents, and what a link shows: the routes of lists leave out the rest
    *(
        Row(rule, Need.LOOK)
        for rule in (
            "/", "/<path:path>", "/_dash-layout", "/_dash-dependencies", "/runs/<run_id>",
            "/stories/<story_id>", "/data/stories/<story_id>.json", "/data/stories.json",
            "/data/stories/<story_id>/offline.html", "/data/search.json", "/feed",
        )
    ),
    # answers that are known; whoever may not change is told these alone
    Row("/act/probe", Need.LOOK, looks=False),
    *(
        Row(f"/data/probe/<probe_id>/{what}", Need.LOOK)
        for what in (
            "stage.json", "scores.<kind>", "bases.<kind>", "channels.<kind>", "track.<kind>"
        )
    ),
    Row("/data/<run_id>/links.json", Need.CHANGE),
    Row("/data/<run_id>/again.json", Need.SEE),  # it tells of other runs
    Row("/data/<run_id>/notes.*", Need.SEE),  # what people say to each other
    Row("/data/<run_id>/*", Need.LOOK),
    Row("/data/links/*", Need.CHANGE),
    Row("/data/people*", Need.ADMINISTER),
    Row("/upload/room", Need.CHANGE),
    # what belongs to somebody
    *(
        Row(f"/act/runs/<run_id>/{what}", Need.CHANGE, looks=False, own=_OF_RUN)
        for what in ("delete", "restore", "pin", "unpin", "labels/add", "labels/remove")
    ),
    *(
        Row(f"/act/models/<model_id>/{what}", Need.CHANGE, looks=False, own=_OF_MODEL)
        for what in ("rename", "delete", "restore", "class", "classes")
    ),
    *(
        Row(f"/act/stories/<story_id>/{what}", Need.CHANGE, looks=False, own=_OF_STORY)
        for what in ("save", "add", "delete", "restore")
    ),
    Row("/act/people*", Need.ADMINISTER, looks=False),
    Row("/act/queue/<mode>", Need.ADMINISTER, looks=False),
    Row("/act/machines/*", Need.ADMINISTER, looks=False),
)  # fmt: skip


def row_of(method: str, rule: str | None, *, output: str = "") -> Row:
    """Return what a request needs.

    Parameters
    ----------
    method : str
        `GET` and the like.
    rule : str or None
        Rule of its route; None when there is none.
    output : str
        What a callback of the page fills.
    """
    looks = method in LOOKING
    if rule == CALLBACK and output == _PAGE:
        return Row(CALLBACK, Need.LOOK, looks=False)
    for row in TABLE:
        if rule is not None and row.fits(rule, looks=looks):
            return row
    return Row(rule or "", Need.SEE if looks else Need.CHANGE, looks=looks)
