import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface BenchProcess {
  pid: number
  /** All it has printed. */
  output(): string
  stop(): Promise<void>
}

/** A process bound to one processor, so that what is measured and what measures it do not share one. */
export function startOn(
  processor: number,
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): BenchProcess {
  const child: ChildProcess = spawn('taskset', ['-c', String(processor), command, ...args], {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    // biome-ignore lint/style/noProcessEnv: a child gets the environment of its parent
    env: { ...process.env, NODE_ENV: 'production', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      text = (text + chunk).slice(-100_000)
    })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    pid: child.pid ?? 0,
    output: () => text,
    async stop() {
      child.kill('SIGTERM')
      const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await ended
      clearTimeout(impatience)
    },
  }
}

/** Milliseconds of processor time the process has used in all its threads, from /proc. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const TICK_MS = 10
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

/** Memory the process holds now, in MB. */
export function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024
}
