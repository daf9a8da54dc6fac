// Writes kit-classes.txt: every class that daisyUI's components define, so that Tailwind keeps them all.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const excluded = new Set(
  readFileSync("kit.css", "utf8")
    .match(/exclude: ([^;]*);/)[1]
    .split(",")
    .map((name) => name.trim()),
);
const folders = ["components", "utilities"].map((part) => `node_modules/daisyui/${part}`);
const entries = folders.flatMap((folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !excluded.has(entry.name))
    .map((entry) => `./${folder}/${entry.name}/object.js`),
);
const classes = new Set();
for (const entry of entries) {
  const { default: rules } = await import(entry);
  for (const selector of Object.keys(rules)) {
    for (const [, name] of selector.matchAll(/\.([a-z][a-z0-9-]*)/g)) classes.add(name);
  }
}
writeFileSync("kit-classes.txt", [...classes].sort().join("\n") + "\n");
