// The ascent of every trial: curves of the objective, and a table of how each ended.
(drd => {
  const { number, escape } = drd;
  const WIDE = 640, TALL = 260, LEFT = 62, BELOW = 38, ABOVE = 10, RIGHT = 12;
  let opened = null; // what the reader did last: open or closed

  const ends = told => { // the first step lies far below all others and would flatten them
    const later = told.trials.flatMap(one => one.curve.slice(1)).filter(value => value !== null);
    const all = later.length ? later : told.trials.flatMap(one => one.curve).filter(value => value !== null);
    if (!all.length) return null;
    const low = all.reduce((a, b) => Math.min(a, b)), high = all.reduce((a, b) => Math.max(a, b));
    const pad = 0.06 * (high - low) || 0.05 * Math.abs(high) || 1;
    return [low - pad, high + pad];
  };
  const nice = (low, high, n) => {
    const rough = (high - low) / n, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map(by => by * power).find(by => by >= rough);
    const ticks = [];
    for (let at = Math.ceil(low / step) * step; at <= high; at += step) ticks.push(Math.abs(at) < step / 1e6 ? 0 : at);
    return ticks;
  };
  const text = (x, y, words, more = "") => `<text x="${x}" y="${y}" ${more}>${words}</text>`;

  const state = one => (one.diverged ? "diverged" : one.converged ? "converged" : "stopped");
  const chart = (told, chosen) => {
    const range = ends(told);
    if (!range) return drd.emptyLine("No objective was kept of the steps of this class.");
    const [low, high] = range, last = Math.max(...told.step, 1);
    const x = step => LEFT + (step / last) * (WIDE - LEFT - RIGHT), y = value => ABOVE + ((high - value) / (high - low)) * (TALL - ABOVE - BELOW);
    const parts = [];
    for (const tick of nice(low, high, 5)) parts.push(`<path class="rule" d="M${LEFT} ${y(tick).toFixed(1)}H${WIDE - RIGHT}"/>`, text(LEFT - 6, y(tick) + 4, number(tick), 'text-anchor="end"'));
    for (const tick of nice(0, last, 6)) parts.push(text(x(tick), TALL - BELOW + 15, tick, 'text-anchor="middle"'));
    parts.push(text((LEFT + WIDE - RIGHT) / 2, TALL - 6, "step", 'text-anchor="middle"'));
    parts.push(`<text transform="translate(13 ${(TALL - BELOW) / 2}) rotate(-90)" text-anchor="middle">objective (logit minus penalty)</text>`);
    const lines = [...told.trials].sort((a, b) => a.best - b.best || (a.trial === chosen) - (b.trial === chosen)).map(one => {
      const points = one.curve.map((value, i) => value === null ? null : [x(told.step[i]), y(value)]).filter(Boolean);
      if (!points.length) return "";
      const d = points.map(([a, b], i) => `${i ? "L" : "M"}${a.toFixed(1)} ${b.toFixed(1)}`).join("");
      const names = `curve ${state(one)}${one.best ? " best" : ""}${one.trial === chosen ? " chosen" : ""}`;
      return `<path class="${names}" d="${d}"/><path class="grab" data-trial="${one.trial}" d="${d}"><title>trial ${one.trial}, ${words(one)}, objective ${number(one.objective)}</title></path>`;
    });
    const below = told.trials.some(one => one.curve.some(value => value !== null && value < low));
    const label = `Objective by step of ${told.trials.length} trials`;
    return `<svg class="traces-chart" viewBox="0 0 ${WIDE} ${TALL}" role="img" aria-label="${label}"><clipPath id="traces-clip"><rect x="${LEFT}" y="${ABOVE}" width="${WIDE - LEFT - RIGHT}" height="${TALL - ABOVE - BELOW}"/></clipPath>${parts.join("")}<g clip-path="url(#traces-clip)">${lines.join("")}</g></svg>
      <p class="legend"><span class="key best"></span>best objective <span class="key converged"></span>converged <span class="key stopped"></span>not converged${below ? " · the first steps lie below the axis" : ""}</p>`;
  };
  const words = one => (one.diverged ? "diverged" : (one.converged ? "converged" : "not converged") + (one.best ? ", best" : ""));
  const row = (one, chosen) =>
    `<tr class="${one.trial === chosen ? "chosen" : ""}"><th scope="row"><button class="link" data-trial="${one.trial}">trial ${one.trial}</button></th><td class="value">${one.steps}</td><td class="${one.converged && !one.diverged ? "" : "warn"}">${words(one)}</td><td class="value">${number(one.objective)}</td><td class="value">${number(one.score)}</td><td class="value">${number(one.gradient)}</td></tr>`;

  const inside = (told, chosen) => `${chart(told, chosen)}<div class="scroll" tabindex="0" role="region" aria-label="How each trial ended"><table class="table small"><thead><tr><th>trial</th><th class="value">steps</th><th>ended</th><th class="value">objective<br>(logits)</th><th class="value">score<br>(logits)</th><th class="value">gradient norm<br>(logits / unit)</th></tr></thead>
    <tbody>${told.trials.map(one => row(one, chosen)).join("")}</tbody></table></div>`;

  const draw = (body, told) => {
    const n = told.trials.length, done = told.trials.filter(one => one.converged && !one.diverged).length;
    const fine = `${done === n ? (n === 1 ? "the one trial" : `all ${n} trials`) : `${done} of ${n} trials`} converged`;
    const wrong = told.wrong.map(([what, why]) => `<p class="wrong"><strong>${escape(what)}.</strong> ${escape(why)}</p>`).join("");
    body.innerHTML = `<p>${escape(fine[0].toUpperCase() + fine.slice(1))}; l2 (λ) is ${number(told.l2)} logits per squared feature-map unit.</p>${wrong}<details><summary>Objective by step, and how each trial ended</summary><div class="traces-parts"></div></details>`;
    const details = body.querySelector("details");
    details.open = opened ?? told.wrong.length > 0;
    body.querySelector("summary").onclick = () => { opened = !details.open; };
  };
  drd.more.traces = {
    draw,
    mark: (body, told, now) => {
      const place = body.querySelector(".traces-parts");
      if (now.selection.present === "traces") body.querySelector("details").open = true;
      if (place.trial === now.selection.trial && place.firstChild) return;
      place.trial = now.selection.trial;
      const held = body.contains(document.activeElement) && document.activeElement.dataset.trial;
      const scrolled = place.querySelector(".scroll")?.scrollTop ?? 0;
      place.innerHTML = inside(told, now.selection.trial);
      place.querySelector(".scroll").scrollTop = scrolled;
      if (held) place.querySelector(`button[data-trial="${held}"]`)?.focus({ preventScroll: true });
    },
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
