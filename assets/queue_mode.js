// How the queue is: open, paused or drained; said beside its tab on every page, changed on its own.
(drd => {
  const SAYS = {
    open: "",
    paused: "The queue is paused: what is computed goes on, nothing else is taken up.",
    drained: "The queue is drained: what is computed goes on, nothing else is taken up, and workers end.",
  };
  const OFFERS = {
    open: [["Pause", "paused", "Take nothing up for now; what is computed goes on"], ["Drain", "drained", "Take nothing up, and end the workers when they are done, such as before a restart"]],
    paused: [["Resume", "open", "Take runs up again"], ["Drain", "drained", "Let the workers end, too"]],
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

  // what a run that waits can be moved by, among the runs of its users
  drd.sooner = run => [
    ...(run.priority < 1 ? [["Sooner", run.priority + 1, "Before your other runs"]] : []),
    ...(run.priority > -1 ? [["Later", run.priority - 1, "After your other runs"]] : []),
  ];

  // whether a finished run stays, where runs expire
  drd.keeping = run => {
    if (run.pinned) return [["Unpin", "unpin", "It is kept for good; let it expire like others"]];
    if (!run.expires) return [];
    return [["Pin", "pin", `It goes to the bin on ${new Date(1000 * run.expires).toISOString().slice(0, 10)}; keep it for good`]];
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
