// Marks of the selected channel in plotly charts, clicks in them, and downloads of all pictures.
(drd => {
  const chart = id => document.querySelector(`#${id} .js-plotly-plot`);

  drd.markLevels = (figure, selection, rows) => mark("il", figure, drd.channel(rows, selection));
  drd.markOfiv = (figure, selection, rows) => mark("ofiv", figure, drd.channel(rows, selection));

  const mark = (id, figure, channel, tries = 60) => {
    if (!figure || channel === null) return;
    const plot = chart(id);
    if (!plot?.on || !plot._fullLayout) {
      if (tries) requestAnimationFrame(() => mark(id, figure, channel, tries - 1));
      return;
    }
    if (!plot.drdReady) {
      plot.drdReady = true;
      plot.on("plotly_afterplot", () => place(plot));
      plot.on("plotly_click", event => {
        const channel = event.points?.[0]?.customdata;
        if (channel !== undefined) drd.go({ channel });
      });
    }
    plot.drdChannel = channel;
    place(plot);
  };

  // where the selected channel is on the x axis, in data units: [from, to]
  const extent = plot => {
    const { channels, x, bar } = plot.layout?.meta ?? {};
    const at = channels?.indexOf(plot.drdChannel) ?? -1;
    if (at < 0 || (x && x[at] === null)) return null;
    return bar ? [at + 0.5, at + 1.5] : [x[at], x[at]];
  };
  const place = plot => {
    let outline = plot.querySelector(".chosen-mark");
    if (!outline) {
      outline = document.createElement("div");
      outline.className = "chosen-mark";
      plot.append(outline);
    }
    const ends = extent(plot), axis = plot._fullLayout.xaxis, size = plot._fullLayout._size;
    outline.hidden = !ends || !axis?.d2p;
    if (outline.hidden) return;
    const [from, to] = ends.map(value => axis.d2p(value) + axis._offset);
    const width = Math.max(4, to - from + 2);
    outline.style.cssText = `left:${(from + to) / 2 - width / 2}px;width:${width}px;top:${size.t}px;height:${size.h}px`;
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
    const plot = chart(id), ends = extent(plot), box = plot.getBoundingClientRect();
    const colour = getComputedStyle(plot).color;
    const shape = ends && { type: "rect", xref: "x", yref: "paper", x0: ends[0], x1: ends[1], y0: 0, y1: 1, line: { color: colour, width: 1.5 } };
    const paper = getComputedStyle(document.body).getPropertyValue("--panel");
    const title = { text: `${view.title}, ${document.title}`, font: { size: 13 }, x: 0.02, xanchor: "left" };
    const layout = { ...plot.layout, title, showlegend: true, margin: { ...plot.layout.margin, t: 58 }, shapes: shape ? [shape] : [], paper_bgcolor: paper.trim() };
    const picture = await Plotly.toImage({ data: plot.data, layout }, { format: "svg", width: box.width, height: box.height + 60 });
    save(decodeURIComponent(picture.slice(picture.indexOf(",") + 1)), name);
  };

  document.addEventListener("click", event => {
    const view = event.target.closest?.("[data-download]")?.dataset.download;
    if (!view || !drd.run) return;
    const { run, target } = drd.read(), name = `${run}-class-${target}-${view}.svg`;
    if (view === "il" || view === "ofiv") saveChart(view, name);
    else if (view === "card") {
      location.assign(`/data/${run}/logo-${drd.read().logo}-${drd.channel()}.svg`);
    } else save(drd.matrixSvg(view), name);
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
