import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../infra/standalone/postgres.ts'

/** Tests that need the real thing are skipped by name where it is not installed. */
export const HAS_REDIS = spawnSync('redis-server', ['--version']).status === 0

/** A real redis-server on a port of its own, with nothing on disk. */
export interface TestRedis extends AsyncDisposable {
  url: string
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  /** Starts it again on the same port. */
  start(): Promise<void>
  /** Holds it: sockets stay open and nobody answers. */
  pause(): void
  resume(): void
}

export async function startRedis(...options: readonly string[]): Promise<TestRedis> {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'cadenza-redis-'))
  const base = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--dir', folder]
  let child: ChildProcess

  async function start(): Promise<void> {
    child = spawn('redis-server', [...base, ...options], { stdio: 'ignore' })
    while (!(await isListening(port))) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    kill,
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Three nodes that share the slots. */
export async function startRedisCluster(): Promise<{ nodes: TestRedis[] } & AsyncDisposable> {
  const options = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000']
  const nodes = await Promise.all([1, 2, 3].map(() => startRedis(...options)))
  const addresses = nodes.map(({ url }) => new URL(url).host)
  const { status, stdout } = spawnSync('redis-cli', [
    '--cluster',
    'create',
    ...addresses,
    '--cluster-yes',
    '--cluster-replicas',
    '0',
  ])
  if (status !== 0) throw new Error(String(stdout))
  return {
    nodes,
    async [Symbol.asyncDispose]() {
      for (const node of nodes) await node[Symbol.asyncDispose]()
    },
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection(port, '127.0.0.1')
    probe.once('connect', () => resolve(true))
    probe.once('error', () => resolve(false))
    probe.once('close', () => probe.destroy())
    probe.once('connect', () => probe.destroy())
  })
}
