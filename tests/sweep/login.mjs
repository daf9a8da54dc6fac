// The way through the login page, by keyboard alone, and what the page weighs.
//
//   login.mjs BASE EMAIL PASSWORD    of an account that is there
import assert from "node:assert/strict";
import { open } from "./browser.mjs";

const [base, email, password] = process.argv.slice(2);
const browser = await open();

/** What has the focus, in a few words. */
const focused = (page) =>
  page.evaluate(() => {
    const it = document.activeElement;
    return `${it.localName}${it.id ? `#${it.id}` : ""}${it.getAttribute("role") ? `[${it.getAttribute("role")}]` : ""}`;
  });

/** Presses Tab until that has the focus. */
async function tab_to(page, wanted) {
  const passed = [];
  for (let step = 0; step < 25; step += 1) {
    await page.keyboard.press("Tab");
    const now = await focused(page);
    if (now === wanted || (await page.evaluate((css) => document.activeElement.matches(css), wanted))) return;
    passed.push(now);
  }
  assert.fail(`Tab never reaches ${wanted}, only ${passed.join(", ")}`);
}

async function by_keyboard(options, name) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(`${base}/login?next=%2Fwelcome`);
  await tab_to(page, "[name=email]");
  await page.keyboard.type(email);
  await tab_to(page, "[name=password]");
  await page.keyboard.type("Wr0ng-horse-battery");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[role=alert]");
  assert.match(await focused(page), /\[alert\]$/, "the summary has the focus");
  assert.match(await page.title(), /^Error: /);
  assert.equal(await page.inputValue("[name=email]"), email, "the address is kept");
  assert.equal(await page.inputValue("[name=password]"), "", "the password is not");
  await tab_to(page, "[name=password]");
  await page.keyboard.type(password);
  await tab_to(page, "main form [type=submit]");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/welcome");
  assert.match(await page.textContent("main"), new RegExp(email));
  await context.close();
  console.log(`${name}: signed in by keyboard`);
}

/** An empty form: the summary leads to the inputs. */
async function summary_leads_to_inputs() {
  const page = await browser.newPage();
  await page.goto(`${base}/login`);
  await tab_to(page, "[name=password]");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[role=alert]");
  await tab_to(page, "[role=alert] a");
  await page.keyboard.press("Enter");
  assert.ok(await page.evaluate(() => document.activeElement.matches("[name=email]")), "a link of the summary leads to its input");
  await page.close();
  console.log("the summary leads to the inputs");
}

async function weight() {
  const page = await browser.newPage();
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const kinds = new Map();
  const sizes = new Map();
  session.on("Network.responseReceived", (event) => kinds.set(event.requestId, [event.type, event.response.url]));
  session.on("Network.loadingFinished", (event) => sizes.set(event.requestId, event.encodedDataLength));
  await page.goto(`${base}/login`, { waitUntil: "networkidle" });
  const loaded = [...sizes].map(([id, size]) => [...kinds.get(id), size]).filter(([, url]) => !url.startsWith("data:"));
  const extra = loaded.filter(([type]) => type === "Stylesheet" || type === "Script");
  const bytes = extra.reduce((sum, [, , size]) => sum + size, 0);
  for (const [type, url, size] of loaded) console.log(`${type} ${new URL(url).pathname} ${size} B`);
  console.log(`login page: ${loaded.length} requests, ${bytes} B of style sheets and scripts as sent`);
  assert.ok(loaded.length <= 3, `${loaded.length} requests, of 3`);
  assert.ok(bytes <= 26_000, `${bytes} B of style sheets and scripts, of 26,000`);
  for (const [, url] of loaded) assert.ok(url.startsWith(base), `${url} is of another site`);
  await page.close();
}

try {
  await by_keyboard({}, "with scripts");
  await by_keyboard({ javaScriptEnabled: false }, "without scripts");
  await summary_leads_to_inputs();
  await weight();
} finally {
  await browser.close();
}
