// The charts of levels and of the ranking: the mark of the selected channel, pointer and clicks.
(drd => {
  const NAMES = 13; // px of a line of names below the numbers
  const ABOVE = 48; // px above the chart in a file, for title and legend
  const chart = id => document.querySelector(`#${id} .plot`);

  drd.markAgain = () => ["il", "ofiv"].forEach(id => chart(id)?.axes && place(chart(id))); // logos have come

  drd.fitCharts = () => {
    for (const plot of ["il", "ofiv"].map(chart)) {
      if (!plot?.axes || !plot.parentElement.clientHeight) continue;
      plot.size = { width: plot.parentElement.clientWidth, height: plot.parentElement.clientHeight };
      draw(plot);
    }
  };

  drd.plot = (id, figure) => {
    const element = document.getElementById(id);
    if (!element) return;
    const plot = element.firstElementChild ?? open(element);
    Object.assign(plot, named(figure));
    draw(plot);
  };
  const open = element => {
    const plot = element.appendChild(Object.assign(document.createElement("div"), { className: "plot" }));
    const pointer = document.getElementById("pointer");
    plot.size = { width: element.clientWidth, height: element.clientHeight };
    part(plot, "svg", "drawing");
    plot.addEventListener("pointermove", event => {
      const found = event.buttons ? null : under(plot, event);
      pointer.hidden = !found;
      plot.style.cursor = found?.channel === undefined ? "crosshair" : "pointer";
      const name = found && drd.calledOf(found.channel);
      if (found) drd.point(event, name ? [...found.lines, `like ${name}`] : found.lines);
    });
    plot.addEventListener("pointerleave", () => { pointer.hidden = true; });
    plot.addEventListener("click", event => {
      const channel = drd.brushed(plot) ? undefined : under(plot, event)?.channel;
      if (channel !== undefined) drd.go({ channel });
    });
    drd.brush(plot);
    new ResizeObserver(([{ contentRect: { width, height } }]) => {
      if (!plot.isConnected || !height || (width === plot.size.width && height === plot.size.height)) return;
      plot.size = { width, height };
      draw(plot);
    }).observe(element);
    return plot;
  };
  const under = (plot, event) => {
    const frame = plot.getBoundingClientRect(), by = drd.scale(plot);
    return plot.hits && drd.under(plot, (event.clientX - frame.left) / by, (event.clientY - frame.top) / by);
  };
  const draw = plot => {
    const { drawing, ...drawn } = drd.drawFigure(plot, plot.parentElement.id, plot.size), svg = part(plot, "svg", "drawing");
    Object.assign(plot, drawn);
    svg.innerHTML = drawing;
    place(plot);
  };
  drd.markChart = (id, selection, rows) => {
    const plot = chart(id);
    if (!plot?.axes) return;
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
    const axis = plot.axes.x, size = plot.box;
    const outline = part(plot, "div", "chosen-mark"), marks = part(plot, "svg", "chart-marks");
    const pixels = channel => extent(plot, channel)?.map(axis.at), ends = pixels(plot.drdChannel);
    outline.hidden = !ends;
    marks.innerHTML = ticks(plot, pixels, size) + logos(plot, axis, size) + names(plot, axis, size);
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
  // room below the numbers of few channels for the motifs they are called after
  const named = figure => {
    const { channels, logos } = figure.layout?.meta ?? {}, { xaxis, margin } = figure.layout ?? {};
    if (!logos || xaxis.drop || !channels.some(drd.calledOf)) return figure;
    return { ...figure, layout: { ...figure.layout, xaxis: { ...xaxis, drop: NAMES }, margin: { ...margin, b: margin.b + NAMES } } };
  };
  const names = (plot, axis, { t, h }) => {
    const { xaxis, meta } = plot.layout;
    if (!xaxis.drop) return "";
    const [most, fine] = [7.4, 6.6].map(letter => Math.floor((axis.at(2) - axis.at(1)) / letter)); // in small type more letters fit
    return meta.channels.map((channel, i) => {
      const name = drd.calledOf(channel), long = name.length > most, short = drd.middle(name, long ? fine : most);
      return name && `<text class="called" x="${axis.at(meta.x[i])}" y="${t + h + 27}" text-anchor="middle"${long ? ' style="font-size:10px"' : ""}>${drd.escape(short)}</text>`;
    }).join("");
  };
  const logos = (plot, axis, { t, h }) => {
    const { channels, x, logos: share } = plot.layout.meta ?? {};
    const slot = share ? axis.at(2) - axis.at(1) : 0;
    const wide = Math.min(slot - 7, 4.2 * share * h), tall = Math.min(share * h - 4, wide);
    if (!(slot >= 28 && tall >= 12)) return "";
    return channels.map((channel, i) => {
      const drawn = drd.smallLogo(channel, { width: wide, height: tall });
      return drawn && `<g transform="translate(${axis.at(x[i]) - wide / 2} ${t + h - tall - 1})">${drawn}</g>`;
    }).join("");
  };

  // a picture for paper, with title, legend and the marks
  drd.chartFile = async id => {
    const plot = chart(id), { width, height } = plot.size, view = { il: "levels", ofiv: "ofiv" }[id];
    const { figure } = await drd.load(view, drd.read());
    return drd.onPaper(() => {
      const { drawing, axes, box } = drd.drawFigure(named(figure), `${id}-file`, { width, height }), ends = extent(plot, plot.drdChannel)?.map(axes.x.at);
      const wide = ends && Math.max(3, ends[1] - ends[0]);
      const outline = ends ? `<rect x="${(ends[0] + ends[1] - wide) / 2}" y="${box.t}" width="${wide}" height="${box.h}" fill="none" stroke="var(--text)" stroke-width="1.4"/>` : "";
      const title = document.querySelector(`#${id}-panel h2`).textContent, legend = drd.legend(figure, width, ABOVE - 10);
      return drd.file(`${title}, ${document.title}`, { width: width + 8, height: height + ABOVE }, `${legend}<g transform="translate(0 ${ABOVE})">${drawing}${outline}${plot.querySelector(".chart-marks").innerHTML}</g>`);
    });
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
