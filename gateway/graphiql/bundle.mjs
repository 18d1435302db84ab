// Bundles GraphiQL into gateway/generated/graphiql/. Plain JavaScript, because it runs before anything is prepared.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const page = join(here, 'page')
const target = join(here, '../generated/graphiql')

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
}

const WORKERS = {
  editor: 'monaco-editor/esm/vs/editor/editor.worker.js',
  graphql: 'monaco-graphql/esm/graphql.worker.js',
  json: 'monaco-editor/esm/vs/language/json/json.worker.js',
}

/** Bundles when the inputs changed since last time. Returns whether it did, and how many files there are. */
export async function bundleGraphiql() {
  const inputs = await hashInputs()
  const before = await readManifest()
  if (
    before?.inputs === inputs &&
    Object.keys(before.files).every((name) => existsSync(join(target, name)))
  ) {
    return { isFresh: true, files: Object.keys(before.files).length }
  }
  const outputs = [...(await bundleWorkers())]
  outputs.push(...(await bundlePage(outputs)))
  await mkdir(target, { recursive: true })
  const files = Object.fromEntries(await Promise.all(outputs.filter(isServed).map(write)))
  const html = Object.keys(files).find((name) => name.endsWith('.html'))
  // The manifest comes last and at once: a server starting meanwhile finds the old page or the new one, never half.
  await writeFile(join(target, 'manifest.json.new'), JSON.stringify({ inputs, page: html, files }, null, 2))
  await rename(join(target, 'manifest.json.new'), join(target, 'manifest.json'))
  await removeStale(files, before?.files ?? {})
  return { isFresh: false, files: Object.keys(files).length }
}

const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  write: false,
  outdir: target,
  target: 'es2023',
  legalComments: 'eof',
  logLevel: 'error',
}

async function bundleWorkers() {
  const { outputFiles } = await build({
    ...shared,
    entryPoints: Object.entries(WORKERS).map(([name, path]) => ({ in: path, out: `${name}.worker` })),
    entryNames: '[name]-[hash]',
    format: 'iife',
  })
  return outputFiles.map(({ path, contents }) => ({ name: basename(path), contents }))
}

async function bundlePage(workers) {
  const urls = workers.map(({ name }) => [name.split('.')[0], `/graphiql/${name}`])
  const { outputFiles, metafile } = await build({
    ...shared,
    entryPoints: [{ in: join(page, 'main.tsx'), out: 'page' }],
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    publicPath: '/graphiql/',
    format: 'esm',
    splitting: true,
    metafile: true,
    jsx: 'automatic',
    plugins: [{ name: 'editor-features', setup: leanMonaco }],
    loader: { '.graphql': 'text', '.ttf': 'file' },
    define: { 'process.env.NODE_ENV': '"production"', WORKER_URLS: JSON.stringify(Object.fromEntries(urls)) },
  })
  const outputs = outputFiles.map(({ path, contents }) => ({ name: basename(path), contents }))
  const icon = hashed('icon', '.svg', await readFile(join(page, 'icon.svg')))
  const template = await readFile(join(page, 'index.html'), 'utf8')
  const html = template.replace('<!-- files -->', linksTo(metafile, icon.name).join('\n    '))
  return [...outputs, icon, hashed('index', '.html', Buffer.from(html))]
}

/** Puts our own list of editor features in the place of Monaco's. */
function leanMonaco({ onResolve }) {
  onResolve({ filter: /\/edcore\.main\.js$/ }, () => ({ path: join(page, 'editor-features.ts') }))
}

/** The page's own script and style sheet, and a hint for everything that it will ask for next. */
function linksTo({ outputs }, icon) {
  const byName = new Map(Object.entries(outputs).map(([path, output]) => [path, output]))
  const [entryPath, entry] = [...byName].find(([, output]) => output.entryPoint?.endsWith('page/main.tsx'))
  const needed = new Set()
  const need = (path) => {
    if (needed.has(path)) return
    needed.add(path)
    for (const { path: next, kind } of byName.get(path).imports) if (kind === 'import-statement') need(next)
  }
  need(entryPath)
  for (const [path, { entryPoint = '' }] of byName)
    if (/monaco-editor\.js$|lite\.js$/.test(entryPoint)) need(path)
  needed.delete(entryPath)
  return [
    `<link rel="icon" href="/graphiql/${icon}" />`,
    `<link rel="stylesheet" href="/graphiql/${basename(entry.cssBundle)}" />`,
    ...[...needed].map((path) => `<link rel="modulepreload" href="/graphiql/${basename(path)}" />`),
    `<script type="module" src="/graphiql/${basename(entryPath)}"></script>`,
  ]
}

function hashed(name, extension, contents) {
  return { name: `${name}-${digest(contents).slice(0, 8).toUpperCase()}${extension}`, contents }
}

/** esbuild gives every dynamic import a style sheet of its own; the page's sheet holds them all already. */
function isServed({ name }) {
  return extname(name) !== '.css' || name.startsWith('page-')
}

async function write({ name, contents }) {
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
    promisify(gzip)(contents, { level: 9 }),
  ])
  await Promise.all([
    writeFile(join(target, name), contents),
    writeFile(join(target, `${name}.br`), br),
    writeFile(join(target, `${name}.gz`), gz),
  ])
  const sizes = { bytes: contents.length, brBytes: br.length, gzipBytes: gz.length }
  return [name, { type: TYPES[extname(name)], etag: `"${digest(contents).slice(0, 20)}"`, ...sizes }]
}

/** The files of the manifest before stay one round longer, for a server that still runs on it. */
async function removeStale(files, before) {
  const kept = (name) => name === 'manifest.json' || name in files || name in before
  const stale = (await readdir(target)).filter((name) => !kept(name.replace(/\.(br|gz)$/, '')))
  await Promise.all(stale.map((name) => rm(join(target, name))))
}

async function readManifest() {
  const text = await readFile(join(target, 'manifest.json'), 'utf8').catch(() => 'null')
  return JSON.parse(text)
}

/** Everything the bundle is made of: our sources by content, the packages by the lock file. */
async function hashInputs() {
  const inside = async (folder) => (await readdir(folder)).sort().map((name) => join(folder, name))
  const paths = [
    fileURLToPath(import.meta.url),
    join(root, 'package-lock.json'),
    ...(await inside(page)).filter((path) => extname(path) !== ''),
    ...(await inside(join(page, 'styles'))),
    ...(await inside(join(root, 'schema/operations'))),
  ]
  const parts = await Promise.all(
    paths.map(async (path) => `${path.slice(root.length)} ${digest(await readFile(path))}`),
  )
  return digest(parts.join('\n'))
}

function digest(contents) {
  return createHash('sha256').update(contents).digest('hex')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const started = Date.now()
  const { isFresh, files } = await bundleGraphiql()
  const did = isFresh ? 'is up to date' : `bundled in ${Date.now() - started} ms`
  process.stdout.write(`GraphiQL ${did} (${files} files)\n`)
}
