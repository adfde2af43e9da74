// Two runs as points, OFIV and ranks; and all runs as columns whose leading channels are joined.
(drd => {
  const { escape } = drd, SIZE = 340, L = 58, B = 40, R = 12, T = 10; // px
  const text = (x, y, words, more = "") => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escape(words)}</text>`;
  const steps = (low, high, most) => {
    const rough = (high - low) / most, unit = 10 ** Math.floor(Math.log10(rough)), by = [1, 2, 5, 10].find(one => one * unit >= rough) * unit, out = [];
    for (let i = Math.ceil(low / by - 1e-9); i * by <= high + 1e-9 * by; i++) out.push(i * by);
    return out;
  };
  const tick = (value, _, all) => { // as many decimals as the step asks for
    const step = Math.abs(all[1] - all[0]) || 1, digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
    return Math.abs(value) < step / 1e6 ? "0" : digits > 5 ? drd.number(value, 2) : value.toFixed(digits).replace("-", "−");
  };
  const shape = (told, a, b, row) => (told.found[a][row] && told.found[b][row] ? "both" : told.found[a][row] ? "first" : told.found[b][row] ? "second" : "neither");

  // points of two runs: values, or ranks with 1 at the upper right
  const scatter = (now, [a, b], { title, x, y, ranges, ends, bars, label }) => {
    const { told } = now, [[left, right], [bottom, top]] = ranges, same = left === bottom && right === top; // one scale for both
    const across = value => L + ((value - left) / (right - left || 1)) * (SIZE - L - R), up = value => SIZE - B - ((value - bottom) / (top - bottom || 1)) * (SIZE - B - T);
    const rows = x.map((_, row) => row).filter(row => x[row] !== null && y[row] !== null), parts = [];
    for (const value of ends[0]) parts.push(text(across(value), SIZE - B + 14, label(value, 0, ends[0]), 'text-anchor="middle"'), `<path class="grid-line" d="M${across(value).toFixed(1)} ${T}V${SIZE - B}"/>`);
    for (const value of ends[1]) parts.push(text(L - 6, up(value) + 4, label(value, 0, ends[1]), 'text-anchor="end"'), `<path class="grid-line" d="M${L} ${up(value).toFixed(1)}H${SIZE - R}"/>`);
    parts.push(`${same ? `<path class="diagonal" d="M${L} ${SIZE - B}L${SIZE - R} ${T}"/>` : ""}<rect x="${L}" y="${T}" width="${SIZE - L - R}" height="${SIZE - B - T}" fill="none" stroke="var(--line)"/>`);
    if (bars) parts.push(`<path class="zero-line" d="M${across(0)} ${T}V${SIZE - B}M${L} ${up(0)}H${SIZE - R}"/>`);
    const order = { neither: 0, first: 1, second: 1, both: 2 };
    rows.sort((i, j) => order[shape(told, a, b, i)] - order[shape(told, a, b, j)]);
    const named = [];
    for (const row of [...rows].reverse()) {
      if (shape(told, a, b, row) === "neither" || named.length > 11) break;
      if (!named.some(other => Math.abs(across(x[row]) - across(x[other])) < 64 && Math.abs(up(y[row]) - up(y[other])) < 12)) named.push(row);
    }
    for (const row of rows) {
      const [at, height] = [across(x[row]), up(y[row])], kind = shape(told, a, b, row), said = `${drd.rowWords(row)}: ${title} ${drd.number(x[row])} in ${"ABCDEFGH"[a]}, ${drd.number(y[row])} in ${"ABCDEFGH"[b]}`;
      if (bars) parts.push(`<path class="whisker" d="M${across(told.low[a][row]).toFixed(1)} ${height.toFixed(1)}H${across(told.high[a][row]).toFixed(1)}M${at.toFixed(1)} ${up(told.low[b][row]).toFixed(1)}V${up(told.high[b][row]).toFixed(1)}"/>`);
      const form = kind === "first" ? `<rect class="spot first" x="${(at - 3.5).toFixed(1)}" y="${(height - 3.5).toFixed(1)}" width="7" height="7"` : kind === "second" ? `<path class="spot second" d="M${at.toFixed(1)} ${(height - 4.5).toFixed(1)}l4.5 8h-9z"` : `<circle class="spot ${kind}" cx="${at.toFixed(1)}" cy="${height.toFixed(1)}" r="${kind === "both" ? 4 : 2.6}"`;
      parts.push(`${form} cx="${at.toFixed(1)}" data-row="${row}" role="button" aria-label="${escape(said)}"><title>${escape(said)}</title></${form.match(/^<(\w+)/)[1]}>`);
      if (named.includes(row)) {
        const end = at > SIZE - 90; // beside the diagonal, on which the others lie
        parts.push(text(at + (end ? -7 : 7), end ? height - 5 : Math.min(height + 12, SIZE - B - 4), drd.rowWords(row).slice(0, 22), `text-anchor="${end ? "end" : "start"}"`));
      }
    }
    parts.push(text(L + (SIZE - L - R) / 2, SIZE - 6, `${title} in ${"ABCDEFGH"[a]}`, 'text-anchor="middle"'), `<text transform="translate(12 ${T + (SIZE - T - B) / 2}) rotate(-90)" text-anchor="middle">${escape(`${title} in ${"ABCDEFGH"[b]}`)}</text>`);
    const figure = drd.made("figure", { className: "compare-plot" });
    figure.innerHTML = `<svg width="${SIZE}" height="${SIZE}" viewBox="0 0 ${SIZE} ${SIZE}" role="group" aria-label="${escape(title)} of each channel in two runs. Arrow keys move from left to right, Enter marks the channel.">${parts.join("")}</svg>`;
    drd.byKeys(figure, ".spot", drd.alongX);
    return figure;
  };

  drd.drawAgree = (now, place) => {
    const { pair, told, about, selection } = now, [a, b] = selection.two.every(at => at < about.runs.length) ? selection.two : [0, 1];
    const choose = (at, which) => {
      const select = drd.made("select", {}, ...about.runs.map((run, i) => drd.made("option", { value: i, textContent: `${run.letter}  ${run.name}`, selected: i === at })));
      select.onchange = () => drd.go({ two: which ? [a, Number(select.value)] : [Number(select.value), b] });
      return drd.made("label", { className: "chooser-line" }, which ? "up" : "across", select);
    };
    const tools = about.runs.length > 2 ? [drd.made("div", { className: "actions" }, choose(a, 0), choose(b, 1))] : [];
    if (pair.empty) return place.replaceChildren(...tools, drd.made("p", { className: "empty", textContent: pair.empty }));
    const known = told.ofiv[a].map((_, row) => row).filter(row => told.ofiv[a][row] !== null && told.ofiv[b][row] !== null);
    // runs of one network and layer have one unit; others each have their own scale
    const spread = places => {
      const values = places.flatMap(at => known.flatMap(row => [told.ofiv[at][row], told.low[at][row], told.high[at][row]])).filter(value => value !== null);
      const low = Math.min(0, ...values), high = Math.max(0, ...values), pad = 0.05 * (high - low || 1);
      return [low - pad, high + pad];
    };
    const ranges = about.alike ? [spread([a, b]), spread([a, b])] : [spread([a]), spread([b])];
    const only = at => told.ofiv[at].map((value, row) => (known.includes(row) ? value : null));
    const most = at => Math.max(1, ...known.map(row => told.rank[at][row] ?? 0)), largest = Math.max(most(a), most(b));
    const byRank = n => [1.03 * n + 1, -0.03 * n], ends = n => [1, ...steps(1, n, 5).filter(value => value > 1)], sizes = about.alike ? [largest, largest] : [most(a), most(b)];
    const ranks = at => told.rank[at].map((value, row) => (known.includes(row) ? value : null));
    const plots = [
      scatter(now, [a, b], { title: "OFIV (map units)", x: only(a), y: only(b), ranges, ends: ranges.map(range => steps(...range, 4)), bars: true, label: tick }),
      scatter(now, [a, b], { title: "rank by OFIV", x: ranks(a), y: ranks(b), ranges: sizes.map(byRank), ends: sizes.map(ends), bars: false, label: value => String(value) }),
    ];
    place.replaceChildren(...tools, drd.made("div", { className: "agree-parts" }, ...plots, facts(now, a, b)));
    drd.markCompared();
  };
  const facts = (now, a, b) => {
    const { pair, told, selection } = now, [low, high] = pair.interval, letters = [a, b].map(at => "ABCDEFGH"[at]);
    const box = drd.made("div", { className: "agree-facts" }), what = selection.found === "important" ? "important" : `in the top ${selection.found} by |OFIV|`;
    const line = (label, words, why) => `<div><dt>${escape(label)}</dt><dd title="${escape(why)}">${escape(words)}</dd></div>`;
    box.innerHTML = `<dl>${line("rank correlation", `${drd.signed(pair.r)}${low === null ? "" : `  [${drd.signed(low)}, ${drd.signed(high)}]`}`, `95% interval over ${pair.says}`)}
      ${line("from", pair.says, "")}${line("channels in both", pair.n.toLocaleString("en"), "")}
      ${line("found in both", `${pair.common} of ${pair.sizes[0]} in ${letters[0]} and ${pair.sizes[1]} in ${letters[1]}`, `Found means ${what}`)}
      ${line("by chance", drd.number(pair.expected, 2), "Of two blind choices of as many channels")}</dl>
      <p class="legend muted"><svg width="12" height="12"><circle class="spot both" cx="6" cy="6" r="4"/></svg> found in both <svg width="12" height="12"><rect class="spot first" x="2.5" y="2.5" width="7" height="7"/></svg> in ${letters[0]} alone <svg width="12" height="12"><path class="spot second" d="M6 1.5l4.5 8h-9z"/></svg> in ${letters[1]} alone <svg width="12" height="12"><circle class="spot neither" cx="6" cy="6" r="2.6"/></svg> in neither. Found: ${escape(what)}.</p>`;
    const lists = [["both", `Found in both`], ["first", `In ${letters[0]} alone`], ["second", `In ${letters[1]} alone`]];
    const rows = told.found[a].map((_, row) => row), size = row => Math.max(Math.abs(told.ofiv[a][row] ?? 0), Math.abs(told.ofiv[b][row] ?? 0));
    for (const [kind, title] of lists) {
      const mine = rows.filter(row => shape(told, a, b, row) === kind).sort((i, j) => size(j) - size(i));
      const boxes = mine.slice(0, 12).map(row => `<button class="ingredient" data-row="${row}" title="Mark this channel: rank ${told.rank[a][row] ?? "–"} and ${told.rank[b][row] ?? "–"}"><span>${escape(drd.rowWords(row))}</span><span class="logo">${drd.rowLogo(row, { width: 94, height: 24 })}</span></button>`);
      box.insertAdjacentHTML("beforeend", `<h3>${escape(title)} (${mine.length}${mine.length > 12 ? ", 12 shown" : ""})</h3>${boxes.length ? `<div class="ingredients">${boxes.join("")}</div>` : '<p class="muted">None.</p>'}`);
    }
    return box;
  };

  const KINDS = [["●", "additive"], ["◆", "consistent"], ["▲", "inconsistent"]];
  const HEAD = 44, SLOT = 40, GAP = 44, SIDE = 96; // px
  drd.drawStrip = (now, place) => {
    const { strip, about, told } = now, n = strip.steps.length, height = HEAD + 8 * SLOT + 132;
    const wide = Math.max(128, Math.min(230, (place.clientWidth - SIDE - GAP * (n - 1)) / n - 2)), left = i => SIDE + i * (wide + GAP), y = slot => HEAD + slot * SLOT;
    const by = { l2: "Along l2", layer: "Along layers" }[strip.along];
    document.querySelector("#strip-panel h2").textContent = by ?? "Leading channels beside each other";
    const parts = [], at = strip.steps.map(step => new Map((step.leading ?? []).map(([row], slot) => [row, slot])));
    strip.steps.forEach((step, i) => {
      const x = left(i), most = Math.max(...(step.leading ?? []).map(([, , value]) => Math.abs(value)), 1e-300), next = at[i + 1];
      parts.push(`<g transform="translate(${x} 2)"><rect class="badge-box" width="20" height="20" rx="4" style="stroke:var(--shade-${step.run})"/><text x="10" y="14" text-anchor="middle" class="strong">${"ABCDEFGH"[step.run]}</text>${text(27, 14, step.label, 'class="strong"')}${text(0, 36, step.regime ? step.regime[0] : "", "")}</g>`);
      if (step.empty) return parts.push(text(x, y(0) + 20, step.empty));
      step.leading.forEach(([row, channel, value], slot) => {
        const mark = row === null ? "" : ` data-row="${row}" role="button" tabindex="-1"`, share = Math.abs(value) / most, found = row !== null && told.found[step.run][row];
        const words = row === null ? `ch ${channel}` : about.rows.how === "index" ? drd.rowWords(row) : `${"ABCDEFGH"[step.run]}${channel}${about.rows.named[step.run][row] ? ` (${about.rows.named[step.run][row]})` : ""}`;
        const said = `${words}: OFIV ${drd.signed(value)}${found ? ", found" : ""}`, logo = row === null ? "" : drd.rowLogo(row, { width: Math.min(80, wide - 20), height: 15 }, now.heights[step.run] ? step.run : null);
        if (next?.has(row) && row !== null) parts.push(`<path class="join" data-row="${row}" d="M${x + wide} ${y(slot) + 17}C${x + wide + GAP / 2} ${y(slot) + 17} ${x + wide + GAP / 2} ${y(next.get(row)) + 17} ${x + wide + GAP} ${y(next.get(row)) + 17}"/>`);
        parts.push(`<g class="slot${found ? " found" : ""}" transform="translate(${x} ${y(slot)})"${mark} aria-label="${escape(said)}"><title>${escape(said)}</title><rect width="${wide.toFixed(1)}" height="34" rx="5"/><rect class="${value < 0 ? "minus" : "plus"}" y="30" width="${(share * wide).toFixed(1)}" height="4" rx="2"/>${text(6, 13, words.slice(0, Math.floor(wide / 9)))}<text x="${(wide - 6).toFixed(1)}" y="13" text-anchor="end">${escape(drd.signed(value).slice(0, 9))}</text>${logo ? `<g transform="translate(6 14)">${logo.replace("<svg ", '<svg y="0" ')}</g>` : ""}</g>`);
      });
    });
    const facts = [["l2", step => drd.number(step.l2)], ["objective", step => `${drd.number(step.objective)} logits`], ["class score", step => `${drd.number(step.score)} logits`], ["optima", step => `${step.n_optima ?? "–"} in ${step.n_trials} trials`], ["IL components", step => `${step.n_components ?? "–"}${step.guarded ? ", guarded" : ""}`], ["converged", step => drd.percent(step.converged)], ["kinds", step => step.kinds.map((count, kind) => `${KINDS[kind][0]} ${count}`).join("  ")]];
    facts.forEach(([label, say], line) => {
      const top = y(8) + 14 + line * 17;
      parts.push(text(0, top, label, 'class="muted"'));
      strip.steps.forEach((step, i) => { if (!step.empty) parts.push(text(left(i), top, say(step))); });
    });
    parts.push(text(0, y(0) + 20, "leading by", 'class="muted"'), text(0, y(0) + 34, "|OFIV|", 'class="muted"'));
    const width = left(n - 1) + wide + 4;
    place.innerHTML = `<div class="scroll strip-scroll" tabindex="0" role="region" aria-label="Runs beside each other"><svg class="strip-plot" width="${width.toFixed(0)}" height="${height}" role="group" aria-label="Leading channels of each run; lines join the same channel. Arrow keys move, Enter marks.">${parts.join("")}</svg></div>
      <p class="muted">Bars and lines: size of the OFIV in percent of the largest of the run; orange speaks for the class, blue against it. A frame in bold: found there. ${KINDS.map(one => one.join(" ")).join(", ")}: IL, optima and kinds of ${escape([...new Set(strip.steps.filter(step => !step.empty).map(step => step.regime[1]))].join(", "))}.</p>`;
    drd.byKeys(place, ".slot[data-row]");
    drd.markCompared();
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
