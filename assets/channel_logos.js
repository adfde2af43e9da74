// Pictures of a channel as logos: heights from probabilities, turned, trimmed, with values under the pointer.
(drd => {
  const LEAST = 0.05, TRIM = 0.25; // smallest probability in log-odds; bits below which a flank is left out
  const flip = rows => [...rows].reverse().map(row => [...row].reverse());
  const bits = row => drd.bitsAt(...row);
  const known = new WeakMap(); // element -> what its columns say

  // where the informative part begins and ends
  const core = rows => {
    const told = rows.map(row => bits(row) >= TRIM), from = told.indexOf(true);
    return from < 0 ? [0, rows.length] : [from, told.lastIndexOf(true) + 1];
  };
  // letters of a picture: { matrix, weights?, avoided? } as they are shown
  const heightsOf = ({ matrix, weights, avoided }, form, below) => matrix.map((row, i) => {
    if (form === "probability") return row;
    if (form === "weights") return weights ? weights[i] : row.map(p => Math.log2(Math.max(p, LEAST) / 0.25));
    const tall = row.map(p => p * bits(row));
    if (!below || !avoided) return tall;
    return tall.map((height, base) => (height > 0 ? height : -avoided[i][base] * bits(avoided[i])));
  });
  drd.pictureLogo = (picture, { form = "bits", turned = 0, trim = 0, below = 0 }, size) => {
    const [from, to] = trim && picture.matrix.length ? core(picture.matrix) : [0, picture.matrix.length];
    const cut = rows => rows && (turned ? flip(rows.slice(from, to)) : rows.slice(from, to));
    const shown = { matrix: cut(picture.matrix), weights: cut(picture.weights), avoided: cut(picture.avoided) };
    const rows = heightsOf(shown, form, below && picture.avoided), flat = Float32Array.from(rows.flat());
    const unit = form === "weights" && !picture.weights ? "log-odds (bits)" : below && picture.avoided && form === "bits" ? "bits, avoided below" : undefined;
    const first = turned ? picture.matrix.length - to : from;
    const drawn = drd.made("figure", { className: "big-logo picture" });
    if (rows.length > 0) drawn.innerHTML = drd.logo(flat, { offsets: rows.length }, 0, form, drd.glyphs, { ...size, unit, first });
    known.set(drawn, { shown, rows, form, unit, first, left: size.axis ? 44 : 0, width: size.width });
    return drawn;
  };

  const say = (figure, event) => {
    const { shown, rows, form, unit, first, left, width } = known.get(figure), pointer = document.getElementById("pointer");
    const { x } = figure.getBoundingClientRect(), at = Math.floor((event.clientX - x - left) / ((width - left) / rows.length));
    pointer.hidden = !rows[at];
    if (!rows[at]) return;
    const order = [0, 1, 2, 3].sort((a, b) => rows[at][b] - rows[at][a]), value = base => (form === "probability" ? shown.matrix[at][base] : rows[at][base]);
    const parts = order.filter(base => form === "weights" || shown.matrix[at][base] > 0.005 || rows[at][base] < 0).map(base => `${"ACGT"[base]} ${drd.number(value(base), 2)}`);
    pointer.textContent = `position ${first + at + 1}: ${parts.join(", ")} ${unit ?? { bits: "bits", probability: "", weights: "kernel weight" }[form]} (${bits(shown.matrix[at]).toFixed(2)} bits in all)`;
    pointer.style.left = `${Math.min(event.clientX + 14, innerWidth - 310)}px`;
    pointer.style.top = `${event.clientY + 14}px`;
  };
  document.addEventListener("pointermove", event => {
    const figure = event.target.closest?.(".picture");
    if (figure && known.has(figure)) say(figure, event);
    else if (event.target.closest?.(".layer-page")) document.getElementById("pointer").hidden = true;
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
