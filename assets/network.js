// The drawing of a model's layers: picked by mouse or keys, what is told of the picked one beside it.
(drd => {
  let shown = null; // { place, told, chosen, scale } of the card on screen
  const STEPS = 1.25, LEAST = 0.1, MOST = 3;
  const escape = text => drd.escape(text);

  const asked = name => new URLSearchParams(location.search).get(name);
  const say = (name, value) => { // in the address, which may be passed on
    const query = new URLSearchParams(location.search);
    value === null ? query.delete(name) : query.set(name, value);
    const text = query.toString();
    history.replaceState(history.state, "", location.pathname + (text && `?${text}`));
  };

  const show = async () => {
    const place = document.getElementById("network"), id = place?.dataset.network;
    if (!id || place.dataset.ready) return;
    place.dataset.ready = "yes";
    shown = null;
    await load(place, id);
  };
  const load = async (place, id) => {
    const whole = asked("drawn") === "whole";
    const told = await drd.fetch(`/data/models/${encodeURIComponent(id)}/network.json${whole ? "?drawn=whole" : ""}`).then(
      async got => (got.ok ? got.json() : { refused: await got.text() }),
      () => ({ refused: "The network cannot be drawn: the server cannot be reached." }),
    );
    if (!place.isConnected) return;
    const line = place.querySelector(".refused");
    line.textContent = told.refused ?? "";
    line.hidden = !told.refused;
    place.querySelector(".network-parts").hidden = Boolean(told.refused);
    for (const button of place.querySelectorAll("[data-zoom]")) button.hidden = Boolean(told.refused);
    if (told.refused) return;
    const wanted = asked("layer"), named = told.layers.findIndex(layer => layer.name === wanted);
    shown = { place, id, told, scale: 1, chosen: named >= 0 ? named : told.advised ?? 0 };
    const every = place.querySelector("[data-whole]");
    every.hidden = !whole && !told.folded;
    every.setAttribute("aria-pressed", whole);
    every.title = whole ? "Draw activations and normalisations in the box of the layer before them" : `Draw the ${told.folded} activations and normalisations in boxes of their own`;
    place.querySelector(".regime").textContent = whole || !told.folded ? "" : `${told.folded} of ${told.layers.length} layers ${told.folded === 1 ? "is" : "are"} drawn in the box of the layer before`;
    draw();
    pick(shown.chosen, { reveal: true });
  };

  const draw = () => {
    const { place, told } = shown, [wide, high] = told.box;
    const boxes = told.boxes.map((box, i) => {
      const cut = box.cuts > 0, middle = box.x + wide / 2;
      const kinds = [box.kind, cut ? "cut" : "uncut", box.advised ? "advised" : ""].join(" ");
      const aria = `${box.full}, ${box.says.replace("×", "by")}${box.kind === "layer" ? (cut ? ", can be cut" : ", cannot be cut") : ""}${box.advised ? ", advised" : ""}`;
      const layer = box.kind === "layer";
      return `<g id="network-box-${i}" class="box ${kinds}" data-box="${i}" ${layer ? `role="option" aria-selected="false" aria-label="${escape(aria)}"` : 'role="presentation"'}><title>${escape(`${box.full}: ${box.says}`)}</title>
        <rect x="${box.x}" y="${box.y}" width="${wide}" height="${high}" rx="${layer ? 6 : high / 2}"/>
        <text x="${layer ? box.x + 12 : middle}" y="${box.y + 19}" ${layer ? "" : 'text-anchor="middle"'} class="name">${escape(box.name)}</text>
        <text x="${layer ? box.x + 12 : middle}" y="${box.y + 36}" ${layer ? "" : 'text-anchor="middle"'} class="says">${escape(box.says)}</text>
        ${cut ? `<path class="cut-line" d="M${box.x} ${box.y + high}h${wide + 8}"/><text class="scissors" x="${box.x - 15}" y="${box.y + high + 5}">✂</text>` : ""}
        ${box.advised ? `<text class="advice" x="${box.x + 4}" y="${box.y + high + 15}">advised</text>` : ""}</g>`;
    });
    place.querySelector(".network-scroll").innerHTML = `<svg role="listbox" tabindex="0" aria-label="Layers of the network; arrow keys pick one" viewBox="0 0 ${told.width} ${told.height}">
      <g class="lines">${told.lines.map(line => `<path d="${line}"/>`).join("")}</g>${boxes.join("")}</svg>`;
    zoom(1);
  };

  const zoom = scale => {
    const { place, told } = shown, svg = place.querySelector(".network-scroll svg");
    shown.scale = Math.min(MOST, Math.max(LEAST, scale));
    svg.setAttribute("width", told.width * shown.scale);
    svg.setAttribute("height", told.height * shown.scale);
  };
  const zoomAbout = (scale, x, y) => { // a point of the window stays where it is
    const area = shown.place.querySelector(".network-scroll"), svg = area.querySelector("svg");
    const before = svg.getBoundingClientRect(), old = shown.scale;
    const at = [(x - before.left) / old, (y - before.top) / old];
    zoom(scale);
    const after = svg.getBoundingClientRect();
    area.scrollLeft += after.left + at[0] * shown.scale - x;
    area.scrollTop += after.top + at[1] * shown.scale - y;
  };
  const change = by => {
    const area = shown.place.querySelector(".network-scroll"), { told } = shown;
    if (by === "fit") {
      zoom(Math.min(1, area.clientWidth / told.width, area.clientHeight / told.height));
      return;
    }
    const box = area.getBoundingClientRect();
    zoomAbout(shown.scale * (by === "in" ? STEPS : 1 / STEPS), box.left + box.width / 2, box.top + box.height / 2);
  };

  const boxOf = layer => shown.told.boxes.findIndex(box => box.members.includes(layer));
  const pick = (layer, { reveal = false } = {}) => {
    const { place, told } = shown, at = boxOf(layer);
    if (at < 0) return;
    shown.chosen = layer;
    for (const one of place.querySelectorAll(".box[aria-selected]")) one.setAttribute("aria-selected", Number(one.dataset.box) === at);
    place.querySelector("svg").setAttribute("aria-activedescendant", `network-box-${at}`);
    if (reveal) {
      const area = place.querySelector(".network-scroll"), box = told.boxes[at], [wide, high] = told.box;
      const middle = (from, length, size) => (from + size / 2) * shown.scale - length / 2;
      const inside = (from, size, start, length) => from * shown.scale >= start && (from + size) * shown.scale <= start + length;
      if (!inside(box.x, wide, area.scrollLeft, area.clientWidth)) area.scrollLeft = middle(box.x, area.clientWidth, wide);
      if (!inside(box.y, high, area.scrollTop, area.clientHeight)) area.scrollTop = middle(box.y, area.clientHeight, high);
    }
    drd.drawNetworkLayer(place.querySelector(".network-details"), told, layer, { members: told.boxes[at].members, model: shown.id });
  };
  const choose = layer => {
    pick(layer, { reveal: true });
    say("layer", layer === shown.told.advised ? null : shown.told.layers[layer].name);
  };
  // what a click on a box picks: the advised layer in it, else the last that can be cut
  const entry = box => {
    const { layers, advised } = shown.told;
    if (box.members.includes(advised)) return advised;
    return box.members.findLast(one => layers[one].cuts.length) ?? box.members[0];
  };
  const step = (dx, dy) => {
    const { boxes } = shown.told, from = boxes[boxOf(shown.chosen)];
    const ahead = boxes.filter(box => box.kind === "layer" && box !== from && (dy ? Math.sign(box.y - from.y) === dy : box.y === from.y && Math.sign(box.x - from.x) === dx));
    const far = box => (dy ? Math.abs(box.y - from.y) * 10 + Math.abs(box.x - from.x) : Math.abs(box.x - from.x));
    const next = ahead.sort((a, b) => far(a) - far(b))[0];
    if (next) choose(entry(next));
  };

  const KEYS = {
    ArrowUp: () => step(0, -1), ArrowDown: () => step(0, 1), ArrowLeft: () => step(-1, 0), ArrowRight: () => step(1, 0),
    "+": () => change("in"), "=": () => change("in"), "-": () => change("out"), 0: () => change("fit"),
    Enter: () => shown.place.querySelector(".network-details a")?.focus(),
  };
  const mine = event => shown?.place.isConnected && event.target.closest?.("#network") === shown.place;
  document.addEventListener("keydown", event => {
    if (!mine(event) || !event.target.closest("svg") || event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  document.addEventListener("click", event => {
    if (!mine(event)) return;
    const { zoom: by, whole, member } = event.target.closest("[data-zoom], [data-whole], [data-member]")?.dataset ?? {};
    if (by) return change(by);
    if (member) return choose(Number(member));
    if (whole !== undefined) {
      say("drawn", asked("drawn") === "whole" ? null : "whole");
      return load(shown.place, shown.id);
    }
    const box = shown.told.boxes[event.target.closest("[data-box]")?.dataset.box];
    if (box?.members.length && !dragged) choose(entry(box));
  });

  let dragged = false; // the click that ends a drag picks nothing
  document.addEventListener("pointerdown", event => {
    const area = mine(event) && event.button === 0 && event.pointerType === "mouse" && event.target.closest(".network-scroll");
    dragged = false;
    if (!area || event.offsetX > area.clientWidth || event.offsetY > area.clientHeight) return;
    const from = { x: event.clientX + area.scrollLeft, y: event.clientY + area.scrollTop, at: [event.clientX, event.clientY] };
    const move = moved => {
      dragged ||= Math.hypot(moved.clientX - from.at[0], moved.clientY - from.at[1]) > 4;
      if (!dragged) return;
      area.classList.add("dragged");
      area.scrollTo(from.x - moved.clientX, from.y - moved.clientY);
    };
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", () => {
      document.removeEventListener("pointermove", move);
      area.classList.remove("dragged");
    }, { once: true });
  });
  document.addEventListener("wheel", event => {
    if (!mine(event) || !event.ctrlKey || !event.target.closest(".network-scroll")) return;
    event.preventDefault();
    zoomAbout(shown.scale * Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
  }, { passive: false });

  window.addEventListener("drd-page", show);
})((window.dash_clientside ??= {}).deepresolve ??= {});
