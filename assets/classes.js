// The table of classes on a model's card: found by words, changed where it stands.
(drd => {
  const MOST = 60; // rows on screen before more are asked for
  let fixed = false; // the model is somebody else's
  let shown = null; // { id, fields, rows, words, most } of the card on screen

  drd.showClasses = async () => {
    const place = document.getElementById("classes"), id = place?.dataset.classes;
    if (!id || place.dataset.ready) return;
    place.dataset.ready = "yes";
    shown = null; // what was on screen belongs to another card
    const table = await drd.fetch(`/data/models/${id}/classes.json`).then(
      async got => (got.ok ? got.json() : { refused: await got.text() }),
      () => ({ refused: "The classes cannot be loaded: the server cannot be reached." }),
    );
    if (!place.isConnected) return;
    say(place, table.refused);
    if (table.refused) { delete place.dataset.ready; return; }
    shown = { id, words: "", most: MOST, ...table };
    const area = place.querySelector(".class-rows");
    area.innerHTML = `<input class="line find" type="search" placeholder="Find a class" aria-label="Find a class">
      <table class="table edit"><thead><tr><th scope="col">index</th>${shown.fields.map(name => `<th scope="col">${name}</th>`).join("")}</tr></thead><tbody></tbody></table>
      <button class="button more"></button>`;
    fixed = Boolean(place.dataset.fixed);
    area.oninput = event => {
      if (!event.target.matches(".find")) return;
      Object.assign(shown, { words: event.target.value.toLowerCase(), most: MOST });
      draw(area);
    };
    area.onclick = event => {
      if (event.target.matches(".more")) { shown.most += 5 * MOST; draw(area); }
    };
    area.onchange = event => { if (event.target.dataset.index) save(place, event.target); };
    draw(area);
  };

  const draw = area => {
    const words = shown.words.split(/\s+/);
    const found = shown.rows.map((row, index) => ({ row, index })).filter(({ row, index }) => {
      const text = `${index} ${Object.values(row).join(" ")}`.toLowerCase();
      return words.every(word => text.includes(word));
    });
    const wide = Object.fromEntries(shown.fields.map(name => [name, Math.min(28, Math.max(6, ...shown.rows.map(row => String(row[name] ?? "").length)))]));
    const cell = (row, index, name) => `<td><input value="${drd.escape(row[name])}" title="${drd.escape(row[name])}" size="${wide[name]}" data-index="${index}" data-field="${name}" ${fixed ? "readonly" : ""} aria-label="${name} of class ${index}"></td>`;
    area.querySelector("tbody").innerHTML = found.slice(0, shown.most).map(({ row, index }) =>
      `<tr><th scope="row">${index}</th>${shown.fields.map(name => cell(row, index, name)).join("")}</tr>`).join("");
    const left = found.length - shown.most, more = area.querySelector(".more");
    more.hidden = left <= 0;
    more.textContent = `Show more (${left} not shown)`;
  };

  const say = (place, text) => {
    const line = place.querySelector(".refused");
    line.textContent = text ?? "";
    line.hidden = !text;
  };
  const take = (place, answer) => {
    if (!answer.refused) drd.renamed();
    if (!place.isConnected || shown?.id !== place.dataset.classes) { // another card is on screen now
      if (answer.refused) drd.toast({ text: answer.refused, tone: "bad" });
      return false;
    }
    say(place, answer.refused);
    if (!answer.refused) Object.assign(shown, answer);
    return !answer.refused;
  };
  // pages that show names draw them anew, in this tab and in others
  const others = new BroadcastChannel("drd-names");
  drd.renamed = () => {
    drd.forget();
    others.postMessage("names");
  };
  drd.relabelled = run => others.postMessage({ run }); // the labels of a run are others
  others.onmessage = ({ data }) => {
    drd.forget();
    if (data.run ? drd.open()?.id === data.run : drd.cohort || drd.layer) location.reload(); // these pages hold names and colours themselves
    else if (!data.run) drd.anew();
  };
  const save = async (place, input) => {
    const { index, field } = input.dataset;
    const answer = await drd.send(`/act/models/${place.dataset.classes}/class`, { index: Number(index), field, value: input.value });
    if (!take(place, answer)) {
      if (answer.refused && shown?.id === place.dataset.classes) input.value = shown.rows[index][field];
      return;
    }
    for (const one of input.closest("tr").querySelectorAll("input")) one.value = shown.rows[index][one.dataset.field];
  };
  drd.picked = async (button, file) => {
    const place = button.closest("[data-classes]");
    const answer = await drd.send(`/act/models/${place.dataset.classes}/classes`, { text: await file.text() });
    if (!take(place, answer)) return;
    draw(place.querySelector(".class-rows"));
    drd.toast({ text: "The table of classes has been read." });
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
