// The similarity of classes and a second matrix in the same order, beside their tree.
(drd => {
  const NS = "http://www.w3.org/2000/svg";
  const ABOVE = 10, BELOW = 60, BAR = 50, APART = 14, ROOM = 16, LINE = 10.5; // px: frame, colour bar, gap, least cell with its id, and with its name
  const text = (x, y, words, more = "") => `<text x="${x}" y="${y}" ${more}>${drd.escape(words)}</text>`;
  const TWICE = 300; // ms in which a second click may come
  const byAddress = () => drd.cohortAnswers();

  drd.drawMatrices = (now, place) => {
    if (!place?.clientHeight) return;
    const view = place.drdView?.place === place ? place.drdView : open(place);
    Object.assign(view, { now, cursor: null });
    // what another pair leaves as it is
    const { from, to, cut, told, levels, selection } = now, size = [place.clientWidth, place.clientHeight, drd.scale(place), drd.shownTheme()];
    if (anew(view, "arranged", [told, from, to, cut, now.right, selection.find, ...size])) arrange(view);
    if (anew(view, "painted", [levels, from, to, view.boxes[0].size, ...(selection.brush ?? []), ...size])) { paint(view, 0); paint(view, 1); }
    outline(view);
    say(now);
  };

  const anew = (drd.changedSince = (view, name, parts) => {
    const before = view[name];
    view[name] = parts;
    return !before || before.length !== parts.length || before.some((one, i) => one !== parts[i]);
  });
  const open = place => {
    const svg = document.createElementNS(NS, "svg"), canvases = [0, 1].map(() => document.createElement("canvas"));
    const over = document.createElementNS(NS, "svg"), dots = [0, 1].map(() => Object.assign(document.createElement("canvas"), { className: "dots" }));
    place.replaceChildren(svg, ...canvases, ...dots, over);
    Object.assign(place, { tabIndex: 0, drdView: { place, svg, over, canvases, dots } });
    place.setAttribute("role", "application");
    place.setAttribute("aria-label", "Similarity of classes and a second matrix. Arrow keys move, Enter compares two classes, z zooms to their cluster, Escape zooms out.");
    const view = place.drdView, pointer = () => document.getElementById("pointer");
    place.addEventListener("mousemove", event => hover(view, event));
    place.addEventListener("mouseleave", () => { view.hovered = null; pointer().hidden = true; outline(view); });
    place.addEventListener("click", event => {
      const zoom = event.target.dataset?.zoom, at = where(view, event);
      if (zoom) return drd.zoomTo(...zoom.split(",").map(Number));
      clearTimeout(view.opening);
      if (!at?.cell) return;
      const open = () => drd.openCell(at.row, at.column);
      if (at.row === at.column) view.opening = setTimeout(open, TWICE); // else the second click finds another page
      else open();
    });
    place.addEventListener("dblclick", event => {
      const at = where(view, event);
      clearTimeout(view.opening);
      if (at) drd.zoomAround(at.row, at.column ?? at.row);
    });
    place.addEventListener("keydown", event => press(view, event));
    place.addEventListener("blur", () => { view.cursor = null; outline(view); });
    new ResizeObserver(() => drd.redrawMatrices()).observe(place);
    return view;
  };

  // boxes of both matrices: { left, top, size, high }
  const arrange = view => {
    const { place, svg, over, now } = view, width = place.clientWidth, height = place.clientHeight, n = now.to - now.from + 1;
    const tall = height - ABOVE - BELOW, fits = room => Math.max(60, Math.min(tall, (width - room.all - 2 * BAR - APART) / 2));
    const rooms = ["whole", "ids", "none"].map(named => drd.besideRoom(now, width, named));
    const room = rooms.find(one => fits(one) / n >= LINE) ?? rooms[2], size = fits(room);
    view.room = room;
    view.boxes = [0, 1].map(i => ({ left: room.all + i * (size + BAR + APART), top: ABOVE, size, high: size / n }));
    for (const one of [svg, over]) { one.setAttribute("width", width); one.setAttribute("height", height); }
    svg.innerHTML = drawing(view);
  };
  const drawing = ({ boxes, room, now }) => drd.beside(now, boxes[0], room) + boxes.map((box, i) => axes(box, i, now)).join("");
  const about = (now, i) => now.told.matrices[i ? now.right : "similarity"];
  const axes = ({ left, top, size, high }, i, now) => {
    const { title, value, limit } = about(now, i), foot = top + size, id = `classes-bar-${i}`, parts = [];
    const css = name => `var(${name})`, colours = ["--neg", "--neg-mid", "--zero", "--pos-mid", "--pos"];
    const n = now.to - now.from + 1, step = Math.ceil(ROOM / high);
    for (let k = 0; k < n; k += step) if (high >= ROOM / 2 || n > 8) parts.push(text((left + (k + 0.5) * high).toFixed(1), foot + 13, high >= ROOM ? now.ids[now.from + k] : "", 'text-anchor="middle"'));
    parts.push(text(left + size / 2, foot + (high >= ROOM ? 28 : 15), "class, in the order of the tree", 'text-anchor="middle"'));
    parts.push(text(left, foot + (high >= ROOM ? 45 : 33), title, 'class="strong"'));
    const x = left + size + 8, tall = Math.min(size, 120);
    parts.push(`<defs><linearGradient id="${id}" x1="0" x2="0" y1="1" y2="0">${colours.map((name, k) => `<stop offset="${25 * k}%" stop-color="${css(name)}"/>`).join("")}</linearGradient></defs><rect x="${x}" y="${top}" width="9" height="${tall}" fill="url(#${id})"/>`);
    parts.push(text(x + 12, top + 9, `+${drd.number(limit, 2)}`), text(x + 12, top + tall, `−${drd.number(limit, 2)}`));
    parts.push(text(0, 0, value, `transform="translate(${x + 24} ${top + tall / 2}) rotate(-90)" text-anchor="middle"`));
    if (size < n) parts.push(text(left, foot + 48, "strongest under each pixel"));
    return parts.join("");
  };

  const paint = (view, i) => {
    const { now, boxes, canvases } = view, { left, top, size } = boxes[i], canvas = canvases[i];
    const { whole } = now.levels[i ? "right" : "similarity"], all = now.ids.length, n = now.to - now.from + 1;
    const px = Math.max(1, Math.round(size * (window.devicePixelRatio || 1) * drd.scale(view.place)));
    const cells = n === all ? whole : part(whole, all, now.from, n), pooled = drd.pool(cells, n, n, px, px);
    const image = new ImageData(px, px), pixels = new Uint32Array(image.data.buffer), table = drd.colours();
    for (let k = 0; k < pooled.length; k++) pixels[k] = table[pooled[k]];
    Object.assign(canvas, { width: px, height: px });
    canvas.style.cssText = `left:${left}px;top:${top}px;width:${size}px;height:${size}px`;
    canvas.getContext("2d").putImageData(image, 0, 0);
    mark(view, i, px);
  };
  const part = (whole, all, from, n) => {
    const out = new Uint8Array(n * n);
    for (let row = 0; row < n; row++) out.set(whole.subarray((from + row) * all + from, (from + row) * all + from + n), row * n);
    return out;
  };
  // a dot in each cell of a pair inside the rectangle of the scatter plot
  const mark = (view, i, px) => {
    const { now, boxes, dots } = view, { left, top, size } = boxes[i], canvas = dots[i], inside = drd.insideBrush(now);
    canvas.hidden = !inside;
    if (!inside) return;
    const n = now.to - now.from + 1, cell = px / n, wide = Math.max(1, Math.min(8, Math.round(cell * 0.4))), edge = wide > 2 ? 1 : 0;
    Object.assign(canvas, { width: px, height: px });
    canvas.style.cssText = `left:${left}px;top:${top}px;width:${size}px;height:${size}px`;
    const image = new ImageData(px, px), pixels = new Uint32Array(image.data.buffer), all = now.ids.length;
    const fill = (middle, half, colour, other) => { // squares pixel by pixel: there may be hundreds of thousands
      const [x0, y0] = [other, middle].map(one => Math.max(0, Math.round(one - half)));
      const [x1, y1] = [x0, y0].map(one => Math.min(px, one + Math.max(1, Math.round(2 * half))));
      for (let y = y0; y < y1; y++) pixels.fill(colour, y * px + x0, y * px + x1);
    };
    const [around, within] = ["--panel", "--accent"].map(packed);
    for (let row = 0; row < n; row++) {
      for (let column = 0; column < n; column++) {
        if (!inside(now.from + row, now.from + column, all)) continue;
        const [y, x] = [(row + 0.5) * cell, (column + 0.5) * cell];
        if (edge) fill(y, wide / 2 + edge, around, x);
        fill(y, wide / 2, within, x);
      }
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
  };
  const packed = name => { // a colour of the style sheet as a pixel
    const [r, g, b] = [1, 3, 5].map(at => parseInt(getComputedStyle(document.body).getPropertyValue(name).trim().slice(at, at + 2), 16));
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  };

  const outline = view => {
    const { now, boxes, over, hovered, cursor } = view;
    if (!boxes) return;
    const at = (row, column) => boxes.map(({ left, top, high }) => `<rect x="${left + (column - now.from) * high - 1}" y="${top + (row - now.from) * high - 1}" width="${Math.max(3, high) + 2}" height="${Math.max(3, high) + 2}"`).map(one => `${one} fill="none"`);
    const shown = row => row >= now.from && row <= now.to, parts = [];
    const cross = ({ row, column }, more) => boxes.map(({ left, top, size, high }) => {
      const [x, y] = [left + (column - now.from + 0.5) * high, top + (row - now.from + 0.5) * high];
      return `<path d="M${left} ${y}H${left + size}M${x} ${top}V${top + size}" ${more}/>`;
    }).join("");
    if (now.pair?.every(shown)) {
      const [i, j] = now.pair;
      for (const one of [...at(i, j), ...at(j, i)]) parts.push(`${one} stroke="currentColor" stroke-width="2"/>`);
    }
    const looked = cursor ?? (hovered?.cell ? hovered : null);
    if (looked) parts.push(cross(looked, 'stroke="currentColor" stroke-width="1" opacity="0.45" fill="none"'), ...at(looked.row, looked.column).map(one => `${one} stroke="currentColor" stroke-dasharray="3 2"/>`));
    for (const row of now.found) {
      if (!shown(row)) continue;
      for (const { left, top, high } of boxes) parts.push(`<path d="M${left + (row - now.from + 0.5) * high - 4} ${top - 8}h8l-4 6Z" fill="var(--accent)"/>`);
    }
    over.innerHTML = parts.join("");
  };

  // { row, column, cell, x } under the pointer, by place in the order
  const where = ({ place, boxes, now, room }, event) => {
    const frame = place.getBoundingClientRect(), by = drd.scale(place);
    const x = (event.clientX - frame.left) / by, y = (event.clientY - frame.top) / by, row = now.from + Math.floor((y - boxes[0].top) / boxes[0].high);
    if (y < boxes[0].top || row > now.to) return null;
    const box = boxes.find(({ left, size }) => x >= left && x < left + size);
    if (box) return { row, column: now.from + Math.floor((x - box.left) / box.high), cell: true, x };
    return x < room.all ? { row, cell: false, x } : null;
  };
  const exact = async (now, { row, column }) => {
    const values = await Promise.all(["similarity", now.right].map(name => byAddress().get(drd.cohortAddress(`${name}.f32`, { row }), async got => new Float32Array(await got.arrayBuffer()))));
    return values.map((one, i) => `${about(now, i).value} ${Number.isNaN(one[column]) ? "not defined" : drd.signed(one[column])}`);
  };
  const names = ({ ids, names: all }, { row, column }) => [...new Set([row, column])].map(i => `${ids[i]} ${all[i]}`);
  const hover = async (view, event) => {
    const at = where(view, event), pointer = document.getElementById("pointer"), { now } = view;
    if (at && view.hovered && at.row === view.hovered.row && at.column === view.hovered.column && at.cell && view.said) return drd.point(event);
    Object.assign(view, { hovered: at, said: null });
    outline(view);
    pointer.hidden = !at;
    view.place.style.cursor = at?.cell ? "crosshair" : event.target.dataset?.zoom ? "zoom-in" : "default";
    if (!at) return;
    drd.point(event, at.cell ? names(now, at) : drd.besideWords(now, at.x, at.row));
    if (!at.cell) return;
    const values = await exact(now, at).catch(() => null);
    if (view.hovered !== at || !values) return;
    view.said = values;
    drd.point(event, [...names(now, at), ...values]);
  };
  const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const press = async (view, event) => {
    const { now } = view, [i, j] = now.pair ?? [now.from, now.from], at = view.cursor ?? { row: i, column: j };
    if (event.key === "Enter") return drd.openCell(at.row, at.column);
    if (event.key === "z") return drd.zoomAround(at.row, at.column);
    const by = MOVES[event.key];
    if (!by) return;
    event.preventDefault();
    const within = value => Math.max(now.from, Math.min(now.to, value));
    view.cursor = view.cursor ? { row: within(at.row + by[0]), column: within(at.column + by[1]) } : { row: within(at.row), column: within(at.column) };
    outline(view);
    const { cursor } = view, values = await exact(now, cursor).catch(() => []);
    if (view.cursor === cursor) document.getElementById("spoken").textContent = [...names(now, cursor), ...values].join(", ");
  };

  // classes without a similarity, in words
  const say = ({ told, run }) => {
    const line = document.querySelector(".classes-page .left-out");
    line.hidden = !told.blank.length;
    const named = told.blank.slice(0, 8).map(id => `${id} ${run.names[run.targets.indexOf(id)]}`).join(", ");
    line.textContent = `${told.blank.length === 1 ? "One class is" : `${told.blank.length} classes are`} blank, last and outside the tree, because the positive part of their OFIV is constant or unknown: ${named}${told.blank.length > 8 ? " …" : ""}.`;
  };

  drd.cohortFiles ??= {}; // panel -> its picture as a file
  Object.assign(drd.cohortFiles, {
    scatter: () => drd.pairsFile(),
    why: () => drd.pairFile(),
    matrices: () => drd.onPaper(() => {
      const { place } = document.querySelector(".classes-page .matrices-plot").drdView;
      drd.redrawMatrices();
      const { boxes, canvases, svg, over } = place.drdView, pictures = canvases.map((canvas, i) => `<image x="${boxes[i].left}" y="${boxes[i].top}" width="${boxes[i].size}" height="${boxes[i].size}" href="${canvas.toDataURL()}"/>`);
      return drd.file(document.title, { width: place.clientWidth, height: place.clientHeight + 30 }, `<g transform="translate(4 26)" fill="currentColor" font-size="11">${svg.innerHTML}${pictures.join("")}${over.innerHTML}</g>`);
    }),
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
