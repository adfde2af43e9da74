// A result, or a story, as one file that opens without the dashboard and without a network.
(drd => {
  const WHOLE = "</html>"; // the end of a file that is all there
  let going = null; // what stops the file that is being made

  const size = bytes => `${(bytes / 2 ** 20).toFixed(1)} MB`;
  const said = words => {
    const note = drd.made("div", { className: "toast" }), text = drd.made("span", { textContent: words });
    const stop = drd.made("button", { className: "button", textContent: "Cancel", onclick: () => going?.abort() });
    note.append(text, stop);
    document.getElementById("toasts").append(note);
    return { say: more => { text.textContent = more; }, end: () => note.remove() };
  };
  const nameOf = got => got.headers.get("Content-Disposition")?.match(/filename="([^"]+)"/)?.[1] ?? "offline.html";
  const arrived = async (got, say) => {
    const reader = got.body.getReader(), parts = [];
    for (let bytes = 0; ;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      say(`The offline page is being made: ${size((bytes += value.length))} so far. The first time takes a minute or two.`);
    }
    const whole = new Blob(parts), end = await whole.slice(-20).text();
    if (!end.includes(WHOLE)) throw new Error("It broke off; the server's log says why.");
    return whole;
  };
  drd.takeOffline = async href => {
    if (going) return drd.toast({ text: "An offline page is being made already." });
    going = new AbortController();
    const note = said("The offline page is being made …");
    try {
      const got = await drd.stream(href, { signal: going.signal });
      if (!got.ok) throw new Error(got.status < 500 ? await got.text() : "The server's log says why.");
      const whole = await arrived(got, note.say);
      drd.save(whole, nameOf(got), "text/html");
      drd.toast({ text: `The offline page is saved, ${size(whole.size)}. It opens in any browser, without this dashboard.`, tone: "good", seconds: 20 });
    } catch (error) {
      if (error.name !== "AbortError") drd.toast({ text: `The offline page cannot be saved. ${error instanceof TypeError ? "The server cannot be reached." : error.message}`, tone: "bad" });
    } finally {
      going = null;
      note.end();
    }
  };
  // which classes the file holds: choices are [address, words]
  const ask = (what, choices) => {
    const line = ([href, words], i) => drd.made("label", {}, drd.made("input", { type: "radio", name: "which", value: href, checked: i === 0 }), ` ${words}`);
    const form = drd.made("form", { method: "dialog" }, drd.made("h2", { textContent: "Offline page" }),
      drd.made("p", { textContent: `One file with the views of this ${what}. It opens in any browser, without this dashboard and without a network.` }), ...choices.map(line),
      drd.made("div", { className: "actions" }, drd.made("button", { className: "button main", value: "yes", textContent: "Make the file" }), drd.made("button", { className: "button", value: "no", textContent: "Cancel" })));
    const box = drd.made("dialog", { className: "offline-ask" }, form);
    form.setAttribute("aria-label", "Offline page");
    box.onclose = () => {
      box.remove();
      if (box.returnValue === "yes") drd.takeOffline(form.elements.which.value);
    };
    document.body.append(box);
    box.showModal();
  };
  drd.askOffline = () => {
    const run = drd.open(), { target } = drd.read(), n = run.targets.length, at = run.targets.indexOf(target), href = `/data/${run.id}/offline.html`;
    if (n === 1 || at < 0) return drd.takeOffline(href);
    ask("result", [[href, `All ${n} classes, or as many as fit into 40 MB`], [`${href}?classes=${target}`, `Class ${target}, ${run.names[at]}, alone`]]);
  };
  const askStory = href => ask("story", [[href, "The classes of its steps"], [`${href}?classes=all`, "All classes, or as many as fit into 40 MB"]]);
  document.addEventListener("click", event => {
    const button = event.target.closest?.("[data-offline]");
    if (button) button.dataset.offline ? askStory(button.dataset.offline) : drd.askOffline();
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
