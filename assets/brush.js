// A set of channels: dragged over in a chart, picked in the list, kept in the address.
(drd => {
  const EDGE = 8; // px outside of the axes where a drag may begin
  const REST = 4; // px that the pointer may move in a click
  let drag = null; // { plot, from, to } while the button is down

  drd.brushed = plot => Date.now() - (plot.drdBrushed ?? 0) < 250;
  drd.brush = plot => plot.addEventListener("pointerdown", event => {
    const { l, t, w, h } = plot.box, frame = plot.getBoundingClientRect(), by = drd.scale(plot);
    const x = (event.clientX - frame.left) / by, y = (event.clientY - frame.top) / by;
    if (event.button !== 0 || x < l - EDGE || x > l + w + EDGE || y < t || y > t + h) return;
    const from = within(x, { l, w });
    drag = { plot, from, to: from, add: event.shiftKey };
  });
  const band = plot => plot.querySelector(":scope > .brush") ?? plot.appendChild(Object.assign(document.createElement("div"), { className: "brush" }));
  const within = (x, { l, w }) => Math.max(l, Math.min(l + w, x));
  window.addEventListener("pointermove", event => {
    if (!drag) return;
    const { plot, from } = drag, size = plot.box;
    drag.to = within((event.clientX - plot.getBoundingClientRect().left) / drd.scale(plot), size);
    if (!drag.moved && Math.abs(drag.to - from) <= REST) return;
    drag.moved = true;
    Object.assign(band(plot), { hidden: false }).style.cssText =
      `left:${Math.min(from, drag.to)}px;width:${Math.abs(drag.to - from)}px;top:${size.t}px;height:${size.h}px`;
  });
  const finish = kept => {
    if (!drag) return;
    const { plot, from, to, moved, add } = drag;
    drag = null;
    if (!moved) return;
    band(plot).hidden = true;
    plot.drdBrushed = Date.now();
    if (!kept) return;
    const { channels, x } = plot.layout.meta;
    const [low, high] = [from, to].map(plot.axes.x.value).sort((a, b) => a - b);
    const found = channels.filter((_, i) => x[i] !== null && x[i] >= low && x[i] <= high);
    drd.chooseSet(add ? [...drd.read().set, ...found] : found);
  };
  window.addEventListener("pointerup", () => finish(true));
  window.addEventListener("pointercancel", () => finish(false));

  drd.chooseSet = channels => {
    const set = [...new Set(channels)].sort((a, b) => a - b);
    drd.go({ set, ...(!set.length && { only: 0 }) });
  };
  drd.toggleInSet = channel => {
    const { set } = drd.read();
    drd.chooseSet(set.includes(channel) ? set.filter(one => one !== channel) : [...set, channel]);
  };

  // the bar that says how many are marked
  drd.showSet = selection => {
    const bar = document.getElementById("set-bar"), n = selection.set.length;
    if (!bar) return;
    bar.hidden = !n;
    bar.querySelector(".count").textContent = `${n} ${n === 1 ? "channel" : "channels"} marked`;
    bar.querySelector("[data-set=only]").setAttribute("aria-pressed", Boolean(selection.only));
  };
  const acts = {
    only: () => drd.go({ only: drd.read().only ? 0 : 1 }),
    clear: () => drd.chooseSet([]),
    copy: async () => {
      const done = await drd.copy(drd.table(drd.read().set)).then(() => true, () => false);
      drd.toast(done ? { text: "The marked channels have been copied as a table." } : { text: "The browser does not let this page copy.", tone: "bad" });
    },
  };
  document.addEventListener("click", event => acts[event.target.closest?.("[data-set]")?.dataset.set]?.());
})((window.dash_clientside ??= {}).deepresolve ??= {});
