"""Celery as the engine: a real redis-server, and a real worker of Celery that runs torch."""

import importlib
import json
import re
import shutil
import signal
import sys
import threading
import time
import tomllib
from base64 import b64decode
from pathlib import Path

import pytest

from bench.celery_cluster import Broker, Workers
from deepresolve_dash.core.settings import ascent_settings
from deepresolve_dash.errors import RunRefused, SettingsError
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.runs import compute
from deepresolve_dash.runs.execute import execute
from deepresolve_dash.runs.ledger import LEDGER, Ledger
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.remote import celery_engine
from deepresolve_dash.runs.remote.celery_engine import PACKAGE, QUEUE, CeleryEngine
from deepresolve_dash.runs.remote.coordinator import Coordinator
from deepresolve_dash.runs.remote.tickets import Jobs, Tickets, engine_told
from deepresolve_dash.runs.request import make_request
from deepresolve_dash.runs.store import RunStore
from deepresolve_dash.settings import Settings
from tests.runs.conftest import small_network

redis = pytest.importorskip("redis", reason="Celery is not installed: make .venv/test.ready")
pytestmark = pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="there is no redis-server: make redis"
)

ROOT = Path(__file__).parents[2]
TOKEN = "the-token"
TICKET = "0123456789abcdef" * 2


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    made = Broker(tmp_path_factory.mktemp("broker"))
    yield made
    made.kill()


@pytest.fixture
def engine(broker):
    made = CeleryEngine(broker.url)
    made.stop()
    yield made
    made.stop()


@pytest.fixture
def ledger(tmp_path):
    made = Ledger(tmp_path / LEDGER)
    yield made
    made.close()


