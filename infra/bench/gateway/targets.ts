import { execFile } from 'node:child_process'
import { cp, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '../../standalone/postgres.ts'
import { type BenchProcess, startOn } from './process.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const HIVE = fileURLToPath(new URL('./hive/', import.meta.url))
const PATIENCE_MS = 60_000

export interface Setting {
  supergraph: string
  /** Public keys of the token that each request carries. */
  keys: string
  /** Where peers that are not among our own packages are installed. */
  peers: string
}

export interface Target {
  name: string
  url: string
  process: BenchProcess
}

type Command = { args: string[]; cwd?: string; env?: Record<string, string> }

/** As `npm run gateway` has it: what 50 requests have under way outgrows the young generation that Node gives itself; more would cost memory. */
const YOUNG = ['--max-semi-space-size=32']

const ours =
  (...flags: string[]) =>
  (port: string, { supergraph, keys }: Setting): Command => ({
    cwd: ROOT,
    args: [...YOUNG, 'gateway/generated/gateway/gateway.mjs']
      .concat(['--supergraph', supergraph, '--keys', keys, '--port', port, '--production'])
      .concat(['--rate-limit', '1000000000'])
      .concat(flags),
  })

const hive =
  (config: string, isSharing: boolean, ...flags: string[]) =>
  (port: string, { supergraph, peers }: Setting): Command => ({
    cwd: join(peers, 'hive'),
    env: { SHARES_ANSWERS: isSharing ? '1' : '0' },
    args: ['node_modules/.bin/hive-gateway', 'supergraph', supergraph].concat([
      '-c',
      `${config}.config.mjs`,
      '-p',
      port,
      '-h',
      '127.0.0.1',
      ...flags,
    ]),
  })

/** Everything that can be measured, by name. The first is what the others are compared with. */
export const TARGETS: Record<string, (port: string, setting: Setting) => Command> = {
  stock: (port, { supergraph }) => ({
    cwd: ROOT,
    args: ['--import', 'tsx', 'infra/bench/gateway/stock.ts', supergraph, port],
  }),
  'stock, our heap setting': (port, { supergraph }) => ({
    cwd: ROOT,
    args: [...YOUNG, '--import', 'tsx', 'infra/bench/gateway/stock.ts', supergraph, port],
  }),
  'ours, nothing shared': ours('--share', 'nothing'),
  'ours, calls shared': ours('--share', 'calls'),
  'ours, answers shared': ours('--share', 'answers'),
  hive: hive('default', false),
  'hive --jit': hive('default', false, '--jit'),
  'hive router runtime': hive('router', false),
  'hive router runtime, answers shared': hive('router', true),
}

/** Installs the peers that are not ours, once, from the package file beside this one. */
export async function installPeers(peers: string): Promise<void> {
  const folder = join(peers, 'hive')
  const wanted = await readFile(join(HIVE, 'package.json'), 'utf8')
  const installed = await readFile(join(folder, 'node_modules', '.installed'), 'utf8').catch(() => '')
  await mkdir(folder, { recursive: true })
  await cp(HIVE, folder, { recursive: true })
  if (installed === wanted) return
  process.stderr.write('Installing Hive Gateway to compare with …\n')
  await promisify(execFile)('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund'], {
    cwd: folder,
  })
  await promisify(execFile)('cp', ['package.json', 'node_modules/.installed'], { cwd: folder })
}

/** What `npm run gateway` does before it starts. */
export async function bundleOurs(): Promise<void> {
  await promisify(execFile)(process.execPath, ['infra/bundle-gateway.mjs'], { cwd: ROOT })
}

/** Starts a target on the second processor and waits until it answers. */
export async function startTarget(name: string, setting: Setting): Promise<Target> {
  const port = await freePort()
  const { args, ...options } = TARGETS[name]?.(String(port), setting) ?? fail(name)
  const child = startOn(1, process.execPath, args, options)
  const url = `http://127.0.0.1:${port}/graphql`
  const deadline = Date.now() + PATIENCE_MS
  while (!(await answers(url))) {
    if (Date.now() > deadline) throw new Error(`${name} did not start:\n${child.output().slice(-2_000)}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  return { name, url, process: child }
}

async function answers(url: string): Promise<boolean> {
  const body = '{"query":"{ __typename }"}'
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  }).catch(() => null)
  return response?.status === 200
}

function fail(name: string): never {
  throw new Error(`There is no target called ${name}: one of ${Object.keys(TARGETS).join('; ')}`)
}
