// What other runs of the same layer find of the class on screen: a badge for each channel and pair, a line above the ranking.
(drd => {
  const REST = 400; // ms that a class is on screen before it is asked
  let wanted = null, told = null, waiting = null; // address, its answer, the time until it is asked

  // a class is on screen: forget what was told of another one, and ask once everything else is painted
  drd.askAgain = (selection, run) => {
    const query = new URLSearchParams({ target: selection.target });
    if (selection.regime) query.set("regime", selection.regime);
    const address = `/data/${run.id}/again.json?${query}`;
    if (address === wanted) return;
    [wanted, told] = [address, null];
    clearTimeout(waiting);
    drd.showAgain();
    if (drd.can("see") && !run.partial) waiting = setTimeout(() => ask(address, selection), REST);
  };
  const ask = async (address, { target, regime }) => {
    const got = await drd.fetch(address).catch(() => null), answer = got?.ok ? await got.json() : {};
    if (address !== wanted || !answer.of) return;
    const href = drd.compareHref({ runs: answer.runs, class: answer.runs.map(() => target).join(), regime });
    told = { ...answer, href };
    drd.showAgain();
    drd.fillAgain();
    window.dispatchEvent(new CustomEvent("drd-again"));
  };
  const runsOf = of => (of === 2 ? "both runs" : `all ${of} runs`);

  drd.showAgain = () => {
    const place = document.getElementById("ofiv-notes");
    place?.querySelector(".again")?.remove();
    if (!told || !place) return;
    const { of, leading, all, href } = told, channels = `${leading} channel${leading === 1 ? "" : "s"}`;
    const title = `Of the ${channels} that lead here (|OFIV| of a fifth of the largest or more) ${all} lead in ${runsOf(of)} of this layer, with one sign. Opens the comparison of these runs.`;
    place.append(drd.linked({ className: "chip again", href, title, textContent: `${all} of ${leading} in ${runsOf(of)}` }));
  };
  // "3 of 3" for a channel that is found in any of the runs
  drd.againBadge = channel => {
    const times = told?.times[channel];
    return times ? drd.timesBadge(times, told.of, "runs of this layer") : "";
  };
  // the same for the pairs of groups, where there is more than one test
  drd.fillAgain = () => {
    for (const place of document.querySelectorAll("[data-again]")) {
      const times = told?.tests > 1 && told.pairs[place.dataset.again];
      place.innerHTML = times ? drd.timesBadge(times, told.tests, "tests of this layer") : "";
    }
  };
  window.addEventListener("drd-page", () => { if (!document.getElementById("ofiv-notes")) wanted = told = null; }); // there may be more runs by then
})((window.dash_clientside ??= {}).deepresolve ??= {});