@pytest.fixture
def app(broker, monkeypatch):
    """The module that a worker of Celery loads, in this process."""
    monkeypatch.setenv("DRD_BROKER", broker.url)
    monkeypatch.setenv("DRD_COORDINATOR_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("DRD_WORKER_TOKEN", TOKEN)
    return importlib.import_module("deepresolve_dash.runs.remote.celery_app")


def until(condition, seconds=240.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def test_tickets_wait_and_can_be_taken_back(engine):
    assert engine.jobs() == Jobs(0, 0)
    engine.send(TICKET)
    engine.send(TICKET)
    assert engine.jobs() == Jobs(2, 0)
    assert engine.take_back()
    assert engine.jobs() == Jobs(0, 0)


def test_a_message_holds_the_ticket_and_no_more(engine, broker):
    engine.send(TICKET)
    with redis.Redis.from_url(broker.url) as client:
        (raw,) = client.lrange(QUEUE, 0, -1)
    message = json.loads(raw)
    args, kwargs, _ = json.loads(b64decode(message["body"]))
    assert (args, kwargs) == ([TICKET], {})
    assert message["content-type"] == "application/json"
    assert message["headers"]["expires"]


def test_a_broker_that_is_away_is_told_and_comes_back(tmp_path, ledger, model):
    broker = Broker(tmp_path / "broker")
    now = [1000.0]
    ledger.clock = lambda: now[0]
    engine = CeleryEngine(broker.url)
    tickets = Tickets(engine, ledger, most=2)
    ledger.submit(run_of(model))
    tickets.go_round()
    assert engine_told(tmp_path) | {"trouble": ""} == engine_told(tmp_path)
    broker.kill()
    tickets.go_round()
    trouble = engine_told(tmp_path)["trouble"]
    assert "does not answer" in trouble
    assert "a-password" not in trouble
    broker.start()
    now[0] += 61  # the ticket that was lost is sent anew
    tickets.go_round()
    assert engine_told(tmp_path)["trouble"] == ""
    assert engine.jobs() == Jobs(1, 0)
    engine.stop()
    broker.kill()


def test_a_broker_that_hangs_is_waited_for_some_seconds(engine, broker):
    engine.jobs()
    broker.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    try:
        with pytest.raises(RunRefused, match="does not answer"):
            engine.jobs()
    finally:
        broker.send_signal(signal.SIGCONT)
    assert time.monotonic() - began < 10
    assert engine.jobs() == Jobs(0, 0)


def test_a_wrong_password_is_told_without_telling_it(broker):
    with pytest.raises(RunRefused, match="password") as told:
        CeleryEngine(broker.url.replace("a-password", "guessed")).jobs()
    assert "guessed" not in str(told.value)


@pytest.mark.parametrize(
    "broker", ["", "localhost:6379", "amqp://host", "redis://", "redis://h:p/0", "redis://h/x"]
)
def test_an_address_that_is_none_is_refused(broker):
    with pytest.raises(SettingsError, match="redis://"):
        CeleryEngine(broker)


def test_without_celery_it_is_said_how_to_install_it(monkeypatch):
    monkeypatch.setattr(celery_engine, "find_spec", lambda _: None)
    with pytest.raises(SettingsError, match="pip install 'celery"):
        CeleryEngine("redis://host/0")


def test_the_same_celery_is_named_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["optional-dependencies"]["celery"] == [PACKAGE]
    assert f"\n{PACKAGE}  #" in (ROOT / "tests/requirements.txt").read_text()


@pytest.mark.parametrize("missing", ["DRD_BROKER", "DRD_COORDINATOR_URL", "DRD_WORKER_TOKEN"])
def test_a_worker_that_is_not_told_enough_says_so(app, monkeypatch, missing):
    monkeypatch.delenv(missing)
    with pytest.raises(SettingsError, match=f"{missing} is not set"):
        app.make_app()


@pytest.mark.parametrize("ticket", ["--coordinator", "", 7, None, ["x"], TICKET + "\n", "A" * 32])
def test_a_message_without_a_ticket_starts_nothing(app, monkeypatch, ticket):
    monkeypatch.setattr(app.place, "compute", lambda _: pytest.fail("something was started"))
    app.work(ticket)


def test_a_message_cannot_name_another_coordinator(app, monkeypatch):
    started = []
    monkeypatch.setattr(app.place, "compute", started.append)
    app.work(TICKET)
    (command,) = started
    assert command[command.index("--coordinator") + 1] == "http://127.0.0.1:9"
    assert TOKEN not in command
    with pytest.raises(TypeError):
        app.work(TICKET, "http://elsewhere")


def test_one_worker_at_a_time_and_none_after_the_end(app, tmp_path):
    place, codes, ready = app.Place(), [], tmp_path / "ready"
    script = (
        "import pathlib, signal, sys, time; signal.signal(15, lambda *_: sys.exit(7)); "
        f"pathlib.Path({str(ready)!r}).touch(); time.sleep(60)"
    )
    command = [sys.executable, "-c", script]
    first = threading.Thread(target=lambda: codes.append(place.compute(command)))
    first.start()
    until(ready.exists)
    assert place.compute(command) is None
    place.close()
    first.join(20)
    assert codes == [7]
    assert place.compute(command) is None


@pytest.fixture
def model(tmp_path, monkeypatch):
    save_network(small_network(), tmp_path / "source")
    return ModelStore(tmp_path / "models").add(tmp_path / "source", "small")


def run_of(model, **settings):
    given = {"n_trials": 5, "steps": 10} | settings
    return make_request(model, settings=ascent_settings(**given), keep_fim=True)


def test_a_worker_of_celery_computes_a_run_and_hands_the_next_one_back(
    tmp_path, ledger, model, engine, broker
):
    tickets = Tickets(engine, ledger, most=1)
    coordinator = Coordinator(
        tmp_path, Ledger(tmp_path / LEDGER), bind="127.0.0.1:0", token=TOKEN,
        redeemed=tickets.redeem,
    )  # fmt: skip
    coordinator.start()
    known = {
        "DRD_BROKER": broker.url,
        "DRD_COORDINATOR_URL": f"http://127.0.0.1:{coordinator.port}",
        "DRD_WORKER_TOKEN": TOKEN,
        "DRD_GPUS": "none",
        "OMP_NUM_THREADS": "1",
    }
    short, long = run_of(model), run_of(model, n_trials=400, steps=20_000)
    ledger.submit(short)
    tickets.go_round()
    workers = Workers(1, known, tmp_path / "celery.log")
    try:
        until(lambda: ledger.get(short.id).state == "done")
        (machine,) = ledger.machines()
        assert machine.engine == "celery"
        ledger.submit(long)
        tickets.go_round()
        assert engine.jobs() == Jobs(0, 0)  # the worker that is there takes it
        until(lambda: ledger.get(long.id).state == "running")
    finally:
        workers.end()
    assert (ledger.get(long.id).state, ledger.get(long.id).attempt) == ("queued", 1)
    assert ledger.machines() == []
    coordinator.stop()
    run = RunStore([tmp_path / "runs"]).open(short.id)
    alone = execute(compute.make_stored_job(short, model, None), device="cpu")
    assert run.ensemble.equals(alone.ensemble)
    assert run.summary.equals(alone.summary)
    assert TOKEN not in (tmp_path / "celery.log").read_text()


def test_the_setting_chooses_it(tmp_path, broker):
    from deepresolve_dash.runs.remote.elsewhere import make_engine

    settings = Settings(
        state=tmp_path, engine="celery", coordinator="127.0.0.1:8060", broker=broker.url
    )
    assert isinstance(make_engine(settings, TOKEN), CeleryEngine)


def test_the_containers_are_told_settings_that_there_are():
    told = (ROOT / "docs/lab/compose.yaml").read_text()
    known = {f"DRD_{name.upper()}" for name in Settings.model_fields} | {"DRD_WORKER_TOKEN"}
    assert set(re.findall(r"DRD_[A-Z_]+", told)) - {"DRD_STATE"} <= known
    assert "deepresolve_dash.runs.remote.celery_app" in told
    image = (ROOT / "docs/lab/Dockerfile").read_text()
    assert f"'{PACKAGE}'" in image
    made, asked = image.index("--create-home"), image.index("deepresolve_dash.motifs.compiled")
    assert made < image.index("\nUSER deepresolve\n") < asked  # it is kept in that user's home
    assert f"'{PACKAGE}'" in (ROOT / "docs/LAB.md").read_text()
