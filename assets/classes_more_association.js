// Some classes against some others: the rectangle of the similarity, and one line for its rows.
(drd => {
  const { escape } = drd, LANES = 7, LINE = 15, WIDE = 6.2;
  let sliders = null;

  // names beside a line, without overlap: the farthest from 0 first, those without room stay unnamed
  drd.nameLanes = (points, width, lanes = LANES) => { // points: { x, words }, already in order of claim
    const taken = Array.from({ length: 2 * lanes }, () => []);
    return points.map(({ x, words }) => {
      const half = (WIDE * words.length) / 2 + 4, at = Math.max(half, Math.min(width - half, x));
      const lane = taken.findIndex(spans => spans.every(([from, to]) => at + half < from || at - half > to));
      if (lane < 0 || 2 * half > width) return null;
      taken[lane].push([at - half, at + half]);
      return { at, lane: lane % 2 ? -(lane + 1) / 2 : lane / 2 + 1 };
    });
  };
  const ticksOf = (low, high) => {
    const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find(by => (high - low) / by <= 10) ?? 1000, found = [];
    for (let value = Math.ceil(low / step) * step; value <= high; value += step) found.push(value);
    return found;
  };
  const plot = (told, width) => {
    const net = one => one.positive - one.negative, values = told.index.map(net);
    const low = Math.min(0, ...values), high = Math.max(1, ...values), pad = Math.min(90, width / 6), x = value => pad + ((value - low) / (high - low)) * (width - 2 * pad);
    const order = told.index.map((_, i) => i).sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]) || a - b);
    const words = one => (one.name.length > 34 ? `${one.name.slice(0, 33)}…` : one.name);
    const spots = drd.nameLanes(order.map(i => ({ x: x(values[i]), words: words(told.index[i]) })), width);
    const up = Math.max(1, ...spots.map(spot => spot?.lane ?? 0)), down = Math.max(0, ...spots.map(spot => -(spot?.lane ?? 0)));
    const line = 14 + up * LINE, height = line + 56 + down * LINE, foot = height - 6;
    const marks = order.map((i, place) => {
      const one = told.index[i], spot = spots[place], at = x(values[i]).toFixed(1);
      const says = `${one.name}: ${one.positive} strong positive, ${one.negative} strong negative of ${told.nColumns}`;
      const y = spot && (spot.lane > 0 ? line - 6 - (spot.lane - 1) * LINE : line + 34 + (-spot.lane - 1) * LINE + 11);
      const leader = spot && (Math.abs(spot.lane) === 1 || Math.abs(spot.at - at) > 4); // names above each other need none
      const name = !spot ? "" : (leader ? `<path d="M${at} ${line + (spot.lane > 0 ? -4 : 4)}L${spot.at.toFixed(1)} ${spot.lane > 0 ? y + 3 : y - 11}" stroke="currentColor" opacity="0.25" fill="none"/>` : "") + `<text x="${spot.at.toFixed(1)}" y="${y}" text-anchor="middle">${escape(words(one))}</text>`;
      return `<g class="spot" data-target="${one.target}" role="button" aria-label="${escape(says)}"><title>${escape(says)}</title>${name}<circle cx="${at}" cy="${line}" r="3.5" fill="${values[i] < 0 ? "var(--neg)" : values[i] > 0 ? "var(--pos)" : "var(--muted)"}"/></g>`;
    });
    const ticks = ticksOf(low, high).map(value => `<path d="M${x(value)} ${line - 3}v6" stroke="currentColor"/><text x="${x(value)}" y="${line + 19}" text-anchor="middle" fill="var(--muted)">${String(value).replace("-", "−")}</text>`);
    const unnamed = spots.filter(spot => !spot).length;
    return { width, height, drawing: `<path d="M${pad} ${line}H${width - pad}" stroke="currentColor" opacity="0.5"/>${ticks.join("")}${marks.join("")}<text x="${width / 2}" y="${foot}" text-anchor="middle" fill="var(--muted)">index: strong positive minus strong negative similarities (of ${told.nColumns})${unnamed ? `; ${unnamed} points without room for a name` : ""}</text>` };
  };
  const draw = (body, told) => {
    if (told.empty) return (body.innerHTML = drd.emptyLine(told.empty) + (told.untold ? `<p class="muted">${escape(told.untold)}</p>` : ""));
    const n = told.index.length, longest = Math.max(...told.spec.columns.map(name => name.length));
    const below = told.nColumns <= 90 ? Math.min(150, 6.2 * longest) + 54 : 62, high = Math.min(720, Math.max(200, below + 13 * n)), wide = 460 + 40 * told.nColumns;
    body.innerHTML = `<p class="finding">Strong positive above ${drd.number(told.above)} (${told.quantiles[1]}% of all pairs are below), strong negative below ${drd.number(told.below)} (${told.quantiles[0]}%).</p>
      <svg class="index-plot" role="group" aria-label="Index of ${n} classes. Arrow keys move along it, Enter opens a class."></svg>
      <div id="rectangle" class="matrix" tabindex="0" role="application" aria-label="Similarity of chosen rows and columns. Arrow keys move, Enter compares the two." style="height:${high}px;max-width:${wide}px"></div>
      ${told.untold ? `<p class="muted">${escape(told.untold)}</p>` : ""}${drd.leftOut(told.leftOut)}`;
    const svg = body.querySelector("svg"), put = () => {
      if (!svg.isConnected || !svg.parentNode.clientWidth) return;
      const { width, height, drawing } = plot(told, svg.parentNode.clientWidth);
      for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) svg.setAttribute(name, value);
      svg.innerHTML = drawing;
      drd.byKeys(svg, ".spot", drd.alongX);
    };
    put();
    body.resized?.disconnect();
    body.resized = new ResizeObserver(put);
    body.resized.observe(body);
  };
  const controls = (told, now) => {
    const place = drd.controls("association", `<span class="choosers"></span>
      <label class="slide">negative below <input type="range" min="0" max="50" step="1" data-slide="low"><output></output></label>
      <label class="slide">positive above <input type="range" min="50" max="100" step="1" data-slide="high"><output></output></label>`);
    if (sliders?.place !== place) sliders = { place, low: drd.slider(place, "low", { says: value => `${value}%` }), high: drd.slider(place, "high", { says: value => `${value}%` }) };
    sliders.low(now.selection.low);
    sliders.high(now.selection.high);
    const options = told.choices.map(value => [value, value === "all" ? "all classes" : value.replace("=", ": ")]);
    const html = drd.chooserOf("rows", "rows", options, told.chosen[0]) + drd.chooserOf("columns", "columns", options, told.chosen[1]);
    const choosers = place.querySelector(".choosers");
    if (choosers.made !== html) { choosers.innerHTML = html; choosers.made = html; }
    for (const [key, i] of [["rows", 0], ["columns", 1]]) choosers.querySelector(`[data-choose="${key}"]`).value = told.chosen[i];
  };
  const mark = (body, told, now) => {
    controls(told, now);
    if (told.empty) return;
    const [i, j] = now.selection.pair ?? [];
    const marks = i === undefined ? [] : [{ row: i, column: j }, { row: j, column: i }];
    drd.matrix("rectangle", told.spec, { marks, choose: (row, column) => (row === column ? drd.go({ target: row }) : drd.go({ pair: [row, column] })) });
  };
  drd.addBelow("association", {
    address: now => drd.belowAddress("association", now, { rows: now.selection.rows, columns: now.selection.columns, low: now.selection.low, high: now.selection.high }),
    draw, mark,
    file: async (told, now, title) => {
      const above = drd.onPaper(() => plot(told, 960)), below = await drd.matrixFile("rectangle");
      const [, width, height] = below.match(/width="([\d.]+)" height="([\d.]+)"/).map(Number);
      return drd.file(title, { width: Math.max(1000, width), height: above.height + height + 40 },
        `<g transform="translate(20 30)" font-size="11">${above.drawing}</g>${below.replace("<svg ", `<svg y="${above.height + 36}" `)}`);
    },
    tsv: told => told.empty ? [] : [["class", "index", "strong positive", "strong negative", "columns"],
      ...told.index.map(one => [one.name, one.positive - one.negative, one.positive, one.negative, told.nColumns])],
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
