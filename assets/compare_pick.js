// Runs that are chosen on the gallery to be compared: a box on each card, a bar with the count.
(drd => {
  const KEY = "drd-compare", MOST = 8;
  const read = () => { try { return (JSON.parse(sessionStorage.getItem(KEY)) ?? []).filter(id => /^\w+$/.test(id)); } catch { return []; } };
  const write = ids => sessionStorage.setItem(KEY, JSON.stringify(ids));

  const show = () => {
    const ids = read(), boxes = [...document.querySelectorAll(".gallery [data-compare]")];
    for (const box of boxes) box.setAttribute("aria-checked", ids.includes(box.dataset.compare));
    let bar = document.getElementById("compare-bar");
    if (!boxes.length || !ids.length) return bar?.remove();
    if (!bar) {
      bar = drd.made("div", { id: "compare-bar" });
      bar.setAttribute("role", "status");
      document.querySelector(".gallery").append(bar);
    }
    const href = drd.compareHref({ runs: ids }), go = drd.made("button", { className: "button main", textContent: `Compare ${ids.length === 1 ? "…" : `${ids.length} runs`}`, disabled: ids.length < 2 });
    go.onclick = () => { write([]); drd.visit(href); };
    const clear = drd.made("button", { className: "button", textContent: "Clear" });
    clear.onclick = () => { write([]); show(); };
    bar.replaceChildren(drd.made("span", { textContent: ids.length === 1 ? "1 run chosen: choose another one to compare it with." : `${ids.length} runs chosen${ids.length === MOST ? ", which is the most" : ""}.` }), go, clear);
  };
  document.addEventListener("click", event => {
    const id = event.target.closest?.(".gallery [data-compare]")?.dataset.compare;
    if (!id) return;
    const ids = read(), next = ids.includes(id) ? ids.filter(one => one !== id) : [...ids, id];
    if (next.length > MOST) return drd.toast({ text: "Eight runs are the most that can be compared at once: take one away first." });
    write(next);
    show();
  });
  window.addEventListener("drd-page", show);
})((window.dash_clientside ??= {}).deepresolve ??= {});
