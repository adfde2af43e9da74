// All views follow the selection: at once when the browser has what they need, and when Dash has
// gone round with what it lacked.
(drd => {
  const DECIDE = ["run", "target", "regime", "pair"]; // what the data of all views depend on
  let last = null; // what the views were drawn from

  drd.draw = (selection, theme, rows, fiv, left, right, levels, bars, run, glyphs) => {
    last = { selection, theme, rows, fiv, left, right, levels, bars, run, glyphs };
    draw(selection);
  };
  const draw = selection => {
    const { theme, rows, fiv, left, right, levels, bars, run, glyphs } = last;
    if (selection?.page !== "class" || !rows || run?.id !== selection.run) return;
    drd.drawFiv(fiv, selection, rows, theme);
    drd.drawChannels(rows, selection, run, glyphs);
    drd.markLevels(levels, selection, rows);
    drd.markOfiv(bars, selection, rows);
    drd.showSwitches(selection, rows, run);
    drd.drawSimilarity(left, right, selection, theme);
    drd.drawMore(selection, rows, run, glyphs);
  };
  window.addEventListener("_dashprivate_pushstate", () => {
    const selection = drd.read(), was = last?.selection;
    const same = selection.page === "class" && was && DECIDE.every(key => String(selection[key]) === String(was[key]));
    if (!same || !document.querySelector(".class-page")) return;
    last.selection = selection;
    draw(selection);
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
