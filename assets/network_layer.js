// What is told of a layer beside the drawing of the network: size, costs, weights, where to go.
(drd => {
  const escape = text => drd.escape(text);
  const WIDE = 168, HIGH = 30;

  drd.drawNetworkLayer = (area, told, chosen, { members, model }) => {
    const layer = told.layers[chosen];
    const others = members.length < 2 ? "" : `<div class="switch" role="group" aria-label="Layers in this box">${members.map(one =>
      `<button data-member="${one}" aria-pressed="${one === chosen}" title="${escape(told.layers[one].kind)}">${escape(told.layers[one].name)}</button>`).join("")}</div>`;
    area.innerHTML = `${others}<h3>${escape(layer.name)} <span class="muted">${escape(layer.kind)}</span>${layer.advised ? ' <span class="chip good" title="With one convolution its pooled output, with more the input of the last.">advised</span>' : ""}</h3>
      <div class="actions">${layer.cuts.map(output => link(model, layer.name, output)).join("")}</div>
      ${layer.why_not ? `<p class="muted">${layer.cuts.length ? "Not for the first output: " : "Cannot be cut: "}${escape(lower(layer.why_not))}</p>` : ""}
      <dl>${layer.rows.map(([name, value, note]) => `<dt>${escape(name)}</dt><dd>${escape(value)}${note && `<div class="muted">${escape(note)}</div>`}</dd>`).join("")}</dl>
      ${layer.weights.length ? `<h4>Weights <span class="muted">in the model's own units</span></h4>${layer.weights.map(array).join("")}` : ""}`;
  };
  const lower = text => text[0].toLowerCase() + text.slice(1);
  const link = (model, layer, output) => {
    const query = new URLSearchParams({ model, ...(output === null ? {} : { output }), layer });
    return `<a class="button main" data-visit href="/new?${escape(query)}">New run at this layer${output === null ? "" : ` for output ${escape(output)}`}</a>`;
  };

  const array = one => {
    const number = value => drd.number(value);
    const odd = one.not_finite ? `<span class="warn">${one.not_finite.toLocaleString("en")} NaN or infinite</span>` : "";
    const share = 100 * one.zeros, zeros = one.zeros === 1 ? "all zeros" : one.zeros ? `${share < 10 ? share.toPrecision(2) : Math.round(share)}% zeros` : "no zeros";
    const told = one.mean === null ? "" : one.min === one.max ? (one.min === 0 ? "all 0" : `${one.n > 1 ? "all " : ""}${number(one.min)}`) : `mean ${number(one.mean)}, SD ${number(one.sd)}<br>${number(one.min)} to ${number(one.max)}, ${zeros}`;
    return `<div class="weights"><div><strong>${escape(one.name)}</strong> <span class="muted">${one.shape.join(" × ") || "one number"}</span></div>
      ${histogram(one)}<div>${told} ${odd}</div></div>`;
  };
  // counts of weights in equally wide bins from the smallest to the largest
  const histogram = one => {
    if (!one.bins.length) return "<div></div>"; // all are alike
    const most = Math.max(...one.bins), step = WIDE / one.bins.length;
    const bars = one.bins.map((count, i) => {
      const tall = count && Math.max(1, (count / most) * HIGH);
      return `<rect x="${(i * step + 0.5).toFixed(1)}" y="${(HIGH - tall).toFixed(1)}" width="${(step - 1).toFixed(1)}" height="${tall.toFixed(1)}"/>`;
    });
    const zero = one.min < 0 && one.max > 0 ? (-one.min / (one.max - one.min)) * WIDE : null;
    const aria = `Histogram of ${one.n.toLocaleString("en")} numbers from ${drd.number(one.min)} to ${drd.number(one.max)}`;
    return `<svg class="histogram" role="img" aria-label="${escape(aria)}" viewBox="0 0 ${WIDE} ${HIGH + 12}" width="${WIDE}" height="${HIGH + 12}"><title>${escape(aria)}</title>${bars.join("")}
      <path d="M0 ${HIGH + 0.5}H${WIDE}${zero === null ? "" : `M${zero.toFixed(1)} ${HIGH}v4`}"/>${zero === null ? "" : `<text x="${Math.min(WIDE - 4, Math.max(4, zero)).toFixed(1)}" y="${HIGH + 12}" text-anchor="middle">0</text>`}</svg>`;
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
