// Lighthouse on one page: anything below 100 in accessibility or best practices is told and fails.
//
//   lighthouse.mjs URL
import { chromium } from "playwright-core";
import lighthouse from "lighthouse";
import { executable, flags } from "./browser.mjs";

const [url] = process.argv.slice(2);
const port = 9222 + (process.pid % 1000);
const browser = await chromium.launch({
  executablePath: executable,
  args: [...flags, `--remote-debugging-port=${port}`],
});
try {
  const { lhr } = await lighthouse(url, {
    port,
    logLevel: "error",
    onlyCategories: ["accessibility", "best-practices"],
  });
  for (const category of Object.values(lhr.categories)) {
    const score = Math.round(category.score * 100);
    console.log(`${category.title}: ${score}`);
    if (score === 100) continue;
    process.exitCode = 1;
    for (const { id, weight } of category.auditRefs) {
      const audit = lhr.audits[id];
      if (weight > 0 && audit.score !== null && audit.score < 1) {
        console.error(`${id}: ${audit.title} ${JSON.stringify(audit.details?.items ?? [])}`);
      }
    }
  }
} finally {
  await browser.close();
}
