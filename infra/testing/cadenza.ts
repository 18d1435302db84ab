import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface Service {
  /** What the ready line says, e.g. `http://localhost:4000/graphql`. */
  url: string
  pid: number
  /** All it has printed so far. */
  output(): string
  /** Ends it as Ctrl-C would, or with another signal, and waits; returns the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

const READY = /is ready(?:: (\S+)|; its address)/
const PATIENCE_MS = 120_000

/** Starts one of the commands of package.json, or a bundle of one, as a process of its own and waits for its ready line. */
export async function startService(
  script: 'index' | 'room' | 'gateway' | 'database' | `${string}.mjs`,
  environment: Record<string, string>,
  ...args: string[]
): Promise<Service> {
  const { child, output, ended } = launch(script, environment, args)
  const deadline = Date.now() + PATIENCE_MS
  while (!READY.test(output())) {
    const isLate = Date.now() > deadline
    if (child.exitCode !== null || isLate) {
      child.kill('SIGKILL')
      throw new Error(`${script} ${args.join(' ')} did not become ready: ${output()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return {
    url: READY.exec(output())?.[1] ?? '',
    pid: child.pid ?? 0,
    output,
    async stop(signal = 'SIGINT') {
      child.kill(signal)
      return ended
    },
  }
}

/** Runs a command that is expected to end by itself: its exit code and what it printed. */
export async function runService(
  script: 'index' | 'room',
  environment: Record<string, string>,
  ...args: string[]
): Promise<{ code: number | null; output: string }> {
  const { output, ended } = launch(script, environment, args)
  return { code: await ended, output: output() }
}

function launch(script: string, environment: Record<string, string>, args: string[]) {
  const file = script.endsWith('.mjs') ? [script] : ['--import', 'tsx', `infra/standalone/${script}.ts`]
  const child: ChildProcess = spawn(process.execPath, [...file, ...args], {
    cwd: ROOT,
    // biome-ignore lint/style/noProcessEnv: a child gets the environment of its parent
    env: { ...process.env, NODE_ENV: 'development', RATE_LIMIT_PER_HOUR: '10000000', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  return { child, ended, output: () => text }
}
