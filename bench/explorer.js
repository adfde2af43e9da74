// What `bench/explorer.py` does inside the page: change something, and wait until it is seen.
(() => {
  const painted = new Map(); // element id -> how often its canvas was filled
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (...given) {
    const id = this.canvas.parentElement?.id;
    painted.set(id, (painted.get(id) ?? 0) + 1);
    return put.apply(this, given);
  };
  let firstViews = null;
  const frame = () => new Promise(requestAnimationFrame);
  const drawn = id => Boolean(document.querySelector(`#${id} .drawing .field`));
  const title = () => document.querySelector("#card-panel h2")?.textContent;
  const drd = () => window.dash_clientside.deepresolve;

  const until = async (seen, most = 30000) => {
    const start = performance.now();
    while (!seen()) {
      if (performance.now() - start > most) throw new Error("This was never painted.");
      await frame();
    }
  };
  const timed = async (change, seen) => {
    const start = performance.now();
    await change();
    await until(seen);
    await frame();
    await frame();
    return performance.now() - start;
  };
  const plots = {}; // how often each chart was drawn
  let watched = false;
  const watch = () => {
    if (watched) return;
    watched = true;
    const { plot } = drd();
    drd().plot = (id, figure) => {
      plot(id, figure);
      plots[id] = (plots[id] ?? 0) + 1;
    };
  };
  const byRank = () => [...document.querySelectorAll("#channels [data-channel]")].map(row => Number(row.dataset.channel));

  const show = async target => {
    watch();
    const before = { fiv: painted.get("fiv"), il: plots.il, ofiv: plots.ofiv };
    return timed(
      () => drd().go({ target }),
      () => drd().read().target === target && painted.get("fiv") !== before.fiv
        && plots.il !== before.il && plots.ofiv !== before.ofiv,
    );
  };
  const place = by => {
    const all = drd().run.targets, at = all.indexOf(drd().read().target);
    return all[(at + by + all.length) % all.length];
  };

  let plain = null; // div of the baseline
  const layout = shapes => ({ shapes, width: 700, height: 260, margin: { l: 30, r: 10, t: 10, b: 30 } });
  const line = x => [{ type: "rect", x0: x - 0.5, x1: x + 0.5, yref: "paper", y0: 0, y1: 1 }];
  const matrices = {}, NAMES = ["fiv", "classes", "second"];
  // as an answer of a callback brings it: rows that plotly has not seen before
  const heat = name => [{ type: "heatmap", z: matrices[name].map(row => Array.from(row)) }];
  const fetchMatrix = async (path, n) => {
    const cells = new Uint8Array(await (await fetch(path)).arrayBuffer()), rows = [];
    for (let at = 0; at < cells.length; at += n) rows.push(cells.subarray(at, at + n));
    return rows;
  };

  // the page of all classes
  let usable = null;
  const canvases = () => ["matrices-plot", "pairs-plot"].map(name => document.querySelectorAll(`.${name} canvas`)).flatMap(found => [...found]);
  const places = turn => { // of two different classes
    const n = drd().cohortNow().ids.length, i = (turn * 37) % n, j = (turn * 101 + 7) % n;
    return i === j ? [i, (j + 1) % n] : [i, j];
  };
  const outlined = () => document.querySelector(".matrices-plot svg:last-of-type").innerHTML;

  window.explorer = {
    allClasses: () => {
      const all = canvases().filter(one => one.width > 200).length >= 3 && document.querySelector(".matrices-plot .tree");
      if (all && usable === null) usable = performance.now();
      return Boolean(all);
    },
    usable: () => usable,
    cell: turn => {
      const [i, j] = places(turn), before = outlined();
      return timed(() => drd().openCell(i, j), () => outlined() !== before);
    },
    pair: turn => {
      const [i, j] = places(turn + 1000), { ids } = drd().cohortNow(), wanted = [ids[i], ids[j]].join();
      return timed(() => drd().openCell(i, j), () => document.querySelector(".pair-body").drdTold?.ids.join() === wanted);
    },
    // what a lower panel asks for, in the regime that is not on screen: nobody has asked for it before
    below: async view => {
      const start = performance.now(), { run, selection } = drd().cohortNow();
      const got = await fetch(drd().belowAddress(view, { run, selection: { ...selection, regime: "modes" } }), { cache: "no-store" });
      const { length } = await got.text();
      return { took: performance.now() - start, bytes: length, ok: got.ok };
    },
    zoom: turn => timed(() => drd().zoomTo(turn, turn + (turn % 2 ? 200 : 60)), () => drd().cohortNow().from === turn),
    cut: turn => timed(() => drd().drawCohort(0.3 + turn / 100), () => true),
    painted: () => {
      const all = ["fiv", "similarity", "compared"].every(id => painted.has(id)) && drawn("il") && drawn("ofiv");
      if (all && firstViews === null) firstViews = performance.now();
      return all;
    },
    firstPaint: () => ({ paint: performance.getEntriesByName("first-contentful-paint")[0].startTime, views: firstViews }),
    channel: turn => {
      const shown = byRank(), next = shown[(shown.findIndex(k => title() === `Channel ${k}`) + 1 + (turn % 3)) % shown.length];
      return timed(() => drd().go({ channel: next }), () => title() === `Channel ${next}`);
    },
    neighbour: async () => {
      const took = await show(place(1));
      await new Promise(done => setTimeout(done, 1500)); // as a reader does: the next one is fetched
      return took;
    },
    class: turn => show(place(37 + turn)),
    click: async n => {
      for (let i = 0; i < n; i++) {
        if (i % 5 === 4) await show(place(1 + (i % 3)));
        else await window.explorer.channel(i);
      }
    },
    baseline: async () => {
      const { run, target } = drd().read(), { targets, channels } = drd().run;
      matrices.fiv = await fetchMatrix(`/data/${run}/fiv.u8?target=${target}`, channels.length);
      matrices.other = await fetchMatrix(`/data/${run}/fiv.u8?target=${place(1)}`, channels.length);
      const [half] = await fetchMatrix(`/data/${run}/similarity.u8`, Infinity), n = targets.length;
      matrices.classes = targets.map(() => new Uint8Array(n));
      for (let row = 0, at = 0; row < n; row++) {
        for (let column = row; column < n; column++) matrices.classes[row][column] = matrices.classes[column][row] = half[at++];
      }
      const Plotly = await drd().plotly();
      document.body.replaceChildren((plain = document.createElement("div")));
      matrices.second = matrices.classes;
      for (const name of NAMES) {
        const div = document.createElement("div");
        plain.append(div);
        await Plotly.newPlot(div, heat(name), layout([]));
      }
    },
    plainChannel: turn => timed(
      () => Promise.all([...plain.children].map((div, i) => Plotly.react(div, heat(NAMES[i]), layout(line(turn * 7))))),
      () => true,
    ),
    plainClass: turn => timed(
      () => Plotly.react(plain.children[0], heat(turn % 2 ? "fiv" : "other"), layout([])),
      () => true,
    ),
  };
})();
