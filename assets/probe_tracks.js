// The strongest channels along the sequence: where each is active, on the axis of the bases above.
(drd => {
  const ROW = 34, TALL = 26, MORE = 24; // px of a track, of its curve; channels added at a time
  const part = name => document.querySelector(`.probe-page ${name}`);

  // each position as a step around the middle of what it sees
  const line = (values, { offset, width, stride }, most, column, top) => {
    const each = (stride || 1) * column, first = (offset + width / 2) * column - each / 2;
    const tall = value => (top + TALL * (1 - Math.max(0, value ?? 0) / most)).toFixed(1);
    return `M${first.toFixed(1)} ${top + TALL}${values.map((value, i) => `V${tall(value)}H${(first + (i + 1) * each).toFixed(1)}`).join("")}V${top + TALL}`;
  };
  drd.drawTracks = on => {
    const body = part(".tracks-body"), { told, tracks, of, selection } = on, regime = document.getElementById("tracks-regime");
    if (!body) return;
    const empty = text => { regime.textContent = ""; body.innerHTML = drd.emptyLine(text); };
    if (of.layer === null) return empty("This network cannot be cut at a layer, so it has no channels to show.");
    if (!told) return empty("Nothing to show before there is a sequence.");
    if (!tracks || (on.data.first.stage && !on.data.first.stage.scores && !tracks.rows.length)) return empty(on.data.first?.stage?.stage === "empty" ? "Not known." : "Being computed…");
    if (!tracks.rows.length) return empty(`No channel of ${of.layer} is active on this sequence.`);
    const column = drd.probeColumn(on), left = drd.PROBE_LEFT, height = tracks.rows.length * ROW + 22, width = of.length * column;
    const sees = `sees ${tracks.width} bp`, known = drd.probeOther();
    regime.textContent = `layer ${of.layer}, ${sees} before a last pooling · ${tracks.rows.length} of ${tracks.active} active channels (of ${tracks.channels})`;
    const labels = tracks.rows.map((row, i) => {
      const name = row.called ? `${row.channel} ${row.called}` : `channel ${row.channel}`, short = name.length > 14 ? `${name.slice(0, 13)}…` : name, y = i * ROW;
      const text = `<text class="track-name" x="0" y="${y + 14}"><title>${drd.escape(`channel ${row.channel}${row.called ? `, like ${row.called}` : ""}`)}</title>${drd.escape(short)}</text>`;
      const linked = of.run ? `<a href="${drd.channelHref({ run: of.run, channel: row.channel, class: of.ofRun.includes(selection.target) ? selection.target : null, regime: selection.regime })}" data-visit>${text}</a>` : text;
      const said = row.ofiv === null || row.ofiv === undefined ? "" : `OFIV ${drd.signed(row.ofiv)}`;
      return `${linked}<text x="0" y="${y + 27}">${said}</text>`;
    }).join("");
    const curves = tracks.rows.map((row, i) => {
      const top = i * ROW + 4, most = Math.max(1e-9, ...row.values.map(v => v ?? 0), ...(row.other ?? []).map(v => v ?? 0)), sign = row.ofiv > 0 ? "pos" : row.ofiv < 0 ? "neg" : "accent";
      const second = row.other ? `<path class="other" d="${line(row.other, tracks, most, column, top)}"/>` : "";
      const best = row.most > 0 ? [row.most, row.values.indexOf(Math.max(...row.values))] : [Math.max(...row.other ?? [0]), (row.other ?? [0]).indexOf(Math.max(...row.other ?? [0]))];
      const peak = (tracks.offset + tracks.width / 2 + best[1] * tracks.stride) * column, beside = peak > width - 60, half = (tracks.stride * column) / 2 + 4;
      const label = `<text class="most" x="${(peak + (beside ? -half : half)).toFixed(1)}" y="${top + 8}" text-anchor="${beside ? "end" : "start"}">${drd.number(best[0])}</text>`;
      return `<path class="curve" style="fill:var(--${sign});stroke:var(--${sign})" d="${line(row.values, tracks, most, column, top)}"/>${second}${label}`;
    }).join("");
    const scrolled = part(".bases-body .probe-scroll")?.scrollLeft ?? 0;
    body.innerHTML = `<div class="probe-pair"><svg class="probe-labels" width="${left}" height="${height}">${labels}</svg><div class="probe-scroll" tabindex="0" role="region" aria-label="Channels along the sequence"><svg width="${width.toFixed(1)}" height="${height}"><rect class="field" hidden y="0" height="${height}"/>${curves}${drd.probeTicks(of.length, column, height - 4)}</svg></div></div><p class="muted small-print">Each curve has its own height; its largest value is written at its top${known ? `; dashed: ${known === "second" ? "the second sequence" : "before the edits"}` : ""}. A position is drawn at the middle of the ${tracks.width} bp that it sees.${tracks.rows.some(row => row.ofiv) ? " Orange channels speak for the class by their OFIV, blue ones against it." : ""}</p>${tracks.active > tracks.rows.length ? '<button class="button more-tracks">Show more channels</button>' : ""}`;
    const scroll = body.querySelector(".probe-scroll"), more = body.querySelector(".more-tracks");
    scroll.scrollLeft = scrolled;
    scroll.onscroll = drd.probeScroll;
    if (more) more.onclick = () => drd.go({ more: tracks.rows.length + MORE }, { replace: true });
    wire(scroll, tracks, column);
  };
  // the bases that the position under the pointer sees are tinted in both pictures
  const wire = (scroll, tracks, column) => {
    const pointer = document.getElementById("pointer"), fields = () => document.querySelectorAll(".probe-page .field");
    const hide = () => { pointer.hidden = true; for (const one of fields()) one.setAttribute("hidden", ""); };
    scroll.onpointerleave = hide;
    scroll.onpointermove = event => {
      const frame = scroll.firstChild.getBoundingClientRect(), by = drd.scale(scroll), row = tracks.rows[Math.floor((event.clientY - frame.top) / by / ROW)];
      const stride = tracks.stride || 1, at = Math.round(((event.clientX - frame.left) / by / column - tracks.offset - tracks.width / 2) / stride);
      if (!row || at < 0 || at >= row.values.length) return hide();
      const start = tracks.offset + at * stride;
      for (const one of fields()) {
        one.removeAttribute("hidden");
        one.setAttribute("x", (start * column).toFixed(1));
        one.setAttribute("width", (tracks.width * column).toFixed(1));
      }
      pointer.hidden = false;
      const other = row.other ? [`${drd.probeOther() === "second" ? "second" : "before"}: ${drd.number(row.other[at])}`] : [];
      drd.point(event, [`channel ${row.channel}${row.called ? ` (${row.called})` : ""}: ${drd.number(row.values[at])}`, ...other, `bases ${start + 1} to ${start + tracks.width} (${tracks.width} bp)`]);
    };
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
