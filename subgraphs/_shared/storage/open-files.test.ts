import { fstatSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createOpenFiles, type OpenFile } from './open-files.ts'

const folder = await mkdtemp(join(tmpdir(), 'cadenza-files-'))
afterAll(() => rm(folder, { recursive: true }))

const write = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}
const isOpen = ({ fd }: OpenFile): boolean => {
  try {
    return fstatSync(fd).size >= 0
  } catch {
    return false
  }
}

test('those who read a file together have it open once, and it is there for the next', async () => {
  const files = createOpenFiles({ max: 2, keepMs: 60_000 })
  const path = await write('one', 'one')

  const [first, second] = await Promise.all([files.take(path), files.take(path)])
  first.release()
  first.release()
  const third = await files.take(path)

  expect([first.fd, first.bytes]).toEqual([second.fd, 3])
  expect(third.fd).toBe(first.fd)
  files.close()
})

test('what is put out of its place is closed when the last who reads it is done, and not before', async () => {
  const files = createOpenFiles({ max: 1, keepMs: 60_000 })
  const held = await files.take(await write('held', 'held'))
  const other = await files.take(await write('other', 'other'))
  other.release()

  expect(isOpen(held)).toBe(true)
  expect(readFileSync(held.fd, 'utf8')).toBe('held')
  held.release()
  await expect.poll(() => isOpen(held)).toBe(false)
  expect(isOpen(other)).toBe(true)
  files.close()
  await expect.poll(() => isOpen(other)).toBe(false)
})

test('what is kept is opened anew after its time, and closed when nobody comes', async () => {
  const files = createOpenFiles({ max: 2, keepMs: 30 })
  const path = await write('replaced', 'old')
  const old = await files.take(path)
  await rm(path)
  await write('replaced', 'newer')

  await expect
    .poll(async () => {
      const file = await files.take(path)
      file.release()
      return file.bytes
    })
    .toBe(5)
  expect(readFileSync(old.fd, 'utf8')).toBe('old')
  old.release()
  await expect.poll(() => isOpen(old)).toBe(false)
})

test('what is forgotten is another file at once, and what is not there is looked for again', async () => {
  const files = createOpenFiles({ max: 2, keepMs: 60_000 })
  const path = join(folder, 'late')

  await expect(files.take(path)).rejects.toMatchObject({ code: 'ENOENT' })
  await write('late', 'here')
  const file = await files.take(path)
  file.release()
  await write('late', 'and longer')
  files.forget(path)
  const again = await files.take(path)

  expect([file.bytes, again.bytes]).toEqual([4, 10])
  files.close()
})
