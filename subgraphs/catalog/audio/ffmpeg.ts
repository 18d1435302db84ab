import { spawn } from 'node:child_process'
import { access, chmod, constants } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AudioError } from './audio-error.ts'

const STDERR_KEPT = 2_000 // characters, the last ones: what went wrong stands at the end

export interface FfmpegRun {
  timeoutMs: number
  /** Fed to standard input, as fast as ffmpeg reads it. */
  input?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>
  /** Given what ffmpeg writes as it comes, which is then not kept. Throwing ends the run. */
  onOutput?(chunk: Buffer): void
  /** Given what it says on the side: of what it reads, and what is wrong with it. */
  onSay?(text: string): void
  /** Ends the run when nothing is written for so long. */
  silenceMs?: number
  signal?: AbortSignal
}

/**
 * The path of an ffmpeg that runs: the configured one, which must then work; else the one on PATH; else the static build inside
 * `@ffmpeg-installer/ffmpeg`. Throws FFMPEG_MISSING, naming what was tried.
 */
export async function findFfmpeg(configured?: string): Promise<string> {
  const candidates = configured === undefined ? ['ffmpeg', await bundledFfmpeg()] : [configured]
  const tried = candidates.filter((path) => path !== null)
  for (const path of tried) if (await isRunnable(path)) return path
  const hint =
    configured === undefined ? 'install ffmpeg, or run npm install again' : 'check the configured path'
  throw new AudioError('FFMPEG_MISSING', `No ffmpeg runs here (tried ${tried.join(', ')}): ${hint}.`)
}

/** The static build npm installed for this platform, or null where it has none. */
export async function bundledFfmpeg(): Promise<string | null> {
  try {
    const { path } = (await import('@ffmpeg-installer/ffmpeg')).default
    await makeExecutable(path)
    return path
  } catch {
    return null // no build for this platform, or the package is not installed
  }
}

/** npm holds install scripts back, so the one that would have done this to the bundled binary may not have run. */
export async function makeExecutable(path: string): Promise<void> {
  await access(path, constants.X_OK).catch(() => chmod(path, 0o755))
}

async function isRunnable(path: string): Promise<boolean> {
  try {
    const version = await runFfmpeg(path, ['-version'], { timeoutMs: 5_000 })
    return version.includes('ffmpeg version')
  } catch {
    return false
  }
}

/**
 * Runs ffmpeg to its end and answers what it wrote to standard output. Killed at the time limit (FFMPEG_TIMEOUT) and when the signal
 * aborts (CLOSED); a bad exit is FFMPEG_FAILED with the end of its own words.
 */
export async function runFfmpeg(path: string, args: readonly string[], run: FfmpegRun): Promise<Buffer> {
  const child = spawn(path, args, { stdio: [run.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] })
  const output: Buffer[] = []
  let complaint = ''
  let stopped: Error | null = null
  child.stderr?.on('data', (chunk: Buffer) => {
    const text = chunk.toString('utf8')
    run.onSay?.(text)
    complaint = (complaint + text).slice(-STDERR_KEPT)
  })

  const stop = (error: Error): void => {
    stopped ??= error
    child.kill('SIGKILL')
  }
  const abort = (): void => stop(new AudioError('CLOSED', 'The work was called off.'))
  const { onOutput, silenceMs } = run
  const silence = (): NodeJS.Timeout | undefined =>
    silenceMs === undefined
      ? undefined
      : setTimeout(
          () => stop(new AudioError('FFMPEG_TIMEOUT', `ffmpeg said nothing for ${silenceMs} ms.`)),
          silenceMs,
        )
  const quiet = silence()
  child.stdout?.on('data', (chunk: Buffer) => {
    quiet?.refresh()
    try {
      if (onOutput === undefined) output.push(chunk)
      else if (stopped === null) onOutput(chunk)
    } catch (error) {
      stop(error as Error)
    }
  })
  const clock = setTimeout(
    () => stop(new AudioError('FFMPEG_TIMEOUT', `ffmpeg did not finish within ${run.timeoutMs} ms.`)),
    run.timeoutMs,
  )
  run.signal?.addEventListener('abort', abort, { once: true })
  if (run.signal?.aborted === true) abort()

  try {
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    // A pipe that breaks is only the echo of ffmpeg's end, whose exit code says more.
    const fed =
      run.input !== undefined && child.stdin !== null
        ? pipeline(Readable.from(run.input), child.stdin).catch(() => undefined)
        : undefined
    const code = await ended.catch((error: Error) => {
      throw new AudioError('FFMPEG_FAILED', `ffmpeg did not start (${path}): ${error.message}.`)
    })
    await fed
    if (stopped !== null) throw stopped
    if (code !== 0)
      throw new AudioError('FFMPEG_FAILED', `ffmpeg ended with ${code}: ${lastLines(complaint)}`)
    return Buffer.concat(output)
  } finally {
    clearTimeout(clock)
    clearTimeout(quiet)
    run.signal?.removeEventListener('abort', abort)
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-6).join(' | ')
}
