import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundledFfmpeg, findFfmpeg, makeExecutable, runFfmpeg } from './ffmpeg.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffmpeg-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function script(name: string, lines: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\n${lines}\n`)
  await chmod(path, 0o755)
  return path
}

describe('findFfmpeg', () => {
  test('finds one that runs without being told where', async () => {
    const version = await runFfmpeg(await findFfmpeg(), ['-version'], { timeoutMs: 5_000 })

    expect(version.toString()).toMatch(/^ffmpeg version/)
  })

  test('says in one sentence that the configured one does not run', async () => {
    const path = join(folder, 'nowhere')

    await expect(findFfmpeg(path)).rejects.toMatchObject({
      name: 'AudioError',
      code: 'FFMPEG_MISSING',
      message: `No ffmpeg runs here (tried ${path}): check the configured path.`,
    })
  })

  test('does not take another program for ffmpeg', async () => {
    await expect(findFfmpeg(await script('other', 'echo some other program'))).rejects.toMatchObject({
      code: 'FFMPEG_MISSING',
    })
  })
})

describe('the bundled ffmpeg', () => {
  test('runs, where npm has a build for this platform', async () => {
    const path = await bundledFfmpeg()
    if (path === null) return expect(['linux', 'darwin', 'win32']).not.toContain(process.platform)

    expect((await runFfmpeg(path, ['-version'], { timeoutMs: 5_000 })).toString()).toMatch(/^ffmpeg version/)
  })

  test('is made executable when it is not', async () => {
    const path = await script('fresh', 'echo ffmpeg version 0')
    await chmod(path, 0o644)

    await makeExecutable(path)

    expect((await stat(path)).mode & 0o111).toBe(0o111)
  })
})

describe('runFfmpeg', () => {
  test('ends a run that takes too long', async () => {
    const path = await script('slow', 'exec sleep 20')
    const before = performance.now()

    await expect(runFfmpeg(path, [], { timeoutMs: 150 })).rejects.toMatchObject({ code: 'FFMPEG_TIMEOUT' })
    expect(performance.now() - before).toBeLessThan(3_000)
  })

  test('ends a run that is called off', async () => {
    const calling = new AbortController()
    const run = runFfmpeg(await script('patient', 'exec sleep 20'), [], {
      timeoutMs: 9_000,
      signal: calling.signal,
    })
    setTimeout(() => calling.abort(), 50)

    await expect(run).rejects.toMatchObject({ code: 'CLOSED' })
  })

  test('repeats the last words of a run that failed, even when it never read its input', async () => {
    const path = await script('failing', 'echo first words >&2; echo the disk is full >&2; exit 7')
    const input = Array.from({ length: 100 }, () => new Uint8Array(65_536))

    await expect(runFfmpeg(path, [], { timeoutMs: 5_000, input })).rejects.toMatchObject({
      code: 'FFMPEG_FAILED',
      message: 'ffmpeg ended with 7: first words | the disk is full',
    })
  })
})
