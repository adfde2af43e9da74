// A matrix on a canvas: bytes by fetch, colours by table, the strongest value under each pixel.
(drd => {
  const ZERO = 127, BLANK = 255, NS = "http://www.w3.org/2000/svg";
  const views = new Map(); // element id -> what it shows
  const bytes = drd.keep(64);
  const get = (address, Kind) => bytes.get(address, async got => new Kind(await got.arrayBuffer()));

  const colour = name => {
    const hex = getComputedStyle(document.body).getPropertyValue(name).trim();
    return [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
  };
  const mix = (a, b, t) => a.map((v, i) => Math.round(v + (b[i] - v) * t));
  const shade = (stops, t) => (t < 0.5 ? mix(stops[0], stops[1], t * 2) : mix(stops[1], stops[2], t * 2 - 1));
  drd.colours = () => {
    const zero = colour("--zero"), table = new Uint32Array(256);
    const sides = { 1: [zero, colour("--pos-mid"), colour("--pos")], "-1": [zero, colour("--neg-mid"), colour("--neg")] };
    for (let level = 0; level < 255; level++) {
      const [r, g, b] = shade(sides[level < ZERO ? -1 : 1], Math.abs(level - ZERO) / ZERO);
      table[level] = (255 << 24) | (b << 16) | (g << 8) | r;
    }
    const [r, g, b] = colour("--blank");
    table[BLANK] = (255 << 24) | (b << 16) | (g << 8) | r;
    return table;
  };

  // signed-extreme pooling: of all cells under a pixel the one farthest from zero is shown
  const strength = Uint8Array.from({ length: 256 }, (_, level) => (level === BLANK ? 0 : Math.abs(level - ZERO) + 1));
  const starts = (n, size) => Int32Array.from({ length: size + 1 }, (_, i) => Math.floor((i * n) / size));
  drd.pool = (cells, nRows, nColumns, width, height) => {
    const wide = new Uint8Array(nRows * width), out = new Uint8Array(height * width);
    const columns = starts(nColumns, width), rows = starts(nRows, height);
    for (let row = 0, at = 0; row < nRows; row++) {
      const left = row * nColumns;
      for (let x = 0; x < width; x++, at++) {
        let best = cells[left + columns[x]];
        for (let c = columns[x] + 1; c < columns[x + 1]; c++) if (strength[cells[left + c]] > strength[best]) best = cells[left + c];
        wide[at] = best;
      }
    }
    for (let y = 0; y < height; y++) { // row after row, as they lie in memory
      const top = y * width;
      out.set(wide.subarray(rows[y] * width, (rows[y] + 1) * width), top);
      for (let row = rows[y] + 1; row < rows[y + 1]; row++) {
        for (let x = 0, at = row * width; x < width; x++, at++) if (strength[wide[at]] > strength[out[top + x]]) out[top + x] = wide[at];
      }
    }
    return out;
  };

  drd.scale = element => element.getBoundingClientRect().width / element.offsetWidth || 1; // of a panel that is enlarged
  const paint = view => {
    const { canvas, box, cells, spec, element } = view, dpr = (window.devicePixelRatio || 1) * drd.scale(element);
    const width = Math.max(1, Math.round(box.width * dpr)), height = Math.max(1, Math.round(box.height * dpr));
    const pooled = drd.pool(cells, spec.rows.length, spec.columns.length, width, height);
    const image = new ImageData(width, height), pixels = new Uint32Array(image.data.buffer), table = drd.colours();
    for (let i = 0; i < pooled.length; i++) pixels[i] = table[pooled[i]];
    Object.assign(canvas, { width, height });
    canvas.style.cssText = `left:${box.left}px;top:${box.top}px;width:${box.width}px;height:${box.height}px`;
    canvas.getContext("2d").putImageData(image, 0, 0);
  };

  const cellAt = (view, event) => {
    const { box, spec, element } = view, frame = element.getBoundingClientRect(), by = drd.scale(element);
    const x = ((event.clientX - frame.left) / by - box.left) / box.width, y = ((event.clientY - frame.top) / by - box.top) / box.height;
    if (x < 0 || y < 0 || x >= 1 || y >= 1) return null;
    return { row: Math.floor(y * spec.rows.length), column: Math.floor(x * spec.columns.length) };
  };
  const exact = async (view, { row, column }) => {
    const { spec, order } = view, sign = spec.query ? `${spec.query}&` : "?";
    const values = await get(`${spec.url}.f32${sign}row=${order?.rows?.[row] ?? row}`, Float32Array);
    return values[order?.columns?.[column] ?? column];
  };
  const words = (view, cell, value) => {
    const { spec } = view;
    return [spec.rows[cell.row], spec.columns[cell.column], `${spec.value} ${Number.isNaN(value) ? "not defined" : drd.signed(value)} ${spec.units}`];
  };

  // what the pointer says, beside it
  drd.point = ({ clientX, clientY }, lines) => {
    const pointer = document.getElementById("pointer");
    pointer.style.left = `${Math.min(clientX + 14, innerWidth - 300)}px`;
    pointer.style.top = `${Math.min(clientY + 14, innerHeight - 80)}px`;
    if (lines) pointer.innerHTML = lines.map(line => `<div>${drd.escape(line)}</div>`).join("");
  };
  const hover = async (view, event) => {
    const cell = cellAt(view, event), pointer = document.getElementById("pointer");
    view.hovered = cell;
    pointer.hidden = !cell;
    if (!cell) return;
    pointer.style.left = `${Math.min(event.clientX + 14, innerWidth - 300)}px`;
    pointer.style.top = `${Math.min(event.clientY + 14, innerHeight - 80)}px`;
    const value = await exact(view, cell).catch(() => null);
    if (view.hovered !== cell || value === null) return;
    pointer.innerHTML = words(view, cell, value).map(line => `<div>${drd.escape(line)}</div>`).join("");
  };

  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const press = async (view, event) => {
    const { spec } = view, cursor = view.cursor ?? { row: 0, column: 0 };
    if (event.key === "Enter") return view.choose(spec.rowIds[cursor.row], spec.columnIds[cursor.column]);
    const by = moves[event.key];
    if (!by) return;
    event.preventDefault();
    const within = (value, n) => Math.max(0, Math.min(n - 1, value));
    view.cursor = view.cursor
      ? { row: within(cursor.row + by[0], spec.rows.length), column: within(cursor.column + by[1], spec.columns.length) }
      : cursor;
    drd.outline(view);
    const value = await exact(view, view.cursor).catch(() => null);
    if (value === null || !view.cursor) return;
    document.getElementById("spoken").textContent = words(view, view.cursor, value).join(", ");
  };

  const open = element => {
    const canvas = document.createElement("canvas"), overlay = document.createElementNS(NS, "svg");
    element.replaceChildren(canvas, overlay);
    const view = { element, canvas, overlay, marks: [] };
    element.addEventListener("mousemove", event => hover(view, event));
    element.addEventListener("mouseleave", () => { view.hovered = null; document.getElementById("pointer").hidden = true; });
    element.addEventListener("keydown", event => press(view, event));
    element.addEventListener("blur", () => { view.cursor = null; if (view.cells) drd.outline(view); });
    element.addEventListener("click", event => {
      const cell = cellAt(view, event);
      if (cell) view.choose(view.spec.rowIds[cell.row], view.spec.columnIds[cell.column]);
    });
    new ResizeObserver(() => view.cells && draw(view)).observe(element);
    return view;
  };
  const draw = view => {
    drd.arrange(view);
    paint(view);
    drd.outline(view);
  };

  // rows and columns in another order: what each name, id and cell becomes
  const pick = (values, places) => (values && places ? places.map(i => values[i]) : values);
  const ordered = (spec, { rows, columns } = {}) => ({
    ...spec, rows: pick(spec.rows, rows), rowIds: pick(spec.rowIds, rows), rowMarks: pick(spec.rowMarks, rows),
    columns: pick(spec.columns, columns), columnIds: pick(spec.columnIds, columns),
    strips: spec.strips && Object.fromEntries(Object.entries(spec.strips).map(([name, one]) => [name, { ...one, values: pick(one.values, rows) }])),
  });
  const cellsIn = (cells, spec, { rows, columns } = {}) => {
    if (!rows && !columns) return cells;
    const wide = spec.columns.length, out = new Uint8Array(cells.length);
    for (let y = 0; y < spec.rows.length; y++) {
      const from = (rows ? rows[y] : y) * wide;
      for (let x = 0; x < wide; x++) out[y * wide + x] = cells[from + (columns ? columns[x] : x)];
    }
    return out;
  };

  // the cells left of the diagonal of a symmetric matrix are not sent
  const whole = (drd.wholeMatrix = (cells, n) => {
    const out = new Uint8Array(n * n);
    for (let row = 0, at = 0; row < n; row++) {
      for (let column = row; column < n; column++) out[row * n + column] = out[column * n + row] = cells[at++];
    }
    return out;
  });

  // show a matrix; marks: [{row, column}] of ids to outline, set: columns to tick,
  // order: {rows, columns} places of what is drawn, and key, which tells two orders apart
  drd.matrix = async (id, spec, { marks, choose, order, set = [] }) => {
    const element = document.getElementById(id);
    if (!element || !spec) return;
    let view = views.get(id);
    if (view?.element !== element) views.set(id, (view = open(element)));
    const wanted = { spec, order };
    Object.assign(view, { marks, choose, wanted, set });
    const known = view.cells && view.source?.url === spec.url && view.source.query === spec.query;
    if (known && view.order?.key === order?.key) return drd.outline(view);
    view.coming = bring(view, wanted);
    await view.coming;
  };
  const bring = async (view, wanted) => {
    const { spec, order } = wanted;
    const sent = await get(`${spec.url}.u8${spec.query}`, Uint8Array).catch(error => {
      drd.notice(`A matrix cannot be shown. ${error.message}`);
    });
    if (!sent || view.wanted !== wanted) return;
    const cells = spec.symmetric ? whole(sent, spec.rows.length) : sent;
    Object.assign(view, { source: spec, spec: ordered(spec, order), order, cells: cellsIn(cells, spec, order), cursor: null });
    draw(view);
  };
  drd.repaint = () => { // in other colours
    for (const view of views.values()) if (view.cells && view.element.isConnected && view.element.clientHeight) draw(view);
  };
  drd.matrixFile = async id => { // of what is on its way, when something is
    const view = views.get(id);
    for (let coming; view && coming !== view.coming; ) await (coming = view.coming);
    if (!view?.cells) throw new Error("It is not drawn yet.");
    const file = drd.onPaper(() => { draw(view); return drd.drawing(view); });
    draw(view);
    return file;
  };
  drd.fetchBytes = address => get(address, Uint8Array).catch(() => null);

  drd.drawSimilarity = (left, right, selection) => {
    const [i, j] = selection.pair ?? [selection.target, null];
    const marks = j === null ? [{ row: i }, { column: i }] : [{ row: i }, { column: j }, { row: i, column: j }];
    const choose = (row, column) => drd.go({ target: row, pair: row === column ? null : [row, column] });
    drd.matrix("similarity", left, { marks, choose });
    drd.matrix("compared", right, { marks, choose });
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
