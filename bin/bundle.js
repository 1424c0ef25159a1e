// Bundles static/pages into var/bundles: for each page one script and one style, small and named
// after what is in them, and a list of what belongs to which page (findme/backends/static.py reads
// it). What a page may need later, as its viewer, is a file of its own.

import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import subsetFont from "subset-font";

const project = join(dirname(fileURLToPath(import.meta.url)), "..");
const pages = join(project, "static", "pages");
const target = join(project, "var", "bundles");
const fresh = `${target}.new`;
// What events of Western Europe are called by; one weight of the many. A letter beyond it is shown
// in the system's serif.
const LETTERS = `${letters(" ", "~")}${letters("À", "ÿ")}Œœ\u{a0}·«»–—‘’“”…`;
const WEIGHT = 600;

// "typeface:NAME" in a style is the subset of that file of the package.
const typeface = {
  name: "typeface",
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^typeface:/ }, async ({ path, resolveDir }) => {
      const name = path.slice("typeface:".length);
      const found = await resolve(`@fontsource-variable/fraunces/files/${name}`, {
        resolveDir,
        kind: "url-token",
      });
      return found.errors.length ? found : { path: found.path, namespace: "typeface" };
    });
    onLoad({ filter: /./, namespace: "typeface" }, async ({ path }) => {
      const contents = await subsetFont(await readFile(path), LETTERS, {
        targetFormat: "woff2",
        variationAxes: { wght: WEIGHT },
        noLayoutClosure: true, // no other shapes of the same letters
      });
      return { contents, loader: "file" };
    });
  },
};

const settings = {
  absWorkingDir: project,
  outdir: fresh,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  metafile: true,
  legalComments: "none",
  target: ["chrome100", "firefox115", "safari15.4"],
  plugins: [typeface],
  logLevel: "warning",
};

// One by one: what two pages share would be a file of its own, and one more round trip for both.
const outputs = {};
for (const entry of (await readdir(pages)).sort()) {
  const { metafile } = await build({ ...settings, entryPoints: [join(pages, entry)] });
  Object.assign(outputs, metafile.outputs);
}

await writeFile(join(fresh, "pages.json"), JSON.stringify(filesByPage(outputs)));
await mkdir(dirname(target), { recursive: true });
await rm(target, { recursive: true, force: true });
await rename(fresh, target);

// { page: { styles, scripts, chunks, fonts } }, each a list of names of files.
function filesByPage(outputs) {
  const pages = {};
  for (const [path, { entryPoint, imports }] of Object.entries(outputs)) {
    if (!entryPoint?.startsWith("static/pages/")) {
      continue;
    }
    const page = basename(entryPoint, extname(entryPoint));
    const files = (pages[page] ??= { styles: [], scripts: [], chunks: [], fonts: [] });
    if (path.endsWith(".css")) {
      files.styles.push(basename(path));
      files.fonts.push(...imports.map((one) => basename(one.path)).filter(isFont));
    } else {
      files.scripts.push(basename(path));
      files.chunks.push(...chunksOf(path, outputs));
    }
  }
  return pages;
}

// What a script imports at once, and what that imports: browsers would find it step by step.
function chunksOf(path, outputs, found = new Set()) {
  for (const { path: imported, kind } of outputs[path].imports) {
    if (kind === "import-statement" && !found.has(basename(imported))) {
      found.add(basename(imported));
      chunksOf(imported, outputs, found);
    }
  }
  return found;
}

function letters(from, to) {
  const [first, last] = [from, to].map((one) => one.codePointAt(0));
  return String.fromCodePoint(...Array.from({ length: last - first + 1 }, (_, at) => first + at));
}

function isFont(name) {
  return name.endsWith(".woff2");
}
