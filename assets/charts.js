// Marks of the selected channel in plotly charts, clicks in them, and downloads of all pictures.
(drd => {
  const HEAD = 52; // px above the chart in a file, for title and legend
  const chart = id => document.querySelector(`#${id} .js-plotly-plot`);

  drd.markAgain = () => ["il", "ofiv"].forEach(id => chart(id)?._fullLayout && place(chart(id))); // logos have come

  drd.plot = (id, figure) => {
    const element = document.getElementById(id);
    if (!element) return;
    const plot = element.firstElementChild ?? element.appendChild(document.createElement("div"));
    Plotly.react(plot, figure.data, figure.layout, JSON.parse(element.dataset.config));
    if (plot.drdReady) return;
    plot.drdReady = true;
    plot.on("plotly_afterplot", () => place(plot));
    plot.on("plotly_click", event => {
      const channel = event.points?.[0]?.customdata;
      if (channel !== undefined && !drd.brushed(plot)) drd.go({ channel });
    });
    drd.brush(plot);
    new ResizeObserver(() => plot.isConnected && element.clientHeight && Plotly.Plots.resize(plot)).observe(element);
  };
  drd.markChart = (id, selection, rows) => {
    const plot = chart(id);
    if (!plot?._fullLayout) return;
    Object.assign(plot, { drdChannel: drd.channel(rows, selection), drdSet: selection.set });
    place(plot);
  };

  // where a channel is on the x axis, in data units: [from, to]
  const extent = (plot, channel) => {
    const { channels, x, bar } = plot.layout?.meta ?? {};
    const at = channels?.indexOf(channel) ?? -1;
    if (at < 0 || (x && x[at] === null)) return null;
    return bar ? [x[at] - 0.5, x[at] + 0.5] : [x[at], x[at]];
  };
  const part = (plot, kind, name) => {
    const found = plot.querySelector(`:scope > .${name}`);
    if (found) return found;
    const made = kind === "svg" ? document.createElementNS("http://www.w3.org/2000/svg", "svg") : document.createElement(kind);
    made.setAttribute("class", name);
    plot.append(made);
    return made;
  };
  const place = plot => {
    const axis = plot._fullLayout.xaxis, size = plot._fullLayout._size;
    const outline = part(plot, "div", "chosen-mark"), marks = part(plot, "svg", "chart-marks");
    const pixels = channel => extent(plot, channel)?.map(value => axis.d2p(value) + axis._offset);
    const ends = axis?.d2p && pixels(plot.drdChannel);
    outline.hidden = !ends;
    marks.innerHTML = axis?.d2p ? ticks(plot, pixels, size) + logos(plot, axis, size) : "";
    if (outline.hidden) return;
    const [from, to] = ends, width = Math.max(4, to - from + 2);
    outline.style.cssText = `left:${(from + to) / 2 - width / 2}px;width:${width}px;top:${size.t}px;height:${size.h}px`;
  };
  // channels of the set: a triangle on top, a tinted column under it
  const ticks = (plot, pixels, { t, h }) => (plot.drdSet ?? []).map(channel => {
    const ends = pixels(channel);
    if (!ends) return "";
    const middle = (ends[0] + ends[1]) / 2, wide = Math.max(2, ends[1] - ends[0]);
    return `<rect x="${middle - wide / 2}" y="${t}" width="${wide}" height="${h}" fill="var(--accent)" opacity="0.16"/>`
      + `<path class="tick" d="M${middle - 4} ${t - 6}h8l-4 7Z" fill="var(--accent)"/>`;
  }).join("");
  const logos = (plot, axis, { t, h }) => {
    const { channels, x, logos: share } = plot.layout.meta ?? {};
    const slot = share ? axis.d2p(2) - axis.d2p(1) : 0;
    const wide = Math.min(slot - 7, 4.2 * share * h), tall = Math.min(share * h - 4, wide);
    if (!(slot >= 28 && tall >= 12)) return "";
    return channels.map((channel, i) => {
      const drawn = drd.smallLogo(channel, { width: wide, height: tall });
      return drawn && `<g transform="translate(${axis.d2p(x[i]) + axis._offset - wide / 2} ${t + h - tall - 1})">${drawn}</g>`;
    }).join("");
  };

  const save = (text, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const saveChart = async (id, name) => {
    const view = { title: document.querySelector(`#${id}-panel h2`).textContent };
    const plot = chart(id), ends = extent(plot, plot.drdChannel), box = plot.getBoundingClientRect();
    const colour = getComputedStyle(plot).color;
    const shape = ends && { type: "rect", xref: "x", yref: "paper", x0: ends[0], x1: ends[1], y0: 0, y1: 1, line: { color: colour, width: 1.5 } };
    const paper = getComputedStyle(document.body).getPropertyValue("--panel");
    const title = { text: `${view.title}, ${document.title}`, font: { size: 13 }, x: 0.02, xanchor: "left" };
    const layout = { ...plot.layout, title, showlegend: true, margin: { ...plot.layout.margin, t: plot.layout.margin.t + HEAD }, shapes: [...(plot.layout.shapes ?? []), ...(shape ? [shape] : [])], paper_bgcolor: paper.trim() };
    const picture = await Plotly.toImage({ data: plot.data, layout }, { format: "svg", width: box.width, height: box.height + HEAD });
    const drawing = decodeURIComponent(picture.slice(picture.indexOf(",") + 1));
    const marks = `<g transform="translate(0 ${HEAD})">${drd.plain(plot.querySelector(".chart-marks").innerHTML)}</g>`;
    save(drawing.replace(/<\/svg>\s*$/, `${marks}</svg>`), name);
  };

  document.addEventListener("click", event => {
    const view = event.target.closest?.("[data-download]")?.dataset.download;
    if (!view || !drd.run) return;
    const { run, target } = drd.read(), name = `${run}-class-${target}-${view}.svg`;
    if (view === "il" || view === "ofiv") saveChart(view, name);
    else if (view === "card" && drd.read().card === "map") save(drd.matrixSvg("fim"), name);
    else if (view === "card") {
      location.assign(`/data/${run}/logo-${drd.read().logo}-${drd.channel()}.svg`);
    } else save(drd.matrixSvg(view), name);
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
