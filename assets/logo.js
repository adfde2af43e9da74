// Logos: letters stacked by height, drawn from the glyphs that the server sends.
(drd => {
  const GAP = 0.06;
  const UNITS = { bits: "bits", probability: "probability", weights: "kernel weight" };
  const known = drd.keep(12);

  drd.heights = (run, form) => {
    if (!run?.offsets) return Promise.resolve(null);
    return known.get(`/data/${run.id}/logos-${form}.f32`, async got => new Float32Array(await got.arrayBuffer()));
  };

  // letters of one channel: [base, offset, bottom, top], the tallest outermost on either side of 0
  const letters = (heights, offsets) => {
    const placed = [];
    for (let offset = 0; offset < offsets; offset++) {
      const ends = [0, 0];
      const column = [0, 1, 2, 3].map(base => [base, heights[offset * 4 + base]]);
      column.sort((a, b) => Math.abs(a[1]) - Math.abs(b[1]));
      for (const [base, height] of column) {
        if (!height) continue;
        const side = height > 0 ? 0 : 1;
        placed.push([base, offset, ends[side], ends[side] + height]);
        ends[side] += height;
      }
    }
    return placed;
  };
  const span = (placed, form) => {
    if (form === "bits" && placed.every(letter => letter[3] >= 0)) return [0, 2];
    if (form === "bits") return [-2, 2];
    if (form === "probability") return [0, 1];
    const low = Math.min(0, ...placed.map(letter => letter[3]));
    const high = Math.max(0, ...placed.map(letter => letter[3]));
    return high > low ? [low, high] : [0, 1];
  };

  // the part of a logo that says something: what is left of it fits below a bar
  const core = (heights, offsets) => {
    const tall = Array.from({ length: offsets }, (_, i) => [0, 1, 2, 3].reduce((sum, base) => sum + Math.abs(heights[i * 4 + base]), 0));
    const enough = tall.map(height => height > 0.4 * Math.max(...tall)), from = Math.max(0, enough.indexOf(true));
    return [from, Math.max(from + 1, enough.lastIndexOf(true) + 1)];
  };
  drd.logoCore = (all, run, place, form, glyphs, size) => {
    const every = all.subarray(place * run.offsets * 4, (place + 1) * run.offsets * 4), [from, to] = core(every, run.offsets);
    return drd.logo(every.subarray(from * 4, to * 4), { offsets: to - from }, 0, form, glyphs, size);
  };

  drd.logo = (all, run, place, form, glyphs, { width, height, axis = false, unit, first = 0 }) => {
    const size = run.offsets * 4;
    const placed = letters(all.subarray(place * size, (place + 1) * size), run.offsets);
    const [low, high] = span(placed, form);
    const left = axis ? 44 : 0, below = axis ? 18 : 0, above = axis ? 6 : 1;
    const scale = (height - below - above) / (high - low), column = (width - left) / run.offsets;
    const y = value => above + (high - value) * scale;
    const paths = placed.map(([base, offset, bottom, top]) => {
      const letter = "ACGT"[base];
      return `<path class="base-${letter}" d="${glyphs.paths[letter]}" fill-rule="evenodd" transform="translate(${(left + column * (offset + GAP / 2)).toFixed(2)} ${y(top).toFixed(2)}) scale(${(column * (1 - GAP)).toFixed(3)} ${((top - bottom) * scale).toFixed(3)})"/>`;
    });
    if (axis) paths.push(axes(run.offsets, form, { left, width, height, below, column, y, low, high, unit, first }));
    return `<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Logo, ${drd.escape(unit ?? UNITS[form])}">${paths.join("")}</svg>`;
  };

  const axes = (offsets, form, { left, width, height, below, column, y, low, high, unit, first }) => {
    const text = (x, at, anchor, words) => `<text x="${x}" y="${at}" text-anchor="${anchor}">${words}</text>`;
    const ticks = form === "bits" ? (low < 0 ? [-2, 0, 2] : [0, 1, 2]) : form === "probability" ? [0, 0.5, 1] : [low, 0, high].filter((v, i) => i === 1 || Math.abs(v) > 0.05 * (high - low));
    const parts = ticks.map(value => text(left - 6, y(value) + 4, "end", form === "weights" ? drd.number(value, 2) : Math.abs(value)));
    for (let offset = 0; offset < offsets; offset++) {
      if (column > 16 || (first + offset) % 5 === 4 || offset === 0) parts.push(text(left + column * (offset + 0.5), height - 4, "middle", first + offset + 1));
    }
    const middle = (height - below) / 2;
    parts.push(`<text transform="translate(10 ${middle}) rotate(-90)" text-anchor="middle">${drd.escape(unit ?? UNITS[form])}</text>`);
    parts.push(`<path class="axis" d="M${left - 1} ${y(high)}V${y(low)}M${left - 1} ${y(0)}H${width}"/>`);
    return parts.join("");
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
