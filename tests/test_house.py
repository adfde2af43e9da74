"""Rules that hold for the whole house."""

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = [*(ROOT / "deepresolve_dash").rglob("*.py"), ROOT / "app.py"]


def test_the_web_process_never_imports_torch():
    code = "import app, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0  # noqa: S603


def test_nothing_that_executes_a_model_file_is_called():
    forbidden = {"load_model", "model_from_json", "eval", "exec", "allow_pickle"}
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        called = {
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
        }
        imported = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        }
        assert not called & forbidden, path
        assert not imported & {"pickle", "keras", "dill", "joblib"}, path
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if ast.unparse(call.func) == "torch.load":
                given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
                assert given.get("weights_only") == "True", path


def test_files_are_short_enough_to_read():
    long = {path.name: n for path in SOURCES if (n := len(path.read_text().splitlines())) > 300}
    assert long == {}


def test_every_package_in_the_requirements_is_pinned_and_explained():
    for name in ("requirements.txt", "tests/requirements.txt"):
        lines = (ROOT / name).read_text().splitlines()
        assert all(re.fullmatch(r"[\w.\[\]-]+==[\w.]+  # .+", line) for line in lines), name
    assert (ROOT / "requirements.txt").read_text().startswith("torch==2.13.0")


def test_every_server_setting_is_in_the_readme():
    from deepresolve_dash.settings import Settings

    readme = (ROOT / "README.md").read_text()
    for name in Settings.model_fields:
        assert f"`DRD_{name.upper()}`" in readme


def test_no_script_takes_a_name_of_another_without_calling_it():
    texts = [path.read_text() for path in sorted((ROOT / "assets").glob("*.js"))]
    defined = [re.findall(r"^  drd\.(\w+) = ", text, re.MULTILINE) for text in texts]
    for name in {name for names in defined for name in names}:
        takers = [text for text, names in zip(texts, defined, strict=True) if name in names]
        keeps = rf"= drd\.{name}\b|\b{name}\b[^}}]*}} = drd;"
        assert all(re.search(keeps, text) for text in takers[1:]), name


def test_scripts_ask_the_server_below_the_path_of_a_proxy():
    for path in (ROOT / "assets").glob("*.js"):
        if path.name != "root.js" and "plotly" not in path.name:
            assert not re.search(r"(?<![.\w])fetch\(", path.read_text()), path.name
