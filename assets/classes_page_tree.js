// The tree of the classes: branches, clusters at a cut, and what stands between tree and matrix.
(drd => {
  const TREE = 84, BAND = 18, STRIP = 13, GAP = 4, LETTER = 6.1; // px
  const SHADES = 8; // colours of clusters and of metadata, again and again
  const text = (x, y, words, more = "") => `<text x="${x}" y="${y}" ${more}>${drd.escape(words)}</text>`;
  const shade = at => `var(--shade-${at % SHADES})`;

  // branches from the lowest join to the highest: { first, last } places, height, middle, children
  drd.branches = ({ merges, leaves }) => {
    const all = Array.from({ length: leaves }, (_, i) => ({ first: i, last: i, height: 0, middle: i + 0.5 }));
    for (const [a, b, height] of merges) {
      const [one, other] = [all[a], all[b]];
      all.push({ first: Math.min(one.first, other.first), last: Math.max(one.last, other.last), height, middle: (one.middle + other.middle) / 2, children: [one, other] });
      one.under = other.under = height;
    }
    return all;
  };
  // the largest branches that join at the cut or below, numbered from the first leaf
  drd.clustersAt = (branches, leaves, cut) => branches
    .filter(({ height, under }, i) => (i < leaves || height <= cut) && !(under <= cut))
    .sort((a, b) => a.first - b.first)
    .map(({ first, last }, i) => ({ first, last, number: i + 1 }));

  drd.cutEnd = branches => Math.max(0.1, Math.ceil(20 * (branches.at(-1)?.height ?? 1)) / 20); // of a slider: all are one cluster there

  // how much room there is for what, left of the matrices; names: "whole", "ids" or "none"
  drd.besideRoom = ({ told, names, ids, from, to }, width, named) => {
    const longest = list => Math.max(...list.slice(from, to + 1).map(one => String(one).length));
    const strips = told.fields.length ? told.fields.length * STRIP + GAP : 0;
    const label = { whole: Math.min((longest(names) + 5) * LETTER + 8, width * 0.16), ids: longest(ids) * LETTER + 14, none: 10 }[named];
    return { named, tree: TREE, band: BAND, strips, label, all: TREE + BAND + strips + label };
  };

  // the height at the left edge: of the branch that is zoomed to, else of the root
  const highestOf = ({ branches, from, to }) => branches.find(({ first, last, height }) => height && first === from && last === to)?.height || branches.at(-1)?.height || 1;
  const elbows = (now, { top, high }, wide) => {
    const { branches, told, from, to } = now, highest = highestOf(now), x = height => (wide - 4) * (1 - height / highest) + 2, y = middle => top + (middle - from) * high;
    const within = ({ first, last }) => last >= from && first <= to;
    return branches.slice(told.leaves).filter(within).map(({ height, children: [a, b] }) =>
      `M${x(a.height).toFixed(1)} ${y(a.middle).toFixed(1)}H${x(height).toFixed(1)}V${y(b.middle).toFixed(1)}H${x(b.height).toFixed(1)}`).join("");
  };
  const treePart = (now, box) => {
    const { cut } = now, highest = highestOf(now), tall = (now.to - now.from + 1) * box.high;
    const at = (TREE - 4) * (1 - Math.min(1, cut / highest)) + 2;
    const line = cut < highest ? `<path class="cut" d="M${at} ${box.top}v${tall}" stroke="var(--accent)" stroke-dasharray="4 3"/>` : "";
    const ticks = text(2, box.top + tall + 13, drd.number(highest, 2)) + text(TREE - 2, box.top + tall + 13, 0, 'text-anchor="end"') + text(TREE / 2, box.top + tall + 28, "1 − A", 'text-anchor="middle"');
    return `<clipPath id="tree-clip"><rect x="0" y="${box.top}" width="${TREE}" height="${tall}"/></clipPath><path class="tree" clip-path="url(#tree-clip)" d="${elbows(now, box, TREE)}" fill="none" stroke="currentColor"/>${line}${ticks}`;
  };
  const bandPart = ({ clusters, from, to }, { top, high }) => clusters.filter(({ first, last }) => last > first && last >= from && first <= to).map(({ first, last, number }) => {
    const y = top + (Math.max(first, from) - from) * high, tall = (Math.min(last, to) + 1 - Math.max(first, from)) * high;
    const box = `<rect class="cluster" data-zoom="${first},${last}" x="${TREE}" y="${(y + 0.5).toFixed(1)}" width="${BAND - 3}" height="${Math.max(1, tall - 1).toFixed(1)}" fill="${shade(number)}" rx="2"><title>cluster ${number}, ${last - first + 1} classes: press to zoom</title></rect>`;
    return box + (tall >= 12 ? text(TREE + (BAND - 3) / 2, (y + tall / 2 + 4).toFixed(1), number, 'text-anchor="middle" class="on-band"') : "");
  }).join("");
  const stripPart = ({ told, from, to }, { top, high }) => told.fields.map(({ name, said, of }, field) => {
    const x = TREE + BAND + field * STRIP, parts = [];
    for (let i = from, start = from; i <= to; i++) { // neighbours that say the same are one box
      if (i < to && of[i + 1] === of[start]) continue;
      if (of[start] >= 0) parts.push(`<rect x="${x}" y="${(top + (start - from) * high).toFixed(2)}" width="${STRIP - 2}" height="${((i - start + 1) * high).toFixed(2)}" fill="${shade(of[start])}"/>`);
      start = i + 1;
    }
    const foot = top + (to - from + 1) * high + 6;
    return parts.join("") + `<text transform="translate(${x + 9} ${foot}) rotate(-90)" text-anchor="end">${drd.escape(name)}</text>`;
  }).join("");
  const labelPart = ({ names, ids, found, from, to }, { top, high, left }, { named, label }) => {
    const parts = [], most = Math.floor((label - 8) / LETTER);
    for (let i = from; i <= to; i++) {
      const y = top + (i - from + 0.5) * high, marked = found.has(i);
      if (named !== "none") {
        const words = named === "ids" ? String(ids[i]) : `${ids[i]} ${names[i]}`, short = words.length > most ? `${words.slice(0, most - 1)}…` : words;
        parts.push(text(left - 5, (y + 4).toFixed(1), short, `text-anchor="end" ${marked ? 'class="found"' : ""}`));
      }
      if (marked) parts.push(`<path d="M${left - 4} ${(y - 3.5).toFixed(1)}v7l4-3.5Z" fill="var(--accent)"/>`);
    }
    return parts.join("");
  };
  // box: { left, top, high } of the first matrix, high a row
  drd.beside = (now, box, room) => treePart(now, box) + bandPart(now, box) + stripPart(now, box) + labelPart(now, box, room);
  drd.shadeOf = shade;

  // what the pointer says over tree, bands and strips; null elsewhere
  drd.besideWords = (now, x, row) => {
    const { told, clusters, names, ids } = now, field = Math.floor((x - TREE - BAND) / STRIP);
    const cluster = clusters.find(({ first, last }) => first <= row && row <= last);
    const lines = [`${ids[row]} ${names[row]}`];
    if (cluster) lines.push(cluster.last > cluster.first ? `cluster ${cluster.number}, ${cluster.last - cluster.first + 1} classes` : "alone at this cut");
    const shown = told.fields[field] ? [told.fields[field]] : told.fields;
    for (const { name, said, of } of shown) if (of[row] >= 0) lines.push(`${name}: ${said[of[row]]}`);
    return lines;
  };

  document.addEventListener("click", event => { // the tree as a file
    if (!drd.cohort || !event.target.closest?.("[data-tree]")) return;
    const { run, regime } = drd.read(), query = regime ? `?${new URLSearchParams({ regime })}` : "";
    location.assign(drd.at(`/data/${run}/tree.nwk${query}`));
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
