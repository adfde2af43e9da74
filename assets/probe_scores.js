// The scores of all classes: sorted, found by words, set beside those of another sequence.
(drd => {
  const MOST = 60; // rows before more are asked for
  let most = MOST, of = null;
  const part = name => document.querySelector(`.probe-page ${name}`);
  const words = { before: ["logit before", "logit after"], second: ["logit, second", "logit, first"] };

  const tools = on => {
    const place = part(".score-tools");
    if (place.firstChild && of === on.of) return place;
    of = on.of;
    most = MOST;
    place.innerHTML = `<input class="line find score-find" type="search" placeholder="Find a class" aria-label="Find a class"><div class="switch" role="group" aria-label="Order of the classes" data-key="by"><button data-value="score">by score</button><button data-value="difference">by difference</button><button data-value="index">by index</button></div><span class="muted score-note"></span>`;
    const find = place.querySelector("input");
    find.oninput = () => { most = MOST; drd.go({ find: find.value || null }, { replace: true }); };
    find.onkeydown = event => {
      if (event.key === "Enter") part(".scores-body tbody button")?.click();
      if (event.key === "Escape") { find.value = ""; find.oninput(); event.stopPropagation(); }
    };
    drd.showSwitches(on.selection, on.of);
    return place;
  };
  drd.drawScores = on => {
    const { selection, data, told } = on, place = tools(on), find = place.querySelector("input"), names = on.of.names;
    if (document.activeElement !== find) find.value = selection.find ?? "";
    const key = drd.probeOther(), first = data.first?.scores, other = first && key && data[key]?.scores;
    const alone = selection.by === "difference" && !key ? "To sort by difference, press “Second sequence” and paste one, or change a base." : "";
    const wait = told && !first ? "asking the network…" : alone || (told ? "" : "no sequence yet");
    const seconds = part("")?.dataset.scoresMs;
    place.querySelector(".score-note").textContent = wait || `${names.length.toLocaleString("en")} ${names.length === 1 ? "class" : "classes"}${seconds ? `, in ${(seconds / 1000).toFixed(1)} s` : ""}`;
    document.getElementById("scores-regime").textContent = first ? "logit: before the sigmoid or softmax" : "";
    const asked = (selection.find ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const kept = names.map((_, i) => i).filter(i => asked.every(word => `${i} ${names[i]}`.toLowerCase().includes(word)));
    const difference = i => first.logits[i] - other.logits[i];
    const by = selection.by === "difference" && other ? i => -Math.abs(difference(i)) : selection.by === "index" || !first ? i => i : i => -first.logits[i];
    kept.sort((a, b) => by(a) - by(b) || a - b);
    const largest = Math.max(1e-9, ...(first?.logits ?? []).map(Math.abs), ...(other?.logits ?? []).map(Math.abs));
    const chance = one => (one?.probabilities ? i => drd.number(one.probabilities[i], 2) : null);
    const p = chance(first), widest = other ? Math.max(1e-9, ...names.map((_, i) => Math.abs(difference(i)))) : largest;
    const bar = (value, most) => `<span class="signed-bar"><i class="${value > 0 ? "plus" : "minus"}" style="${value > 0 ? "left:50%" : "right:50%"};width:${((50 * Math.abs(value)) / most).toFixed(1)}%"></i></span>`;
    const cells = i => {
      if (!first) return "";
      const before = other ? `<td class="value muted">${drd.signed(other.logits[i])}</td>` : "", change = other ? `<td class="value">${drd.signed(difference(i))}</td>` : "";
      return `${before}<td class="value">${drd.signed(first.logits[i])}</td>${p ? `<td class="value muted">${p(i)}</td>` : ""}${change}<td>${bar(other ? difference(i) : first.logits[i], widest)}</td>`;
    };
    const heads = first ? `${other ? `<th class="value">${words[key][0]}</th>` : ""}<th class="value">${other ? words[key][1] : "logit"}</th>${p ? '<th class="value">probability</th>' : ""}${other ? '<th class="value">difference</th>' : ""}<th>${other ? "difference" : "logit"}</th>` : "";
    const rows = kept.slice(0, most).map(i => `<tr data-target="${i}" class="${i === selection.target ? "chosen" : ""}"><td class="value muted">${i}</td><th scope="row"><button class="link" title="What each base gives this class">${drd.escape(names[i])}</button></th>${cells(i)}</tr>`).join("");
    const left = kept.length - most, body = part(".scores-body"), focused = body.contains(document.activeElement) ? document.activeElement.closest("[data-target]")?.dataset.target : null;
    body.innerHTML = `<table class="table small scores-table"><thead><tr><th class="value"></th><th>class</th>${heads}</tr></thead><tbody>${rows}</tbody></table>${kept.length ? "" : drd.emptyLine(`No class fits “${selection.find}”.`)}${left > 0 ? `<button class="button more">Show more (${left.toLocaleString("en")} not shown)</button>` : ""}`;
    const shown = body.querySelector("tr.chosen"), meant = `${selection.target} ${selection.by} ${told?.first.id} ${Boolean(other)}`;
    if (shown && body.drdFor !== meant) body.scrollTop = Math.max(0, shown.offsetTop - body.clientHeight + 40);
    body.drdFor = meant;
    if (focused !== null) body.querySelector(`[data-target="${focused}"] button`)?.focus({ preventScroll: true });
    body.onclick = event => {
      if (event.target.closest(".more")) { most += 5 * MOST; return drd.drawScores(drd.probeNow()); }
      const target = event.target.closest("[data-target]")?.dataset.target;
      if (target !== undefined) drd.go({ target: Number(target) });
    };
  };
})((window.dash_clientside ??= {}).deepresolve ??= {});
