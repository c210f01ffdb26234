// A command-line face of the npm `solc` package: `--version`, and standard JSON from stdin to stdout.
// Every other flag is ignored: callers pass paths and modes of the native compiler, and standard JSON says all that matters.
import { readFileSync, realpathSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(realpathSync(fileURLToPath(import.meta.url)));
const project = dirname(here);
// `@openzeppelin/...` from the npm tree; `contracts/...` and, as a last resort, names relative to that folder.
const roots = [join(here, "node_modules"), project, join(project, "contracts")];

function write(text) {
  const bytes = Buffer.from(text, "utf8");
  for (let offset = 0; offset < bytes.length; ) {
    try {
      offset += writeSync(1, bytes, offset);
    } catch (error) {
      // A pipe whose reader is slower than this writer.
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

function inside(root, path) {
  const rest = relative(root, path);
  return rest !== "" && !rest.startsWith(`..${sep}`) && rest !== ".." && !isAbsolute(rest);
}

function readImport(name) {
  for (const root of roots) {
    const path = isAbsolute(name) ? name : join(root, name);
    if (!inside(root, path)) continue;
    try {
      return { contents: readFileSync(path, "utf8") };
    } catch (error) {
      if (error.code !== "ENOENT" && error.code !== "ENOTDIR") return { error: `${name}: ${error.message}` };
    }
  }
  return { error: `${name}: not found below ganache/node_modules, the project or contracts/` };
}

const solc = createRequire(import.meta.url)("solc");

if (process.argv.includes("--version")) {
  write(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`);
} else if (process.argv.includes("--standard-json")) {
  const input = readFileSync(0, "utf8");
  write(solc.compile(input, { import: readImport }));
} else {
  process.stderr.write("solc: this build answers --version and --standard-json only\n");
  process.exitCode = 2;
}
