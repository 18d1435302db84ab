import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * A secret of this installation from `<home>/secrets/<name>`, made by `create` the first time. Of two processes that start
 * at once both get the same one: the file appears whole, and the first to link it wins.
 */
export async function readSecret(
  home: string,
  name: string,
  create: () => string | Promise<string> = () => randomBytes(32).toString('base64url'),
): Promise<string> {
  const path = join(home, 'secrets', name)
  const known = await readFile(path, 'utf8').catch(() => null)
  if (known !== null) return known
  await mkdir(join(home, 'secrets'), { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  await writeFile(draft, await create(), { mode: 0o600 })
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(draft)
  return readFile(path, 'utf8')
}
