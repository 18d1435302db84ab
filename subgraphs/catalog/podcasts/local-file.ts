import { realpath, stat } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'

/**
 * The file beside a feed that an address in it means: a path within the feed's folder, or for an address of the web a file there with its
 * last name. Null when there is none, or it leads out of the folder, by `..` or by a link.
 */
export async function findLocalFile(folder: string, address: string): Promise<string | null> {
  const name = nameOf(address)
  if (name === null) return null
  try {
    const [root, path] = await Promise.all([realpath(folder), realpath(join(folder, name))])
    const within = relative(root, path)
    const isInside = within !== '' && within !== '..' && !within.startsWith(`..${sep}`)
    return isInside && (await stat(path)).isFile() ? path : null
  } catch {
    return null
  }
}

function nameOf(address: string): string | null {
  try {
    if (!URL.canParse(address)) return decodeURIComponent(address.replace(/[?#].*$/s, ''))
    const { protocol, pathname } = new URL(address)
    return /^https?:$/.test(protocol) ? basename(decodeURIComponent(pathname)) || null : null
  } catch {
    return null
  }
}
