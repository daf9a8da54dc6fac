// The gallery: turns the list of links into a place to look at them. What is shown is all in the address.
"use strict";

const byId = (id) => document.getElementById(id);
const tools = byId("tools");
const stage = byId("stage");
const words = byId("words");
const links = [...document.querySelectorAll("#list a")];
const locales = [...tools.elements.locale.options].filter((it) => it.value !== "all");
const isLive = "live" in document.documentElement.dataset;

const DEFAULTS = {
  view: "one", locale: locales[0].value, mode: "auto", width: "fluid", zoom: "fit", scripts: "on", filter: "", id: links[0].dataset.id,
};
const WIDTHS = ["360", "768", "1280"];
const HEIGHTS = { 360: 720, 768: 960, 1280: 860 };
// How wide a picture on the wall is at least.
const TILES = { 360: 200, 768: 260, 1280: 320 };
const GAP = 20;

let state = { ...DEFAULTS };

// --- the address ---------------------------------------------------------------------------------

function read() {
  const [id, query = ""] = location.hash.slice(1).split("?");
  const said = Object.fromEntries(new URLSearchParams(query));
  state = { ...DEFAULTS, ...said, id: links.some((it) => it.dataset.id === id) ? id : DEFAULTS.id };
}

function address(changes) {
  const next = { ...state, ...changes };
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(next)) {
    if (key !== "id" && key in DEFAULTS && value !== DEFAULTS[key]) query.set(key, value);
  }
  const text = query.toString();
  return `#${next.id}${text ? `?${text}` : ""}`;
}

// Typing leaves no trail in the history; a step to another specimen does.
function go(changes, quietly) {
  const target = address(changes);
  if (target === location.hash) return;
  if (quietly) location.replace(target);
  else location.hash = target;
  // At once: whoever holds a key down does not wait for the browser to tell us.
  render();
}

// --- the list ------------------------------------------------------------------------------------

function hay(link) {
  const { id, page, state: of, status, template, layer, title } = link.dataset;
  const group = link.closest("section").querySelector("h2").textContent;
  const kind = status === "0" ? "" : `${status} ${status[0]}xx`;
  return [id, page, of.replaceAll("_", " "), kind, template, layer, title, group].join(" ").toLowerCase();
}
const hays = new Map(links.map((link) => [link, hay(link)]));

function found() {
  const wanted = state.filter.toLowerCase().split(/\s+/).filter(Boolean);
  return links.filter((link) => wanted.every((word) => hays.get(link).includes(word)));
}

function list(shown) {
  for (const link of links) {
    link.parentElement.hidden = !shown.includes(link);
    if (link.dataset.id === state.id) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    const at = link.getAttribute("href").split("/");
    at[1] = state.locale === "all" ? DEFAULTS.locale : state.locale;
    at[2] = "modeless" in link.dataset || state.mode === "both" ? "auto" : state.mode;
    link.setAttribute("href", at.join("/"));
  }
  for (const part of document.querySelectorAll("#list ul, #list section")) {
    const isEmpty = !part.querySelector("li:not([hidden])");
    part.hidden = isEmpty;
    if (part.tagName === "UL") part.previousElementSibling.hidden = isEmpty;
  }
  byId("found").textContent = shown.length === links.length ? `${links.length} specimens` : `${shown.length} of ${links.length}`;
}

// Scrolls the list alone: in a narrow window the page would jump away from what is looked at.
function reveal(link) {
  const box = byId("list");
  const { top, bottom } = box.getBoundingClientRect();
  const at = link.getBoundingClientRect();
  const head = byId("filter").offsetHeight;
  if (at.top < top + head) box.scrollTop -= top + head + 40 - at.top;
  else if (at.bottom > bottom) box.scrollTop += at.bottom - bottom + 40;
}

// --- the stage -----------------------------------------------------------------------------------

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function status(link) {
  const code = link.dataset.status;
  return code === "0" ? "" : make("span", { class: `status status-${code[0]}` }, code);
}

// Every way in which a specimen is to be shown.
function variants(link) {
  const tags = state.locale === "all" ? locales.map((it) => it.value) : [state.locale];
  const own = "modeless" in link.dataset;
  const modes = own ? ["auto"] : state.mode === "both" ? ["light", "dark"] : [state.mode];
  const widths = state.width === "all" ? WIDTHS : [state.width];
  return tags.flatMap((tag) => modes.flatMap((mode) => widths.map((width) => ({ tag, mode, width }))));
}

