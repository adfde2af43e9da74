"""Stories, kept as small files of the state folder, and those that come with the demos."""

import json
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from deepresolve_dash.errors import DeepResolveError, SettingsError
from deepresolve_dash.runs.place import make_private
from deepresolve_dash.runs.story import LONGEST, Step, Story, checked, is_id, read_steps
from deepresolve_dash.runs.whole_file import write_whole

MOST_STORIES = 1000
_RUN = "{run}"  # in a shipped story: the id of the run that it is about
_BIN, _KEPT_S = ".bin", 7 * 86400
_changing = threading.Lock()
_log = logging.getLogger(__name__)


class StoryNotFound(DeepResolveError):
    """No story has this id."""


class StoryRefused(DeepResolveError):
    """A story cannot be changed like this."""


class StoryStore:
    """Files `stories/ID.json`, and the stories that come with the demo runs."""

    def __init__(
        self, folder: Path, *, shipped: Path | None = None, runs: Path | None = None
    ) -> None:
        """Keep stories in `folder`; `shipped/NAME.json` tells of the run in the folder `runs/NAME`.

        *Choice:* a shipped story names no run id, so that a demo that is computed again with other
        settings keeps its story; without its run it is not listed.
        """
        self.folder = Path(folder)
        self._shipped, self._runs = shipped, runs

    def stories(self) -> list[Story]:
        """Return all stories that can be read: those of users by last change, then shipped ones."""
        own = [self._read(path) for path in self.folder.glob("[!.]*.json")]
        mine = sorted((one for one in own if one), key=lambda story: story.changed, reverse=True)
        return [*mine, *self.shipped()]

    def shipped(self) -> list[Story]:
        """Return the stories of the demo runs that are here."""
        paths = sorted(self._shipped.glob("*.json")) if self._shipped else []
        return [story for path in paths if (story := self._read_shipped(path))]

    def open(self, story_id: str) -> Story:
        """Return the story of this id.

        Raises
        ------
        StoryNotFound
            When there is none, or its file is damaged.
        """
        story = self._read(self.folder / f"{story_id}.json") if is_id(story_id) else None
        for found in (story, *self.shipped()):
            if found and found.id == story_id:
                return found
        raise StoryNotFound(
            f"There is no story '{story_id}' here.", "The stories page lists those there are."
        )

    def create(self, title: str, steps: Sequence[Step] = ()) -> Story:
        """Keep a new story.

        Raises
        ------
        SettingsError
            When the title or a step is not allowed.
        StoryRefused
            When there are too many.
        """
        story = Story(secrets.token_hex(6), *checked(title, steps))
        make_private(self.folder)
        if sum(1 for _ in self.folder.glob("*.json")) >= MOST_STORIES:
            raise StoryRefused(f"{MOST_STORIES} stories are here already.", "Delete some first.")
        return self._write(story)

    def copy(self, story_id: str) -> Story:
        """Keep a copy of a story, which can be changed."""
        story = self.open(story_id)
        title = f"{story.title[: LONGEST['title'] - 7]} (copy)"
        return self.create(title, story.steps)

    def save(self, story_id: str, revision: int, title: str, steps: Sequence[Step]) -> Story:
        """Put title and steps in the place of those of a revision.

        Raises
        ------
        StoryRefused
            When somebody has changed the story since, or it is shipped.
        """
        title, steps = checked(title, steps)

        def change(story: Story) -> Story:
            if story.revision != revision:
                raise StoryRefused(
                    "Somebody has changed this story meanwhile.", "Load it again, then change it."
                )
            return replace(story, title=title, steps=steps)

        return self._change(story_id, change)

    def add(self, story_id: str, step: Step) -> Story:
        """Add a step at the end; what others change meanwhile is kept."""

        def change(story: Story) -> Story:
            title, steps = checked(story.title, [*story.steps, step])
            return replace(story, title=title, steps=steps)

        return self._change(story_id, change)

    def delete(self, story_id: str) -> None:
        """Move a story to the bin, where `restore` finds it for a week."""
        with _changing:
            self._own(story_id)
            thrown = self.folder / _BIN
            make_private(thrown)
            os.replace(self.folder / f"{story_id}.json", thrown / f"{story_id}.json")
            os.utime(thrown / f"{story_id}.json")
            for old in thrown.glob("*.json"):
                with suppress(FileNotFoundError):
                    if time.time() - old.stat().st_mtime > _KEPT_S:
                        old.unlink()

    def restore(self, story_id: str) -> Story:
        """Take a story back out of the bin.

        Raises
        ------
        StoryNotFound
            When it is not in the bin.
        """
        thrown = self.folder / _BIN / f"{story_id}.json"
        if not is_id(story_id) or not thrown.is_file():
            raise StoryNotFound(f"There is no story '{story_id}' in the bin.")
        os.replace(thrown, self.folder / thrown.name)
        return self.open(story_id)

    def _change(self, story_id: str, change: Callable[[Story], Story]) -> Story:
        """Write what becomes of a story; of two changes at once the second sees the first."""
        with _changing:
            story = self._own(story_id)
            return self._write(replace(change(story), revision=story.revision + 1))

    def _own(self, story_id: str) -> Story:
        """Return a story that can be changed."""
        story = self.open(story_id)
        if story.shipped:
            raise StoryRefused(
                "This story comes with the program and stays as it is.",
                "Make a copy, which is yours.",
            )
        return story

    def _write(self, story: Story) -> Story:
        story = replace(story, changed=datetime.now(UTC).isoformat())
        told = {"title": story.title, "revision": story.revision, "changed": story.changed}
        text = json.dumps(told | {"steps": [asdict(step) for step in story.steps]}, indent=1)
        write_whole(self.folder / f"{story.id}.json", text.encode())
        return story

    def _read(self, path: Path) -> Story | None:
        """Return the story in a file; None without one, and a word in the log for a damaged one."""
        if not path.is_file():
            return None
        try:
            told = json.loads(path.read_text())
            title, steps = checked(told["title"], read_steps(told["steps"]))
            changed = str(told.get("changed", ""))
            return Story(path.stem, title, steps, int(told.get("revision", 1)), changed=changed)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, SettingsError) as error:
            _log.warning("The story in %s cannot be read: %r", path, error)
            return None

    def _read_shipped(self, path: Path) -> Story | None:
        """Return a shipped story with the id of its run; None where that run is not."""
        about = (self._runs or path.parent) / path.stem / "run.json"
        story = self._read(path) if about.is_file() else None
        if story is None:
            return None
        run = str(json.loads(about.read_text())["id"])
        steps = tuple(replace(s, address=s.address.replace(_RUN, run)) for s in story.steps)
        return replace(story, steps=steps, shipped=True, run=run)
