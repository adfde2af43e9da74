// Known motifs that a picture of a channel resembles: the table, and the chosen one aligned with it.
(drd => {
  const LIMIT = 5; // px between the two logos
  let picked = { of: null, at: 0 };

  // the matched matrix above, the known motif below, on the strand on which they agree
  const aligned = (hit, wide) => {
    const target = hit.strand === "-" ? [...hit.pwm].reverse().map(row => [...row].reverse()) : hit.pwm;
    // `offset` is where the matched matrix starts on the motif, which may be before its first base
    const left = Math.min(0, hit.offset), columns = Math.max(target.length, hit.offset + hit.matrix.length) - left, each = Math.min(26, wide / columns);
    const put = (rows, from) => {
      const figure = drd.pictureLogo({ matrix: rows }, {}, { width: each * rows.length, height: 68 });
      figure.style.marginLeft = `${each * (from - left)}px`;
      return figure;
    };
    const pair = drd.made("div", { className: "aligned-pair" }, put(hit.matrix, hit.offset), put(target, 0));
    pair.style.gap = `${LIMIT}px`;
    return pair;
  };
  const small = value => drd.number(value, 2);
  drd.drawMotifs = now => {
    const { told, selection } = now, body = document.querySelector(".motifs-body"), one = drd.chosenPicture(now);
    document.getElementById("motifs-regime").textContent = told.database ? `${told.database}, ${told.n_targets.toLocaleString("en")} motifs` : "";
    const face = one && { filter: "filter", activation: "activation logo", ascent: "ascent" }[one.face];
    if (!one || !told.database) return body.replaceChildren(drd.made("p", { className: "empty", textContent: "Nothing has been matched yet: look at the channels first." }));
    if (!one.matches) return body.replaceChildren(drd.made("p", { className: "empty", textContent: `The ${face} was not matched: ${one.uniform ? "its logo is uniform" : "the channel is dead, or the picture is made of too little"}.` }));
    const shown = one.matches.filter(hit => selection.weak || hit.q_value <= told.q), of = [told.channel, one.face, one.facet].join();
    if (picked.of !== of) picked = { of, at: 0 };
    const hit = shown[picked.at] ?? shown[0], left = one.matches.length - shown.length;
    const about = drd.made("p", { className: "muted small-print" }, `The ${face}${one.facet ? `, facet ${one.facet + 1}` : ""} by TOMTOM: distance Euclidean, background the columns of all targets, both strands; E = p × ${told.n_targets.toLocaleString("en")}, q by Benjamini and Hochberg over the targets. Shuffled columns of this picture reach p ${small(one.control)}; of all pictures 5% reach ${small(told.null)}.`);
    if (!hit) return body.replaceChildren(drd.made("p", { className: "empty", textContent: `No known motif resembles the ${face} with q ≤ ${told.q}. The best is ${one.matches[0].name} with q ${small(one.matches[0].q_value)}.` }), about);
    const rows = shown.map((match, at) => {
      const weak = match.q_value > told.q, row = drd.made("tr", { className: `${at === shown.indexOf(hit) ? "chosen" : ""}${weak ? " weak" : ""}` });
      row.append(...[[`${match.name}`, "name"], [match.id, "muted"], [small(match.p_value), "value"], [small(match.e_value), "value"], [small(match.q_value), "value"], [match.offset, "value"], [match.overlap, "value"], [match.strand, "value"]].map(([text, kind], i) => {
        const cell = drd.made(i ? "td" : "th", { className: kind });
        if (i) cell.textContent = text;
        else cell.append(drd.made("button", { className: "link", textContent: text, title: "Lay it on the picture" }));
        return cell;
      }));
      row.onclick = () => { picked = { of, at }; drd.drawMotifs(now); };
      return row;
    });
    const heads = ["motif", "id", "p", "E", "q", "offset", "overlap", "strand"].map((text, i) => drd.made("th", { className: i > 1 ? "value" : "", textContent: text }));
    const table = drd.made("table", { className: "table small motif-table" }, drd.made("thead", {}, drd.made("tr", {}, ...heads)), drd.made("tbody", {}, ...rows));
    body.replaceChildren(
      drd.made("p", { className: "pair-title" }, drd.made("strong", { textContent: `${hit.name}` }), ` ${hit.id}, q ${small(hit.q_value)}: the ${face} above, the known motif below${hit.strand === "-" ? ", reverse complemented" : ""}`),
      aligned(hit, Math.max(240, body.clientWidth - 8)), table,
      ...(left && !selection.weak ? [drd.made("p", { className: "muted", textContent: `${left} of the best ${one.matches.length} are not significant and hidden.` })] : []), about,
    );
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
