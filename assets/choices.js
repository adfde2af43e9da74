// What can be chosen of a model where its card notices it: a small form below the finding.
(drd => {
  const MADE = ["reverse complement", "same sequence"]; // of the sequence
  const forms = {
    held: ({ name, value, alike, fits }) => {
      const other = MADE.includes(value), made = alike ? MADE : [];
      return `<label class="field-line"><span>Hold at</span><input name="text" class="line" value="${other ? "" : drd.escape(value)}" placeholder="numbers" aria-label="Constant for ${drd.escape(name)}" maxlength="2000000" spellcheck="false" autocomplete="off"></label>
        <button class="button">Hold</button>${made.map(one => `<button class="button" type="button" data-made="${one}"${one === value ? ' disabled title="It is so now"' : ""}>Use the ${one}</button>`).join("")}
        <span class="muted">${drd.escape(fits)}</span>`;
    },
    positions: ({ name, value, fits }) => {
      const picked = !["mean", "sum"].includes(value), chosen = picked ? "one" : value;
      const option = (key, text) => `<option value="${key}"${key === chosen ? " selected" : ""}>${text}</option>`;
      return `<label class="field-line"><span>A class score is</span><select name="how" class="line" aria-label="Class score of ${drd.escape(name)}">${option("mean", "the mean of all positions")}${option("sum", "their sum")}${option("one", "that of one position")}</select></label>
        <label class="field-line" data-one${picked ? "" : " hidden"}><span>Position</span><input name="text" class="line" inputmode="numeric" value="${picked ? drd.escape(value) : ""}" placeholder="${drd.escape(fits)}" aria-label="Position of ${drd.escape(name)}" maxlength="9" autocomplete="off"></label>
        <button class="button">Use</button>`;
    },
  };

  drd.showChoices = () => document.querySelectorAll("[data-choice]").forEach(place => {
    if (place.firstChild) return;
    const told = JSON.parse(place.dataset.choice), box = document.createElement("form");
    box.className = "actions";
    box.noValidate = true;
    box.innerHTML = forms[told.kind](told);
    const says = Object.assign(document.createElement("p"), { className: "refused", hidden: true });
    says.setAttribute("role", "alert");
    place.append(box, says);
    const say = text => Object.assign(says, { textContent: text ?? "", hidden: !text });
    const send = async text => {
      const buttons = [...box.querySelectorAll("button:not([disabled])")];
      say("");
      buttons.forEach(one => { one.disabled = true; });
      const answer = await drd.send(place.dataset.path, { [told.kind]: { [told.name]: text } });
      buttons.forEach(one => { one.disabled = false; });
      if (!place.isConnected && answer.refused) return drd.toast({ text: answer.refused, tone: "bad" });
      if (answer.refused) return say(answer.refused);
      drd.visit(answer.href);
      drd.toast({ text: "This is another model, with what you chose. The one before stays.", href: `/models/${place.dataset.path.split("/")[3]}`, label: "Go back", seconds: 20 });
    };
    const one = box.querySelector("[data-one]");
    box.onchange = event => {
      if (event.target.name !== "how") return;
      one.hidden = event.target.value !== "one";
      if (!one.hidden) box.elements.text.focus();
    };
    box.onsubmit = event => {
      event.preventDefault();
      const how = box.elements.how?.value ?? "one", text = box.elements.text.value.trim();
      if (how === "one" && !text) return say(`Type ${told.kind === "held" ? told.fits : `a position, ${told.fits}`}.`);
      send(how === "one" ? text : how);
    };
    box.onclick = event => { if (event.target.dataset.made) send(event.target.dataset.made); };
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
