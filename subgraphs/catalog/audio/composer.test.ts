import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Composer, type ComposerOptions, createComposer } from './composer.ts'
import { findFfmpeg } from './ffmpeg.ts'
import { SCORE } from './testing/listening.ts'

const SHORT = { ...SCORE, durationMs: 5_000 }

let folder: string
let counting: string
let slow: string
const opened: Composer[] = []
let roots = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'composer-'))
  const ffmpeg = await findFfmpeg()
  counting = await program(
    'counting',
    `[ "$1" = -version ] || echo run >> ${folder}/runs\nexec ${ffmpeg} "$@"`,
  )
  slow = await program(
    'slow',
    `[ "$1" = -version ] && exec ${ffmpeg} "$@"\necho $$ > ${folder}/slow.pid\nexec sleep 30`,
  )
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((composer) => composer.close()))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function program(name: string, lines: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\n${lines}\n`)
  await chmod(path, 0o755)
  return path
}

function open(options: Partial<ComposerOptions> = {}): { composer: Composer; root: string } {
  const root = options.root ?? join(folder, `root-${roots++}`)
  const composer = createComposer({ ...options, root })
  opened.push(composer)
  return { composer, root }
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400 && !(await isTrue()); tries++)
    await new Promise((resolve) => setTimeout(resolve, 25))
}

describe('createComposer', () => {
  test('composes a score once however many ask at the same time, and answers at once ever after', async () => {
    const { composer, root } = open({ ffmpegPath: counting })

    expect(await composer.find(SHORT)).toBeNull()
    const assets = await Promise.all(Array.from({ length: 5 }, () => composer.compose({ ...SHORT })))
    const later = open({ root, ffmpegPath: join(folder, 'none') }).composer

    expect(new Set(assets).size).toBe(1)
    expect(await readFile(join(folder, 'runs'), 'utf8')).toBe('run\n')
    expect(await later.compose(SHORT)).toEqual(assets[0]) // needs no ffmpeg, so nothing was composed
    expect(await later.find(SHORT)).toEqual(assets[0])
    expect(await readdir(root)).toEqual([assets[0]?.assetId])
  })

  test('makes a new asset for another score, and remakes one whose files are not whole', async () => {
    const { composer, root } = open()
    const first = await composer.compose(SHORT)
    const other = await composer.compose({ ...SHORT, tempo: 121 })
    await truncate(join(root, first.renditions[2]?.path ?? ''), 10)

    const again = await composer.compose(SHORT)

    expect(other.assetId).not.toBe(first.assetId)
    expect(again).toEqual(first)
    expect(await composer.find(SHORT)).toEqual(first)
  })

  test('lets its threads go soon after the last piece, and starts them again when asked', async () => {
    const { composer } = open({ idleMs: 50 })

    await composer.compose(SHORT)
    await until(() => composer.workersAlive() === 0)
    expect(composer.workersAlive()).toBe(0)

    await composer.compose({ ...SHORT, seed: 'track_later' })
    expect(composer.workersAlive()).toBeLessThanOrEqual(1)
  })

  test('what somebody waits for goes before what is wanted later', async () => {
    const { composer } = open()
    const done: string[] = []
    const ask = (seed: string, when: 'now' | 'later'): Promise<unknown> =>
      composer.compose({ ...SHORT, durationMs: 4_000, seed }, when).then(() => done.push(seed))
    const first = ask('first', 'later')
    await until(() => composer.workersAlive() === 1)

    await Promise.all([
      first,
      ask('later', 'later'),
      ask('hastened', 'later'),
      ask('now', 'now'),
      ask('hastened', 'now'),
    ])

    expect(done.slice(0, 1)).toEqual(['first'])
    expect(done.at(-1)).toBe('later')
  })

  test('turns work away when too much waits, and when it closes ends what runs without a trace', async () => {
    const { composer, root } = open({ ffmpegPath: slow, queueLimit: 1 })
    const runs = ['one', 'two', 'three'].map((seed) =>
      composer.compose({ ...SHORT, seed }).catch((error: unknown) => error),
    )
    expect(await Promise.race(runs)).toMatchObject({ code: 'QUEUE_FULL' })
    await until(async () => (await readdir(folder)).includes('slow.pid'))
    const pid = Number(await readFile(join(folder, 'slow.pid'), 'utf8'))

    await composer.close()

    const codes = (await Promise.all(runs)).map((error) => (error as { code?: string }).code)
    expect(codes.toSorted()).toEqual(['CLOSED', 'CLOSED', 'QUEUE_FULL'])
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    expect(await readdir(root)).toEqual([])
    await expect(composer.compose({ ...SHORT, seed: 'late' })).rejects.toMatchObject({ code: 'CLOSED' })
  })

  test('says in one sentence that there is no ffmpeg, and recovers when there is', async () => {
    const path = join(folder, 'installed-later')
    const { composer } = open({ ffmpegPath: path })
    await expect(composer.compose(SHORT)).rejects.toMatchObject({
      code: 'FFMPEG_MISSING',
      message: `No ffmpeg runs here (tried ${path}): check the configured path.`,
    })

    await program('installed-later', `exec ${await findFfmpeg()} "$@"`)

    expect((await composer.compose(SHORT)).durationMs).toBe(5_000)
  })

  test('refuses a score that is out of range', async () => {
    await expect(open().composer.compose({ ...SHORT, energy: 1.5 })).rejects.toThrow(/energy/)
  })

  test('works in a process started with --import tsx, and lets that process end by itself', async () => {
    const entry = JSON.stringify(new URL('./composer.ts', import.meta.url).href)
    const root = JSON.stringify(join(folder, 'root-tsx'))
    const source = `
      const { createComposer } = await import(${entry})
      const asset = await createComposer({ root: ${root} }).compose(${JSON.stringify(SHORT)})
      process.stdout.write(asset.assetId)`
    const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', source]

    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: tmpdir(), timeout: 15_000 })

    expect(stdout).toMatch(/^audio_/)
  })
})
