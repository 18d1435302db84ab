import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { readSecret } from './secrets.ts'

test('processes that start at once on a new home all get the same secret', async () => {
  await using home = await temporaryHome()
  const module = new URL('./secrets.ts', import.meta.url).href
  const script = `import { readSecret } from '${module}'; process.stdout.write(await readSecret('${home.path}', 'internal'))`
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script]

  const read = await Promise.all(
    Array.from({ length: 3 }, async () => (await promisify(execFile)(process.execPath, args)).stdout),
  )

  expect(read[0]).toMatch(/^[\w-]{43}$/)
  expect(new Set(read).size).toBe(1)
  expect(await readdir(join(home.path, 'secrets'))).toEqual(['internal'])
})

test('of many first readers one makes the secret, and it stays', async () => {
  await using home = await temporaryHome()
  let made = 0

  const read = await Promise.all(
    Array.from({ length: 20 }, () => readSecret(home.path, 'key', async () => `secret ${made++}`)),
  )

  expect(new Set(read).size).toBe(1)
  expect(await readSecret(home.path, 'key', () => 'another')).toBe(read[0])
  expect(await readFile(join(home.path, 'secrets', 'key'), 'utf8')).toBe(read[0])
})

test('nobody else on the machine can read it', async () => {
  await using home = await temporaryHome()

  await readSecret(home.path, 'key')

  expect((await stat(join(home.path, 'secrets'))).mode & 0o077).toBe(0)
  expect((await stat(join(home.path, 'secrets', 'key'))).mode & 0o077).toBe(0)
})

async function temporaryHome(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'cadenza-home-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
