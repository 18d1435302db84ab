// Bundles what `npm run gateway` runs into gateway/generated/gateway/: one file is ready sooner than hundreds of TypeScript, and holds
// some 45 MB less, for nothing that translates stays beside it. Plain JavaScript, because it runs before anything is prepared.
// `bundle-gateway.mjs FOLDER ENTRY…` does the same with others.
import { readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [folder = 'gateway/generated/gateway', ...entries] = process.argv.slice(2)
const target = join(root, folder)

/** Files that are looked for beside a source lie where the source lies, not beside the bundle. */
const ownAddress = {
  name: 'own-address',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(path)),
      ),
      loader: 'ts',
    }))
  },
}

await rm(target, { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: entries.length > 0 ? entries : ['infra/standalone/gateway.ts'],
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  outdir: target,
  outExtension: { '.js': '.mjs' },
  logLevel: 'error',
  plugins: [ownAddress],
})
