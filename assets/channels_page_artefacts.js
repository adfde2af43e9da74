// Activation of all channels in positives and negatives of the class against how well they match.
(drd => {
  const LEAST = 1e-8, TOP = 16, BELOW = 34, LEFT = 34, QUARTER = 0.25, LARGEST_P = 0.5;
  const place = p => 1 - Math.log10(Math.max(p ?? 1, LEAST)) / Math.log10(LEAST); // 0 to 1 along the axis
  const sorted = values => [...values].sort((a, b) => a - b);
  const quantile = (values, q) => { // linear, as numpy
    const order = sorted(values), at = q * (order.length - 1), low = Math.floor(at);
    return order[low] + (at - low) * ((order[low + 1] ?? order[low]) - order[low]);
  };

  drd.drawArtefacts = now => {
    const body = document.querySelector(".artefacts-body"), { told, chosen } = now, { activity } = told;
    document.getElementById("artefacts-regime").textContent = activity && told.artefact ? `${told.artefact.filter(Boolean).length} of ${told.channel.length} channels` : "";
    if (!body.drdSized) {
      body.drdSized = true;
      new ResizeObserver(() => { const on = drd.layerNow(); if (on?.told && body.isConnected && on.told.channel) drd.drawArtefacts(on); }).observe(body);
    }
    if (!activity) return body.replaceChildren(drd.made("p", { className: "empty", textContent: told.source === "random" ? "Random sequences are neither positives nor negatives." : now.selection.source !== "own" ? "These sequences have no labels: none is a positive or a negative." : "Not known before a look at the channels with labelled sequences." }));
    const wide = Math.max(200, body.clientWidth), tall = Math.max(120, body.clientHeight || 190), each = (wide - LEFT) / 2;
    const most = Math.max(...activity.positive, ...activity.negative, 1e-9), important = quantile(told.ofiv, 1 - QUARTER), bits = Math.max(...told.bits);
    const quiet = quantile(activity.positive, QUARTER), y = value => TOP + (tall - TOP - BELOW) * (1 - value / most);
    const half = (name, left, values) => {
      const inside = each - 24, x = p => left + place(p) * inside;
      const region = name === "positives" ? `<rect x="${x(LARGEST_P)}" y="${y(quiet)}" width="${left + inside - x(LARGEST_P) + 4}" height="${y(0) - y(quiet)}" fill="var(--warn-soft)" stroke="var(--warn)" stroke-dasharray="3 3"/>` : "";
      const points = told.channel.map((channel, i) => {
        const up = told.ofiv[i] >= important, dark = 25 + 75 * (told.bits[i] / bits);
        return `<circle data-channel="${channel}" cx="${x(activity.p[i]).toFixed(1)}" cy="${y(values[i]).toFixed(1)}" r="${channel === chosen ? 6 : up ? 4.5 : 3}" fill="${up ? `color-mix(in srgb, var(--pos) ${dark.toFixed(0)}%, var(--panel))` : "none"}" stroke="${channel === chosen ? "var(--text)" : `color-mix(in srgb, var(--${up ? "pos" : "kind-0"}) ${dark.toFixed(0)}%, var(--panel))`}" stroke-width="${channel === chosen ? 2 : 1}"/>`;
      }).join("");
      return `<text x="${left + inside / 2}" y="11" text-anchor="middle">${name}</text>${region}<path d="M${left} ${TOP}V${y(0)}H${left + inside}" fill="none" stroke="var(--muted)"/>${points}
        <text x="${left}" y="${y(0) + 13}" text-anchor="start">≤1e−8</text><text x="${left + inside}" y="${y(0) + 13}" text-anchor="end">1</text><text x="${left + inside / 2}" y="${y(0) + 28}" text-anchor="middle">motif p, corrected</text>`;
    };
    body.innerHTML = `<svg width="${wide}" height="${tall}" role="img" aria-label="Activation of channels against the p of their motif, in positives and negatives"><text x="${LEFT - 4}" y="${TOP + 8}" text-anchor="end">${drd.number(most, 2)}</text><text x="${LEFT - 4}" y="${y(0)}" text-anchor="end">0</text><text transform="translate(10 ${(TOP + y(0)) / 2}) rotate(-90)" text-anchor="middle">activation</text>${half("positives", LEFT, activity.positive)}${half("negatives", LEFT + each, activity.negative)}</svg>`;
    const pointer = document.getElementById("pointer");
    body.onpointermove = event => {
      const channel = event.target.dataset?.channel, i = told.channel.indexOf(Number(channel));
      pointer.hidden = !channel;
      if (channel) drd.point(event, [`ch ${channel}${told.called?.[i] ? ` (${told.called[i]})` : ""}`, `OFIV ${drd.signed(told.ofiv[i])}, rank ${told.rank[i]}`, `activation ${drd.number(activity.positive[i])} in positives, ${drd.number(activity.negative[i])} in negatives`, `p ${activity.p[i] === null ? "– (not matched)" : drd.number(activity.p[i], 2)}, ${drd.number(told.bits[i])} bits`]);
      event.stopPropagation();
    };
    body.onpointerleave = () => { pointer.hidden = true; };
    body.onclick = event => {
      const { channel } = event.target.dataset ?? {};
      if (channel) drd.go({ channel: Number(channel) }, { replace: true });
    };
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
