// Builds what the browser gets into the console's static folder, each file also compressed. Node 20 or later.
// Tabler is cut down to the classes that templates, Python and scripts name, so a new Tabler class needs a build.

import { build, context } from "esbuild";
import { PurgeCSS } from "purgecss";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const source = path.join(here, "..", "src", "huifang");
const target = path.join(source, "console", "static", "huifang");
const browsers = ["chrome100", "firefox100", "safari15"];

/** Tabler's sheet without the rules that nobody uses; `@import "tabler"` resolves to it. */
const tabler = {
  name: "tabler",
  setup(builder) {
    builder.onResolve({ filter: /^tabler$/ }, () => ({ path: "tabler", namespace: "tabler" }));
    builder.onLoad({ filter: /.*/, namespace: "tabler" }, async () => {
      const [{ css }] = await new PurgeCSS().purge({
        css: [path.join(here, "node_modules/@tabler/core/dist/css/tabler.css")],
        content: [`${source}/**/*.html`, `${source}/**/*.py`, `${here}/scripts/*.js`],
        safelist: { standard: ["html", "body"], greedy: [/^form-/, /^is-(in)?valid/, /^invalid-feedback/] },
        dynamicAttributes: ["data-bs-theme"],
        variables: true,
        keyframes: true,
      });
      return { contents: css, loader: "css", resolveDir: here };
    });
  },
};

/** Write a gzip and a brotli twin of every file, which the web server hands out as they are. */
const twins = {
  name: "twins",
  setup(builder) {
    builder.onEnd(async () => {
      for (const name of await readdir(target)) {
        if (!/\.(css|js)$/.test(name)) continue;
        const body = await readFile(path.join(target, name));
        await writeFile(path.join(target, `${name}.gz`), gzipSync(body, { level: 9 }));
        await writeFile(path.join(target, `${name}.br`), brotliCompressSync(body));
        console.log(`${name}  ${(body.length / 1024).toFixed(1)} kB`);
      }
    });
  },
};

const options = {
  entryPoints: {
    console: path.join(here, "scripts", "console.js"),
    theme: path.join(here, "scripts", "theme.js"),
    "console-style": path.join(here, "styles", "console.css"),
    survey: path.join(here, "styles", "survey.css"),
  },
  outdir: target,
  bundle: true,
  minify: true,
  splitting: true,
  format: "esm",
  chunkNames: "part-[name]-[hash]",
  target: browsers,
  loader: { ".svg": "dataurl" },
  legalComments: "none",
  logLevel: "warning",
  plugins: [tabler, twins],
};
// The widget stands alone in other people's pages: one classic script, no modules, nothing shared.
const widget = {
  entryPoints: [path.join(here, "widget", "widget.js")],
  outfile: path.join(target, "widget.js"),
  bundle: true,
  minify: true,
  format: "iife",
  target: browsers,
  legalComments: "none",
  logLevel: "warning",
};
// A script and a sheet of one name would be taken for a pair.
options.entryPoints = Object.entries(options.entryPoints).map(([name, file]) => ({
  in: file,
  out: name.replace("-style", ""),
}));

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
if (process.argv.includes("--watch")) {
  await (await context(widget)).watch();
  await (await context(options)).watch();
} else {
  await build(widget);
  await build(options);
}
