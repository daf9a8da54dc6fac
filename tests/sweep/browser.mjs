// Debian's Chromium, headless, with a profile of its own that goes with it.
import { chromium } from "playwright-core";

export const executable = process.env.VESTIBULE_TEST_CHROMIUM ?? "/usr/bin/chromium";

export const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const open = () => chromium.launch({ executablePath: executable, args: flags });
