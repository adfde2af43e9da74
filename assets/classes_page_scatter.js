// All pairs of classes as points: the similarity across, the second comparison up.
(drd => {
  const LEFT = 46, RIGHT = 10, TOP = 8, FOOT = 36, FEW = 5000; // px; pairs that are drawn one by one
  const ZERO = 127, BLANK = 255, REACH = 7, REST = 4;
  const text = (x, y, words, more = "") => `<text x="${x}" y="${y}" ${more}>${drd.escape(words)}</text>`;
  const NS = "http://www.w3.org/2000/svg";
  let drag = null;

  // pair number -> two places; the half of a matrix row after row, the diagonal too
  const eachPair = (n, act) => {
    for (let row = 0, at = 0; row < n; row++, at++) { // at the diagonal
      for (let column = row + 1; column < n; column++) act(++at, row, column);
    }
  };
  const limits = now => ["similarity", now.second].map(name => now.told.matrices[name].limit);
  const valueOf = (level, limit) => ((level - ZERO) / ZERO) * limit;
  const levelOf = (value, limit) => (value / limit) * ZERO + ZERO;

  // is a pair of places inside the rectangle of the address
  drd.insideBrush = now => {
    const { brush } = now.selection;
    if (!brush) return null;
    const { similarity, second } = now.levels, [a, b] = limits(now);
    const [x0, x1, y0, y1] = [levelOf(brush[0], a), levelOf(brush[1], a), levelOf(brush[2], b), levelOf(brush[3], b)];
    return (i, j, n) => {
      const x = similarity.whole[i * n + j], y = second.whole[i * n + j];
      return i !== j && x !== BLANK && y !== BLANK && x >= x0 - 0.5 && x <= x1 + 0.5 && y >= y0 - 0.5 && y <= y1 + 0.5;
    };
  };

  drd.drawPairs = (now, place, list) => {
    if (!place?.clientHeight) return;
    const view = place.drdView ?? open(place);
    Object.assign(view, { now });
    if (view.levels !== now.levels.second || view.first !== now.levels.similarity) count(view);
    const width = place.clientWidth, height = place.clientHeight;
    view.box = { left: LEFT, top: TOP, wide: Math.max(20, width - LEFT - RIGHT), tall: Math.max(20, height - TOP - FOOT), width, height };
    if (drd.changedSince(view, "painted", [now.told, now.levels, now.from, now.to, width, height, drd.scale(place), drd.shownTheme()])) {
      for (const one of [view.svg, view.over]) { one.setAttribute("width", width); one.setAttribute("height", height); }
      view.svg.innerHTML = axes(view);
      paint(view);
    }
    outline(view);
    found(now, list);
  };
  const open = place => {
    const [svg, over] = [0, 1].map(() => document.createElementNS(NS, "svg")), canvas = document.createElement("canvas");
    place.replaceChildren(svg, canvas, over);
    Object.assign(place, { drdView: { place, svg, over, canvas } });
    place.setAttribute("role", "img");
    const view = place.drdView;
    place.addEventListener("pointerdown", event => {
      if (event.button !== 0) return;
      drag = { view, from: within(view, event), to: null };
      place.setPointerCapture(event.pointerId);
    });
    place.addEventListener("pointermove", event => move(view, event));
    place.addEventListener("pointerup", event => drop(view, event));
    place.addEventListener("pointercancel", () => { drag = null; outline(view); });
    place.addEventListener("pointerleave", () => { document.getElementById("pointer").hidden = true; });
    new ResizeObserver(() => drd.redrawPairs()).observe(place);
    return view;
  };

  // how many pairs have each pair of levels, and the range of levels there are
  const count = view => {
    const { now } = view, x = now.levels.similarity.half, y = now.levels.second.half, cells = new Uint32Array(256 * 256);
    const range = [255, 0, 255, 0];
    let n = 0;
    eachPair(now.ids.length, at => {
      if (x[at] === BLANK || y[at] === BLANK) return;
      n++;
      cells[y[at] * 256 + x[at]]++;
      if (x[at] < range[0]) range[0] = x[at];
      if (x[at] > range[1]) range[1] = x[at];
      if (y[at] < range[2]) range[2] = y[at];
      if (y[at] > range[3]) range[3] = y[at];
    });
    const pad = (from, to) => [from - Math.max(3, 0.04 * (to - from)), to + Math.max(3, 0.04 * (to - from))];
    Object.assign(view, { cells, n, first: now.levels.similarity, levels: now.levels.second, range: n ? [...pad(range[0], range[1]), ...pad(range[2], range[3])] : [0, 254, 0, 254] });
  };
  const px = ({ box, range }, x, y) => [box.left + ((x - range[0]) / (range[1] - range[0])) * box.wide, box.top + (1 - (y - range[2]) / (range[3] - range[2])) * box.tall];
  const back = ({ box, range }, left, top) => [range[0] + ((left - box.left) / box.wide) * (range[1] - range[0]), range[2] + (1 - (top - box.top) / box.tall) * (range[3] - range[2])];

  const steps = (low, high, most) => {
    const rough = (high - low) / most, unit = 10 ** Math.floor(Math.log10(rough)), by = [1, 2, 5, 10].find(one => one * unit >= rough) * unit, out = [];
    const digits = Math.max(0, -Math.floor(Math.log10(by) + 1e-9));
    for (let i = Math.ceil(low / by); i * by <= high + 1e-9; i++) out.push([i * by, (i * by).toFixed(digits).replace("-", "−")]);
    return out; // values and what they are called
  };
  const axes = view => {
    const { box, range, now, n } = view, [a, b] = limits(now), { value } = now.told.matrices[now.second], parts = [];
    for (const [at, called] of steps(valueOf(range[0], a), valueOf(range[1], a), box.wide / 60)) {
      const [x] = px(view, levelOf(at, a), 0);
      parts.push(text(x.toFixed(1), box.top + box.tall + 14, called, 'text-anchor="middle"'));
      if (Math.abs(at) < 1e-9) parts.push(`<path d="M${x} ${box.top}v${box.tall}" stroke="var(--line)"/>`);
    }
    for (const [at, called] of steps(valueOf(range[2], b), valueOf(range[3], b), box.tall / 40)) {
      const [, y] = px(view, 0, levelOf(at, b));
      parts.push(text(box.left - 6, (y + 4).toFixed(1), called, 'text-anchor="end"'));
      parts.push(`<path d="M${box.left} ${y.toFixed(1)}h${box.wide}" stroke="var(--line)" opacity="${Math.abs(at) < 1e-9 ? 1 : 0.5}"/>`);
    }
    parts.push(`<rect x="${box.left}" y="${box.top}" width="${box.wide}" height="${box.tall}" fill="none" stroke="var(--line)"/>`);
    parts.push(text(box.left + box.wide / 2, box.height - 5, "similarity A", 'text-anchor="middle"'), text(0, 0, value, `transform="translate(11 ${box.top + box.tall / 2}) rotate(-90)" text-anchor="middle"`));
    view.place.setAttribute("aria-label", `${n.toLocaleString("en")} pairs of classes: similarity across, ${value} up. The list below names pairs of a dragged rectangle; arrow keys move in it.`);
    return parts.join("");
  };

  const colour = name => getComputedStyle(document.body).getPropertyValue(name).trim();
  const paint = view => {
    const { box, canvas, cells, n, now } = view, dpr = (window.devicePixelRatio || 1) * drd.scale(view.place), draw = canvas.getContext("2d");
    Object.assign(canvas, { width: Math.round(box.width * dpr), height: Math.round(box.height * dpr) });
    canvas.style.cssText = `width:${box.width}px;height:${box.height}px`;
    draw.scale(dpr, dpr);
    const few = n <= FEW, top = Math.log(1 + cells.reduce((most, one) => Math.max(most, one), 1));
    const [x0, y0] = px(view, 0, 0), [x1, y1] = px(view, 1, 1), wide = Math.max(1, x1 - x0), tall = Math.max(1, y0 - y1);
    draw.fillStyle = colour("--accent");
    for (let at = 0; at < cells.length; at++) {
      if (!cells[at]) continue;
      const [x, y] = px(view, at % 256, at >> 8);
      draw.globalAlpha = few ? Math.min(1, 0.45 + 0.15 * cells[at]) : 0.15 + (0.85 * Math.log(1 + cells[at])) / top;
      if (few) dot(draw, x, y, 2.2);
      else draw.fillRect(x - wide / 2, y - tall / 2, wide, tall);
    }
    if (now.to - now.from + 1 === now.ids.length) return;
    draw.globalAlpha = 0.9; // the cluster that is looked at
    draw.fillStyle = colour("--pos");
    const all = now.ids.length, x = now.levels.similarity.whole, y = now.levels.second.whole;
    for (let i = now.from; i < now.to; i++) {
      for (let j = i + 1; j <= now.to; j++) if (x[i * all + j] !== BLANK && y[i * all + j] !== BLANK) dot(draw, ...px(view, x[i * all + j], y[i * all + j]), 2.2);
    }
  };
  const dot = (draw, x, y, r) => {
    draw.beginPath();
    draw.arc(x, y, r, 0, 2 * Math.PI);
    draw.fill();
  };

  const outline = view => {
    const { now, over } = view, parts = [], [a, b] = limits(now), { brush } = now.selection;
    const frame = ([x0, y0], [x1, y1]) => `<rect class="brushed" x="${Math.min(x0, x1)}" y="${Math.min(y0, y1)}" width="${Math.abs(x1 - x0)}" height="${Math.abs(y1 - y0)}"/>`;
    const inside = ([x, y]) => [Math.max(view.box.left, Math.min(view.box.left + view.box.wide, x)), Math.max(view.box.top, Math.min(view.box.top + view.box.tall, y))];
    if (drag?.to) parts.push(frame(drag.from, drag.to));
    else if (brush) parts.push(frame(...[px(view, levelOf(brush[0], a), levelOf(brush[2], b)), px(view, levelOf(brush[1], a), levelOf(brush[3], b))].map(inside)));
    if (now.pair) {
      const [i, j] = now.pair, at = i * now.ids.length + j, x = now.levels.similarity.whole[at], y = now.levels.second.whole[at];
      if (x !== BLANK && y !== BLANK) {
        const [left, top] = px(view, x, y);
        parts.push(`<circle cx="${left}" cy="${top}" r="6" fill="none" stroke="currentColor" stroke-width="2"/>`);
      }
    }
    over.innerHTML = parts.join("");
  };
  const within = ({ place, box }, event) => {
    const frame = place.getBoundingClientRect(), by = drd.scale(place);
    const clip = (value, from, size) => Math.max(from, Math.min(from + size, value));
    return [clip((event.clientX - frame.left) / by, box.left, box.wide), clip((event.clientY - frame.top) / by, box.top, box.tall)];
  };
  // the pair nearest to the pointer, null when none is near
  const nearest = (view, [left, top]) => {
    const { now, range, box } = view, [x, y] = back(view, left, top), x1 = now.levels.similarity.half, y1 = now.levels.second.half;
    const [wide, tall] = [box.wide / (range[1] - range[0]), box.tall / (range[3] - range[2])];
    let best = REACH * REACH, found = null;
    eachPair(now.ids.length, (at, i, j) => {
      const far = ((x1[at] - x) * wide) ** 2 + ((y1[at] - y) * tall) ** 2;
      if (far < best && x1[at] !== BLANK && y1[at] !== BLANK) [best, found] = [far, [i, j]];
    });
    return found;
  };
  const move = (view, event) => {
    const at = within(view, event), pointer = document.getElementById("pointer");
    if (drag?.view === view) {
      if (drag.to || Math.hypot(at[0] - drag.from[0], at[1] - drag.from[1]) > REST) {
        drag.to = at;
        pointer.hidden = true;
        outline(view);
      }
      return;
    }
    const { now } = view, pair = nearest(view, at);
    pointer.hidden = !pair;
    if (pair) drd.point(event, pair.map(i => `${now.ids[i]} ${now.names[i]}`));
  };
  const drop = (view, event) => {
    if (drag?.view !== view) return;
    const { from, to } = drag, { now } = view, [a, b] = limits(now);
    drag = null;
    if (!to) {
      const pair = nearest(view, within(view, event));
      return pair && drd.go({ pair: pair.map(i => now.ids[i]) });
    }
    const [[x0, y0], [x1, y1]] = [back(view, ...from), back(view, ...to)], round = value => Number(value.toFixed(4));
    const sorted = (u, v, limit) => [Math.min(u, v), Math.max(u, v)].map(level => round(valueOf(level, limit)));
    drd.go({ brush: [...sorted(x0, x1, a), ...sorted(y0, y1, b)] });
  };

  // the pairs inside the rectangle, exact, by the server
  const found = async (now, list) => {
    const { brush } = now.selection;
    if (!brush) { list.replaceChildren(drd.made("p", { className: "muted", textContent: "Drag a rectangle over points to list those pairs; press a point to open it." })); return; }
    const address = drd.cohortAddress("brushed.json", { second: now.second, box: brush.join() });
    if (list.drdShown === address && list.querySelector("button")) return mark(list, now);
    list.drdShown = address;
    const told = await drd.cohortAnswers().get(address, got => got.json()).catch(error => ({ n: 0, pairs: [], why: error.message }));
    if (list.drdShown !== address) return;
    const { value } = now.told.matrices[now.second], name = id => `${id} ${now.names[now.ids.indexOf(id)]}`;
    const more = told.n > told.pairs.length ? `, the ${told.pairs.length} most similar listed` : "";
    const head = drd.made("div", { className: "found-head" }, drd.made("strong", { textContent: told.why ?? `${told.n.toLocaleString("en")} ${told.n === 1 ? "pair" : "pairs"}${more}` }), drd.made("button", { className: "button", textContent: "Clear", title: "Let go of the rectangle (Escape)", onclick: () => drd.go({ brush: null }) }));
    const rows = told.pairs.map(([i, j, a, b]) => {
      const row = drd.made("button", { className: "found-pair", onclick: () => drd.go({ pair: [i, j] }) }, drd.made("span", { textContent: name(i) }), drd.made("span", { textContent: name(j) }), drd.made("small", { textContent: `A ${drd.signed(a)} · ${value} ${drd.signed(b)}` }));
      row.dataset.pair = [i, j];
      return row;
    });
    list.replaceChildren(head, drd.made("div", { className: "found-pairs" }, ...rows));
    drd.byKeys(list, ".found-pair");
    mark(list, now);
  };
  const mark = (list, { selection: { pair } }) => {
    for (const one of list.querySelectorAll("[data-pair]")) one.classList.toggle("chosen", pair !== null && [...pair].sort().join() === one.dataset.pair.split(",").map(Number).sort().join());
  };

  drd.pairsFile = () => drd.onPaper(() => {
    drd.redrawPairs();
    const { place, svg, over, canvas, box } = document.querySelector(".classes-page .pairs-plot").drdView;
    return drd.file(document.title, { width: place.clientWidth, height: box.height + 30 }, `<g transform="translate(0 28)" fill="currentColor" font-size="11"><image width="${box.width}" height="${box.height}" href="${canvas.toDataURL()}"/>${svg.innerHTML}${over.innerHTML}</g>`);
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
