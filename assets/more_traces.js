// The ascent of every trial: curves of the objective, and a table of how each ended.
(drd => {
  const { number, escape } = drd;
  const EMPTY = "No objective was kept of the steps of this class.";
  let opened = null; // what the reader did last: open or closed
  let script = null; // plotly, loaded when the first chart of it is asked for

  drd.plotly = () => (script ??= new Promise((done, fail) => {
    const element = drd.made("script", { src: drd.at("/assets/plotly-cartesian.min.js"), onload: () => done(window.Plotly) });
    element.onerror = () => { script = null; fail(new Error("The chart could not be loaded.")); };
    document.head.append(element);
  }));
  const ends = told => { // the first step lies far below all others and would flatten them
    const later = told.trials.flatMap(one => one.curve.slice(1)).filter(value => value !== null);
    const all = later.length ? later : told.trials.flatMap(one => one.curve).filter(value => value !== null);
    if (!all.length) return null;
    const low = all.reduce((a, b) => Math.min(a, b)), high = all.reduce((a, b) => Math.max(a, b));
    const pad = 0.06 * (high - low) || 0.05 * Math.abs(high) || 1;
    return [low - pad, high + pad];
  };
  const colour = name => getComputedStyle(document.body).getPropertyValue(name).trim();
  const state = one => (one.diverged ? "diverged" : one.converged ? "converged" : "stopped");
  const look = (one, chosen) => {
    const dash = { converged: "solid", stopped: "dash", diverged: "dot" }[state(one)];
    if (one.trial === chosen) return { color: colour("--text"), width: 2.5, dash };
    if (one.best) return { color: colour("--accent"), width: 2.5, dash };
    return { color: colour(state(one) === "converged" ? "--muted" : "--warn"), width: state(one) === "converged" ? 1 : 1.5, dash };
  };
  const figure = (told, chosen) => {
    const rank = one => 2 * (one.trial === chosen) + one.best; // what lies on top
    const axis = title => ({ title: { text: title, font: { size: 12 } }, gridcolor: colour("--line"), zeroline: false, tickfont: { size: 11 } });
    return {
      data: [...told.trials].sort((a, b) => rank(a) - rank(b)).map(one => ({
        x: told.step, y: one.curve, mode: "lines", line: look(one, chosen), name: `trial ${one.trial}`, customdata: one.curve.map(() => one.trial),
        hovertemplate: `trial ${one.trial}, ${words(one)}<br>step %{x}: %{y:.4g}<extra></extra>`,
      })),
      layout: {
        paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", margin: { l: 64, r: 12, t: 8, b: 42 }, hovermode: "closest", showlegend: false, dragmode: "zoom",
        font: { family: "Inter, Helvetica Neue, Liberation Sans, Arial, sans-serif", size: 12, color: colour("--muted") },
        xaxis: { ...axis("step"), rangemode: "tozero", showgrid: false }, yaxis: { ...axis("objective (logit minus penalty)"), range: ends(told), nticks: 6 },
      },
    };
  };
  const chart = async (place, told, chosen) => {
    const Plotly = await drd.plotly(), { data, layout } = figure(told, chosen);
    if (!place.isConnected) return;
    await Plotly.react(place, data, { ...layout, uirevision: 1 }, JSON.parse(place.closest("[data-config]").dataset.config));
    if (place.ready) return;
    place.ready = true;
    place.on("plotly_click", event => drd.go({ trial: event.points[0].customdata }));
  };
  const file = async (told, now, title) => {
    if (!ends(told)) return drd.sheet(title, [{ words: EMPTY }]);
    const Plotly = await drd.plotly(), { data, layout } = drd.onPaper(() => figure(told, now.selection.trial));
    const paper = { ...layout, paper_bgcolor: "#ffffff", margin: { ...layout.margin, t: 40 }, title: { text: escape(title), font: { size: 13 }, x: 0.02, xanchor: "left" } };
    const picture = await Plotly.toImage({ data, layout: paper }, { format: "svg", width: 720, height: 380 });
    return decodeURIComponent(picture.slice(picture.indexOf(",") + 1));
  };
  const words = one => (one.diverged ? "diverged" : (one.converged ? "converged" : "not converged") + (one.best ? ", best" : ""));
  const row = (one, chosen) =>
    `<tr class="${one.trial === chosen ? "chosen" : ""}"><th scope="row"><button class="link" data-trial="${one.trial}">trial ${one.trial}</button></th><td class="value">${one.steps}</td><td class="${one.converged && !one.diverged ? "" : "warn"}">${words(one)}</td><td class="value">${number(one.objective)}</td><td class="value">${number(one.score)}</td><td class="value">${number(one.gradient)}</td></tr>`;

  const legend = told => {
    const low = ends(told)[0], below = told.trials.some(one => one.curve.some(value => value !== null && value < low));
    return `<p class="legend"><span class="key best"></span>best objective <span class="key converged"></span>converged <span class="key stopped"></span>not converged${below ? " · the first steps lie below the axis" : ""} · drag to zoom, double-click to return</p>`;
  };
  const drawn = told => (ends(told)
    ? `<div class="traces-chart" role="img" aria-label="Objective by step of ${told.trials.length} trials"></div>${legend(told)}`
    : drd.emptyLine(EMPTY));
  const table = (told, chosen) => `<div class="scroll" tabindex="0" role="region" aria-label="How each trial ended"><table class="table small"><thead><tr><th>trial</th><th class="value">steps</th><th>ended</th><th class="value">objective<br>(logits)</th><th class="value">score<br>(logits)</th><th class="value">gradient norm<br>(logits / unit)</th></tr></thead>
    <tbody>${told.trials.map(one => row(one, chosen)).join("")}</tbody></table></div>`;

  const draw = (body, told) => {
    const n = told.trials.length, done = told.trials.filter(one => one.converged && !one.diverged).length;
    const fine = `${done === n ? (n === 1 ? "the one trial" : `all ${n} trials`) : `${done} of ${n} trials`} converged`;
    const wrong = told.wrong.map(([what, why]) => `<p class="wrong"><strong>${escape(what)}.</strong> ${escape(why)}</p>`).join("");
    body.innerHTML = `<p>${escape(fine[0].toUpperCase() + fine.slice(1))}; l2 (λ) is ${number(told.l2)} logits per squared feature-map unit.</p>${wrong}${drd.enoughChart(told.enough)}<details><summary>Objective by step, and how each trial ended</summary><div class="traces-parts"></div></details>`;
    const details = body.querySelector("details");
    details.open = opened ?? told.wrong.length > 0;
    body.querySelector("summary").onclick = () => { opened = !details.open; };
  };
  drd.more.traces = {
    draw,
    file,
    mark: (body, told, now) => {
      const place = body.querySelector(".traces-parts"), details = body.querySelector("details"), theme = drd.shownTheme(), { trial } = now.selection;
      if (now.selection.present === "traces") details.open = true;
      if (!place.firstChild) place.innerHTML = drawn(told) + table(told, trial);
      const show = () => { // what is folded away has no size
        const wanted = `${trial} ${theme}`, canvas = place.querySelector(".traces-chart");
        if (!canvas || !details.open || place.shown === wanted) return;
        place.shown = wanted;
        chart(canvas, told, trial).catch(error => drd.notice(error.message));
      };
      details.ontoggle = show;
      show();
      for (const line of place.querySelectorAll("tbody tr")) line.classList.toggle("chosen", Number(line.querySelector("button").dataset.trial) === trial);
    },
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
