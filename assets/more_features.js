// The lists of important and of non-additive features: a movable threshold, sorting, copy.
(drd => {
  const ROW = 30, HEADS = 42, MOST = 10; // pixels, pixels, rows on screen
  const { number, signed } = drd;
  const lists = {
    important: { key: "important", by: "important-by", first: "share" },
    varying: { key: "varying", by: "varying-by", first: "share" },
  };
  const TSV = ["channel", "ofiv", "low", "high", "share", "level", "kind", "component", "up", "down", "gradient", "swing"];

  const bothSigns = (told, i) => told.kind[i] === 0 && told.up[i] > 0 && told.down[i] > 0; // and additive all the same
  const columns = (name, told) => [
    { id: "channel", head: "channel", cell: i => `<button class="link" data-channel="${told.channel[i]}">${drd.escape(drd.spoken(told.channel[i]))}</button>` },
    { id: "logo", head: "logo", cell: (i, now) => now.logo(told.channel[i], { width: 104, height: 22 }) || '<span class="none">no logo</span>' },
    { id: "ofiv", head: "OFIV", unit: "feature-map units", value: true, cell: i => signed(told.ofiv[i]) },
    { id: "interval", head: "95% interval", value: true, cell: i => drd.interval(told.low[i], told.high[i], " to ") || `<span class="muted" title="${number(told.low[i], 9)} to ${number(told.high[i], 9)}">narrower than 5 digits</span>` },
    { id: "share", head: name === "important" ? "|OFIV|" : "spread", unit: "% of the largest", value: true, cell: i => (told.share[i] === null ? "–" : `${told.share[i].toFixed(1)}%`) },
    { id: "level", head: "IL", unit: "squared units", value: true, cell: i => number(told.level[i]) },
    { id: "kind", head: "kind", cell: (i, now) => `<span class="kind-${told.kind[i]}">${now.run.marks[told.kind[i]]}</span> ${now.run.kinds[told.kind[i]].replace("non-additive, ", "")}${bothSigns(told, i) ? ` <span class="muted">(${told.additive.short})</span>` : ""}` },
    { id: "component", head: "component", value: true, cell: i => told.component[i] + 1 },
    { id: "up", head: "signs", unit: "trials", value: true, cell: i => `+${told.up[i]} −${told.down[i]}` },
    ...(told.gradient ? [{ id: "gradient", head: "gradient", unit: "at the base", value: true, cell: i => signed(told.gradient[i]) }] : []),
    ...(told.swing ? [{ id: "swing", head: "swing", unit: "logits", value: true, cell: i => signed(told.swing[i]) }] : []),
  ];

  // rows above the threshold, in the order asked for
  const listed = (name, told, threshold) => {
    const inside = i => (threshold === null ? told.method[i] : told.share[i] !== null && told.share[i] >= threshold);
    return told.channel.map((_, i) => i).filter(inside);
  };
  const sorted = (rows, told, by) => {
    const back = by.startsWith("-") ? -1 : 1, id = by.replace("-", ""), values = told[id === "interval" ? "low" : id];
    const rising = id === "channel" ? -1 : 1; // channels from the first, numbers from the largest
    return values ? [...rows].sort((a, b) => back * rising * ((values[b] ?? -Infinity) - (values[a] ?? -Infinity))) : rows;
  };
  const limits = told => Math.max(100, Math.ceil(Math.max(0, ...told.share.filter(value => value !== null))));

  const inputs = (name, told) => {
    const place = document.querySelector(`[data-threshold="${name}"]`);
    if (!place.firstChild) {
      const label = name === "important" ? "Least |OFIV|, percent of the largest" : "Least spread, percent of the largest mean |FIV|";
      const range = drd.made("input", { type: "range", min: 0, step: 1, ariaLabel: label });
      const field = drd.made("input", { type: "number", min: 0, step: "any", ariaLabel: `${label}, as a number` });
      place.append(range, field);
      const to = (value, done) => {
        const body = document.querySelector(`[data-more="${name}"]`);
        body.trying = done ? undefined : value;
        if (done) drd.go({ [lists[name].key]: Math.min(9999, Math.round(value * 1e4) / 1e4) }, { replace: true });
        else redraw(body);
      };
      range.oninput = () => to(Number(range.value), false);
      range.onchange = () => to(Number(range.value), true);
      field.onchange = () => field.value !== "" && field.checkValidity() && to(Number(field.value), true);
    }
    return { range: place.firstChild, field: place.lastChild };
  };

  const redraw = body => {
    const { told, now } = body, name = body.dataset.more, { key, by } = lists[name];
    const threshold = body.trying ?? now.selection[key], order = now.selection[by] ?? "share";
    const rows = listed(name, told, threshold);
    body.rows = sorted(rows, told, order);
    body.columns = columns(name, told);
    const { range, field } = inputs(name, told);
    const at = threshold ?? (rows.length ? Math.min(...rows.map(i => told.share[i])) : limits(told)); // what the rule amounts to
    range.max = limits(told);
    range.value = at;
    if (document.activeElement !== field || body.trying !== undefined || threshold === null) field.value = threshold === null ? "" : threshold;
    field.placeholder = "rule";
    const byRule = body.byRule = name === "important" ? threshold === told.method : threshold === null;
    document.querySelector(`[data-method="${name}"]`).setAttribute("aria-pressed", byRule);
    range.setAttribute("aria-valuetext", byRule ? "the method's rule" : `${at}%`);
    const amounts = threshold === null || !told.unit ? "" : name === "important"
      ? `|OFIV| of ${number((threshold / 100) * told.unit)} feature-map units or more`
      : `IL of ${number(((threshold / 100) * told.unit) ** 2)} squared feature-map units or more`;
    const n = told.channel.length;
    const chips = [[`${rows.length} of ${n} channel${n === 1 ? "" : "s"}`, told.rule, "good"], ...(amounts ? [[amounts, "The threshold in the units of the numbers.", "plain"]] : []), ...(byRule ? told.notes : [])];
    drd.noteChips(name, chips);
    heads(body, order);
    fill(body);
  };

  const heads = (body, order) => {
    const arrow = id => (order.replace("-", "") !== id ? "" : order.startsWith("-") ? " ↑" : " ↓");
    body.querySelector(".titles").innerHTML = body.columns.map(({ id, head, unit, value }) => {
      const sort = arrow(id).trim() === "↓" ? "descending" : arrow(id) ? "ascending" : "none";
      return `<span role="columnheader" class="${value ? "value" : ""}" ${id === "logo" ? "" : `aria-sort="${sort}"`}>${id === "logo" ? head : `<button class="sort" data-sort="${id}">${head}${arrow(id)}${unit ? `<small>${unit}</small>` : ""}</button>`}</span>`;
    }).join("");
  };
  const fill = body => {
    const list = body.querySelector(".feature-rows"), { rows, columns: shown, now } = body;
    list.firstChild.style.height = `${rows.length * ROW}px`;
    list.parentNode.setAttribute("aria-rowcount", rows.length + 1);
    if (!rows.length) {
      list.firstChild.innerHTML = "";
      body.querySelector(".empty").textContent = body.told.state ?? (body.byRule ? "The method lists no channel. A threshold of your own lists them by size." : "No channel reaches this threshold.");
    } else body.querySelector(".empty").textContent = "";
    if (body.trying === undefined) body.style.height = `${HEADS + ROW * Math.max(2, Math.min(MOST, rows.length))}px`; // not while a slider is held
    const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 3), last = Math.min(rows.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 3);
    let html = "";
    for (let at = first; at < last; at++) {
      const i = rows[at], chosen = body.told.channel[i] === now.channel;
      html += `<div class="feature${chosen ? " chosen" : ""}" role="row"${bothSigns(body.told, i) ? ` title="${drd.escape(body.told.additive.why)}"` : ""} aria-rowindex="${at + 2}" style="top:${at * ROW}px">${shown.map(column => `<span role="cell" class="${column.id} ${column.value ? "value" : ""}">${column.cell(i, now)}</span>`).join("")}</div>`;
    }
    list.firstChild.innerHTML = html;
  };

  const draw = (body, told, now) => {
    Object.assign(body, { told, now, asked: null, trying: undefined });
    body.innerHTML = `<div class="features" role="table" aria-label="${body.dataset.more === "important" ? "Important" : "Non-additive"} features" style="--columns:${columns(body.dataset.more, told).length}">
      <div class="feature titles" role="row" aria-rowindex="1"></div><div class="feature-rows" role="rowgroup" tabindex="0" aria-label="Rows"><div class="spacer"></div></div></div><p class="empty" role="status"></p>`;
    const list = body.querySelector(".feature-rows");
    list.onscroll = () => requestAnimationFrame(() => fill(body));
    body.onclick = event => {
      const id = event.target.closest("[data-sort]")?.dataset.sort, { by } = lists[body.dataset.more];
      if (!id) return;
      drd.go({ [by]: (body.now.selection[by] ?? "share") === id ? `-${id}` : id }, { replace: true });
    };
  };
  const mark = (body, told, now) => {
    const { key, by } = lists[body.dataset.more], asked = [now.selection[key], now.selection[by], now.form].join();
    const same = body.asked === asked && body.told === told && body.trying === undefined;
    Object.assign(body, { told, now, asked });
    if (same) {
      for (const row of body.querySelectorAll(".feature-rows [role=row]")) row.classList.toggle("chosen", Number(row.querySelector("[data-channel]").dataset.channel) === now.channel);
      return;
    }
    const held = document.activeElement?.closest?.("[data-sort], [data-channel]")?.dataset, inside = body.contains(document.activeElement);
    redraw(body);
    if (inside && held?.sort) body.querySelector(`[data-sort="${held.sort}"]`)?.focus({ preventScroll: true });
    if (inside && held?.channel) body.querySelector(`button[data-channel="${held.channel}"]`)?.focus({ preventScroll: true });
  };
  for (const name of Object.keys(lists)) drd.more[name] = { draw, mark };

  const tsv = ({ told, rows, now }) => {
    const names = TSV.filter(name => told[name]);
    const heads = { ofiv: "ofiv (feature-map units)", low: "ofiv low, 2.5% (feature-map units)", high: "ofiv high, 97.5% (feature-map units)", share: "% of the largest", level: "il (feature-map units^2)", up: "positive trials", down: "negative trials", gradient: "gradient at base", swing: "swing (logits)" };
    const cell = (name, i) => (name === "kind" ? now.run.kinds[told.kind[i]] : name === "component" ? told.component[i] + 1 : told[name][i] ?? "");
    return drd.tsv([names.map(name => heads[name] ?? name), ...rows.map(i => names.map(name => cell(name, i)))]);
  };
  document.addEventListener("click", async event => {
    const method = event.target.closest?.("[data-method]")?.dataset.method, name = event.target.closest?.("[data-copy]")?.dataset.copy;
    if (method) drd.go({ [lists[method].key]: null });
    const body = name && document.querySelector(`[data-more="${name}"]`);
    if (!body?.rows) return;
    const n = body.rows.length;
    await drd.copy(tsv(body)).then(
      () => drd.toast({ text: `${n} row${n === 1 ? "" : "s"} copied.`, seconds: 4 }),
      () => drd.toast({ text: "The browser does not let this page copy.", tone: "bad" }));
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
