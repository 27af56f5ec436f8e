/** Builds the widget: `node build.mjs OUTDIR` writes OUTDIR/widget.js, prints its sizes, fails when it is too big. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const RAW_LIMIT = 60_000; // bytes
const GZIP_LIMIT = 20_000;
const BANNER = "/*! Amends, Apache-2.0; with socket.io-client, MIT, (c) Guillermo Rauch and contributors */";

/** Style sheets become minified text: the widget hands them to adoptedStyleSheets, which a strict CSP allows. */
const styleAsText = {
  name: "style-as-text",
  setup(bundle) {
    bundle.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const css = await readFile(path, "utf8");
      return { contents: (await transform(css, { loader: "css", minify: true })).code.trim(), loader: "text" };
    });
  },
};

/** socket.io-client without what the channel does not speak; src/line says what takes its place. */
const OURS = {
  "engine.io-client": "engine.js",
  "engine.io-parser": "packets.js",
  "socket.io-parser": "parser.js",
  "./contrib/backo2.js": "tries.js",
};
const slimSocketIo = {
  name: "slim-socket-io",
  setup(bundle) {
    bundle.onResolve({ filter: /./ }, ({ path, importer }) => {
      if (/node_modules/.test(importer) && OURS[path]) return { path: join(HERE, "src/line", OURS[path]) };
      // Parts of a package that it does not offer by name.
      const [, name, file] = /^((?:engine|socket)\.io-client)\/(.+)$/.exec(path) ?? [];
      return file ? { path: join(HERE, "node_modules", name, "build/esm", file) } : null;
    });
  },
};

async function bundled() {
  const { outputFiles } = await build({
    absWorkingDir: HERE,
    entryPoints: ["src/main.js"],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: "es2021",
    charset: "utf8",
    legalComments: "none",
    banner: { js: BANNER },
    plugins: [styleAsText, slimSocketIo],
    mangleProps: /^_[a-z]/, // private ones
    mangleQuoted: true, // socket.io-client calls some of them by a name in quotes
  });
  return outputFiles[0].contents;
}

function refuseWhenTooBig(raw, gzip) {
  console.log(`widget.js: ${raw} bytes of ${RAW_LIMIT}, gzipped ${gzip} of ${GZIP_LIMIT}`);
  if (raw > RAW_LIMIT || gzip > GZIP_LIMIT) {
    throw new Error(
      `widget.js may have ${RAW_LIMIT} bytes and ${GZIP_LIMIT} gzipped, it has ${raw} and ${gzip}: take something out of assistant/widget/src`,
    );
  }
}

/** A reader never sees half a file: the channel may serve it while a new one is built. */
async function put(folder, contents) {
  await mkdir(folder, { recursive: true });
  const part = join(folder, `widget.js.${process.pid}.part`);
  await writeFile(part, contents);
  await rename(part, join(folder, "widget.js"));
}

async function main() {
  const outdir = process.argv[2];
  if (!outdir || outdir.startsWith("-")) throw new Error("expected a folder for widget.js, found none: node build.mjs OUTDIR");
  const contents = await bundled();
  refuseWhenTooBig(contents.length, gzipSync(contents, { level: 9 }).length);
  await put(resolve(outdir), contents);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
