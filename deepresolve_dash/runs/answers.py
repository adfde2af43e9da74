"""The verifier's answers on disk: one file for each question, `interactions/ID.json`."""

import json
from pathlib import Path

from deepresolve_dash.runs.place import make_private
from deepresolve_dash.runs.question import Question
from deepresolve_dash.runs.store import is_id
from deepresolve_dash.runs.strict_json import to_json
from deepresolve_dash.runs.whole_file import write_whole

ANSWERS = "interactions"


class AnswerStore:
    """Answers below a state folder; the same question has the same file."""

    def __init__(self, state: Path) -> None:
        """Keep answers in a folder of their own, which is made when the first one comes."""
        self.folder = Path(state) / ANSWERS

    def path(self, question_id: str) -> Path:
        """Return the file of an answer."""
        return self.folder / f"{question_id}.json"

    def has(self, question_id: str) -> bool:
        """Tell whether a question has an answer that can be read."""
        return self.read(question_id) is not None

    def read(self, question_id: str) -> dict | None:
        """Return the answer to a question; None when there is none, or it is damaged."""
        if not is_id(question_id):
            return None
        try:
            answer = json.loads(self.path(question_id).read_text())
        except (OSError, ValueError):
            return None
        whole = isinstance(answer, dict) and answer.get("id") == question_id
        return answer if whole else None

    def write(self, question: Question, answer: dict) -> None:
        """Keep an answer; the file appears whole or not at all.

        Raises
        ------
        OSError
            When the disk is full or the folder may not be written.
        """
        make_private(self.folder)
        write_whole(self.path(question.id), (to_json(answer) + "\n").encode())

    def delete(self, question_id: str) -> None:
        """Forget an answer; nothing happens when there is none."""
        if is_id(question_id):
            self.path(question_id).unlink(missing_ok=True)
