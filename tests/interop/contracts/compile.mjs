// Compiles what input.json names, with the compiler that PACKAGES holds, and prints its standard JSON output.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const solc = createRequire(join(process.env.PACKAGES, "package.json"))("solc");
const input = JSON.parse(readFileSync(join(here, "input.json"), "utf8"));
for (const source of Object.values(input.sources)) {
  // The compiler in JavaScript opens no files by itself.
  source.content = readFileSync(join(here, source.urls[0]), "utf8");
  delete source.urls;
}
process.stdout.write(solc.compile(JSON.stringify(input)));
