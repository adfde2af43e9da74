// The controls of the views: what is pressed is what the address says, a press changes the address.
(drd => {
  const initial = key => drd.KEYS.find(one => one.name === key).initial;

  drd.showSwitches = (selection, run) => {
    for (const control of document.querySelectorAll("#page [data-key]")) {
      const { key } = control.dataset;
      const value = String(key === "second" ? drd.second(selection, run) : selection[key] ?? initial(key) ?? "each");
      if (control.tagName === "SELECT") control.value = value;
      for (const button of control.querySelectorAll("[data-value]")) button.setAttribute("aria-pressed", button.dataset.value === value);
    }
  };
  document.addEventListener("click", event => {
    const button = event.target.closest?.("[data-key] [data-value]");
    const named = event.target.closest?.(".chip[data-channels]")?.dataset.channels.split(",").map(Number);
    if (named) drd.go({ set: named, channel: named[0] });
    if (button) drd.go({ [button.closest("[data-key]").dataset.key]: button.dataset.value });
  });
  document.addEventListener("change", event => {
    const { key } = event.target.dataset ?? {};
    if (key && event.target.tagName === "SELECT") drd.go({ [key]: event.target.value });
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
