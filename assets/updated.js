// A page that was loaded before the server was updated says so, and one whose reader was logged out while
// they wrote; when to load it anew is theirs to choose.
(drd => {
  const SAYS = {
    updated: "The dashboard was updated. Reload to go on with the new version.",
    left: "You are not logged in any more. Reload to log in.",
  };
  const mine = document.documentElement.dataset.version, written = new Set(); // fields that somebody wrote in
  let now = "", closed = ""; // what the bar is about: a version, or `left`

  const show = about => {
    now = about;
    const bar = document.getElementById("updated");
    if (!bar) return; // a page that is one file
    bar.hidden = !now || now === closed;
    if (!bar.hidden) bar.firstElementChild.textContent = SAYS[now === "left" ? "left" : "updated"];
  };
  const unsaved = () => [...written].some(field => (field.isConnected ? field.value : !written.delete(field)));
  const reload = async () => {
    if (!unsaved() || (await drd.ask("What you wrote on this page may not be saved. Reload it?", { yes: "Reload" }))) location.reload();
  };

  drd.heardVersion = version => show(version === mine ? "" : version);
  drd.loggedOut = () => {
    if (unsaved()) show("left");
    else location.reload(); // the page to log in comes
  };
  document.addEventListener("input", event => { if (event.target.matches("input, textarea")) written.add(event.target); });
  document.addEventListener("click", event => {
    if (event.target.closest?.("#updated-reload")) reload();
    if (!event.target.closest?.("#updated-later")) return;
    closed = now;
    show(now);
  });
})((window.dash_clientside ??= {}).deepresolve ??= {});
