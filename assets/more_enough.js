// How the leading channels settle as trials are added: a small chart with its axes.
(drd => {
  const SIZE = { width: 420, height: 168 }, BOX = { left: 48, right: 88, top: 10, bottom: 38 };
  const { escape, percent } = drd;

  drd.enoughChart = curves => {
    if (!curves.length) return "";
    const { width, height } = SIZE, last = Math.max(...curves.flatMap(one => one.sizes)), half = (last + 1) >> 1;
    const right = width - BOX.right, bottom = height - BOX.bottom;
    const x = n => BOX.left + ((n - 1) / Math.max(1, last - 1)) * (right - BOX.left);
    const y = share => bottom - share * (bottom - BOX.top);
    const line = ({ sizes, shares }) => sizes.map((n, i) => `${x(n).toFixed(1)},${y(shares[i]).toFixed(1)}`).join(" ");
    const dots = ({ sizes, shares }) => (sizes.length > 31 ? "" : sizes.map((n, i) => `<circle cx="${x(n).toFixed(1)}" cy="${y(shares[i]).toFixed(1)}" r="2.5"><title>${n} trials find ${percent(shares[i])}</title></circle>`).join(""));
    const at = curves.map(({ sizes, shares }, i) => ({ i, y: y(shares[Math.max(0, sizes.indexOf(half))]) }));
    const rules = [0, 0.5, 1].map(share => `<line class="grid-line" x1="${BOX.left}" x2="${right}" y1="${y(share)}" y2="${y(share)}"/><text x="${BOX.left - 6}" y="${y(share) + 4}" text-anchor="end">${100 * share}</text>`);
    const ticks = [...new Set([1, half, last])].map(n => `<text x="${x(n)}" y="${bottom + 15}" text-anchor="middle">${n}</text>`);
    const names = at.map(({ i }) => `<g class="curve-${i}"><line x1="${right + 8}" x2="${right + 24}" y1="${BOX.top + 8 + 16 * i}" y2="${BOX.top + 8 + 16 * i}"/><text x="${right + 28}" y="${BOX.top + 12 + 16 * i}">${escape(curves[i].regime)}</text></g>`);
    return `<figure class="enough"><svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(curves.map(({ regime, sizes, shares }) => `${regime}: ${sizes[Math.max(0, sizes.indexOf(half))]} trials find ${percent(shares[Math.max(0, sizes.indexOf(half))])} of the leading channels`).join("; "))}">
      ${rules.join("")}<line class="half" x1="${x(half)}" x2="${x(half)}" y1="${BOX.top}" y2="${bottom}"/>${ticks.join("")}
      ${curves.map((one, i) => `<g class="curve-${i}"><polyline points="${line(one)}"/>${dots(one)}</g>`).join("")}${names.join("")}
      <text class="title" x="${(BOX.left + right) / 2}" y="${height - 6}" text-anchor="middle">trials (number)</text>
      <text class="title" transform="translate(12 ${(BOX.top + bottom) / 2}) rotate(-90)" text-anchor="middle">leading found (%)</text></svg>
      <figcaption class="muted">How many of the ${curves[0].leading} leading channels (largest |mean FIV| of all ${last} trials) fewer trials find, over 20 random orders; dotted: half of the trials.</figcaption></figure>`;
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
