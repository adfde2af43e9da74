// The OFIV of all classes on one canvas, and one factor over the cells it was seen in.
(drd => {
  const { escape } = drd;

  const draw = (body, told) => {
    const high = Math.min(760, Math.max(260, 70 + 14 * told.spec.rows.length));
    body.innerHTML = `<div id="all-ofiv" class="matrix" tabindex="0" role="application" aria-label="OFIV, classes by channels. Arrow keys move, Enter selects class and channel." style="height:${high}px;--least:${told.spec.rows.length > 40 ? 300 : high}px"></div><p class="picked" role="status"></p>`;
  };
  const mark = (body, told, now) => {
    const { row, channel } = now.selection, { spec } = told;
    const marks = [...(row === null ? [] : [{ row }]), ...(channel === null ? [] : [{ column: channel }]), ...(row === null || channel === null ? [] : [{ row, column: channel }])];
    drd.matrix("all-ofiv", (told.named ??= drd.calledColumns(spec)), { marks, choose: (target, column) => drd.go({ row: target, channel: column }) });
    const at = spec.rowIds.indexOf(row), line = body.querySelector(".picked");
    line.innerHTML = at < 0 ? '<span class="muted">Click a cell to select a class and a channel.</span>'
      : `Class ${escape(spec.rows[at])}${channel === null ? "" : `, ${escape(drd.spoken(channel))}`} <span class="logo">${channel === null ? "" : now.logo(channel, { width: 110, height: 24 })}</span> <button class="button" data-target="${row}">Open the class</button>`;
  };
  drd.addBelow("ofiv-map", {
    address: now => drd.belowAddress("ofiv", now),
    draw, mark,
    logos: true,
    file: () => drd.matrixFile("all-ofiv"),
  });

  const parts = told => {
    const alone = told.cells.map(({ cell }, i) => [cell, told.particular[i]]), none = alone.filter(([, rows]) => !rows.length).map(([cell]) => cell);
    return [
      ["Common to all cells", told.common],
      ...alone.filter(([, rows]) => rows.length).map(([cell, rows]) => [`In ${cell} alone`, rows]),
      ...(none.length ? [[`In ${none.length > 1 ? `one of ${none.join(", ")}` : none[0]} alone`, []]] : []),
      ["In several cells, not all", told.some],
    ];
  };
  const drawCells = (body, told, now) => {
    if (told.empty) return (body.innerHTML = `${drd.emptyLine(told.empty)}${drd.leftOut(told.leftOut)}`);
    const most = told.cells.length > 4 ? 1 : 3; // classes named in the head of a cell
    const heads = told.cells.map(({ cell, classes }) => `<th>${escape(cell)}<br><span class="muted">${classes.slice(0, most).map(drd.classLink).join(", ")}${classes.length > most ? ` and ${classes.length - most} more` : ""}</span></th>`);
    const row = one => `<tr data-channel="${one.channel}"><th scope="row"><button class="link" data-channel="${one.channel}">${escape(drd.spoken(one.channel))}</button></th><td class="logo">${now.logo(one.channel, { width: 100, height: 24 })}</td>${one.values.map(value => `<td>${drd.signedBar(value)}</td>`).join("")}</tr>`;
    const section = ([title, rows]) => `<tr class="part"><th colspan="${2 + told.cells.length}" scope="rowgroup">${escape(title)} <span class="muted">${rows.length ? rows.length : "none"}</span></th></tr>${rows.map(row).join("")}`;
    body.innerHTML = `<div class="scroll" tabindex="0" role="region" aria-label="Features of ${escape(told.factor)} over cells"><table class="table small cells-table"><caption>Mean OFIV of the classes of ${escape(told.factor)} in each cell, in percent of the largest |OFIV| of the class.</caption><thead><tr><th>channel</th><th>logo</th>${heads.join("")}</tr></thead><tbody>${parts(told).map(section).join("")}</tbody></table></div>${drd.leftOut(told.leftOut)}`;
  };
  const markCells = (body, told, now) => {
    const place = drd.controls("cells", "<span></span>").firstChild;
    const html = told.factors.length ? drd.chooserOf("factor", "factor", told.factors.map(({ name, n }) => [name, `${name} (${n} cells)`]), told.factor) : "";
    if (place.made !== html) { place.innerHTML = html; place.made = html; }
    drd.markChannel(body, now.selection.channel);
  };
  const sized = value => `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(100 * value).toFixed(0)}%`;
  drd.addBelow("cells", {
    address: now => drd.belowAddress("cells", now, { factor: now.selection.factor }),
    draw: drawCells,
    logos: true,
    mark: markCells,
    file: (told, now, title) => {
      const end = 'text-anchor="end"', at = i => 420 + Math.min(140, 560 / told.cells.length) * i;
      return drd.sheet(`${title}, ${told.factor}`, [
        { columns: [[16, "channel", ""], ...told.cells.map(({ cell }, i) => [at(i), cell, end])], muted: true },
        ...parts(told).flatMap(([words, rows]) => [
          { words: `${words}${rows.length ? "" : ": none"}`, strong: true },
          ...rows.map(one => ({ columns: [[16, drd.spoken(one.channel), ""], ...one.values.map((value, i) => [at(i), sized(value), end])], logo: now.logo(one.channel, { width: 100, height: 26 }) || " ", at: 190 })),
        ]),
        { words: "Mean OFIV of the classes in each cell, percent of the largest |OFIV| of the class.", muted: true },
      ]);
    },
    tsv: told => told.empty ? [] : [["features", "channel", ...told.cells.map(({ cell }) => cell)], ...parts(told).flatMap(([words, rows]) => rows.map(one => [words, one.channel, ...one.values]))],
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
