// Which runs are compared: a table of what they differ in; runs are added, taken away, put first.
(drd => {
  const MOST = 8;
  const cell = (tag, words, more = {}) => drd.made(tag, { textContent: words, ...more });
  const button = (words, title, act) => Object.assign(drd.made("button", { className: "button", textContent: words, title }), { onclick: act });

  // why: what is wrong with the runs of the address, when they cannot be compared
  drd.drawComparedRuns = ({ selection, about, targets }, place, choices, why = "") => {
    const ids = selection.runs, names = new Map(choices.map(one => [one.id, one]));
    const known = why ? ids.map(id => ({ id, name: names.get(id)?.name ?? id, words: names.get(id)?.words ?? "not here, or not finished" })) : about.runs;
    const columns = why ? [["", ids.map((_, at) => known[at].words)]] : about.differ;
    const rows = known.map((run, at) => {
      const name = drd.made("th", { scope: "row" });
      name.innerHTML = drd.runBadge(at);
      const target = targets?.[at], href = why ? null : run.href.replace(/\/class\/.*$/, `/class/${target ?? ""}`);
      name.append(href && target !== null ? drd.linked({ href, textContent: run.name, title: `This class in run ${run.id}` }) : run.name);
      name.querySelector("a")?.setAttribute("data-visit", "");
      const move = at ? [button("First", `Put ${run.name} first: others are lined up with it`, () => drd.changeCompared([run.id, ...ids.filter(id => id !== run.id)]))] : [];
      const remove = button("Remove", `Take ${run.name} out of the comparison`, () => drd.changeCompared(ids.filter(id => id !== run.id)));
      return drd.made("tr", {}, name, ...columns.map(([, said]) => cell("td", said[at])), ...(why ? [] : [cell("td", about.rows.says[at])]), drd.made("td", {}, drd.made("div", { className: "actions" }, ...move, remove)));
    });
    const heads = ["run", ...columns.map(([label]) => label), ...(why ? [] : ["paired"]), ""];
    const table = drd.made("table", { className: "table small" }, drd.made("thead", {}, drd.made("tr", {}, ...heads.map(words => cell("th", words, { scope: "col" })))), drd.made("tbody", {}, ...rows));
    const parts = [];
    if (why) parts.push(cell("p", why, { className: ids.length > 1 ? "refused" : "lead" }));
    if (rows.length) parts.push(drd.made("div", { className: "scroll" }, table));
    parts.push(adder(ids, choices));
    if (!why) {
      const said = about.differ.length ? "" : "Nothing that decides their numbers differs.";
      if (said) parts.push(cell("p", said, { className: "muted" }));
      const warned = [...about.warnings, ...about.rows.missing.map(([letter, words]) => `Run ${letter}: ${words[0].toLowerCase()}${words.slice(1)}`)];
      if (warned.length) parts.push(drd.made("ul", { className: "warnings" }, ...warned.map(words => cell("li", words))));
      parts.push(...unnamed(about));
      const same = drd.made("dl", {}, ...about.same.flatMap(([label, words]) => [cell("dt", label), cell("dd", words)]));
      parts.push(drd.made("details", {}, cell("summary", `The same in all: ${about.same.length} settings`), same));
    }
    place.replaceChildren(...parts);
  };

  // the runs whose channels have no names of motifs since nobody has looked at them, and where to look
  const unnamed = ({ runs, looked }) => {
    const links = runs.filter((_, at) => !looked[at]).flatMap((run, at) => [at ? ", " : " ", drd.linked({ href: `/runs/${run.id}/channels`, textContent: `${run.letter} ${run.name}` })]);
    if (!links.length) return [];
    return [drd.made("p", { className: "muted" }, "No names of motifs, since nobody has looked at their channels yet:", ...links, ". Open one and press “Look at the channels” there.")];
  };

  const adder = (ids, choices) => {
    const free = choices.filter(one => !ids.includes(one.id));
    if (ids.length >= MOST) return cell("p", "Eight runs are compared, which is the most: remove one to add another.", { className: "muted" });
    if (!free.length) return cell("p", "There is no other run here to add.", { className: "muted" });
    const select = drd.made("select", {}, ...free.map(one => drd.made("option", { value: one.id, textContent: `${one.name}, ${one.words}` })));
    const add = button("Add", "Add this run to the comparison", () => drd.changeCompared([...ids, select.value]));
    add.classList.toggle("main", ids.length < 2);
    return drd.made("div", { className: "actions add-run" }, drd.made("label", { className: "chooser-line" }, ids.length ? "another run" : "a run", select), add);
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
