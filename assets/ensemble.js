// The ensemble of a class: its matrix in the order that the reader chose, marks and strips beside it.
(drd => {
  drd.fetchFiv = ({ run, target, regime }) => {
    const query = new URLSearchParams({ target, ...(regime && { regime }) });
    drd.fetchBytes(`/data/${run}/fiv.u8?${query}`);
  };

  // places of the channels by falling IL; the ones without a level last
  const byLevel = ({ level }) => level.map((_, i) => i).sort((a, b) => (level[b] ?? -1) - (level[a] ?? -1) || a - b);
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
  drd.drawFiv = async (spec, selection, rows, theme) => {
    if (!spec || !rows || selection?.page !== "class") return;
    wanted = selection;
    const order = await orderOf(selection, rows).catch(error => {
      drd.notice(`This order cannot be shown. ${error.message}`);
      return { key: "score ofiv" };
    });
    if (wanted !== selection) return;
    const marks = [{ column: drd.channel(rows, selection) }];
    if (selection.trial !== null) marks.push({ row: selection.trial });
    const shown = { ...spec, xTitle: spec.xTitles[selection.columns], yTitle: spec.yTitles[selection.rows] };
    drd.matrix("fiv", shown, { marks, theme, order, set: selection.set, choose: (trial, channel) => drd.go({ trial, channel }) });
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
