// The queue, followed by one light request: rows on the queue page, notices on every page.
(drd => {
  const BUSY = 500, IDLE = 2000, SILENT = 10_000, KEY = "drd-active"; // ms; runs that were active when last seen
  const runs = new Map();
  let seq = 0, first = true, timer = null, asking = false, lost = 0, most = 60;
  let waitedFor = ""; // what the page of a run without a class was made for
  const leaving = new AbortController();

  const active = () => [...runs.values()].filter(run => run.active && !run.deleted);
  const remembered = () => { try { return JSON.parse(localStorage.getItem(KEY)) ?? []; } catch { return []; } };

  drd.poll = async () => {
    clearTimeout(timer);
    if (asking || leaving.signal.aborted) return;
    asking = true;
    const answer = await drd.fetch(`/feed?since=${seq}`, { signal: AbortSignal.any([AbortSignal.timeout(SILENT), leaving.signal]) }).then(got => (got.status === 401 ? { left: true } : got.ok ? got.json() : null), () => null);
    asking = false;
    if (answer?.left) { // logged out meanwhile
      drd.loggedOut();
      timer = setTimeout(drd.poll, 4 * IDLE);
      return;
    }
    if (answer && lost) drd.back();
    if (answer) drd.heardVersion(answer.version);
    lost = answer ? 0 : lost + 1;
    offline();
    try {
      if (answer && answer.seq < seq) { // another state folder
        seq = 0;
        first = true;
        runs.clear();
      } else if (answer) {
        take(answer);
        follow();
      }
    } finally {
      timer = setTimeout(drd.poll, lost ? Math.min(8000, IDLE * lost) : active().length ? BUSY : IDLE);
    }
  };
  const offline = () => { // said after a while, and taken back by itself
    const line = document.getElementById("offline");
    if (line) line.hidden = lost < 3;
  };

  const take = answer => {
    seq = answer.seq;
    drd.queueMode(answer);
    const before = first ? new Set(remembered()) : null;
    for (const run of answer.rows) {
      const was = before ? before.has(run.id) : wentOn(run, runs.get(run.id));
      runs.set(run.id, run);
      if (was && !run.active && run.kind !== "probe") ended(run); // its page says so
    }
    const started = first;
    first = false;
    if (!answer.rows.length && !started) return;
    localStorage.setItem(KEY, JSON.stringify(active().map(run => run.id)));
    drd.drawQueue();
  };
  // a small run starts and ends between two looks
  const wentOn = (run, known) => known?.active || (run.started ?? null) !== (known?.started ?? null);
  const ended = run => {
    if (run.state === "done") drd.toast({ text: `${run.name} is done${run.kind === "run" ? `: ${run.classes}` : ""}.`, href: run.href, tone: "good", seconds: 30 });
    if (run.state === "failed") drd.toast({ text: `${run.name} ${run.says}`, href: `/runs?run=${run.id}`, label: "Look", tone: "bad", seconds: 30 });
  };

  // a page of a run that still computes: more classes, then all of them
  const follow = () => {
    const waiting = document.querySelector("[data-wait]"), run = runs.get(waiting?.dataset.wait ?? drd.run?.id);
    if (!run) return;
    if (waiting) {
      waiting.querySelector(".state").textContent = run.says;
      const now = [run.id, run.finished, run.state, run.deleted].join(" ");
      if (now === waitedFor) return; // made anew once for each change
      waitedFor = now;
      if (run.finished || !run.active || run.state !== waiting.dataset.state) drd.refresh();
    } else if (drd.run.partial && (run.finished > drd.run.partial.done || run.state === "done")) loadMore();
    else if (drd.run.partial) sayPartial(run);
  };
  const sayPartial = run => {
    const line = document.querySelector("#partial .left");
    document.querySelector("#partial .wait").hidden = !run.active;
    if (line) line.textContent = run.left.includes(" left") ? run.left.split(", ")[0] : run.says;
  };
  let loading = false;
  const loadMore = async () => {
    if (loading) return;
    loading = true;
    const { id, matrices } = drd.run;
    const got = await drd.fetch(`/data/${id}/run.json`).catch(() => null);
    const run = got?.ok ? await got.json() : null;
    loading = false;
    if (!run || drd.run?.id !== id || run.stamp === drd.run.stamp) return;
    if (run.matrices.length !== matrices.length) { drd.run = null; return drd.refresh(); } // now there is something to compare
    const set = window.dash_clientside.set_props;
    drd.forget();
    set("partial", { hidden: !run.partial });
    const line = document.querySelector("#partial .done");
    if (line && run.partial) line.textContent = run.partial.says;
    drd.opened(run);
  };

  // the queue page
  const COLUMNS = ["run", "state", "model", "classes", "preset", "user", "submitted", ""];
  drd.drawQueue = () => {
    drd.drawSweeps(runs, first);
    const place = document.getElementById("queue");
    if (!place || first) return;
    drd.drawMode();
    const all = [...runs.values()].filter(run => !run.deleted).sort((a, b) => b.created - a.created);
    const now = all.filter(run => run.active).reverse(), past = all.filter(run => !run.active);
    if (!all.length) { place.innerHTML = EMPTY; return; }
    if (!place.querySelector("table")) {
      place.innerHTML = ["Now", "History"].map(title => `<section><h2>${title}</h2><p class="muted none"></p>
        <table class="table queue"><thead><tr>${COLUMNS.map(name => `<th scope="col" class="of-${name}">${name}</th>`).join("")}</tr></thead><tbody></tbody></table></section>`).join("") +
        '<button class="button more" hidden></button>';
      place.querySelector(".more").onclick = () => { most += 200; drd.drawQueue(); };
    }
    place.classList.toggle("one-user", all.every(run => run.users.every(user => user === "anonymous")));
    const [top, below] = place.querySelectorAll("section");
    fill(top, now, "Nothing waits or computes.");
    fill(below, past.slice(0, most), "Nothing has ended yet.");
    const more = place.querySelector(".more");
    more.hidden = past.length <= most;
    more.textContent = `Show more (${past.length - most} older)`;
  };
  const EMPTY = `<div class="empty"><h2>No run has been started yet</h2>
    <p>Choose a model, its layer and classes under “New run”; the run then waits and computes here.</p></div>`;

  const fill = (section, list, none) => {
    section.querySelector(".none").textContent = list.length ? "" : none;
    section.querySelector("table").hidden = !list.length;
    const body = section.querySelector("tbody"), chosen = new URLSearchParams(location.search).get("run");
    const known = new Map([...body.children].map(row => [row.dataset.id, row]));
    list.forEach((run, place) => {
      const row = known.get(run.id) ?? document.createElement("tr");
      known.delete(run.id);
      row.dataset.id = run.id;
      row.className = `${run.state}${run.id === chosen ? " chosen" : ""}`;
      cells(run).forEach((html, i) => {
        const cell = row.cells[i] ?? row.appendChild(document.createElement(i ? "td" : "th"));
        if (cell.drdHtml === html) return; // what has the focus is left alone
        cell.className = `of-${COLUMNS[i]}`;
        cell.innerHTML = cell.drdHtml = html;
      });
      if (body.children[place] !== row) body.insertBefore(row, body.children[place] ?? null);
    });
    for (const row of known.values()) row.remove();
  };

  const cells = run => [
    run.finished || run.state === "done" ? `<a href="${run.href}" data-visit>${drd.escape(run.name)}</a>` : drd.escape(run.name),
    progress(run),
    `${run.hasModel ? `<a href="/models/${run.model}" data-visit>${drd.escape(run.modelName)}</a>` : `<span class="muted">${run.modelName}</span>`} <span class="muted">${drd.escape(run.layer)}</span>`,
    run.nClasses.toLocaleString("en"),
    drd.escape(run.preset),
    run.users.map(drd.escape).join(", "),
    when(run),
    `<div class="actions">${actions(run)}</div>`,
  ];
  const progress = run => {
    if (!run.active || (run.share === null && run.state === "queued")) return `<span class="state">${drd.escape(run.says)}</span>`;
    const endless = run.share === null && run.state === "running";
    return `<span class="state">${drd.escape(run.says)}</span>
      <div class="progress${endless ? " endless" : ""}" role="progressbar" aria-label="${drd.escape(run.name)}" ${run.share === null ? "" : `aria-valuenow="${Math.round(100 * run.share)}"`}><div class="bar" style="${run.share === null ? "" : `width:${(100 * run.share).toFixed(1)}%`}"></div></div>
      <span class="muted">${drd.escape(run.left)}</span>`;
  };
  drd.runProgress = run => progress(run);
  const moment = seconds => {
    const date = new Date(1000 * seconds), pad = n => String(n).padStart(2, "0");
    const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
    return { date, day, time: `${pad(date.getHours())}:${pad(date.getMinutes())}` };
  };
  const when = ({ queued, started }) => {
    const { date, day, time } = moment(queued), began = started === null ? null : moment(started);
    return `<time datetime="${date.toISOString()}" title="submitted ${day} ${time}${began ? `, started ${began.day} ${began.time}` : ""}">${date.toDateString() === new Date().toDateString() ? time : day}</time>`;
  };
  const button = (label, path, more = {}) => {
    const told = Object.entries({ act: path, ...more, title: undefined }).filter(one => one[1] !== undefined).map(([key, value]) => `data-${key}="${drd.escape(value)}"`).join(" ");
    return `<button class="button"${more.title ? ` title="${drd.escape(more.title)}"` : ""} ${told}>${label}</button>`;
  };
  const actions = run => {
    const here = `/act/runs/${run.id}`, made = [];
    const link = (label, href, title = "") => made.push(`<a class="button" href="${href}" title="${title}" data-visit>${label}</a>`);
    if (run.state === "done") link("Open", run.href);
    else if (run.finished) link(`Open ${run.finished} of ${run.nClasses}`, run.href);
    if (run.active) {
      if (run.part && run.state === "queued") made.push(...drd.sooner(run, [...runs.values()]).map(([label, to, title]) => button(label, `${here}/priority/${to}`, { title })));
      if (run.part && !run.cancelling) made.push(button("Cancel", `${here}/cancel`));
      return made.join("");
    }
    if (run.state === "failed") made.push(`<button class="button" data-log="${run.id}">Log</button>`);
    if (run.state !== "done" && run.hasModel) made.push(button(run.state === "failed" ? "Try again" : "Go on", `${here}/again`));
    if (run.own) made.push(...drd.keeping(run).map(([label, what, title]) => button(label, `${here}/${what}`, { title })));
    if (run.hasModel && run.kind === "run") link("Repeat", `/new?from=${run.id}`, "Repeat with changes");
    if (run.own) made.push(button("Delete", `${here}/delete`, { ask: `Delete ${run.name} and its results?`, said: `${run.name} is deleted.`, undo: `${here}/restore` }));
    return made.join("");
  };

  const showLog = async id => {
    const got = await drd.fetch(`/data/runs/${id}/log.txt`).catch(() => null);
    const box = document.createElement("dialog");
    box.className = "log";
    box.innerHTML = `<form method="dialog"><p>${drd.escape(`${runs.get(id).name} ${runs.get(id).says}`)}</p><details><summary>What happened, line by line</summary><pre tabindex="0"></pre></details>
      <div class="actions"><button class="button main">Close</button></div></form>`;
    box.querySelector("pre").textContent = got?.ok ? await got.text() : "The log cannot be read.";
    box.onclose = () => box.remove();
    document.body.append(box);
    box.showModal();
  };
  document.addEventListener("click", event => {
    const link = event.target.closest?.("a[data-visit]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      drd.visit(link.getAttribute("href"));
    }
    const log = event.target.closest?.("[data-log]");
    if (log) showLog(log.dataset.log);
  });
  // whoever logs out is asked for nothing until the page to log in comes
  document.addEventListener("submit", event => { if (event.target.action.endsWith("/logout")) leaving.abort(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) drd.poll(); });
  document.addEventListener("DOMContentLoaded", () => drd.poll());
  if (document.readyState !== "loading") drd.poll();
})((window.dash_clientside ??= {}).deepresolve ??= {});
