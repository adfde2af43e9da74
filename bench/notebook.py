"""Run the example notebook and keep what its cells show.

    python -m bench.notebook [NOTEBOOK]      docs/example.ipynb

Each cell runs after those above it, in this program; what it prints and the value of its last line
are written below it, as a notebook server would. An error ends it, and the file stays as it is.
"""

import argparse
import ast
import io
import json
from contextlib import redirect_stdout
from pathlib import Path

from deepresolve_dash.runs.whole_file import write_whole

EXAMPLE = Path(__file__).parents[1] / "docs" / "example.ipynb"
_PICTURES = {"text/html": "_repr_html_", "image/svg+xml": "_repr_svg_"}


def run(notebook: dict) -> dict:
    """Return a notebook (nbformat 4) with the outputs of all its cells made anew."""
    names: dict = {"__name__": "__main__"}
    cells, n = [], 0
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            n += 1
            outputs = _outputs("".join(cell["source"]), names, n)
            cell = cell | {"execution_count": n, "outputs": outputs}
        cells.append(cell)
    return notebook | {"cells": cells}


def _outputs(source: str, names: dict, n: int) -> list[dict]:
    """Run one cell; return what it prints and the value of its last line."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    said, value = io.StringIO(), None
    with redirect_stdout(said):
        exec(compile(tree, f"cell {n}", "exec"), names)  # noqa: S102 - our own example
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), f"cell {n}", "eval"), names)  # noqa: S307
    outputs: list[dict] = []
    if said.getvalue():
        text = said.getvalue().splitlines(keepends=True)
        outputs.append({"output_type": "stream", "name": "stdout", "text": text})
    if value is not None:
        found = {"output_type": "execute_result", "execution_count": n, "metadata": {}}
        outputs.append(found | {"data": _shown(value)})
    return outputs


def _shown(value: object) -> dict[str, list[str]]:
    """Return a value as text and, where it has one, as a picture."""
    told = {"text/plain": repr(value)}
    for kind, method in _PICTURES.items():
        if text := getattr(value, method, lambda: None)():
            told[kind] = text
    return {kind: text.splitlines(keepends=True) for kind, text in told.items()}


def main() -> None:
    """Run the notebook and write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", type=Path, nargs="?", default=EXAMPLE)
    path = parser.parse_args().notebook
    made = run(json.loads(path.read_text()))
    write_whole(path, (json.dumps(made, indent=1, ensure_ascii=False) + "\n").encode())
    print(f"{path}: {sum(cell['cell_type'] == 'code' for cell in made['cells'])} cells ran.")


if __name__ == "__main__":
    main()
