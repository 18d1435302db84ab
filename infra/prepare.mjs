// Plain Node, no dependency: makes a fresh clone ready, and does nothing when it is. `npm start`, `npm test` and the other
// commands run it first. Steps whose inputs have not changed are skipped.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const ROOMS = ['users', 'catalog', 'playlists', 'playback', 'recommendations']
const STAMPS = join(ROOT, 'node_modules', '.cadenza')

requireNode(20, 19)
step('install', 'Installing packages', ['package-lock.json'], ['node_modules'], () => {
  run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
})
for (const room of ROOMS) {
  const client = `subgraphs/${room}/generated/prisma`
  step(
    `prisma-${room}`,
    `Generating the database client of ${room}`,
    [`prisma/${room}/schema.prisma`],
    [client],
    () => {
      // Generating is WebAssembly; Prisma would still fetch a native engine unless it is shown some executable.
      const schema = join('prisma', room, 'schema.prisma')
      run(process.execPath, [bin('prisma'), 'generate', '--schema', schema], {
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      })
    },
  )
}
const outputs = ROOMS.map((room) => `subgraphs/${room}/generated/graphql.ts`)
step('codegen', 'Generating resolver types', ['schema', 'codegen.yml'], outputs, () => {
  run(process.execPath, [bin('graphql-codegen'), '--config', 'codegen.yml'])
})
step(
  'graphiql',
  'Bundling GraphiQL',
  ['gateway/graphiql', 'schema/operations'],
  ['gateway/generated/graphiql'],
  () => {
    run(process.execPath, ['gateway/graphiql/bundle.mjs'])
  },
)

/** Runs `work` unless its inputs are as they were when it last succeeded and its outputs are there. */
function step(name, title, inputs, outputs, work) {
  const stamp = join(STAMPS, name)
  const hash = createHash('sha256')
  for (const input of inputs) digest(hash, join(ROOT, input))
  const now = hash.digest('hex')
  const isDone = existsSync(stamp) && readFileSync(stamp, 'utf8') === now
  if (isDone && outputs.every((output) => existsSync(join(ROOT, output)))) return
  const begun = Date.now()
  process.stderr.write(`${title} … `)
  work()
  mkdirSync(STAMPS, { recursive: true })
  writeFileSync(stamp, now)
  process.stderr.write(`${((Date.now() - begun) / 1000).toFixed(1)} s\n`)
}

function digest(hash, path) {
  if (!existsSync(path)) return
  if (statSync(path).isFile()) {
    hash.update(path.slice(ROOT.length)).update(readFileSync(path))
    return
  }
  for (const name of readdirSync(path).sort()) digest(hash, join(path, name))
}

function run(command, args, environment = {}) {
  const options = {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    shell: process.platform === 'win32',
  }
  const { status, stdout, stderr, error } = spawnSync(command, args, options)
  if (status === 0) return
  const said = `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`
    .trim()
    .split('\n')
    .slice(-30)
    .join('\n')
  process.stderr.write(`failed\n${said}\n`)
  process.stderr.write(`Could not run ${command} ${args.join(' ')}: see above\n`)
  process.exit(1)
}

function bin(name) {
  const folder = { prisma: 'prisma', 'graphql-codegen': '@graphql-codegen/cli' }[name]
  const manifest = JSON.parse(readFileSync(join(ROOT, 'node_modules', folder, 'package.json'), 'utf8'))
  return join('node_modules', folder, typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[name])
}

function requireNode(major, minor) {
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number)
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return
  process.stderr.write(`Cadenza needs Node ${major}.${minor} or newer; this is ${process.versions.node}\n`)
  process.exit(1)
}