function frame(link, { tag, mode }) {
  const file = link.getAttribute("href").split("/").at(-1);
  const allowed = ["allow-same-origin"];
  if (state.scripts !== "off") allowed.push("allow-scripts");
  if (isLive) allowed.push("allow-forms");
  const iframe = make("iframe", { title: `${link.dataset.id}, ${tag}, ${mode}`, sandbox: allowed.join(" ") });
  // On the wall they are pictures.
  iframe.inert = state.view === "wall";
  if (iframe.inert) iframe.setAttribute("scrolling", "no");
  iframe.dataset.src = `pages/${tag}/${mode}/${file}`;
  return iframe;
}

function figure(link, variant, size, caption) {
  const paper = make("div", { class: "paper" }, frame(link, variant));
  const it = make("figure", { class: "specimen" }, make("figcaption", {}, ...caption), paper);
  for (const [name, value] of Object.entries(size)) it.style.setProperty(`--${name}`, value);
  return it;
}

function open(iframe) {
  iframe.addEventListener("load", () => {
    const page = within(iframe);
    page?.addEventListener("pointerdown", () => { entered = performance.now(); }, true);
  });
  iframe.src = iframe.dataset.src;
}

// The page in a frame, where the browser lets us look: not from the disk.
function within(iframe) {
  try {
    return iframe.contentDocument;
  } catch {
    return null;
  }
}

// A page that takes the focus by itself would take the keys as well. It gets it only from somebody who goes there.
let entered = -Infinity;
let left = { element: stage, at: -Infinity };
document.addEventListener("focusout", ({ target }) => {
  if (target.localName !== "iframe") left = { element: target, at: performance.now() };
});
addEventListener("blur", () => {
  const taker = document.activeElement;
  if (taker?.localName !== "iframe" || !within(taker) || performance.now() - entered < 1000) return;
  taker.blur();
  const isFresh = left.element.isConnected && performance.now() - left.at < 100;
  (isFresh ? left.element : stage).focus({ preventScroll: true });
});

const lazily = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    lazily.unobserve(target);
    open(target.querySelector("iframe"));
  }
}, { root: null, rootMargin: "400px" });

function about({ tag, mode, width }, link) {
  const dir = locales.find((it) => it.value === tag).dataset.dir;
  const size = width === "fluid" ? "" : `${width} px`;
  return [tag, dir === "rtl" ? "rtl" : "", "modeless" in link.dataset ? "" : mode, size].filter(Boolean).join(" · ");
}

// What is free between the edges of the stage.
function room() {
  const { paddingLeft, paddingRight } = getComputedStyle(stage);
  return stage.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
}

// As wide as fits a whole number of times, so that no edge is left over.
function tile(width, together) {
  const least = TILES[width];
  const fitting = Math.max(1, Math.floor((room() + GAP) / (least + GAP)));
  // What belongs together stands together.
  const number = fitting > together ? fitting - (fitting % together) : fitting;
  return Math.floor((room() - GAP * (number - 1)) / number);
}

function showOne(link) {
  const all = variants(link);
  const box = make("div", { class: "frames" });
  const share = Math.max((room() - GAP * (all.length - 1)) / all.length, 120);
  for (const variant of all) {
    const fluid = variant.width === "fluid";
    // What is fluid is never narrower than a telephone.
    const width = fluid ? Math.max(share, 360) : Number(variant.width);
    const scale = state.zoom === "fit" ? Math.min(1, share / width) : Number(state.zoom) / 100;
    const size = { width: fluid && state.zoom !== "fit" ? share / scale : width, scale };
    const text = make("span", {}, about(variant, link));
    box.append(figure(link, variant, size, [text]));
  }
  stage.replaceChildren(box);
  for (const iframe of box.querySelectorAll("iframe")) open(iframe);
}

function showWall(shown) {
  const wall = make("div", { class: "wall" });
  const together = variants(links[0]).length;
  let page = "";
  for (const link of shown) {
    if (link.dataset.page !== page) {
      page = link.dataset.page;
      wall.append(make("h2", {}, page));
    }
    for (const variant of variants(link)) {
      const width = variant.width === "fluid" ? 1280 : Number(variant.width);
      const scale = state.zoom === "fit" ? Math.min(1, tile(width, together) / width) : Number(state.zoom) / 100;
      const name = make("a", { href: address({ view: "one", id: link.dataset.id }) }, link.dataset.state);
      const more = make("span", { class: "spring" }, together > 1 ? about(variant, link) : "");
      const it = figure(link, variant, { width, scale, height: HEIGHTS[width] }, [name, status(link), more]);
      wall.append(it);
      lazily.observe(it);
    }
  }
  if (shown.length === 0) wall.append(make("p", { class: "nothing" }, "Nothing fits the filter."));
  stage.replaceChildren(wall);
}

