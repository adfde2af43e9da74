// Sweeps: runs that were started at once, as one line of the queue each, and as a page of their own.
(drd => {
  const MOST = 8; // runs of a comparison
  const OVER = ["done", "failed", "cancelled"];
  let known = null, asked = null; // sweeps of the queue, and the page that they were asked for
  let open = null, chosen = null; // the sweep on screen; runs that were marked there by hand

  const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;
  const values = (points, name) => [...new Set(points.map(point => point[name]))];
  // what its runs differ in, in words
  const lists = ({ points }) => [["layer", "layers"], ["l2", "l2"], ["seed", "seeds"]].filter(([name]) => values(points, name).length > 1).map(([name, words]) => `${values(points, name).length} ${words}`).join(" × ") || plural(points.length, "run");
  const stand = (sweep, runs) => {
    const here = sweep.points.map(point => runs.get(point.run)).filter(run => run && !run.deleted), number = state => here.filter(run => run.state === state).length;
    const total = sweep.points.length, work = here.reduce((sum, run) => sum + (run.state === "done" ? 1 : run.share ?? 0), 0);
    const says = [`${number("done")} of ${total} done`, ...["running", "queued", "failed", "cancelled"].filter(number).map(state => `${number(state)} ${state === "queued" ? "waiting" : state}`)];
    const gone = total - here.length;
    if (gone) says.push(`${gone} deleted`);
    const done = sweep.points.map(point => point.run).filter(id => runs.get(id)?.state === "done" && !runs.get(id).deleted);
    return { says: says.join(", "), share: total ? work / total : 0, done, active: here.filter(run => run.active && run.part && !run.cancelling).length, going: here.some(run => run.active) };
  };
  const bar = (sweep, { share, going }) => (going ? `<div class="progress" role="progressbar" aria-label="${drd.escape(sweep.name)}" aria-valuenow="${Math.round(100 * share)}"><div class="bar" style="width:${(100 * share).toFixed(1)}%"></div></div>` : "");
  const cancel = (sweep, { active }) => (active ? `<button class="button" data-act="/act/sweeps/${sweep.id}/cancel" data-ask="${drd.escape(`Cancel ${plural(active, "run")} of ${sweep.name}? Those that are done stay.`)}">Cancel all</button>` : "");
  const put = (place, html) => { if (place && place.drdHtml !== html) place.innerHTML = place.drdHtml = html; };
  const compare = runs => `/compare?runs=${runs.join(",")}`;

  drd.drawSweeps = (runs, first) => {
    if (!first) {
      drawList(document.getElementById("sweeps"), runs);
      drawPage(document.querySelector("[data-sweep]"), runs);
    }
  };

  // in the queue
  const drawList = async (place, runs) => {
    if (!place) return;
    if (asked !== place) {
      asked = place;
      known = await drd.fetch("/data/sweeps.json").then(got => (got.ok ? got.json() : null), () => null);
      if (!known) asked = null; // again with the next change
    }
    if (!known?.length || !place.isConnected) return put(place, "");
    const rows = known.slice(0, 20).map(sweep => {
      const how = stand(sweep, runs), two = how.done.length > 1 && how.done.length <= MOST;
      return `<tr><th scope="row"><a href="/sweeps/${sweep.id}" data-visit>${drd.escape(sweep.name)}</a></th><td class="muted">${lists(sweep)}</td>
        <td><span class="state">${how.says}</span>${bar(sweep, how)}</td><td class="actions-cell"><div class="actions">${two ? `<a class="button" href="${compare(how.done)}" data-visit>Compare ${how.done.length}</a>` : ""}${cancel(sweep, how)}</div></td></tr>`;
    });
    put(place, `<section><h2>Started at once</h2><table class="table sweeps"><tbody>${rows.join("")}</tbody></table></section>`);
  };

  // on its own page
  const drawPage = (page, runs) => {
    if (!page) return;
    if (open?.page !== page) [open, chosen] = [{ page, ...JSON.parse(page.dataset.sweep) }, null];
    document.title = `${open.name} · DeepResolve Dash`;
    const how = stand(open, runs), marked = marks(how);
    put(page.querySelector(".sweep-all"), `<p><strong>${how.says}</strong> <span class="muted">${lists(open)}</span></p>${bar(open, how)}`);
    const can = marked.length > 1, why = how.done.length < 2 ? "Two of its runs must be done first" : can ? "" : "Mark two to eight runs";
    put(page.querySelector(".sweep-actions"), `${can ? `<a class="button main" href="${compare(marked)}" data-visit>Compare ${marked.length}</a>` : `<button class="button" disabled title="${why}">Compare</button>`}${cancel(open, how)}
      ${open.own ? `<button class="button" data-act="/act/sweeps/${open.id}/forget" data-said="The group is removed; its runs stay." data-undo="/act/sweeps/${open.id}/restore" title="Take this group out of the list; its runs stay">Remove group</button>` : ""}`);
    const table = page.querySelector(".sweep-runs"), heads = ["", "layer", "l2", "seed", "run", "state", ""];
    if (!table.firstChild) table.innerHTML = `<table class="table sweep-table"><thead><tr>${heads.map((head, i) => `<th scope="col">${head || (i ? "" : '<span class="unseen">compare</span>')}</th>`).join("")}</tr></thead><tbody></tbody></table>`;
    const body = table.querySelector("tbody"), full = marked.length >= MOST;
    open.points.forEach((point, i) => {
      const run = runs.get(point.run), row = body.rows[i] ?? body.appendChild(document.createElement("tr"));
      row.className = run?.state ?? "";
      cells(point, run, { marked: marked.includes(point.run), full, name: `layer ${point.layer}, l2 ${point.l2}, seed ${point.seed}` }).forEach((html, k) => put(row.cells[k] ?? row.appendChild(document.createElement("td")), html));
    });
  };
  const marks = ({ done }) => (chosen ? done.filter(id => chosen.has(id)) : done).slice(0, MOST);
  const cells = (point, run, { marked, full, name }) => {
    const here = run && !run.deleted, done = here && run.state === "done", opens = done || (here && run.finished);
    const box = `<input type="checkbox" data-point="${drd.escape(point.run)}" aria-label="${drd.escape(`Compare ${name}`)}"${marked ? " checked" : ""}${done && (marked || !full) ? "" : " disabled"}${done && full && !marked ? ` title="${MOST} are marked; take one off first"` : ""}>`;
    return [
      box, drd.escape(point.layer), drd.escape(point.l2), point.seed,
      opens ? `<a href="${run.href}" data-visit>${drd.escape(run.name)}</a>` : drd.escape(here ? run.name : "–"),
      here ? drd.runProgress(run) : '<span class="muted">deleted</span>',
      `<div class="actions">${here ? `<a class="button" href="/runs?run=${point.run}" data-visit>Queue</a>` : ""}</div>`,
    ];
  };
  document.addEventListener("change", event => {
    const id = event.target.dataset?.point;
    if (!id || !open?.page.isConnected) return;
    chosen = new Set([...open.page.querySelectorAll("[data-point]:checked")].map(box => box.dataset.point));
    drd.drawQueue();
    document.querySelector(`[data-point="${CSS.escape(id)}"]`)?.focus();
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
