// The controls of the page of all classes: search, where the tree is cut, what is zoomed to, legend.
(drd => {
  const MOST = 6; // values of a column of metadata in the legend
  let search = null, slider = null, waiting = null;

  drd.cohortTools = (place, tools) => {
    search = drd.made("input", { className: "line find", type: "search", placeholder: "Mark classes: name, cell, assay …", spellcheck: false });
    search.setAttribute("aria-label", "Mark classes by name or metadata");
    search.oninput = () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => drd.go({ find: search.value.trim() || null }, { replace: true }), 120);
    };
    place.replaceChildren(search, drd.made("span", { className: "found-count muted", role: "status" }));
    slider = drd.made("input", { type: "range", min: 0, step: 0.01 });
    slider.oninput = () => drd.drawCohort(Number(slider.value));
    slider.onchange = () => drd.go({ cut: Number(slider.value) });
    const label = drd.made("label", { className: "cut-line" }, "cut at 1 − A = ", slider, drd.made("output", {}));
    tools.replaceChildren(label, drd.made("span", { className: "clusters-said muted", role: "status" }), drd.made("span", { className: "fill" }), drd.made("span", { className: "zoom-line" }), drd.made("div", { className: "strip-legend" }));
    tools.onclick = event => {
      const words = event.target.closest("[data-find]")?.dataset.find;
      if (words !== undefined) drd.go({ find: words === drd.read().find ? null : words });
      if (event.target.closest("[data-out]")) drd.go({ zoom: null });
    };
  };

  // what is known of the labels of the run, and the way to give it others
  drd.labelsLine = (place, { id, labels }) => {
    const file = drd.made("input", { type: "file", accept: ".tsv,.txt,.npz,.h5,.hdf5", hidden: true });
    const give = drd.made("button", { className: "button", textContent: "Labels…", title: "Compare with the labels of a file: tsv, npz or h5" });
    give.onclick = () => file.click();
    file.onchange = () => change(give, () => drd.send(`/act/runs/${id}/labels/add?${new URLSearchParams({ name: file.files[0].name })}`, file.files[0]));
    const away = drd.made("button", { className: "button", textContent: "Remove", title: "Forget the labels of this file", hidden: !labels.added });
    away.onclick = () => change(away, () => drd.send(`/act/runs/${id}/labels/remove`));
    const said = drd.made("span", { textContent: labels.says, title: labels.says });
    place.replaceChildren(said, ...(labels.may ? [give, away, file] : []));
  };
  const change = async (button, send) => {
    button.disabled = true;
    const answer = await send();
    button.disabled = false;
    if (answer.refused) return drd.toast({ text: answer.refused, tone: "bad" });
    drd.relabelled(drd.cohort.id);
    drd.go({ second: answer.says ? "label_correlation" : null, brush: null }, { replace: true });
    location.reload(); // what was asked for before is of other labels
  };

  drd.sayTools = now => {
    const { selection, clusters, told, ids, from, to, found, cut, branches } = now;
    const tools = slider.closest(".classes-tools");
    if (document.activeElement !== search) search.value = selection.find ?? "";
    document.querySelector(".classes-page .found-count").textContent = selection.find ? `${found.size} of ${ids.length} classes` : "";
    slider.max = drd.cutEnd(branches);
    slider.value = cut;
    tools.querySelector("output").textContent = cut.toFixed(2);
    const several = clusters.filter(({ first, last }) => last > first), alone = clusters.length - several.length;
    tools.querySelector(".clusters-said").textContent = `${several.length} ${several.length === 1 ? "cluster" : "clusters"}, ${alone} ${alone === 1 ? "class" : "classes"} alone`;
    const zoom = tools.querySelector(".zoom-line"), all = to - from + 1 === ids.length;
    const cluster = clusters.find(({ first, last }) => first === from && last === to);
    zoom.replaceChildren(...(all ? [drd.made("span", { className: "muted", textContent: "Click a cell for why two classes are similar; press a band, or a cell twice, to zoom." })] : [
      drd.made("strong", { textContent: cluster ? `cluster ${cluster.number}, ${to - from + 1} classes` : `${to - from + 1} of ${ids.length} classes` }), " ",
      Object.assign(drd.made("button", { className: "button", textContent: "All classes", title: "Zoom out (Escape)" }), {}),
    ]));
    const out = zoom.querySelector("button");
    if (out) out.dataset.out = "";
    legend(tools.querySelector(".strip-legend"), told, selection);
  };
  const legend = (place, told, { find }) => {
    if (place.drdTold !== told) {
      place.drdTold = told;
      place.replaceChildren(...told.fields.map(({ name, said }) => {
        const values = said.slice(0, MOST).map((value, at) => {
          const swatch = drd.made("span", { className: "swatch" }), button = drd.made("button", { className: "legend-value", title: `Mark ${name} ${value}` }, swatch, value);
          swatch.style.background = drd.shadeOf(at);
          button.dataset.find = value;
          return button;
        });
        return drd.made("span", { className: "legend-field" }, drd.made("span", { className: "muted", textContent: name }), ...values, said.length > MOST ? drd.made("span", { className: "muted", textContent: `and ${said.length - MOST} more` }) : "");
      }));
    }
    for (const button of place.querySelectorAll("button")) button.setAttribute("aria-pressed", button.dataset.find === find);
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
