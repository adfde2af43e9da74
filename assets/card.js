// The card of the selected channel: its logo, or its map over positions, and its numbers.
(drd => {
  const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

  let shown = null; // what the card shows, to draw it anew in another size
  drd.drawCard = (...told) => {
    shown = told;
    const card = document.getElementById("card");
    if (!card) return;
    if (!card.drdSized) {
      card.drdSized = true;
      new ResizeObserver(() => card.isConnected && draw(card, ...shown)).observe(card);
    }
    draw(card, ...shown);
  };
  const draw = (card, rows, selection, { run, heights, strongest }, logo) => {
    const i = rows.channel.indexOf(drd.channel(rows, selection)), channel = rows.channel[i];
    const title = document.querySelector("#card-panel h2");
    if (title) title.replaceChildren(drd.linked({ href: drd.channelHref({ run: run.id, channel, class: selection.target, regime: selection.regime }), textContent: drd.spoken(channel, "Channel"), title: "The page of this channel: what it sees" }));
    document.getElementById("card-regime").textContent =
      `rank ${i + 1} of ${rows.channel.length}`;
    const picture = selection.card === "map" ? "" : heights
      ? logo(channel, { width: Math.max(240, card.clientWidth - 4), height: Math.max(88, Math.min(card.closest(".presented") ? 320 : 190, card.clientHeight * 0.42)), axis: true })
      : run.offsets ? '<p class="empty">The logos could not be loaded.</p>'
      : '<p class="empty">No logo: the cut lies deeper than the first convolution, so this channel has no filter over bases of its own.</p>';
    const map = selection.card === "map", facts = factsOf(rows, i, run, strongest).slice(0, map ? 2 : undefined).map(([key, value, wide]) => `<div${wide ? ' class="wide"' : ""}><dt>${key}</dt><dd>${value}</dd></div>`).join("");
    card.closest(".panel").classList.toggle("with-map", map);
    card.innerHTML = `${map ? "" : `<div class="big-logo">${picture}</div>`}<dl>${facts}</dl>`;
    drd.drawMarks();
    card.onclick = event => {
      const { channel: other, target } = event.target.dataset;
      if (other) drd.go({ channel: Number(other) });
      if (target) drd.go({ target: Number(target) });
    };
  };

  const factsOf = (rows, i, run, strongest) => {
    const kind = rows.kind[i], n = rows.n_trials, far = Math.max(rows.ofiv[i] - rows.low[i], rows.high[i] - rows.ofiv[i]) / Math.abs(rows.ofiv[i]);
    const near = far >= 0 && far < 1 ? `±${drd.number(Math.max(100 * far, 0.001), 1)}%` : ""; // where both ends read alike
    const ends = [rows.low[i], rows.high[i]].map(end => drd.number(end));
    const facts = [
      ["OFIV", `${drd.signed(rows.ofiv[i])} <span class="muted" title="95% interval over the trials: ${drd.interval(rows.low[i], rows.high[i], " to ") || "narrower than 5 digits"}">${ends[0] === ends[1] ? near : `[${ends.join(", ")}]`}</span>`],
      ["IL", `${drd.number(rows.level[i])} <span class="muted">component ${rows.component[i] + 1}</span>`],
      ["kind", n === 0 ? "–" : `<span class="kind kind-${kind}">${run.marks[kind]}</span> ${run.kinds[kind]}`],
      ["sign", `+ in ${rows.up[i]}, − in ${rows.down[i]} of ${plural(n, "trial")}`],
    ];
    if (rows.gradient) facts.push(["gradient", `${drd.signed(rows.gradient[i])} <span class="muted">at the base map</span>`]);
    if (rows.swing) facts.push(["swing", `${drd.signed(rows.swing[i])} logits <span class="muted">low to high</span>`]);
    if (rows.partners[i].length) {
      const links = rows.partners[i].slice(0, 4).map(k => `<button class="link" data-channel="${k}">${drd.escape(drd.spoken(k))}</button>`).join(" ");
      facts.push(["opposed", `${links} <span class="muted">in both orders: XOR-like</span>`, true]);
    }
    const all = strongest?.[run.channels.indexOf(rows.channel[i])] ?? [], named = t => drd.escape(run.names[run.targets.indexOf(t)]);
    const classes = all.slice(0, 2).map(t => `<button class="link" data-target="${t}">${named(t)}</button>`); // what one line holds
    if (all.length > 2) classes.push(`<span class="muted" title="${all.slice(2).map(named).join(", ")}">+${all.length - 2}</span>`);
    facts.push(["strongest for", classes.join(", ") || (strongest ? "no class" : "–"), true]);
    return facts;
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
