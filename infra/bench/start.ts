import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '../standalone/postgres.ts'
import { type TreeMemory, treeMemory } from './process-tree.ts'
import { percentile, report } from './report.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const WARM_STARTS = 3

/** From `git clone` in an empty folder: `npm start` to its ready line, cold (installing everything) and warm. */
export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cadenza-bench-'))
  try {
    const clone = join(folder, 'cadenza')
    await promisify(execFile)('git', ['clone', '--quiet', ROOT, clone])
    const cold = await startOnce(clone)
    const warm = []
    for (let round = 0; round < WARM_STARTS; round++) warm.push(await startOnce(clone))
    const last = warm.at(-1)?.memory
    report('start', [
      { what: 'cold start', value: cold.seconds, unit: 's' },
      {
        what: 'warm start, median',
        value: percentile(
          warm.map(({ seconds }) => seconds),
          0.5,
        ),
        unit: 's',
      },
      { what: 'processes', value: last?.processes ?? 0, unit: '' },
      { what: 'memory, shared pages once', value: last?.proportionalMb ?? 0, unit: 'MB' },
      { what: 'memory, added up', value: last?.residentMb ?? 0, unit: 'MB' },
      { what: 'memory after the cold start', value: cold.memory.proportionalMb, unit: 'MB' },
    ])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function startOnce(clone: string): Promise<{ seconds: number; memory: TreeMemory }> {
  const begun = performance.now()
  const npm = spawn('npm', ['start'], {
    cwd: clone,
    // biome-ignore lint/style/noProcessEnv: a child gets the environment of its parent
    env: { ...process.env, PORT: String(await freePort()) },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  await new Promise<void>((resolve, reject) => {
    npm.stdout.on('data', (chunk: Buffer) => chunk.includes('Cadenza is ready') && resolve())
    npm.once('exit', (code) => reject(new Error(`npm start ended with ${code}`)))
  })
  const seconds = (performance.now() - begun) / 1_000
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  const memory = await treeMemory(npm.pid ?? 0)
  const ended = new Promise((resolve) => npm.once('exit', resolve))
  process.kill(-(npm.pid ?? 0), 'SIGINT')
  await ended
  return { seconds, memory }
}
