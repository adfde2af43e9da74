// Weights that came without their wiring: a form that asks for it, and says at each change what that gives.
(drd => {
  const POOLINGS = { none: "no pooling", max_pool: "max pooling", average_pool: "average pooling", global_max: "maximum of all positions", global_average: "mean of all positions" };
  const WORDS = { conv: "convolution", batch_norm: "batch normalisation", flatten: "flatten", dense: "dense" };
  const BORDERS = { valid: "no border", same: "same width" };
  const START = 1000; // bp

  const options = (names, chosen) => Object.entries(names).map(([value, text]) => `<option value="${value}"${value === chosen ? " selected" : ""}>${drd.escape(text)}</option>`).join("");
  const choice = (name, names, chosen, label) => `<select name="${name}" aria-label="${label}">${options(names, chosen)}</select>`;

  // the layers as rows: after each convolution one for its pooling, also where there is none
  const asRows = layers => {
    const rows = [];
    layers.forEach((layer, i) => {
      rows.push({ ...layer });
      const next = layers[i + 1]?.kind ?? "", block = ["conv", "batch_norm"].includes(layer.kind) && !rows.some(row => row.kind === "flatten");
      if (block && next !== "batch_norm" && !(next in POOLINGS)) rows.push({ kind: "none" });
    });
    return rows;
  };
  const asLayers = rows => rows.filter(row => row.kind !== "none");

  const line = (row, i, form) => {
    const { weights, told } = form, shape = weights.find(one => one.name === row.from)?.shape;
    const activations = { "": "none", ...Object.fromEntries(told.activations.map(name => [name, name])) };
    const at = asLayers(form.rows.slice(0, i + 1)).length - 1, gives = row.kind === "none" ? null : told.shapes[at];
    const what = row.kind in POOLINGS
      ? choice("kind", POOLINGS, row.kind, "Pooling") + (row.kind.endsWith("_pool") ? ` <input name="size" type="number" min="1" value="${row.size ?? 2}" aria-label="Positions per window">` : "")
      : row.kind === "conv" ? choice("padding", BORDERS, row.padding ?? "valid", "Border") : "";
    const after = shape ? choice("activation", activations, row.activation ?? "", "Activation") : "";
    const said = gives ? `${gives.channels}${gives.width > 1 ? ` × ${gives.width}` : ""}` : row.kind === "none" ? "" : "does not fit";
    return `<tr data-row="${i}"${said === "does not fit" ? ' class="refused"' : ""}><th scope="row">${WORDS[row.kind] ?? "pooling"}</th><td>${drd.escape(row.from ?? "")}</td><td class="value">${shape ? shape.join(" × ") : ""}</td><td>${what}</td><td>${after}</td><td class="value">${said}</td></tr>`;
  };

  const draw = form => {
    const { told, length } = form;
    const ways = told?.ways ? `${told.ways === 1 ? "One plain wiring fits" : `${told.ways} plain wirings fit`}; the likeliest is shown. Shapes do not tell activations: check them.` : "";
    form.box.innerHTML = `<h2>How are these weights wired?</h2>
      <p class="muted">${form.weights.length} modules with weights. Set what the file does not tell, or send an architecture file with the weights; of known networks: ${(told?.examples ?? []).map(name => `<a href="/data/wiring/${name}.toml">${name}</a>`).join(", ")}.</p>
      <p class="fields"><label class="field"><span>Length of the sequences, bp</span><input name="length" type="number" min="1" value="${length}"></label></p>
      ${told?.layers ? `<p>${ways}</p><table class="table small"><thead><tr><th scope="col">layer</th><th scope="col">weights</th><th scope="col" class="value">shape</th><th scope="col">setting</th><th scope="col">activation</th><th scope="col" class="value">gives, channels × positions</th></tr></thead><tbody>${form.rows.map((row, i) => line(row, i, form)).join("")}</tbody></table>` : ""}
      <p class="refused" role="alert">${drd.escape(told?.refused || told?.wrong || "")}</p>
      <p class="actions"><button class="button main" data-wired${told?.layers && !told.wrong ? "" : " disabled"}>Read the model</button><button class="button" data-guess>Guess again</button>${told?.text ? '<button class="button" data-keep>Save as architecture file</button>' : ""}<button class="button" data-leave>Cancel</button></p>`;
  };

  const ask = async (form, layers) => {
    const mine = (form.asked = {}), { weights, length } = form;
    const told = await drd.send("/act/wiring", { weights, input_length: length, ...(layers && { layers }) });
    if (form.asked !== mine || !form.box.isConnected) return;
    form.told = { ...form.told, wrong: "", refused: "", ...told };
    if (told.layers && !layers) form.rows = asRows(told.layers);
    const focus = document.activeElement, row = focus?.closest?.("[data-row]")?.dataset.row, name = form.box.contains(focus) && focus.name;
    draw(form);
    if (name) form.box.querySelector(row ? `[data-row="${row}"] [name="${name}"]` : `[name="${name}"]`)?.focus();
  };

  const change = (form, input) => {
    if (input.name === "length") {
      form.length = Math.round(Number(input.value));
      return ask(form);
    }
    const row = form.rows[input.closest("[data-row]").dataset.row];
    if (input.name === "size") row.size = Math.max(1, Math.round(Number(input.value)) || 1);
    else row[input.name] = input.value;
    if (input.name === "kind") row.size = row.kind.endsWith("_pool") ? (row.size ?? 2) : undefined;
    if (!row.activation) delete row.activation;
    if (row.padding === "valid") delete row.padding;
    return ask(form, asLayers(form.rows));
  };

  // the box that the weights were dropped on; `send` takes the text of an architecture file
  drd.askWiring = (drop, weights, send) => {
    document.querySelector(".wiring")?.remove();
    const box = Object.assign(document.createElement("section"), { className: "panel wiring" });
    const form = { box, weights, length: START, rows: [], told: null };
    box.setAttribute("aria-label", "Wiring of the weights");
    drop.after(box);
    box.onchange = event => change(form, event.target);
    box.onclick = event => {
      const has = name => event.target.closest(`[data-${name}]`);
      if (has("wired")) {
        drop.scrollIntoView({ block: "nearest" }); // it shows how far the files are
        send(form.told.text);
      }
      if (has("guess")) ask(form);
      if (has("keep")) drd.save(form.told.text, "architecture.toml", "application/toml");
      if (has("leave")) box.remove();
    };
    draw(form);
    ask(form).then(() => box.querySelector("[name=length]")?.focus());
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
