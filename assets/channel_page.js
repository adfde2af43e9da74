// The page of a channel: its faces with their facets, and what the address says of how they are drawn.
(drd => {
  const WORDS = { filter: "Filter", activation: "Activation logo", ascent: "Receptive-field ascent" };
  let timer = null;
  const part = name => document.querySelector(`.channel-page ${name}`);
  const query = ({ run, selection, key }, more = {}) => drd.lookQuery(selection, { ...more, of: run.stamp === "whole" ? null : run.stamp, seen: key });
  const address = (now, name, more) => `/data/${now.run.id}/channel/${now.selection.channel}/${name}${query(now, more)}`;
  const json = at => drd.layerAnswers().get(at, got => got.json());
  const all = now => json(address(now, "all.json", { target: now.selection.target, regime: now.selection.regime }));
  const active = (now, threshold) => json(address(now, "activation.json", { threshold }));
  const FLOOR = 25; // percent of its largest value, below which an ascent is 0
  const floored = (now, floor) => json(address(now, "ascent.json", { floor }));

  const draw = async page => {
    const { selection } = page, wanted = [selection.channel, selection.target, selection.regime, page.key, selection.threshold, selection.floor].join();
    page.wanted = wanted;
    try {
      const told = await all(page), seen = told.activation && selection.threshold !== null ? await active(page, selection.threshold) : told.activation;
      const low = told.activation && selection.floor !== FLOOR ? await floored(page, selection.floor) : null;
      if (page !== drd.layerNow() || page.wanted !== wanted || !part(".faces-body")) return;
      Object.assign(page, { told, seen, low });
      show(page);
      drd.notice(null);
      ahead(page);
    } catch (error) {
      if (page === drd.layerNow() && page.wanted === wanted) drd.notice(`The channel cannot be shown. ${error.message}`);
    }
  };
  const ahead = page => { // neighbours, while nobody waits
    clearTimeout(timer);
    timer = setTimeout(() => {
      const at = page.run.channels.indexOf(page.selection.channel);
      for (const channel of [page.run.channels[at + 1], page.run.channels[at - 1]]) if (channel !== undefined && page === drd.layerNow()) all({ ...page, selection: { ...page.selection, channel } }).catch(() => null);
    }, 200);
  };
  const show = page => {
    const { told, selection, run } = page, name = `Channel ${told.channel}${told.called ? ` (${told.called})` : ""}`;
    document.title = `${name} · ${run.name} · DeepResolve Dash`;
    part(".context h1").textContent = name;
    const channels = part(".context a[href*='/channels']");
    if (channels) channels.href = drd.channelsHref({ ...selection, run: run.id });
    const at = run.targets.indexOf(selection.target);
    document.getElementById("faces-regime").textContent = [`layer ${told.layer}`, told.field ? `sees ${told.field} bp${told.pooled > told.field ? ` before its pooling, ${told.pooled} bp after it` : ""}${told.localised ? ", the part that matters shown" : ""}` : "", `OFIV ${drd.signed(told.ofiv[at])} (rank ${told.ranks[at]} of ${run.channels.length})`, `IL ${drd.number(told.level)}, ${run.kinds[told.kind]}`, told.dead ? "dead: never active" : ""].filter(Boolean).join(" · ");
    drawFaces(page);
    drd.drawMotifs(page);
    drd.drawWhere(page);
    drd.drawSpeaks(page);
    drd.drawKin(page);
  };

  // the picture that the other panels are about: of the face and facet in the address
  drd.chosenPicture = ({ told, selection }) => {
    const { face, facet } = selection, wanted = face === "best" ? "activation" : face;
    const fits = one => one.face === wanted && (one.face === "filter" || one.facet === facet);
    return told.logos.find(one => fits(one) && (facet || one.whole || one.face === "ascent")) ?? told.logos.find(one => one.face === wanted) ?? told.logos.find(one => one.matches?.length) ?? told.logos[0] ?? null;
  };
  const drawFaces = page => {
    const { told, seen, selection } = page, body = part(".faces-body"), chosen = drd.chosenPicture(page), wide = Math.max(320, Math.min(760, body.clientWidth - 190));
    if (!told.logos.length) return body.replaceChildren(drd.made("p", { className: "empty", textContent: "No picture yet: the cut lies deeper than the first convolution, so a look at the channels must come first." }));
    const typing = document.activeElement?.closest?.(".threshold-line");
    if (typing && body.contains(typing) && body.drdChannel === told.channel) { // keep the slider that is being moved
      const rows = [...body.children];
      told.logos.forEach((one, i) => rows[i].querySelector(".picture").replaceWith(drawn(page, one, wide)));
      for (const line of body.querySelectorAll(".threshold-line")) line.lastChild.textContent = line.closest("[data-face=ascent]") ? floorWords(selection.floor) : thresholdWords(seen);
      return;
    }
    body.drdChannel = told.channel;
    body.replaceChildren(...told.logos.map(one => faceRow(page, one, one === chosen, wide)));
  };
  const thresholdWords = seen => `≥ ${drd.number(seen.threshold)}: ${seen.n_sites.toLocaleString("en")} of ${seen.kept.toLocaleString("en")} fragments kept, in ${seen.n_sequences} of ${seen.of_sequences} sequences`;
  const floorWords = floor => `${floor}% of the largest value${floor === FLOOR ? "" : `; the name is that at ${FLOOR}%`}`;
  const severalOf = ({ told }, one) => told.logos.filter(other => other.face === one.face && !(one.face === "activation" && other.whole)).length > 1;
  // the picture of a face at the thresholds of the address
  const pictureOf = ({ told, seen, low }, one) => {
    if (one.face === "filter" && told.filter) return { ...one, weights: told.filter.weights, avoided: told.filter.avoided };
    if (one.whole && one.face === "activation" && seen) return { matrix: seen.matrix };
    return (one.face === "ascent" && low?.logos.find(({ facet }) => facet === one.facet)) || one;
  };
  const drawn = (page, one, wide) => drd.pictureLogo(pictureOf(page, one), page.selection, { width: wide, height: one.whole || one.face === "filter" || !severalOf(page, one) ? 118 : 92, axis: true });
  const faceRow = (page, one, chosen, wide) => {
    const { told, seen, selection } = page, several = severalOf(page, one);
    const best = one.matches?.[0], named = best && best.q_value <= told.q;
    const facet = several && !one.whole ? `, facet ${one.facet + 1}` : "";
    const head = drd.made("button", { className: "link face-name", textContent: `${WORDS[one.face]}${facet}`, title: "Show its matches" });
    head.onclick = () => drd.go({ face: one.face, facet: one.facet });
    head.setAttribute("aria-pressed", chosen);
    const said = one.face === "filter" ? (told.filter ? `${drd.number(told.filter.likes)} bits liked, ${drd.number(told.filter.avoids)} avoided` : "") : one.face === "activation" ? (one.whole ? "" : `${one.n} fragments, ${drd.percent(one.share)}`) : `${one.n} starts, ${drd.percent(one.share)}`;
    const files = drd.made("span", { className: "logo-files" }, ...["svg", "pdf"].map(kind => drd.made("a", { className: "muted", textContent: kind.toUpperCase(), download: "", href: address(page, `logo.${kind}`, { face: one.face, facet: one.whole ? null : one.facet, form: selection.form, turned: selection.turned || null, threshold: one.whole && one.face === "activation" ? selection.threshold : one.face === "ascent" ? selection.floor : null }), title: "Save this logo for print" })));
    const side = drd.made("div", { className: "face-side" }, head, drd.made("span", { className: named ? "motif" : "muted", textContent: one.uniform ? (told.dead ? "never active" : "uniform: says nothing") : named ? best.name : best ? "like no known motif" : "" }), drd.made("span", { className: "muted", textContent: said }), files);
    const row = drd.made("div", { className: `face-row${chosen ? " chosen" : ""}` }, side, drd.made("div", {}, drawn(page, one, wide)));
    Object.assign(row.dataset, { face: one.face, facet: one.facet });
    if (one.whole && one.face === "activation" && seen?.percent) row.lastChild.append(slider("threshold", "threshold", { min: Math.ceil(seen.least ?? 0), max: 100, value: seen.percent }, thresholdWords(seen)));
    const last = one.face === "ascent" && one === told.logos.findLast(other => other.face === "ascent");
    if (last && told.activation) row.lastChild.append(slider("floor", "left out below", { min: 0, max: 90, value: selection.floor }, floorWords(selection.floor)));
    return row;
  };
  const slider = (key, label, range, words) => {
    const input = drd.made("input", { type: "range", step: 1, ...range });
    input.value = range.value; // once its ends are known
    input.oninput = () => {
      clearTimeout(input.drdWaiting);
      input.drdWaiting = setTimeout(() => drd.go({ [key]: Number(input.value) }, { replace: true }), 60);
    };
    return drd.made("label", { className: "threshold-line muted" }, `${label} `, input, drd.made("output", { textContent: words }));
  };

  const step = by => {
    const { run, selection } = drd.layerNow(), next = run.channels[run.channels.indexOf(selection.channel) + by];
    if (next !== undefined) drd.go({ channel: next }, { replace: true });
  };
  const open = page => {
    let width = 0;
    new ResizeObserver(([entry]) => {
      if (!entry.target.isConnected) return;
      if (Math.abs(entry.contentRect.width - width) > 4 && page.told && page === drd.layerNow()) show(page);
      width = entry.contentRect.width;
    }).observe(part(".faces-body"));
  };
  (drd.layerPages ??= {}).channel = { open, draw, step };
})((window.dash_clientside ??= {}).deepresolve ??= {});
