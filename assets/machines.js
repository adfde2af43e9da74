// The machines that compute beside this one, below the queue; asked for while that page is open.
(drd => {
  const EVERY = 2000, HEADS = ["machine", "computes with", "started by", "state", "run", "there for", ""]; // ms
  let timer = null;

  const ask = async place => {
    const got = await drd.fetch("/data/machines.json").catch(() => null);
    if (got?.ok) draw(place, await got.json());
  };
  const draw = (place, told) => {
    const html = told.shown ? whole(told) : "";
    if (place.drdHtml === html) return; // what has the focus is left alone
    const focus = place.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    place.innerHTML = place.drdHtml = html;
    if (focus) place.querySelector(`[data-act="${CSS.escape(focus)}"]`)?.focus();
  };
  const whole = told => `<h2>Machines</h2>
    ${told.trouble ? `<p class="note">${drd.escape(told.trouble)} It is asked again by and by.</p>` : ""}
    <p class="muted">${drd.escape([told.engine, told.rows.length ? "" : "No other machine computes now."].filter(Boolean).join(" "))}</p>
    ${told.rows.length ? table(told) : told.way ? `<p class="muted">To let one help, copy <code>worker.token</code> from the state folder to it, and start there: <code>python -m deepresolve_dash worker --coordinator ${drd.escape(told.way)} --token-file worker.token</code></p>` : ""}`;
  const table = told => `<table class="table machines"><thead><tr>${HEADS.map(head => `<th scope="col">${head}</th>`).join("")}</tr></thead>
    <tbody>${told.rows.map(row => `<tr>${cells(row, told.steers).map((cell, i) => (i ? `<td>${cell}</td>` : `<th scope="row">${cell}</th>`)).join("")}</tr>`).join("")}</tbody></table>`;
  const cells = (row, steers) => [
    drd.escape(row.host),
    drd.escape(row.device),
    drd.escape(row.engine),
    drd.escape(row.state),
    row.run ? `<a href="/runs?run=${row.run}" data-visit>${drd.escape(row.name)}</a>` : "",
    drd.escape(row.since),
    steers ? `<div class="actions">${button(row)}</div>` : "",
  ];
  const button = row => {
    const [label, what, title] = row.draining ? ["Keep", "keep", "Let it take further runs up"] : ["Drain", "drain", "Let the run that it computes end and start no other on it; then it ends"];
    return `<button class="button" title="${title}" data-act="/act/machines/${drd.escape(row.owner)}/${what}">${label}</button>`;
  };

  const look = () => {
    clearTimeout(timer);
    const place = document.getElementById("machines");
    const next = () => { timer = setTimeout(look, EVERY); };
    if (place && !document.hidden) ask(place).finally(next);
    else next();
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  look();
})((window.dash_clientside ??= {}).deepresolve ??= {});
