// Two classes: how similar, which channels make it so, and what sets them apart.
(drd => {
  const SHOWN = 8; // channels that are listed by their share
  const HINT = "Click a cell of the matrix, or a point, to see why two classes are similar.";
  const cell = (tag, words, more = {}) => drd.made(tag, { textContent: words, ...more });
  const link = (now, id, name) => {
    const { run, selection } = now, href = drd.href({ run: run.id, target: id, regime: selection.regime, pair: selection.pair });
    const made = drd.made("a", { textContent: `${id} ${name}`, href, title: "The page of this class" });
    made.onclick = event => { if (!event.ctrlKey && !event.metaKey) { event.preventDefault(); drd.visit(href); } };
    return made;
  };

  drd.drawPair = async (now, body) => {
    const { selection, run } = now, regime = document.getElementById("why-regime");
    const pair = selection.pair, wanted = pair ? drd.cohortAddress("pair.json", { pair: pair.join() }) : "";
    const chosen = selection.channel;
    if (body.drdWanted === wanted && body.drdTold) return mark(body, chosen);
    Object.assign(body, { drdWanted: wanted, drdTold: null });
    if (!pair) { body.replaceChildren(cell("p", HINT, { className: "empty" })); regime.textContent = ""; return; }
    try {
      const [told, heights] = await Promise.all([drd.cohortAnswers().get(wanted, got => got.json()), drd.heights(run, "bits").catch(() => null)]);
      if (body.drdWanted !== wanted) return;
      const logo = (channel, size) => (heights ? drd.logoCore(heights, run, run.channels.indexOf(channel), "bits", now.glyphs, size) : "");
      Object.assign(body, { drdTold: told, drdLogo: logo });
      regime.textContent = told.regime;
      body.replaceChildren(head(now, told), ...(told.empty ? [cell("p", told.empty, { className: "empty" })] : [drd.made("div", { className: "pair-parts" }, why(told, logo), together(told, logo), apart(told, logo), plot(told))]));
      mark(body, chosen);
    } catch (error) {
      if (body.drdWanted === wanted) body.replaceChildren(cell("p", `This pair cannot be shown. ${error.message}`, { className: "empty" }));
    }
  };
  const mark = (body, channel) => {
    for (const one of body.querySelectorAll("[data-channel]")) {
      const chosen = Number(one.dataset.channel) === channel;
      one.classList.toggle("chosen", chosen);
      if (one.tagName !== "TR") one.setAttribute("aria-pressed", chosen);
    }
  };

  const head = (now, told) => {
    const { interval, values, ids, names } = told, line = drd.made("div", { className: "pair-head" });
    const others = values.filter(([value]) => value !== "A").map(([value, r]) => `${value} ${r === null ? "–" : drd.signed(r)}`).join(" · ");
    const a = values.find(([value]) => value === "A")?.[1];
    const low = interval.low === null ? "" : ` [${drd.signed(interval.low)}, ${drd.signed(interval.high)}]`;
    line.append(link(now, ids[0], names[0]), cell("span", "and", { className: "muted" }), link(now, ids[1], names[1]),
      cell("strong", a === null ? "no similarity" : `A ${drd.signed(a)}`), cell("span", low, { className: "interval", title: `95% interval over ${interval.says}. Trials are restarts on one network; another training may give another similarity.` }),
      cell("span", interval.says, { className: "muted" }), cell("span", others));
    return line;
  };
  const bar = (value, most, title) => {
    const made = drd.made("span", { className: `share-bar ${value < 0 ? "minus" : "plus"}`, title });
    const inner = made.appendChild(drd.made("span"));
    inner.style.width = `${Math.min(100, (100 * Math.abs(value)) / (most || 1))}%`;
    return made;
  };
  const channelCell = (channel, logo) => {
    const made = drd.made("th", { scope: "row" }), button = drd.made("button", { className: "link", textContent: drd.spoken(channel), title: "Mark this channel" });
    button.dataset.channel = channel;
    made.innerHTML = ` <span class="logo">${logo(channel, { width: 64, height: 20 })}</span>`;
    made.prepend(button);
    return made;
  };
  const row = (channel, ...cells) => {
    const made = drd.made("tr", {}, ...cells);
    if (channel !== null) made.dataset.channel = channel;
    return made;
  };
  const table = (caption, heads, rows, name) => {
    const made = drd.made("table", { className: `table small ${name}` });
    made.append(drd.made("caption", { textContent: caption }), drd.made("thead", {}, drd.made("tr", {}, ...heads.map(([words, title], i) => cell("th", words, { scope: "col", title: title ?? "", className: i ? "value" : "" })))), drd.made("tbody", {}, ...rows));
    return made;
  };

  // the channels whose products make up r: shown + rest = r
  const why = ({ channel, first, second, share, without, values }, logo) => {
    const byLargest = channel.map((_, k) => k).filter(k => share[k] !== null).sort((a, b) => Math.abs(share[b]) - Math.abs(share[a]));
    const shown = byLargest.slice(0, SHOWN).sort((a, b) => share[b] - share[a]), rest = byLargest.slice(SHOWN), most = Math.max(...shown.map(k => Math.abs(share[k])));
    const sum = rest.reduce((all, k) => all + share[k], 0), r = values.find(([value]) => value === "A")[1];
    const rows = shown.map(k => row(channel[k], channelCell(channel[k], logo), cell("td", drd.signed(first[k]), { className: "value" }), cell("td", drd.signed(second[k]), { className: "value" }),
      drd.made("td", { className: "value" }, bar(share[k], most, "share of A"), drd.signed(share[k])), cell("td", without[k] === null ? "–" : drd.signed(without[k]), { className: "value" })));
    if (rest.length) rows.push(row(null, cell("th", `${rest.length} others`, { scope: "row" }), cell("td", ""), cell("td", ""), drd.made("td", { className: "value" }, bar(sum, most, "share of A"), drd.signed(sum)), cell("td", "")));
    rows.push(Object.assign(row(null, cell("th", "A", { scope: "row" }), cell("td", ""), cell("td", ""), cell("td", drd.signed(r), { className: "value" }), cell("td", "")), { className: "total" }));
    return table("Why similar: shares add up to A", [["channel"], ["OFIV first", "Feature-map units"], ["OFIV second", "Feature-map units"], ["share of A", "Product of the standardised positive parts over the number of channels"], ["A without", "The similarity when this channel is left out"]], rows, "why-table");
  };
  const together = ({ shared, opposed, channel, first, second }, logo) => {
    const boxes = list => list.slice(0, 12).map(one => {
      const k = channel.indexOf(one), made = drd.made("button", { className: "ingredient", title: `Channel ${one}: OFIV ${drd.signed(first[k])} and ${drd.signed(second[k])}` });
      made.dataset.channel = one;
      made.innerHTML = `<span>${drd.escape(drd.spoken(one))}</span><span class="muted">${drd.escape(`${drd.signed(first[k])} / ${drd.signed(second[k])}`)}</span><span class="logo">${logo(one, { width: 94, height: 26 })}</span>`;
      return made;
    });
    const part = (title, list, none) => drd.made("div", {}, cell("h3", `${title} (${list.length})`), list.length ? drd.made("div", { className: "ingredients" }, ...boxes(list)) : cell("p", none, { className: "muted" }));
    return drd.made("div", { className: "together" }, part("Shared: for both classes", shared, "No channel is important for both."), part("Opposed: for one, against the other", opposed, "No important channel has opposite signs."), cell("p", "Important: |OFIV| of at least 20% of the largest of the class.", { className: "muted" }));
  };
  // the difference map: channels that favour one class and not the other
  const apart = ({ ids, channel, gap, first, second }, logo) => {
    const order = channel.map((_, k) => k).filter(k => gap[k] !== null).sort((a, b) => gap[b] - gap[a]), most = Math.max(...order.map(k => Math.abs(gap[k])));
    const shown = [...order.slice(0, 4).filter(k => gap[k] > 0), ...order.slice(-4).filter(k => gap[k] < 0)];
    const rows = shown.map(k => row(channel[k], channelCell(channel[k], logo), cell("td", gap[k] > 0 ? ids[0] : ids[1], { className: "value" }), drd.made("td", { className: "value" }, bar(gap[k], most, `OFIV ${drd.signed(first[k])} and ${drd.signed(second[k])}`), drd.signed(gap[k]))));
    return table("Difference D = OFIV first − second", [["channel"], ["favours", "Class whose OFIV is larger"], ["D", "Feature-map units"]], rows, "apart-table");
  };

  // OFIV of the first class across, of the second up: a point per channel
  const plot = ({ ids, channel, first, second }) => {
    const SIZE = 250, L = 52, B = 34, R = 8, T = 8, known = channel.map((_, k) => k).filter(k => first[k] !== null && second[k] !== null);
    const range = values => [Math.min(0, ...values), Math.max(0, ...values)].map((value, i, all) => value + (i ? 1 : -1) * 0.06 * ((all[1] - all[0]) || 1));
    const [x0, x1] = range(known.map(k => first[k])), [y0, y1] = range(known.map(k => second[k]));
    const x = value => L + ((value - x0) / (x1 - x0)) * (SIZE - L - R), y = value => T + (1 - (value - y0) / (y1 - y0)) * (SIZE - T - B);
    const strong = new Set([...known].sort((a, b) => Math.max(Math.abs(first[b]), Math.abs(second[b])) - Math.max(Math.abs(first[a]), Math.abs(second[a]))).slice(0, 5));
    const named = []; // places of labels, which do not cover each other
    for (const k of strong) if (!named.some(other => Math.hypot(x(first[k]) - x(first[other]), y(second[k]) - y(second[other])) < 13)) named.push(k);
    const points = known.map(k => `<circle data-channel="${channel[k]}" role="button" aria-label="${drd.escape(`${drd.spoken(channel[k])}: ${drd.signed(first[k])} and ${drd.signed(second[k])}`)}" cx="${x(first[k]).toFixed(1)}" cy="${y(second[k]).toFixed(1)}" r="3.2"><title>channel ${channel[k]}: ${drd.signed(first[k])} and ${drd.signed(second[k])}</title></circle>${named.includes(k) ? `<text x="${(x(first[k]) + (x(first[k]) > SIZE - 40 ? -5 : 5)).toFixed(1)}" y="${(y(second[k]) - 5).toFixed(1)}" text-anchor="${x(first[k]) > SIZE - 40 ? "end" : "start"}">${channel[k]}</text>` : ""}`);
    const made = drd.made("figure", { className: "pair-plot" });
    made.innerHTML = `<svg width="${SIZE}" height="${SIZE}" role="group" aria-label="Importance of each channel for both classes. Arrow keys move from left to right, Enter marks the channel."><path d="M${x(0)} ${T}V${SIZE - B}M${L} ${y(0)}H${SIZE - R}" stroke="var(--muted)" opacity="0.6"/><rect x="${L}" y="${T}" width="${SIZE - L - R}" height="${SIZE - T - B}" fill="none" stroke="var(--line)"/>${points.join("")}
      <text x="${L}" y="${SIZE - B + 13}">${drd.number(x0, 2)}</text><text x="${SIZE - R}" y="${SIZE - B + 13}" text-anchor="end">${drd.number(x1, 2)}</text><text x="${L - 4}" y="${T + 10}" text-anchor="end">${drd.number(y1, 2)}</text><text x="${L - 4}" y="${SIZE - B}" text-anchor="end">${drd.number(y0, 2)}</text>
      <text x="${L + (SIZE - L - R) / 2}" y="${SIZE - 5}" text-anchor="middle">OFIV of class ${ids[0]}</text><text transform="translate(11 ${T + (SIZE - T - B) / 2}) rotate(-90)" text-anchor="middle">OFIV of class ${ids[1]}</text></svg>`;
    drd.byKeys(made, "circle", drd.alongX);
    return made;
  };
  document.addEventListener("click", event => {
    const channel = event.target.closest?.(".pair-body [data-channel]")?.dataset.channel;
    if (channel) drd.go({ channel: Number(channel) });
  });

  drd.pairFile = () => {
    const { drdTold: told, drdLogo: logo } = document.querySelector(".pair-body");
    if (!told || told.empty) throw new Error("There is no pair on screen.");
    const { ids, names, channel, first, second, share, without, values } = told, at = [16, 220, 320, 420, 540];
    const line = (cells, more = {}) => ({ columns: cells.map((words, i) => [at[i], words, ""]), ...more });
    const order = channel.map((_, k) => k).sort((a, b) => Math.abs(share[b]) - Math.abs(share[a])), shown = order.slice(0, SHOWN), rest = order.slice(SHOWN).reduce((sum, k) => sum + share[k], 0);
    return drd.sheet(`Why ${ids[0]} ${names[0]} and ${ids[1]} ${names[1]} are similar, ${drd.cohort.name}`, [
      { words: `${values.map(([value, r]) => `${value} ${r === null ? "–" : drd.signed(r)}`).join(" · ")}; A over ${told.interval.says}: ${told.interval.low === null ? "–" : `${drd.signed(told.interval.low)} to ${drd.signed(told.interval.high)}`}` },
      line(["channel", "OFIV first", "OFIV second", "share of A", "A without"], { strong: true }),
      ...shown.map(k => line([drd.spoken(channel[k]), drd.signed(first[k]), drd.signed(second[k]), drd.signed(share[k]), without[k] === null ? "–" : drd.signed(without[k])], { logo: logo(channel[k], { width: 90, height: 28 }), at: 90 })),
      line([`${order.length - shown.length} others`, "", "", drd.signed(rest), ""]), line(["A", "", "", drd.signed(values.find(([value]) => value === "A")[1]), ""], { strong: true }),
    ]);
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
