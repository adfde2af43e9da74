// Points of a plot, and long lists, by keyboard: Tab reaches one of them, arrow keys go on to the others.
(drd => {
  const BY = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

  // inOrder: how the arrow keys find them, where that is not the order of the page
  drd.byKeys = (place, selector, inOrder = all => all) => {
    place.drdKeys = { selector, inOrder };
    const all = inOrder([...place.querySelectorAll(selector)]);
    const first = all.find(one => one === document.activeElement) ?? all.find(one => one.classList.contains("chosen")) ?? all[0];
    for (const one of all) one.setAttribute("tabindex", one === first ? 0 : -1);
    if (place.drdPressed) return;
    place.drdPressed = true;
    place.addEventListener("keydown", event => press(place, event));
  };
  drd.alongX = all => all.map(one => [Number(one.querySelector("circle")?.getAttribute("cx") ?? one.getAttribute("cx")), one]).sort(([a], [b]) => a - b).map(([, one]) => one);

  const press = (place, event) => {
    const { selector, inOrder } = place.drdKeys, at = event.target.closest?.(selector);
    if (!at || event.ctrlKey || event.metaKey || event.altKey) return;
    if (["Enter", " "].includes(event.key) && at.tagName !== "BUTTON") {
      event.preventDefault();
      return at.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    }
    const all = inOrder([...place.querySelectorAll(selector)]), end = { Home: 0, End: all.length - 1 }[event.key];
    if (end === undefined && !BY[event.key]) return;
    event.preventDefault();
    const to = all[end ?? Math.max(0, Math.min(all.length - 1, all.indexOf(at) + BY[event.key]))];
    at.setAttribute("tabindex", -1);
    to.setAttribute("tabindex", 0);
    to.focus();
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
