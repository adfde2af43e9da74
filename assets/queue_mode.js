// How the queue is: open, paused or drained; said beside its tab on every page, changed on its own.
(drd => {
  const SAYS = {
    open: "",
    paused: "The queue is paused: what is computed goes on, nothing else is taken up.",
    drained: "The queue is drained: what is computed goes on, nothing else is taken up, and workers end.",
  };
  const DRAIN = "Let the runs that are computed end and start no other; workers end, too";
  const OFFERS = {
    open: [["Pause", "paused", "Take nothing up for now; what is computed goes on"], ["Drain", "drained", `${DRAIN}, such as before a restart`]],
    paused: [["Resume", "open", "Take runs up again"], ["Drain", "drained", DRAIN]],
    drained: [["Resume", "open", "Take runs up again"]],
  };
  let known = { mode: "open", steers: false };

  drd.queueMode = ({ mode, steers }) => {
    known = { mode, steers };
    mark();
    drd.drawMode();
  };
  const mark = () => {
    const tab = document.querySelector('[data-tab="queue"]');
    if (!tab) return;
    const light = tab.querySelector(".queue-light") ?? tab.appendChild(document.createElement("span"));
    light.className = "queue-light";
    light.textContent = known.mode === "open" ? "" : known.mode;
    light.title = SAYS[known.mode];
  };
  drd.drawMode = () => {
    const place = document.getElementById("queue-mode");
    if (!place) return;
    const html = `<p class="${known.mode === "open" ? "unseen" : "note"}">${SAYS[known.mode] || "The queue is open."}</p>` +
      (known.steers ? `<div class="actions">${OFFERS[known.mode].map(([label, to, title]) => `<button class="button" data-act="/act/queue/${to}" title="${title}">${label}</button>`).join("")}</div>` : "");
    if (place.drdHtml !== html) place.innerHTML = place.drdHtml = html;
  };

  // the nearest priorities by which a run that waits changes places with others of its users; none where none does
  drd.sooner = (run, all) => {
    const others = all.filter(one => one.id !== run.id && one.state === "queued" && one.kind !== "probe" && one.users.some(user => run.users.includes(user)));
    const older = one => one.queued < run.queued || (one.queued === run.queued && one.id < run.id);
    const before = priority => others.filter(one => one.priority > priority || (one.priority === priority && older(one))).length;
    const now = before(run.priority), moves = [-1, 0, 1].filter(priority => before(priority) !== now);
    const up = moves.find(priority => priority > run.priority), down = moves.findLast(priority => priority < run.priority);
    return [...(up === undefined ? [] : [["Sooner", up, "Before others of your runs that wait"]]), ...(down === undefined ? [] : [["Later", down, "After others of your runs that wait"]])];
  };

  // whether a finished run stays, where runs expire
  drd.keeping = run => {
    if (run.pinned) return [["Unpin", "unpin", "It is kept for good; let it expire like others"]];
    if (!run.expires) return [];
    return [["Pin", "pin", `It goes to the bin on ${new Date(1000 * run.expires).toISOString().slice(0, 10)}; keep it for good`]];
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
