// Judges every specimen of the gallery of a running `vestibule dev`, as a visitor's browser shows it.
//
//   sweep.mjs BASE THEME [STEP]    with a STEP of n only every nth specimen is looked at, in each language and mode
//
// Of each page: no violation of axe's rules, none of the Content-Security-Policy, no error on the console, no request
// to another site, no sideways scrolling at 360 px and at 320 px (1280 px at 400 %), the focus on the summary where
// something is wrong, nothing that moves for those who asked for less motion, and every control with an edge and a
// focus ring of the system's colours where those are forced.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { open } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const [base, theme, step = "1"] = process.argv.slice(2);
const { specimens } = await (await fetch(`${base}/_vestibule/preview/manifest.json`)).json();
const cases = specimens.filter((it) => it.group !== "mails");
const counted = { pages: 0, rules: 0, focused: 0, controls: 0 };
const faults = [];

/** What a page may not do, noted from its first moment. */
function watch() {
  window.__violations = [];
  addEventListener("securitypolicyviolation", (event) =>
    window.__violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`),
  );
}

/** Rules of axe that are broken, each with the first element that breaks it. */
async function judged(page) {
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() =>
    window.axe.run(document, {
      resultTypes: ["violations"],
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }),
  );
  counted.rules = Math.max(counted.rules, passes.length + violations.length);
  return violations.map((it) => `axe ${it.id}: ${it.help}: ${it.nodes[0].html} ${it.nodes[0].failureSummary ?? ""}`);
}

/** How far the page can be scrolled sideways, in pixels. */
const sideways = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;

/** Elements that still move although less motion was asked for. */
function moving() {
  const seconds = (list) => Math.max(...list.split(",").map((it) => parseFloat(it) * (it.includes("ms") ? 0.001 : 1)));
  return [...document.querySelectorAll("body *")]
    .filter((it) => {
      const style = getComputedStyle(it);
      return seconds(style.transitionDuration) > 0.01 || (style.animationName !== "none" && seconds(style.animationDuration) > 0.01);
    })
    .map((it) => it.outerHTML.slice(0, 120));
}

/** Controls without an edge, where the browser's own colours replace those of the theme. */
function edgeless() {
  const controls = [...document.querySelectorAll("main button, main input:not([type=hidden]), main select, main textarea")];
  const bare = controls.filter((it) => {
    const style = getComputedStyle(it);
    return style.appearance === "none" && !(parseFloat(style.borderTopWidth) > 0 && style.borderTopStyle !== "none");
  });
  return { controls: controls.length, bare: bare.map((it) => it.outerHTML.slice(0, 120)) };
}

/** The outline of whatever has the focus. */
function ring() {
  const style = getComputedStyle(document.activeElement);
  return { on: document.activeElement.outerHTML.slice(0, 120), width: parseFloat(style.outlineWidth), style: style.outlineStyle };
}

async function look(page, specimen, seen) {
  const name = `${theme} ${specimen.id} ${specimen.locale} ${specimen.mode}`;
  const fault = (text) => faults.push(`${name}: ${text}`);
  seen.length = 0;
  await page.setViewportSize({ width: 1280, height: 900 });
  const answer = await page.goto(`${base}/_vestibule/preview/${specimen.file}`, { waitUntil: "load" });
  if (answer.status() !== 200) return fault(`answered with ${answer.status()}`);
  if (!answer.headers()["content-security-policy"]) fault("no Content-Security-Policy");
  counted.pages += 1;
  // An error page has no form and so no summary.
  if (specimen.status === 422 && specimen.page !== "error") {
    // The browser sets the focus with the first frame that it draws, which may come after the page has loaded.
    await page.waitForFunction(() => document.activeElement !== document.body, null, { timeout: 5000 }).catch(() => {});
    const role = await page.evaluate(() => document.activeElement.getAttribute("role"));
    if (role === "alert") counted.focused += 1;
    else fault(`the focus is not on the summary but on ${role ?? "nothing"}`);
  }
  for (const text of await judged(page)) fault(text);
  for (const width of [360, 320]) {
    await page.setViewportSize({ width, height: 800 });
    const over = await page.evaluate(sideways);
    if (over > 0) fault(`scrolls ${over} px sideways at ${width} px`);
  }
  for (const text of await page.evaluate(() => window.__violations)) fault(`CSP: ${text}`);
  for (const text of seen) fault(text);
}

/** Once more in the browser's own colours and without motion. */
async function lookForced(page, specimen) {
  const fault = (text) => faults.push(`${theme} ${specimen.id} ${specimen.locale} forced colours: ${text}`);
  await page.goto(`${base}/_vestibule/preview/${specimen.file}`, { waitUntil: "load" });
  const { controls, bare } = await page.evaluate(edgeless);
  counted.controls += controls;
  for (const text of bare) fault(`no edge: ${text}`);
  for (const text of await page.evaluate(moving)) fault(`moves: ${text}`);
  await page.keyboard.press("Tab");
  const { on, width, style } = await page.evaluate(ring);
  if (!on.startsWith("<body") && (style === "none" || width < 2)) fault(`no ring around ${on}`);
}

async function work(context, queue, one) {
  await context.addInitScript(watch);
  const page = await context.newPage();
  const seen = [];
  page.on("console", (message) => message.type() === "error" && seen.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => seen.push(`script: ${error}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !url.startsWith("data:")) seen.push(`request to ${url}`);
  });
  for (let next = queue.shift(); next; next = queue.shift()) await one(page, next, seen);
  await context.close();
}

const ids = [...new Set(cases.map((it) => it.id))].filter((_, at) => at % Number(step) === 0);
const chosen = cases.filter((it) => ids.includes(it.id));
const browser = await open();
try {
  for (const mode of ["light", "dark"]) {
    const queue = chosen.filter((it) => it.mode === mode);
    const context = () => browser.newContext({ colorScheme: mode, serviceWorkers: "block" });
    await Promise.all([work(await context(), queue, look), work(await context(), queue, look)]);
  }
  const forced = chosen.filter((it) => it.mode === "light");
  const context = await browser.newContext({ forcedColors: "active", reducedMotion: "reduce" });
  await work(context, forced, lookForced);
} finally {
  await browser.close();
}

if (counted.pages === 0 || counted.rules < 20 || counted.focused === 0 || counted.controls === 0) {
  faults.push(`hardly anything was looked at: ${JSON.stringify(counted)}`);
}
const shown = [...new Set(faults)];
for (const fault of shown.slice(0, 60)) console.error(fault);
if (shown.length > 60) console.error(`and ${shown.length - 60} more`);
console.log(`${theme}: ${counted.pages} pages, ${counted.rules} rules of axe, ${shown.length} faults`);
process.exitCode = shown.length === 0 ? 0 : 1;