function foot(link, shown) {
  const { id, template, layer, title } = link.dataset;
  const said = (name, value) => make("span", {}, `${name} `, make("code", {}, value));
  const alone = make("a", { href: link.getAttribute("href"), target: "_blank", rel: "noopener" }, "open alone");
  const parts = state.view === "wall" ? [`${shown.length} specimens`] : [
    make("b", {}, id), status(link), make("span", { class: "soft" }, title), said("template", template), said("layer", layer), alone,
  ];
  byId("about").replaceChildren(...parts.filter(Boolean));
}

// --- all of it -----------------------------------------------------------------------------------

// What a picture depends on: when nothing of it changes, the frames stay as they are.
let last = "";

function render() {
  read();
  for (const name of ["view", "locale", "mode", "width", "zoom"]) tools.elements[name].value = state[name];
  tools.elements.scripts.checked = state.scripts === "off";
  if (document.activeElement !== words) words.value = state.filter;
  const shown = found();
  list(shown);
  const link = links.find((it) => it.dataset.id === state.id);
  const { view, locale, mode, width, zoom, scripts } = state;
  const picture = JSON.stringify([view, locale, mode, width, zoom, scripts, view === "wall" ? shown.map((it) => it.dataset.id) : state.id]);
  if (picture !== last) {
    last = picture;
    lazily.disconnect();
    if (view === "wall") showWall(shown);
    else showOne(link);
  }
  foot(link, shown);
  if (view === "one") reveal(link);
  document.title = `${view === "wall" ? "Wall" : state.id} · gallery`;
}

function step(by) {
  const shown = found();
  if (shown.length === 0) return;
  const at = shown.findIndex((it) => it.dataset.id === state.id);
  const next = at < 0 ? 0 : (at + by + shown.length) % shown.length;
  go({ view: "one", id: shown[next].dataset.id });
}

const MODES = ["auto", "light", "dark", "both"];
const KEYS = {
  ArrowRight: () => step(1),
  ArrowDown: () => step(1),
  ArrowLeft: () => step(-1),
  ArrowUp: () => step(-1),
  w: () => go({ view: state.view === "wall" ? "one" : "wall" }),
  m: () => go({ mode: MODES[(MODES.indexOf(state.mode) + 1) % MODES.length] }, true),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Tab") entered = performance.now();
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === words) {
    if (event.key === "Escape") {
      words.value = "";
      go({ filter: "" }, true);
      stage.focus({ preventScroll: true });
    } else if (event.key === "Enter" || event.key === "ArrowDown") {
      event.preventDefault();
      stage.focus({ preventScroll: true });
      if (!found().some((it) => it.dataset.id === state.id)) step(1);
    }
    return;
  }
  if (event.key === "/") {
    event.preventDefault();
    words.focus();
    words.select();
    return;
  }
  if (event.target.closest("input, select, textarea")) return;
  // On the wall the arrows scroll.
  if (state.view === "wall" && event.key.startsWith("Arrow")) return;
  const act = KEYS[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

// Who chooses with the mouse goes on with the arrows, which would otherwise choose the next mode or width.
let pointed = -Infinity;
tools.addEventListener("pointerup", () => { pointed = performance.now(); });

tools.addEventListener("change", (event) => {
  if (performance.now() - pointed < 5000 && event.target.type !== "checkbox") stage.focus({ preventScroll: true });
  pointed = -Infinity;
  const { name, value, checked } = event.target;
  go({ [name]: name === "scripts" ? (checked ? "off" : "on") : value }, name !== "view");
});
tools.addEventListener("submit", (event) => event.preventDefault());
words.addEventListener("input", () => go({ filter: words.value.trim() }, true));
byId("list").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go({ view: "one", id: link.dataset.id });
});
addEventListener("hashchange", render);

let resized;
addEventListener("resize", () => {
  clearTimeout(resized);
  resized = setTimeout(() => {
    if (state.view === "one") last = "";
    render();
  }, 150);
});

document.documentElement.classList.add("is-alive");
for (const id of ["tools", "filter", "stage", "foot"]) byId(id).hidden = false;
render();
