// What development puts into every page: it is told of changes by the server and shows them.
//
// Style sheets are exchanged where they are. For anything else the page is loaded anew, unless that would
// lose what somebody has typed or send a form again; then a line at the foot offers it. What is wrong with
// an edit is laid over the page until it is mended; what is worth knowing although it is served waits behind a small
// button in a corner.
(() => {
  "use strict";
  // The page around a frame sees to it, so that a gallery needs one connection and not one for each frame.
  if (window !== window.top) return;

  const TAG = "script[data-vestibule-live]";
  const STYLE = "/_vestibule/live/style.css";
  const own = document.querySelector(TAG);
  let typed = false;
  let seen = null;
  let notes = [];

  document.addEventListener("input", (event) => {
    if (event.isTrusted && !event.target.matches(":autofill")) typed = true;
  }, true);

  // Addresses of style sheets have a hash of the content before the extension.
  const bare = (address) => new URL(address, location.href).pathname.replace(/\.[0-9a-f]{8}\.css$/, ".css");

  function exchangeSheets(state, page) {
    for (const address of state.sheets) {
      const links = [...page.querySelectorAll("link[rel~=stylesheet]")]
        .filter((link) => bare(link.href) === bare(address));
      const newest = links.at(-1);
      if (!newest || newest.getAttribute("href") === address) continue;
      const next = newest.cloneNode();
      next.href = address;
      // The old one stays until the new one is there: no moment without any.
      next.addEventListener("load", () => links.forEach((link) => link.remove()));
      next.addEventListener("error", () => next.remove());
      newest.after(next);
    }
  }

  // Brings a page up to date. Says whether it has to be loaded anew.
  function isOutdated(state, page) {
    const tag = page.querySelector(TAG);
    if (!tag || tag.dataset.vestibuleLive !== state.run) return true;
    const edition = Number(tag.dataset.edition);
    // Where a page's own markup does not come from the theme, only its frames do.
    const since = page.documentElement.dataset.live === "frames" ? state.site : state.pages;
    if (since > edition) return true;
    if (state.edition > edition) {
      exchangeSheets(state, page);
      tag.dataset.edition = state.edition;
    }
    return false;
  }

  function bringFrameUpToDate(frame) {
    let page = null;
    try {
      page = frame.contentDocument;
    } catch { /* of another origin: none of ours */ }
    // While it is still empty it is loading, and is looked at when it has loaded.
    if (!page || !page.querySelector(TAG)) return;
    if (isOutdated(seen, page)) frame.contentWindow.location.reload();
  }

  function take(state) {
    const last = seen;
    seen = state;
    if (own.dataset.report !== undefined) {
      if (state.stamp !== Number(own.dataset.report) || state.run !== own.dataset.vestibuleLive) location.reload();
      return;
    }
    if (!last || last.stamp !== state.stamp || last.run !== state.run) showReport(state.findings);
    takeNotes(state.notes);
    if (isOutdated(state, document)) {
      const posted = own.dataset.posted !== undefined;
      if (!posted && !typed) return location.reload();
      exchangeSheets(state, document);
      offer(posted);
    }
    document.querySelectorAll("iframe").forEach(bringFrameUpToDate);
  }

  document.addEventListener("load", (event) => {
    if (seen && event.target.localName === "iframe") bringFrameUpToDate(event.target);
  }, true);

  // What we show ourselves stands in a tree of its own, where the style sheet of the theme does not reach.
  function panel(name) {
    document.querySelector(`vestibule-${name}`)?.remove();
    const host = document.createElement(`vestibule-${name}`);
    const root = host.attachShadow({ mode: "open" });
    root.append(element("link", { rel: "stylesheet", href: STYLE }));
    document.body.append(host);
    return { host, root };
  }

  function element(name, attributes, ...content) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...content);
    return made;
  }

  function button(text, action) {
    const made = element("button", { type: "button" }, text);
    made.addEventListener("click", action);
    return made;
  }

  function offer(posted) {
    const { host, root } = panel("changed");
    const text = posted
      ? "The site has changed. This page is the answer to a form."
      : "The site has changed. Loading the page anew loses what you have typed.";
    const bar = element("div", { class: "changed", role: "status" }, element("span", {}, text));
    if (posted) bar.append(button("Send the form again", () => location.reload()));
    bar.append(button("Load anew", () => location.replace(location.href.replace(/#.*/, ""))));
    bar.append(button("Not now", () => host.remove()));
    root.append(bar);
  }

  // Takes a panel away at Escape, or when what is given back is called.
  function closing(host, then = () => {}) {
    const close = () => {
      document.removeEventListener("keydown", onKey, true);
      if (!host.isConnected) return;
      host.remove();
      then();
    };
    const onKey = (event) => {
      if (event.key === "Escape") close();
    };
    document.addEventListener("keydown", onKey, true);
    return close;
  }

  function showReport(findings) {
    document.querySelector("vestibule-report")?.remove();
    if (findings.length === 0) return;
    const { host, root } = panel("report");
    const close = closing(host);
    const title = element("h1", { id: "title" }, "This edit is not served");
    const intro = element("p", { id: "intro" }, "The page beneath is the last good one. It is brought up to date when this is mended.");
    const head = element("header", {}, title, button("Close", close));
    const report = element("section", {
      class: "report", role: "alertdialog", tabindex: "-1",
      "aria-labelledby": "title", "aria-describedby": "intro",
    }, head, intro, ...findings.map(shown));
    root.append(report);
    // Nobody who types is interrupted.
    if (!document.activeElement || document.activeElement === document.body) report.focus();
  }

  // The same notes are the same wherever their lines have gone.
  const HIDDEN = "vestibule-notes-hidden";
  const inShort = () => JSON.stringify(notes.map((it) => [it.code, it.message, it.place?.replace(/(:\d+)+$/, "")]));

  function isHidden() {
    try {
      return sessionStorage.getItem(HIDDEN) === inShort();
    } catch { /* the browser keeps nothing */ }
    return false;
  }

  function hideNotes() {
    document.querySelector("vestibule-notes")?.remove();
    document.querySelector("vestibule-badge")?.remove();
    try {
      sessionStorage.setItem(HIDDEN, inShort());
    } catch { /* the browser keeps nothing: until the page is loaded anew, then */ }
  }

  function takeNotes(latest) {
    if (JSON.stringify(latest) === JSON.stringify(notes)) return;
    const before = inShort();
    notes = latest;
    const isOpen = document.querySelector("vestibule-notes") !== null;
    if (notes.length === 0) {
      document.querySelector("vestibule-notes")?.remove();
      document.querySelector("vestibule-badge")?.remove();
    } else if (before !== inShort() && !isHidden()) {
      showBadge();
    }
    if (isOpen && notes.length > 0) showNotes(false);
  }

  function counted() {
    const count = (severity) => notes.filter((it) => it.severity === severity).length;
    const words = [[count("error"), "error"], [count("warning"), "warning"]]
      .filter(([number]) => number > 0)
      .map(([number, word]) => `${number} ${word}${number === 1 ? "" : "s"}`);
    return words.join(", ");
  }

  function showBadge() {
    const { root } = panel("badge");
    const badge = button(counted(), () => showNotes(true));
    badge.className = "badge";
    badge.setAttribute("aria-haspopup", "dialog");
    root.append(badge);
  }

  function showNotes(isAsked) {
    const { host, root } = panel("notes");
    const back = () => document.querySelector("vestibule-badge")?.shadowRoot.querySelector("button").focus();
    const close = closing(host, back);
    const title = element("h1", { id: "title" }, counted());
    const intro = element("p", { id: "intro" }, "This is served all the same.");
    const head = element("header", {}, title, button("Hide until it changes", hideNotes), button("Close", close));
    const report = element("section", {
      class: "report notes", role: "dialog", tabindex: "-1",
      "aria-labelledby": "title", "aria-describedby": "intro",
    }, head, intro, ...notes.map(shown));
    root.append(report);
    if (isAsked) report.focus();
  }

  function shown(finding) {
    const code = finding.code ? `[${finding.code}]` : "";
    const made = element("article", { class: finding.severity });
    made.append(element("h2", {}, element("span", { class: "kind" }, `${finding.severity}${code}: `), finding.message));
    if (finding.place) made.append(element("p", { class: "place" }, finding.place));
    if (finding.frame) made.append(element("pre", { tabindex: "0" }, finding.frame));
    if (finding.help) made.append(element("p", { class: "help" }, "help: ", finding.help));
    return made;
  }

  // Only what is seen is connected: a browser has few connections for one host, and tabs are many.
  let source = null;
  function connect() {
    if (document.hidden) {
      source?.close();
      source = null;
    } else if (!source) {
      source = new EventSource("/_vestibule/live/events");
      source.addEventListener("message", (event) => take(JSON.parse(event.data)));
    }
  }
  document.addEventListener("visibilitychange", connect);
  window.addEventListener("pagehide", () => {
    source?.close();
    source = null;
  });
  window.addEventListener("pageshow", connect);
})();
