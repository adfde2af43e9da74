// Draws a figure of the server as SVG text: bars, lines and points on one or two pairs of axes, in
// the words of plotly, which itself takes ten times as long.
(drd => {
  const ARRAYS = { f8: Float64Array, f4: Float32Array, i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array, i4: Int32Array, u4: Uint32Array };
  const DASHES = { dash: "9 5", dot: "2 4" };
  const REACH = 10; // px from a point in which the pointer still finds it
  const UP = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const { abs, floor, log10, max, min } = Math;

  const list = values => {
    if (!values?.bdata) return Array.isArray(values) ? values : [];
    return Array.from(new ARRAYS[values.dtype](Uint8Array.from(atob(values.bdata), c => c.charCodeAt(0)).buffer));
  };
  const known = value => value !== null && Number.isFinite(value);
  const px = value => Math.round(value * 10) / 10;
  const text = (x, y, words, more = "") => `<text x="${px(x)}" y="${px(y)}" ${more}>${drd.escape(words)}</text>`;
  const unpacked = figure => figure.data.filter(trace => trace.opacity !== 0).map(trace => ({ ...trace, x: list(trace.x), y: list(trace.y), ids: list(trace.customdata) }));

  // lowest and highest value of the traces on an axis, with room beyond them
  const spread = (traces, letter, zero) => {
    const values = traces.flatMap(trace => trace[letter].flatMap((value, i) => {
      const { visible, array, arrayminus } = (letter === "y" && trace.error_y) || {};
      return visible ? [value - trace.less[i], value + trace.more[i]] : [value];
    })).filter(known);
    if (zero) values.push(0);
    const low = min(...values), high = max(...values), pad = 0.05 * (high - low);
    if (!(high > low)) return known(low) && low ? [min(0, 2 * low), max(0, 2 * low)] : [0, 1];
    return [zero && low === 0 ? 0 : low - pad, zero && high === 0 ? 0 : high + pad];
  };
  const axisOf = (letter, n, told, traces, box) => {
    const across = letter === "x", [from, to] = told.domain ?? [0, 1], log = told.type === "log";
    const start = across ? box.l + from * box.w : box.t + (1 - from) * box.h, length = (to - from) * (across ? box.w : -box.h);
    const mine = traces.filter(trace => (trace[`${letter}axis`] ?? letter).slice(1) === n);
    const bars = letter === "y" && mine.some(trace => trace.type === "bar");
    const [low, high] = told.range ?? spread(mine, letter, bars || told.rangemode === "tozero");
    const at = value => start + (((log ? log10(value) : value) - low) / (high - low)) * length;
    const value = pixel => low + ((pixel - start) / length) * (high - low);
    return { ...told, across, log, start, length, low, high, at, value };
  };

  // [place, label] of each tick, and the power of ten that the title says
  const ticks = axis => {
    const { low, high, length, across, nticks } = axis;
    const set = list(axis.tickvals);
    if (set.length) return { power: "", all: set.map((value, i) => [value, list(axis.ticktext)[i] ?? value]).filter(([value]) => abs(axis.at(value) - axis.start - length / 2) <= abs(length) / 2 + 0.5) };
    const rough = (high - low) / max(1, min(nticks ?? 9, abs(length) / (across ? 70 : 24))), unit = 10 ** floor(log10(rough));
    const step = [1, 2, 5, 10].find(by => by * unit >= rough) * unit, found = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) found.push(i * step);
    const most = max(...found.map(abs)), power = most && (most < 1e-2 || most >= 1e5) ? floor(log10(most)) : 0;
    const digits = max(0, -floor(log10(step) - power + 1e-9));
    const raised = power ? `×10${power < 0 ? "⁻" : ""}${[...String(abs(power))].map(digit => UP[digit]).join("")}` : "";
    const number = value => (abs(value) < step / 1e6 ? "0" : (value / 10 ** power).toFixed(digits).replace("-", "−"));
    return { power: raised, all: found.map(value => [value, number(value) + (axis.title?.text ? "" : raised)]) };
  };
  // the power of ten stands before the unit, where there is one
  const titled = (words, power) => (!power || !words ? words : words.includes("(") ? words.replace(/\((?=[^(]*$)/, `(${power} `) : `${words} (${power})`);
  // a title that is read from the right; its unit on a line of its own where one line has no room
  const upright = (title, middle, room, font) => {
    const at = title.indexOf(" ("), two = at > 0 && 6.2 * title.length > room + 8;
    const line = (x, words) => `<text transform="translate(${x} ${px(max(middle, 3.1 * words.length))}) rotate(-90)" ${font}>${words}</text>`; // not above the drawing
    return two ? line(10, title.slice(0, at)) + line(24, title.slice(at + 1)) : line(14, title);
  };
  const drawAxis = (axis, box) => {
    if (axis.visible === false) return "";
    const { across, start, length } = axis, middle = start + length / 2, bottom = box.t + box.h, size = axis.tickfont?.size ?? 11;
    const end = across ? [start + length, 0] : [0, start + length];
    const { power, all } = ticks(axis), parts = all.map(([value, label]) => {
      const at = px(axis.at(value));
      if (!across) return (axis.showgrid === false ? "" : `<path d="M${box.l} ${at}h${box.w}" stroke="${axis.gridcolor}"/>`) + text(box.l - 6, at + 4, label, `font-size="${size}" text-anchor="end"`);
      if (axis.tickangle) return `<text transform="translate(${at + 4} ${bottom + 5}) rotate(-90)" font-size="${size}" text-anchor="end">${drd.escape(label)}</text>`;
      return text(at, bottom + 15, label, `font-size="${size}" text-anchor="middle"`);
    });
    if (axis.zeroline && axis.low <= 0 && axis.high >= 0 && !across) parts.push(`<path d="M${box.l} ${px(axis.at(0))}h${box.w}" stroke="${axis.zerolinecolor}"/>`);
    const title = drd.escape(titled(axis.title?.text ?? "", power)), font = `font-size="${axis.title?.font?.size ?? 12}" text-anchor="middle"`;
    parts.push(across ? `<text x="${px(middle)}" y="${bottom + (axis.tickangle ? 36 : 31) + (axis.drop ?? 0)}" ${font}>${title}</text>` : upright(title, middle, abs(length), font));
    return parts.join("");
  };

  // places in the words of plotly: data, a share of the figure or of an axis
  const placed = (axes, box, letter, ref, value) => {
    const across = letter === "x";
    if (ref === "paper") return across ? box.l + value * box.w : box.t + (1 - value) * box.h;
    const axis = axes[(ref ?? letter).split(" ")[0]];
    return ref?.endsWith("domain") ? axis.start + value * axis.length : axis.at(value);
  };
  const shape = (one, axes, box) => {
    const [a, b] = [one.x0, one.x1].map(value => placed(axes, box, "x", one.xref, value)), [c, d] = [one.y0, one.y1].map(value => placed(axes, box, "y", one.yref, value));
    const { width, color, dash } = one.line ?? {};
    return `<rect x="${px(max(box.l, min(a, b)))}" y="${px(max(box.t, min(c, d)))}" width="${px(max(0, min(box.l + box.w, max(a, b)) - max(box.l, min(a, b))))}" height="${px(abs(d - c))}" fill="${one.fillcolor ?? "none"}" opacity="${one.opacity ?? 1}" stroke="${color}" stroke-width="${width}" stroke-dasharray="${DASHES[dash] ?? "none"}"/>`;
  };
  const words = (one, axes, box) =>
    text(placed(axes, box, "x", one.xref, one.x), placed(axes, box, "y", one.yref, one.y) + 4, one.text, `font-size="${one.font?.size ?? 12}" text-anchor="middle"`);

  const bars = (trace, x, y, hit) => {
    const half = (trace.width ?? 0.8) / 2, zero = y.log ? y.start : y.at(0), whiskers = [], { error_y: error } = trace;
    const d = trace.x.map((value, i) => {
      if (!known(trace.y[i]) || (y.log && trace.y[i] <= 0)) return "";
      const from = px(x.at(value - half)), to = px(x.at(value + half)), top = px(y.at(trace.y[i])), middle = px((from + to) / 2);
      hit(i, { x: middle, half: max(3, (to - from) / 2), y: top });
      if (error?.visible) {
        const [low, high] = [y.at(trace.y[i] - trace.less[i]), y.at(trace.y[i] + trace.more[i])].map(px);
        whiskers.push(`M${middle} ${low}V${high}M${middle - 2} ${low}h4M${middle - 2} ${high}h4`);
      }
      return `M${from} ${px(zero)}V${top}H${to}V${px(zero)}Z`;
    }).join("");
    return `<path class="bars" d="${d}" fill="${trace.marker.color}"/>` + (whiskers.length ? `<path d="${whiskers.join("")}" stroke="${error.color}" stroke-width="${error.thickness}" fill="none"/>` : "");
  };
  const lines = (trace, x, y, clip) => {
    const stepped = trace.line?.shape === "hvh", edge = y.start + 9; // a count below the axis, of 0 even
    let before = null;
    const d = trace.x.map((value, i) => {
      if (!known(value) || !known(trace.y[i])) return (before = null) ?? "";
      const at = [px(x.log ? max(x.start - 9, x.at(value)) : x.at(value)), px(y.log ? min(edge, y.at(trace.y[i])) : y.at(trace.y[i]))], from = before;
      before = at;
      if (!from) return `M${at[0]} ${at[1]}`;
      return stepped ? `H${px((from[0] + at[0]) / 2)}V${at[1]}${i === trace.x.length - 1 ? `H${at[0]}` : ""}` : `L${at[0]} ${at[1]}`;
    }).join("");
    return `<path d="${d}" clip-path="${clip}" fill="none" stroke="${trace.line.color}" stroke-width="${trace.line.width}" stroke-dasharray="${DASHES[trace.line.dash] ?? "none"}" stroke-linejoin="round"/>`;
  };
  const SYMBOLS = {
    circle: (x, y, r) => `M${px(x - r)} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`,
    diamond: (x, y, r) => `M${px(x - 1.3 * r)} ${y}L${x} ${px(y - 1.3 * r)}L${px(x + 1.3 * r)} ${y}L${x} ${px(y + 1.3 * r)}Z`,
    "triangle-up": (x, y, r) => `M${px(x - 1.15 * r)} ${px(y + 0.6 * r)}h${px(2.3 * r)}L${x} ${px(y - 1.3 * r)}Z`,
    "line-ns": (x, y, r) => `M${x} ${px(y - r)}v${2 * r}`,
  };
  const points = (trace, x, y, hit) => {
    const { symbol = "circle", size = 6, color = trace.line?.color, opacity = 1 } = trace.marker, form = SYMBOLS[symbol.replace("-open", "")], sizes = list(size);
    const d = trace.x.map((value, i) => {
      const r = (sizes[i] ?? size) / 2;
      if (!known(value) || !known(trace.y[i])) return "";
      const at = [px(x.at(value)), px(y.at(trace.y[i]))];
      hit(i, { x: at[0], y: at[1], half: 0 });
      return r ? form(...at, r) : "";
    }).join("");
    const filled = symbol.endsWith("-open") ? `fill="none" stroke="${color}" stroke-width="1.5"` : `fill="${color}"`;
    return `<path d="${d}" ${filled} opacity="${opacity}"/>`;
  };

  // what the pointer says of one value: the lines of the template
  const format = (digits, value) => (typeof value === "number" && digits ? drd.number(value, digits) : value ?? "");
  const told = (trace, i) => {
    const values = { x: trace.x[i], y: trace.y[i], customdata: trace.ids[i], text: list(trace.text)[i] ?? trace.text };
    const template = trace.hovertemplate ?? "%{text}";
    return template.replace(/%\{(\w+)(?::\.(\d)g)?\}/g, (_, name, digits) => format(Number(digits), values[name])).split("<br>").map(line => line.replace(/<\/?(b|extra)>/g, ""));
  };

  // returns the drawing, its axes, and what lies where
  drd.drawFigure = ({ data, layout }, id, { width, height }) => {
    const { l, r, t, b } = layout.margin, box = { l, t, w: max(1, width - l - r), h: max(1, height - t - b) };
    const traces = unpacked({ data }), axes = {}, hits = [];
    for (const trace of traces) {
      if (trace.error_y) Object.assign(trace, { more: list(trace.error_y.array), less: list(trace.error_y.arrayminus) });
    }
    for (const key of Object.keys(layout)) {
      const [, letter, n] = key.match(/^([xy])axis(\d*)$/) ?? [];
      if (letter) axes[letter + n] = axisOf(letter, n, layout[key], traces, box);
    }
    const drawn = traces.map((trace, place) => {
      const x = axes[trace.xaxis ?? "x"], y = axes[trace.yaxis ?? "y"], clip = `url(#clip-${id}-${trace.yaxis ?? "y"}${trace.xaxis ?? "x"})`, silent = trace.hoverinfo === "skip";
      const hit = silent ? () => {} : (i, at) => hits.push({ ...at, trace, i, place });
      if (trace.type === "bar") return bars(trace, x, y, hit);
      const mode = trace.mode ?? "lines";
      return (mode.includes("lines") ? lines(trace, x, y, clip) : "") + (mode.includes("markers") ? points(trace, x, y, hit) : "");
    });
    const clips = Object.keys(axes).filter(name => name[0] === "y").flatMap(y => Object.keys(axes).filter(name => name[0] === "x").map(x => {
      const [across, up] = [axes[x], axes[y]];
      return `<clipPath id="clip-${id}-${y}${x}"><rect x="${px(across.start)}" y="${px(up.start + up.length)}" width="${px(across.length)}" height="${px(-up.length)}"/></clipPath>`;
    }));
    const under = (layout.shapes ?? []).map(one => shape(one, axes, box)), over = (layout.annotations ?? []).map(one => words(one, axes, box));
    const frame = `<rect class="field" x="${l}" y="${t}" width="${px(box.w)}" height="${px(box.h)}" fill="none" pointer-events="all"/>`;
    const all = Object.values(axes).map(axis => drawAxis(axis, box));
    return { drawing: `<g fill="${layout.font.color}">${clips.join("")}${frame}${all.join("")}${under.join("")}${drawn.join("")}${over.join("")}</g>`, axes, box, hits };
  };
  // the value under the pointer: the nearest point, else the bar of that column
  drd.under = ({ hits, box }, x, y) => {
    if (x < box.l - REACH || x > box.l + box.w + REACH || y < box.t || y > box.t + box.h) return null;
    const near = hits.filter(one => !one.half).map(one => [Math.hypot(one.x - x, one.y - y), one]).reduce((a, b) => (b[0] < a[0] ? b : a), [REACH, null])[1];
    const found = near ?? hits.find(one => one.half && abs(one.x - x) <= one.half);
    return found ? { lines: told(found.trace, found.i), channel: found.trace.ids[found.i] } : null;
  };
  // names of the traces with their colour and form, in a row that ends at x
  drd.legend = ({ data }, x, y) => {
    const named = data.filter(trace => trace.name && trace.showlegend !== false && trace.opacity !== 0);
    let right = x;
    return named.reverse().map(trace => {
      right -= 6.3 * trace.name.length + 34;
      const { line, marker } = trace, sign = trace.type === "bar" ? `<rect x="${right}" y="${y - 9}" width="20" height="9" fill="${marker.color}"/>`
        : line && trace.mode !== "markers" ? `<path d="M${right} ${y - 4}h20" stroke="${line.color}" stroke-width="2" stroke-dasharray="${DASHES[line.dash] ?? "none"}"/>`
        : `<path d="${SYMBOLS.circle(right + 10, y - 4, 3)}" fill="none" stroke="${marker.color}" stroke-width="1.5"/>`;
      return sign + text(right + 25, y, trace.name, 'font-size="11"');
    }).join("");
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
