// Around a matrix: where it sits, ticks, names, colour bar, tree and outlines, all as SVG text and
// lines, so that the downloaded drawing is what is on the screen.
(drd => {
  const NAMED = 40; // rows up to which every one carries its name
  const ABOVE = 18, STRIP = 68, TITLE = 26; // px above columns that can be paired, of a strip beside the rows, of a title
  const BRACKETS = 3; // pairs of columns that are drawn
  const text = (x, y, words, more = "") => `<text x="${x}" y="${y}" ${more}>${drd.escape(words)}</text>`;

  drd.arrange = view => {
    const { element, spec } = view, width = element.clientWidth, height = element.clientHeight;
    const classes = spec.kind === "classes", named = (classes ? spec.tree !== undefined : spec.kind === "named") && spec.rows.length <= NAMED && (height - 60) / spec.rows.length >= 11;
    const longest = Math.max(...spec.rows.map(name => name.length));
    const names = named ? Math.min(166, 28 + 6.2 * longest, width * 0.3) : classes ? 42 : 44;
    const tree = spec.tree ? Math.min(56, width * 0.12) : 0;
    const left = tree + names, top = spec.pairs ? ABOVE : 4;
    const aside = Object.keys(spec.strips ?? {}).length * STRIP;
    let wide = width - left - 6 - aside;
    const sideways = spec.sideways && wide / spec.columns.length >= 11 // names of the columns, read from below
      ? Math.min(150, 6.2 * Math.max(...spec.columns.map(name => name.length)), height * 0.6) : 0;
    const below = classes ? 32 : sideways ? sideways + 44 : 52;
    let tall = height - top - below;
    const beside = Math.min(wide - 60, tall), under = Math.min(wide, tall - 22), upright = beside >= under;
    if (classes) wide = tall = upright ? beside : under;
    view.box = { left, top, width: Math.max(1, wide), height: Math.max(1, tall), tree, names, upright, sideways };
    view.overlay.setAttribute("width", width);
    view.overlay.setAttribute("height", height);
    view.overlay.innerHTML = `${labels(view, named)}${bar(view)}${dendrogram(view)}${brackets(view)}${strips(view)}<g></g>`; // outlines go last
  };

  const ticks = (n, size) => {
    const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find(by => n / by <= 8) ?? 1000;
    return Array.from({ length: n }, (_, i) => i).filter(i => i === 0 || ((i + 1) % step === 0 && i * size >= 12));
  };
  const labels = (view, named) => {
    const { box, spec } = view, parts = [];
    const high = box.height / spec.rows.length, wide = box.width / spec.columns.length;
    const every = (n, size, room) => (size >= room ? Array.from({ length: n }, (_, i) => i) : ticks(n, size));
    const short = (name, room) => (name.length > room ? `${name.slice(0, room - 1)}…` : name);
    for (const i of every(spec.rows.length, high, 11)) {
      const all = high >= 11;
      const name = named && all ? short(spec.rows[i], Math.floor((box.names - 20) / 6.2)) : all ? `${spec.rowIds[i]}${spec.rowMarks?.[i] ?? ""}` : i + 1;
      parts.push(text(box.left - 5, box.top + (i + 0.5) * high + 4, name, 'text-anchor="end"'));
    }
    const room = 4 + 6.2 * Math.max(...spec.columnIds.map(id => String(id).length));
    if (box.sideways) {
      const most = Math.floor(box.sideways / 6.2);
      spec.columns.forEach((name, i) => parts.push(`<text transform="translate(${box.left + (i + 0.5) * wide + 4} ${box.top + box.height + 6}) rotate(-90)" text-anchor="end">${drd.escape(short(name, most))}</text>`));
    } else for (const i of every(spec.columns.length, wide, room)) {
      parts.push(text(box.left + (i + 0.5) * wide, box.top + box.height + 13, wide >= room || spec.inOrder ? spec.columnIds[i] : i + 1, 'text-anchor="middle"'));
    }
    if (spec.xTitle) {
      const rank = wide >= room || spec.inOrder || box.sideways ? "" : "rank of ";
      parts.push(text(box.left + box.width / 2, box.top + box.height + (box.sideways ? box.sideways + 20 : 28), rank + spec.xTitle, 'text-anchor="middle"'));
      if (spec.yTitle) parts.push(`<text transform="translate(${box.tree + 11} ${box.top + box.height / 2}) rotate(-90)" text-anchor="middle">${drd.escape(high >= 11 ? spec.yTitle : spec.yRank ?? spec.yTitle)}</text>`);
    }
    return parts.join("");
  };

  const bar = ({ box, spec, element }) => {
    const id = `bar-${element.id}`, css = getComputedStyle(document.body), upright = spec.kind === "classes" && box.upright;
    const stops = ["--neg", "--neg-mid", "--zero", "--pos-mid", "--pos"].map((name, i) => `<stop offset="${i * 25}%" stop-color="${css.getPropertyValue(name).trim()}"/>`);
    const pooled = spec.columns.length > box.width || spec.rows.length > box.height;
    const low = `−${drd.number(spec.limit)}`, high = `+${drd.number(spec.limit)}`;
    const gradient = `<defs><linearGradient id="${id}"${upright ? ' x1="0" x2="0" y1="1" y2="0"' : ""}>${stops.join("")}</linearGradient></defs>`;
    const strip = (x, y, wide, tall) => `<rect x="${x}" y="${y}" width="${wide}" height="${tall}" fill="url(#${id})"/>`;
    if (upright) {
      const x = box.left + box.width + 10, tall = Math.min(box.height, 110), y = box.top;
      const middle = `transform="translate(${x + 24} ${y + tall / 2}) rotate(-90)" text-anchor="middle"`;
      return gradient + strip(x, y, 9, tall) + text(x + 13, y + 9, high) + text(x + 13, y + tall, low) + text(0, 0, spec.value, middle);
    }
    const y = spec.kind === "classes" ? box.top + box.height + 38 : element.clientHeight - 12, x = box.left + 8 * low.length - 4, wide = 90;
    return gradient + text(x - 5, y + 8, low, 'text-anchor="end"') + strip(x, y, wide, 9)
      + text(x + wide + 5, y + 8, `${high}  ${spec.value}${spec.units && ` (${spec.units})`}${pooled ? ", strongest under each pixel" : ""}`);
  };

  // the columns that are opposed in both orders, joined above
  const middle = ({ box, spec }, id) => {
    const place = spec.columnIds.indexOf(id);
    return place < 0 ? null : box.left + ((place + 0.5) * box.width) / spec.columnIds.length;
  };
  const brackets = view => (view.spec.pairs ?? []).slice(0, BRACKETS).map(([a, b], i) => {
    const [from, to] = [middle(view, a), middle(view, b)], y = 2 + 3 * i;
    if (from === null || to === null) return "";
    return `<path class="bracket" d="M${from} ${ABOVE - 8}V${y}H${to}V${ABOVE - 8}" fill="none" stroke="currentColor"><title>channels ${a} and ${b}, opposed in both orders</title></path>`;
  }).join("");

  // numbers of the rows: a bar from 0, or a place between the lowest and the highest
  const strips = ({ box, spec }) => Object.entries(spec.strips ?? {}).map(([name, { values, bar, units }], i) => {
    const known = values.filter(value => value !== null);
    if (!known.length) return "";
    const x = box.left + box.width + i * STRIP + 14, wide = STRIP - 16, high = box.height / values.length;
    const digits = 3, says = value => (bar && Number.isInteger(value) ? value : drd.number(value, digits)); // counts as they are
    const low = bar ? 0 : Math.min(...known), most = Math.max(...known);
    const top = !bar && says(low) === says(most) ? low : most; // what reads alike stands alike
    const across = value => (top > low ? (value - low) / (top - low) : bar ? 0 : 0.5) * wide;
    const marks = values.map((value, row) => {
      if (value === null) return "";
      const y = box.top + row * high, thick = Math.max(1, high * (high > 4 ? 0.7 : 1));
      return bar ? `<rect x="${x}" y="${y + (high - thick) / 2}" width="${across(value).toFixed(1)}" height="${thick}" fill="currentColor" opacity="0.45"/>`
        : `<circle cx="${(x + across(value)).toFixed(1)}" cy="${y + high / 2}" r="${Math.min(3, Math.max(1.2, high / 3))}" fill="currentColor"/>`;
    });
    const foot = box.top + box.height;
    const range = low === top ? says(top) : `${says(low)}–${says(top)}`;
    return `<g class="strip"><path d="M${x} ${box.top}V${foot}" stroke="currentColor" opacity="0.3"/>${marks.join("")}</g>`
      + text(x + wide / 2, foot + 13, name + (units && `, ${units}`), 'text-anchor="middle"') + text(x + wide / 2, foot + 28, range, 'text-anchor="middle"');
  }).join("");

  const dendrogram = ({ box, spec }) => {
    if (!spec.tree) return "";
    const high = (box.height * spec.leaves) / spec.rows.length;
    return `<g transform="translate(3 ${box.top}) scale(${box.tree - 8} ${high / spec.leaves})"><path class="tree" d="${spec.tree}" fill="none" stroke="currentColor" vector-effect="non-scaling-stroke"/></g>`;
  };

  const rectangle = ({ box, spec }, row, column, more) => {
    const high = box.height / spec.rows.length, wide = box.width / spec.columns.length;
    const [y, h] = row === null ? [0, box.height] : [row * high, high];
    const [x, w] = column === null ? [0, box.width] : [column * wide, wide];
    const [fullW, fullH] = [Math.max(3, w), Math.max(3, h)];
    return `<rect x="${box.left + x - (fullW - w) / 2}" y="${box.top + y - (fullH - h) / 2}" width="${fullW}" height="${fullH}" fill="none" ${more}/>`;
  };
  drd.outline = view => {
    const { spec, cursor } = view, parts = [];
    for (const mark of view.marks) {
      const row = mark.row === undefined ? null : spec.rowIds.indexOf(mark.row);
      const column = mark.column === undefined ? null : spec.columnIds.indexOf(mark.column);
      if (row === -1 || column === -1) continue;
      const cell = row !== null && column !== null;
      parts.push(rectangle(view, row, column, `class="mark" stroke="currentColor" stroke-width="${cell ? 2.5 : 1.4}"`));
    }
    for (const id of view.set ?? []) {
      const x = middle(view, id), y = view.box.top - 1;
      if (x !== null) parts.push(`<path class="tick" d="M${x - 4} ${y - 7}h8L${x} ${y}Z" fill="var(--accent)"/>`);
    }
    if (cursor) parts.push(rectangle(view, cursor.row, cursor.column, 'stroke="currentColor" stroke-width="2" stroke-dasharray="3 2"'));
    view.overlay.lastChild.innerHTML = parts.join("");
  };

  // the drawing as a file of its own
  drd.drawing = ({ element, canvas, box, spec, overlay }) => {
    const size = { width: element.clientWidth, height: element.clientHeight + TITLE };
    return drd.file(spec.title, size, `<g transform="translate(0 ${TITLE})" fill="currentColor" font-size="11">
      <image x="${box.left}" y="${box.top}" width="${box.width}" height="${box.height}" preserveAspectRatio="none" href="${canvas.toDataURL()}"/>${overlay.innerHTML}</g>`);
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
