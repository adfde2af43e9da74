// A look at the channels of a run: whether it was done, the button that starts it, how far it is.
(drd => {
  const POLL = 1000; // ms
  const line = () => document.querySelector(".layer-page .look-line");
  let timer = null, asked = null;

  // what the answers about channels depend on, as the query of an address
  drd.lookQuery = ({ source, database }, more = {}) => {
    const query = new URLSearchParams(Object.entries(more).filter(([, value]) => value !== null && value !== undefined && value !== ""));
    if (source !== "own") query.set("source", source);
    if (database) query.set("database", database);
    const text = query.toString().replaceAll("%2C", ",");
    return text && `?${text}`;
  };

  // the sequences that channels are looked at with, in words
  drd.readsOf = ({ source }, run) => {
    if (source === "random" || (source === "own" && !run.own)) return "random sequences";
    const chosen = document.querySelector(".layer-page [data-choice=source]")?.selectedOptions[0];
    return source === "own" ? "the run's own sequences" : chosen?.textContent ?? "other sequences";
  };

  // calls `known` with the key of what is known whenever it changes
  drd.followLook = async (run, selection, known) => {
    const address = `/data/${run.id}/motifs.json${drd.lookQuery(selection)}`, mine = (asked = { address });
    clearTimeout(timer);
    const got = await drd.fetch(address).catch(() => null);
    if (asked !== mine || !line()) return;
    const again = () => { timer = setTimeout(() => asked === mine && drd.followLook(run, selection, known), POLL); };
    if (!got) return again();
    if (!got.ok) return drd.notice(`What channels see is not known. ${got.status < 500 ? await got.text() : "The server's log says why."}`);
    const told = await got.json();
    if (asked !== mine || !line()) return;
    known(told);
    show(told, run, selection, known);
    if (told.stage === "busy") again();
  };
  const show = (told, run, selection, known) => {
    const place = line();
    place.hidden = told.stage === "done";
    if (told.stage === "done") return place.replaceChildren();
    const words = drd.made("span", {}), bar = drd.made("div", { className: "progress" }, drd.made("div", { className: "bar" }));
    if (told.stage === "busy") {
      words.textContent = `Looking at the channels: ${told.says}`;
      bar.setAttribute("role", "progressbar");
      bar.setAttribute("aria-label", "Look at the channels");
      bar.classList.toggle("endless", told.share === null);
      if (told.share !== null) { bar.firstChild.style.width = drd.percent(told.share); bar.setAttribute("aria-valuenow", Math.round(100 * told.share)); }
      const stop = drd.made("button", { className: "button", textContent: "Cancel", disabled: told.cancelling });
      stop.onclick = () => send(stop, `/act/runs/${told.id}/cancel`, {}, run, selection, known);
      return place.replaceChildren(words, bar, drd.made("span", { className: "muted", textContent: told.left }), stop);
    }
    const reads = drd.readsOf(selection, run);
    words.textContent = told.why || told.seen ? told.why || "What these channels see is known; it has not been matched with this database yet." : `Nobody has looked at these channels yet: the network is run over ${reads}, each channel is asked what it sees, and this is matched with known motifs. It takes seconds to minutes in the background.`;
    const start = drd.made("button", { className: "button main", textContent: told.why ? "Look again" : told.seen ? "Match" : "Look at the channels" });
    start.onclick = () => send(start, `/act/runs/${run.id}/motifs`, { source: selection.source, database: selection.database ?? "" }, run, selection, known);
    place.replaceChildren(words, start);
  };
  const send = async (button, address, values, run, selection, known) => {
    button.disabled = true;
    const answer = await drd.send(address, values);
    button.disabled = false;
    if (answer.refused) drd.toast({ text: answer.refused, tone: "bad" });
    drd.poll?.();
    drd.followLook(run, selection, known);
  };
  drd.leaveLook = () => { asked = null; clearTimeout(timer); };
})((window.dash_clientside ??= {}).deepresolve ??= {});
