// What `bench/explorer_channels.py` does inside the table of channels.
(() => {
  const drd = () => window.dash_clientside.deepresolve;
  const frame = () => new Promise(requestAnimationFrame);
  const rows = () => document.querySelectorAll("#seen-rows .row .logo svg");
  let usable = null;
  window.channelTable = {
    drawn: () => {
      if (rows().length > 5 && usable === null) usable = performance.now();
      return usable !== null;
    },
    usable: () => usable,
    // all logos at once, with nothing left out
    everyLogo: async () => {
      const { logos, run, glyphs } = drd().layerNow(), place = document.createElement("div"), start = performance.now();
      place.style.cssText = "position:absolute;inset:0;display:flex;flex-wrap:wrap;background:white;z-index:99;overflow:auto";
      place.innerHTML = run.channels.map((_, i) => drd().logoCore(logos.heights, { offsets: logos.offsets }, i, "bits", glyphs, { width: 58, height: 34 })).join("");
      document.body.append(place);
      await frame();
      await frame();
      const took = performance.now() - start;
      place.remove();
      return took;
    },
    // frames while the list scrolls from top to end
    scroll: async () => {
      const list = document.getElementById("seen-rows"), times = [];
      list.scrollTop = 0;
      await frame();
      let before = await frame();
      for (let top = 0; top < list.scrollHeight - list.clientHeight; top += 120) {
        list.scrollTop = top;
        const now = await frame();
        times.push(now - before);
        before = now;
      }
      return times;
    },
  };
})();
