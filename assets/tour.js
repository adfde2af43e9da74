// A tour of the class page on the first visit: a ring around what is talked about, and two lines.
(drd => {
  const SEEN = "drd-tour";
  const STOPS = [
    { at: ".context", title: "What you look at", text: "The run, the class, and how far to trust it. Type in the field to find a class by any words of its name." },
    { at: "#fiv-panel", title: "Does the network agree with itself?", text: "A row is one start, a column a channel: orange speaks for the class, blue against it. Look for columns whose colour changes from row to row." },
    { at: "#ofiv-panel", title: "Which channels count", text: "The same, summed up: what speaks most for this class and most against it. Click a bar, and every view follows." },
    { at: "#card-panel", title: "What a channel reads", text: "The pattern of the selected channel and its numbers. j and k go to the next and the previous channel." },
    { at: "#similarity-panel", title: "Which classes share channels", text: "Classes that use the same channels lie close together. Click a cell to compare two. Below are recipes, lists of features, and the traces." },
    { at: ".header", title: "Find, link, present", text: "Press / to find anything, p to fill the screen with a panel, ? for all keys. The address is always a link to what you see." },
  ];
  let place = null, ring = null, words = null, before = null; // nothing is open without a place

  const stops = () => STOPS.filter(stop => document.querySelector(stop.at));
  const put = () => {
    const stop = stops()[place], element = stop && document.querySelector(stop.at);
    if (!element) return close();
    const box = element.getBoundingClientRect(), pad = 3;
    ring.style.cssText = `left:${box.left - pad}px;top:${box.top - pad}px;width:${box.width + 2 * pad}px;height:${box.height + 2 * pad}px`;
    const { offsetWidth: wide, offsetHeight: tall } = words, gap = 12;
    const within = (value, most) => Math.max(gap, Math.min(value, most - gap));
    const below = box.bottom + gap + tall < innerHeight, above = box.top - gap - tall > 0;
    const beside = box.right + gap + wide < innerWidth ? box.right + gap : box.left - gap - wide;
    const left = below || above || beside < 0 ? within(box.left, innerWidth - wide) : beside;
    const top = below ? box.bottom + gap : above ? box.top - gap - tall : within(box.top, innerHeight - tall);
    words.style.left = `${left}px`;
    words.style.top = `${within(top, innerHeight - tall)}px`;
  };
  const show = to => {
    place = to;
    const all = stops(), stop = all[place];
    if (!stop) return close();
    document.querySelector(stop.at).scrollIntoView({ block: "nearest" });
    words.querySelector("h2").textContent = stop.title;
    words.querySelector("p").textContent = stop.text;
    words.querySelector(".place").textContent = `${place + 1} of ${all.length}`;
    words.querySelector(".before").disabled = place === 0;
    const next = words.querySelector(".next");
    next.textContent = place === all.length - 1 ? "Done" : "Next";
    words.querySelector(".skip").hidden = place === all.length - 1;
    put();
    next.focus({ preventScroll: true });
  };
  const close = () => {
    if (place === null) return;
    place = null;
    localStorage.setItem(SEEN, "seen");
    ring.remove();
    words.remove();
    window.removeEventListener("resize", put);
    document.removeEventListener("scroll", put);
    if (before?.isConnected) before.focus({ preventScroll: true });
  };

  drd.tour = () => {
    if (place !== null || !document.querySelector(".class-page")) return;
    if (drd.presented()) drd.present(null);
    before = document.activeElement;
    ring = Object.assign(document.createElement("div"), { className: "tour-ring" });
    words = Object.assign(document.createElement("div"), { className: "tour-words" });
    words.setAttribute("role", "dialog");
    words.setAttribute("aria-labelledby", "tour-title");
    words.setAttribute("aria-describedby", "tour-text");
    words.innerHTML = `<h2 id="tour-title"></h2><p id="tour-text"></p><div class="actions"><span class="place"></span>
      <button class="button skip">Skip</button><button class="button before">Back</button><button class="button main next">Next</button></div>`;
    words.onclick = event => {
      if (event.target.matches(".next")) show(place + 1);
      else if (event.target.matches(".before")) show(place - 1);
      else if (event.target.matches(".skip")) close();
    };
    words.onkeydown = event => {
      const to = { ArrowRight: place + 1, ArrowLeft: place - 1 }[event.key];
      if (event.key === "Escape") close();
      else if (to !== undefined) { if (to >= 0) show(to); }
      else return;
      event.preventDefault();
    };
    document.body.append(ring, words);
    window.addEventListener("resize", put);
    document.addEventListener("scroll", put, { passive: true });
    show(0);
  };

  // the first class page that is drawn, unless somebody shows a story
  const first = (tries = 200) => {
    const page = document.querySelector(".class-page");
    if (!page) return close();
    const asked = new URLSearchParams(location.search).get("tour") === "1";
    if (!asked && (localStorage.getItem(SEEN) || drd.read().story || drd.read().present)) return;
    if (document.querySelector("#fiv canvas") && document.querySelector("#ofiv .plot")) drd.tour();
    else if (tries) setTimeout(() => page.isConnected && first(tries - 1), 100);
  };
  window.addEventListener("drd-page", () => first());
  document.addEventListener("click", event => {
    if (!event.target.closest?.("#tour")) return;
    window.dash_clientside.set_props("help", { opened: false });
    setTimeout(drd.tour, 250); // once the list of keys has let go of the focus
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
