// What each base gives the class: letters as high as that, every mutation as a cell, and edits.
(drd => {
  const LEFT = 92, LINE = 20, LOGO = 64, CELL = 11, GAP = 16, HEAD = 18; // px
  const WIDE = 14, MOST = 40, LEAST = 1, GLYPH = 3.2, SPELLED = 3.8; // px of a base; below the last two a bar is drawn, a letter is not spelled
  const LONGEST = 20000, FAINT = 0.02; // bases that are drawn one by one; share of the largest change that nobody sees
  let cursor = null; // place from 0 that the keys are at
  const part = name => document.querySelector(`.probe-page ${name}`);
  const words = value => (value === null || value === undefined ? "not known" : `${drd.signed(value)}`);

  // px of a base, and of the whole picture; the channels below use the same
  drd.probeColumn = on => {
    const room = Math.max(300, (part(".bases-body")?.clientWidth ?? 900) - LEFT - 8);
    if (on.of.length > LONGEST) return room / on.of.length;
    return on.selection.zoom === "wide" ? WIDE : Math.max(LEAST, Math.min(MOST, room / on.of.length));
  };
  drd.PROBE_LEFT = LEFT;
  // both pictures scroll as one
  drd.probeScroll = event => {
    for (const one of document.querySelectorAll(".probe-page .probe-scroll")) if (one !== event.target && one.scrollLeft !== event.target.scrollLeft) one.scrollLeft = event.target.scrollLeft;
  };
  const editsOf = ({ selection }) => (selection.edits ?? "").split(",").filter(Boolean).map(one => ({ at: parseInt(one, 10) - 1, letter: one.at(-1) }));
  // the letters that are shown: edits are there before the network has answered
  const lettersOf = (on, key) => {
    if (key !== "first") return on.told[key].letters;
    const all = [...on.original];
    for (const { at, letter } of editsOf(on)) if (at < all.length) all[at] = letter;
    return all.join("");
  };
  const put = edits => drd.go({ edits: edits.map(({ at, letter }) => `${at + 1}${letter}`).join() || null });
  const edit = (on, at, letter) => {
    const others = editsOf(on).filter(one => one.at !== at);
    if (lettersOf(on, "first")[at] === letter) return;
    put(on.original[at] === letter ? others : [...others, { at, letter }]);
  };
  const undo = on => put(editsOf(on).slice(0, -1));

  const span = values => { const known = values.flat().filter(v => v !== null); return [Math.min(0, ...known), Math.max(0, ...known)]; };
  const shape = (letter, x, y, width, tall) => {
    if (width < GLYPH || letter === "N") return `<path class="base-${letter}" d="M${x.toFixed(2)} ${y.toFixed(2)}h${Math.max(0.6, width - 0.4).toFixed(2)}v${tall.toFixed(2)}h${(-Math.max(0.6, width - 0.4)).toFixed(2)}Z"/>`;
    return `<path class="base-${letter}" d="${drd.glyphs.paths[letter]}" fill-rule="evenodd" transform="translate(${(x + 0.03 * width).toFixed(2)} ${y.toFixed(2)}) scale(${(0.94 * width).toFixed(3)} ${tall.toFixed(3)})"/>`;
  };
  const logo = (letters, heights, [low, high], top, column) => {
    const scale = LOGO / (high - low || 1), zero = top + high * scale;
    const drawn = heights.map((height, i) => (height && letters[i] !== "N" ? shape(letters[i], i * column, zero - height * scale, column, height * scale) : "")).join("");
    return `${drawn}<path class="zero" d="M0 ${zero.toFixed(1)}h${(letters.length * column).toFixed(1)}"/>`;
  };
  const cells = (letters, change, most, top, column) => change.map((values, base) => values.map((value, i) => {
    const x = i * column, y = top + base * CELL;
    if (letters[i] === "ACGT"[base] && column < 3) return "";
    if (letters[i] === "ACGT"[base]) return `<circle class="own" cx="${(x + column / 2).toFixed(1)}" cy="${y + CELL / 2}" r="${Math.min(1.8, column / 2.6).toFixed(1)}"/>`;
    if (!value || Math.abs(value) < FAINT * most) return "";
    return `<rect x="${x.toFixed(2)}" y="${y}" width="${column.toFixed(2)}" height="${CELL}" fill="var(--${value > 0 ? "pos" : "neg"})" fill-opacity="${(Math.abs(value) / most).toFixed(3)}"/>`;
  }).join("")).join("");
  const ends = ([low, high], top) => [high, 0, low].filter((v, i) => i === 1 || Math.abs(v) > 0.18 * (high - low)).map(value => `<text x="${LEFT - 5}" y="${(top + ((high - value) * LOGO) / (high - low || 1) + 4).toFixed(1)}" text-anchor="end">${drd.number(value, 2)}</text>`).join("");
  const ticks = (length, column, top) => {
    const step = [1, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find(one => one * column >= 34) ?? 10000;
    return [1, ...Array.from({ length: Math.floor(length / step) }, (_, i) => (i + 1) * step)].filter((one, i, all) => !i || one - 1 >= step / 2 || step === 1).map(at => `<text x="${at === length ? (length * column).toFixed(1) : ((at - 0.5) * column).toFixed(1)}" y="${top}" text-anchor="${at === 1 && column < 8 ? "start" : at === length ? "end" : "middle"}">${at}</text>`).join("");
  };
  drd.probeTicks = ticks;

  const HEIGHT = LINE + 2 * (LOGO + GAP) + 4 * CELL + GAP;
  // one sequence: its letters, two rows of heights, all mutations
  const block = (on, key, scales, column, at) => {
    const letters = lettersOf(on, key), bases = on.data[key].bases ?? (key === "first" ? on.lastBases : null), stale = !on.data[key].bases, changed = key === "first" ? editsOf(on) : [];
    const spelled = column >= SPELLED ? [...letters].map((letter, i) => `<text class="spelled letter-${letter}${changed.some(one => one.at === i) ? " edited" : ""}" x="${((i + 0.5) * column).toFixed(2)}" y="${at + 14}" font-size="${Math.min(13, column + 2.5).toFixed(1)}" text-anchor="middle">${letter}</text>`).join("") : [...letters].map((letter, i) => (letter === "N" ? "" : `<rect class="base-${letter}" x="${(i * column).toFixed(2)}" y="${at + 4}" width="${Math.max(0.6, column - 0.3).toFixed(2)}" height="11"/>`)).join("");
    const marks = changed.map(({ at: i }) => `<rect class="edit-mark" x="${(i * column).toFixed(2)}" y="${at}" width="${column.toFixed(2)}" height="${LINE - 1}"/>`).join("");
    if (!bases) return { drawn: marks + spelled, labels: "" };
    const [one, two, three] = [at + LINE, at + LINE + LOGO + GAP, at + LINE + 2 * (LOGO + GAP)];
    const drawn = `${marks}${spelled}<g class="${stale ? "stale" : ""}">${logo(letters, bases.gradient, scales.gradient, one, column)}${logo(letters, bases.effect, scales.effect, two, column)}${cells(letters, bases.change, scales.most, three, column)}</g>`;
    const label = (y, text, title) => `<text x="0" y="${y}"><title>${title}</title>${text}</text>`;
    const labels = label(one + 12, "gradient", "Integrated gradients from N everywhere, logits") + ends(scales.gradient, one) + label(two + 12, "mutagenesis", "Mean loss of logit when the base becomes another one") + ends(scales.effect, two)
      + label(three + 12, "mutations", "Change of the logit by each mutation") + `<text x="0" y="${three + 26}">± ${drd.number(scales.most, 2)}</text>` + [..."ACGT"].map((base, i) => `<text x="${LEFT - 5}" y="${three + i * CELL + 9}" text-anchor="end">${base}</text>`).join("");
    return { drawn, labels };
  };
  const scalesOf = all => ({
    gradient: span(all.map(one => one.gradient)), effect: span(all.map(one => one.effect)),
    most: Math.max(1e-9, ...all.flatMap(one => one.change.flat()).filter(v => v !== null).map(Math.abs)),
  });

  drd.drawBases = on => {
    const body = part(".bases-body"), { told, data, selection, of } = on, regime = document.getElementById("bases-regime");
    if (!body) return;
    drawEdits(on);
    if (!told) {
      on.lastBases = null;
      regime.textContent = "";
      body.innerHTML = drd.emptyLine("Paste a sequence above, or take an example: here every base is changed into each of the other three, and the change of the class score is shown.");
      return;
    }
    if (of.length > LONGEST) {
      regime.textContent = "";
      body.innerHTML = drd.emptyLine(`This network reads ${of.length.toLocaleString("en")} bases at once: too many to change one by one. Scores and channels are shown.`);
      return;
    }
    if (data.first.bases) on.lastBases = data.first.bases;
    const other = drd.probeOther(), keys = other ? ["first", other] : ["first"], column = drd.probeColumn(on);
    const found = keys.map(key => data[key].bases).filter(Boolean), scales = scalesOf(found.length ? found : on.lastBases ? [on.lastBases] : []);
    const names = keys.map(key => title(on, key, keys.length > 1)), head = names.some(Boolean) ? HEAD : 2;
    const blocks = keys.map((key, i) => block(on, key, scales, column, head + i * (HEIGHT + HEAD + 4)));
    const width = of.length * column, height = head + keys.length * (HEIGHT + HEAD + 4);
    const titles = names.map((name, i) => `<text class="block-title" x="${LEFT}" y="${12 + i * (HEIGHT + HEAD + 4)}">${drd.escape(name)}</text>`).join("");
    const scrolled = body.querySelector(".probe-scroll")?.scrollLeft ?? 0, focused = document.activeElement?.matches?.(".bases-body .probe-scroll");
    body.innerHTML = `<div class="probe-pair"><svg class="probe-labels" width="${LEFT}" height="${height}">${blocks.map(one => one.labels).join("")}${titles}</svg><div class="probe-scroll" tabindex="0" role="application" aria-label="Sequence. Arrow keys move, A, C, G, T change the base, Backspace takes the last change back."><svg width="${width.toFixed(1)}" height="${height}"><rect class="cursor" hidden y="0" height="${height}" width="${column.toFixed(2)}"/><rect class="field" hidden y="0" height="${height}"/>${blocks.map(one => one.drawn).join("")}${ticks(of.length, column, height - 4)}</svg></div></div>`;
    const scroll = body.querySelector(".probe-scroll");
    scroll.scrollLeft = scrolled;
    scroll.onscroll = drd.probeScroll;
    wire(on, scroll, keys, column);
    if (focused) { scroll.focus({ preventScroll: true }); mark(on, scroll, column); }
    const first = data.first.bases;
    regime.textContent = first ? `${of.names[selection.target]}, logit ${drd.signed(first.score)}; gradients from N everywhere, logit ${drd.signed(first.start)}; ${drd.percent(first.missing, 1)} unaccounted for` : data.first.stage?.stage === "empty" ? "" : "being computed…";
  };
  const title = (on, key, several) => {
    const one = on.told[key], scores = on.data[key].scores, score = scores ? `, logit ${drd.signed(scores.logits[on.selection.target])}` : "";
    const name = { first: on.told.before ? "after the edits" : several ? "first" : "", before: "before the edits", second: "second" }[key];
    const called = ["first", "second"].includes(one.name) || key === "before" ? "" : one.name;
    return [called, name].filter(Boolean).join(", ") + (several ? score : "");
  };
  const drawEdits = on => {
    const place = part(".edits"), edits = on.told ? editsOf(on) : [], key = JSON.stringify([edits, Boolean(on.told)]);
    if (place.dataset.of === key) return;
    place.dataset.of = key;
    const chips = edits.map((one, i) => {
      const chip = drd.made("button", { className: "chip-button", title: "Take this change back", textContent: `${one.at + 1} ${on.original[one.at] ?? ""}→${one.letter} ×` });
      chip.onclick = () => put(edits.filter((_, k) => k !== i));
      return chip;
    });
    const back = drd.made("button", { className: "button", textContent: "Undo", title: "Take the last change back (Backspace in the sequence)" });
    back.onclick = () => undo(drd.probeNow());
    const hint = on.told && on.of.length <= LONGEST ? "Click a cell of the mutations to make that change; or click a letter and press A, C, G, T." : "";
    place.replaceChildren(...(edits.length ? [drd.made("span", { className: "muted", textContent: edits.length === 1 ? "1 edit" : `${edits.length} edits` }), ...chips, back] : [drd.made("span", { className: "muted", textContent: hint })]));
  };

  // what is under the pointer: place, sequence, and the row of the mutation
  const under = (event, scroll, keys, column, on) => {
    const frame = scroll.firstChild.getBoundingClientRect(), by = drd.scale(scroll), at = Math.floor((event.clientX - frame.left) / by / column), y = (event.clientY - frame.top) / by - (on.told && title(on, "first", keys.length > 1) ? HEAD : 2), i = Math.floor(y / (HEIGHT + HEAD + 4));
    if (at < 0 || at >= on.of.length || i < 0 || i >= keys.length) return null;
    const inside = y - i * (HEIGHT + HEAD + 4), base = Math.floor((inside - LINE - 2 * (LOGO + GAP)) / CELL);
    return { at, key: keys[i], base: base >= 0 && base < 4 ? base : null };
  };
  const tell = (on, { at, key, base }) => {
    const letter = lettersOf(on, key)[at], bases = on.data[key].bases, lines = [`position ${at + 1}: ${letter}`];
    if (!bases) return lines;
    if (letter === "N") return [...lines, "not known: nothing is changed here"];
    if (base !== null && "ACGT"[base] !== letter) lines.push(`${letter} → ${"ACGT"[base]}: ${words(bases.change[base][at])} logits`);
    lines.push(`gives ${words(bases.effect[at])} by mutagenesis, ${words(bases.gradient[at])} by gradients`);
    return lines;
  };
  const mark = (on, scroll, column) => {
    const rect = scroll.querySelector(".cursor");
    rect.toggleAttribute("hidden", cursor === null);
    if (cursor === null) return;
    rect.setAttribute("x", (cursor * column).toFixed(2));
    const x = cursor * column;
    if (x < scroll.scrollLeft || x + column > scroll.scrollLeft + scroll.clientWidth) scroll.scrollLeft = x - scroll.clientWidth / 2;
  };
  const wire = (on, scroll, keys, column) => {
    const pointer = document.getElementById("pointer"), spoken = document.getElementById("spoken");
    scroll.onpointermove = event => {
      const found = under(event, scroll, keys, column, on);
      pointer.hidden = !found;
      scroll.style.cursor = found?.key === "first" ? "pointer" : "default";
      if (found) drd.point(event, tell(on, found));
    };
    scroll.onpointerleave = () => { pointer.hidden = true; };
    scroll.onclick = event => {
      const found = under(event, scroll, keys, column, on);
      if (!found) return;
      cursor = found.at;
      mark(on, scroll, column);
      if (found.key === "first" && found.base !== null) edit(on, found.at, "ACGT"[found.base]);
    };
    scroll.onkeydown = event => {
      if (event.altKey) return;
      const letter = event.key.toUpperCase(), undone = event.key === "Backspace" || (letter === "Z" && (event.ctrlKey || event.metaKey));
      if ((event.ctrlKey || event.metaKey) && !undone) return;
      const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };
      if (undone) undo(on);
      else if (event.key in steps) cursor = Math.max(0, Math.min(on.of.length - 1, (cursor ?? (steps[event.key] > 0 ? -1 : 1)) + steps[event.key]));
      else if ("ACGTN".includes(letter) && letter.length === 1 && cursor !== null) edit(on, cursor, letter);
      else if (event.key === "Escape" && cursor !== null) cursor = null;
      else return;
      event.preventDefault();
      event.stopPropagation();
      mark(on, scroll, column);
      spoken.textContent = cursor === null ? "" : tell(on, { at: cursor, key: "first", base: null }).join(", ");
    };
    scroll.onfocus = () => { cursor ??= 0; mark(on, scroll, column); };
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
