// The help of a panel closes when its reader goes on.
(() => {
  const close = but => {
    for (const open of document.querySelectorAll("details.help[open]")) if (open !== but) open.open = false;
  };
  document.addEventListener("click", event => close(event.target.closest?.("details.help")));
  document.addEventListener("keydown", event => { if (event.key === "Escape") close(null); });
})();
