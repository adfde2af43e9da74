"""The command line: every command says what it wants in `--help`."""

import sys
from typing import NoReturn

import typer

from deepresolve_dash.calls import care, demos, models, motifs, people, probe, results, runs, server
from deepresolve_dash.errors import DeepResolveError

app = typer.Typer(
    help="Show how a trained genomic neural network decides.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_COMMANDS = (
    models.inspect,
    models.correct,
    models.predict,
    models.export_snippet,
    runs.run,
    runs.submit,
    runs.runs,
    runs.cancel,
    runs.pause,
    runs.resume,
    runs.drain,
    runs.worker,
    results.summarise,
    results.interactions,
    motifs.motifs,
    probe.probe,
    results.export,
    results.verify,
    results.recompute,
    server.serve,
    care.backup,
    care.restore,
    demos.train_demo,
    demos.reproduce,
)

# a mistake in a command line; typer exports this kind of it, not its parent
_UsageError: type[typer.BadParameter] = typer.BadParameter.__mro__[1]  # type: ignore[assignment]


def main() -> None:
    """Run a command; a user's mistake is one sentence on stderr and exit code 2."""
    try:
        code = app(standalone_mode=False)
    except _UsageError as error:
        _refuse(error.format_message())
    except DeepResolveError as error:
        _refuse(str(error))
    except (typer.Abort, KeyboardInterrupt):
        _refuse("Stopped; nothing was written.", code=130)
    except OSError as error:
        _refuse(f"{error.strerror or error}: {error.filename or 'the file system'}.")
    sys.exit(code if isinstance(code, int) else 0)


def _refuse(sentence: str, *, code: int = 2) -> NoReturn:
    typer.echo(sentence, err=True)
    sys.exit(code)


for command in _COMMANDS:  # in the order of the help
    app.command(name=command.__name__.replace("_", "-"))(command)

app.add_typer(people.user, name="user")


if __name__ == "__main__":
    main()
