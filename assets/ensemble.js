// The ensemble of a class: its matrix in the order that the reader chose, marks and strips beside it.
(drd => {
  drd.fetchFiv = ({ run, target, regime }) => {
    const query = new URLSearchParams({ target, ...(regime && { regime }) });
    drd.fetchBytes(`/data/${run}/fiv.u8?${query}`);
  };

  // places of the channels by falling IL; the ones without a level last
  const byLevel = ({ level }) => level.map((_, i) => i).sort((a, b) => (level[b] ?? -1) - (level[a] ?? -1) || a - b);
  const rowTitle = ({ yTitles }, { rows }) => ({ yTitle: yTitles[rows][0], yRank: yTitles[rows][1] });

  // where along the sequence the selected channel counts, its trials in the order of the ensemble
  const drawMap = async (selection, rows, order) => {
    const place = document.getElementById("fim"), none = document.getElementById("fim-missing"), asked = selection.card === "map";
    if (!place || !drd.run) return;
    const { noMap } = drd.run;
    place.hidden = !asked || Boolean(noMap);
    none.hidden = !asked || !noMap;
    none.textContent = noMap;
    if (place.hidden) return;
    const spec = await drd.loadMap(selection, drd.channel(rows, selection)).catch(error => drd.notice(`The map cannot be shown. ${error.message}`));
    if (!spec || wanted !== selection) return;
    const marks = selection.trial === null ? [] : [{ row: selection.trial }];
    const shown = { ...spec, ...rowTitle(spec, selection) };
    drd.matrix("fim", shown, { marks, order: { key: selection.rows, rows: order.rows }, choose: trial => drd.go({ trial }) });
  };

  const orderOf = async (selection, rows) => {
    const { rows: trials, columns } = selection, order = { key: `${trials} ${columns}` };
    if (trials === "score" && columns === "ofiv") return order;
    if (columns === "level") order.columns = byLevel(rows);
    if (trials !== "clustered" && columns !== "clustered") return order;
    const found = await drd.load("orders", selection);
    if (trials === "clustered") order.rows = found.rows;
    if (columns === "clustered") order.columns = found.columns;
    return order;
  };

  let wanted = null;
  drd.drawFiv = async (spec, selection, rows) => {
    wanted = selection;
    const order = await orderOf(selection, rows).catch(error => {
      drd.notice(`This order cannot be shown. ${error.message}`);
      return { key: "score ofiv" };
    });
    if (wanted !== selection) return;
    const marks = [{ column: drd.channel(rows, selection) }];
    if (selection.trial !== null) marks.push({ row: selection.trial });
    const shown = { ...spec, xTitle: spec.xTitles[selection.columns], ...rowTitle(spec, selection) };
    drd.matrix("fiv", shown, { marks, order, set: selection.set, choose: (trial, channel) => drd.go({ trial, channel }) });
    drawMap(selection, rows, order);
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
