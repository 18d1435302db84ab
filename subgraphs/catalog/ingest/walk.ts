import { lstat, readdir, stat } from 'node:fs/promises'

/** A file that may be music, by its name alone; paths are bytes, as file names are. */
export interface FoundFile {
  path: Buffer
  /** The names from the library's folder down, as text; what is no text in them is replaced. */
  parts: string[]
  bytes: bigint
  modifiedNs: bigint
  /** A picture of the album in its folder. */
  picture: Companion | null
  /** Its words: the LRC file beside it that is called like it. */
  lyrics: Companion | null
}

/** A file that belongs to another one: what is said of that is said anew when this changes. */
export interface Companion {
  path: Buffer
  bytes: bigint
  modifiedNs: bigint
}

/** A folder or file that could not be looked at. */
export interface WalkFault {
  path: Buffer
  reason: string
}

const MUSIC = /\.(mp3|flac|ogg|oga|opus|m4a|wav|wave)$/i
const PICTURES = ['cover', 'folder', 'front', 'album', 'albumart'].flatMap((name) =>
  ['jpg', 'jpeg', 'png'].map((extension) => `${name}.${extension}`),
)

const SLASH = Buffer.from('/')

/**
 * Every music file under a folder, each once, in the order of their bytes: links are followed, and what was visited under another name is not
 * visited again, so that no loop of links is endless and no file is found twice.
 */
export async function* walkMusic(root: string): AsyncGenerator<FoundFile | WalkFault> {
  const visited = new Set<string>()

  async function* visit(
    folder: Buffer,
    parts: string[],
    above: Companion | null,
  ): AsyncGenerator<FoundFile | WalkFault> {
    const names = (await readdir(folder, { encoding: 'buffer' })).sort(Buffer.compare)
    const picture = (await pictureIn(folder, names)) ?? above
    const words = new Map(names.flatMap((name) => (isLyrics(name) ? [[stemOf(name), name]] : [])))
    for (const name of names) {
      const path = Buffer.concat([folder, SLASH, name])
      try {
        const text = name.toString('utf8')
        const link = await lstat(path)
        const about = link.isSymbolicLink()
          ? await stat(path, { bigint: true })
          : await lstat(path, { bigint: true })
        const isFolder = about.isDirectory()
        if (!isFolder && !(about.isFile() && MUSIC.test(text))) continue
        const identity = `${about.dev}:${about.ino}`
        if (visited.has(identity)) continue
        visited.add(identity)
        if (isFolder) yield* visit(path, [...parts, text], isDisc(text) ? picture : null)
        else
          yield {
            path,
            parts: [...parts, text],
            bytes: about.size,
            modifiedNs: about.mtimeNs,
            picture,
            lyrics: await companion(folder, words.get(stemOf(name))),
          }
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException
        // A link to nowhere, or to itself, is nobody's music; what went away meanwhile neither.
        if (code !== 'ENOENT' && code !== 'ELOOP') yield { path, reason: message }
      }
    }
  }

  const top = await stat(root, { bigint: true })
  visited.add(`${top.dev}:${top.ino}`)
  yield* visit(Buffer.from(root), [], null)
}

async function pictureIn(folder: Buffer, names: readonly Buffer[]): Promise<Companion | null> {
  const found = new Map(names.map((name) => [name.toString('utf8').toLowerCase(), name]))
  return companion(folder, PICTURES.flatMap((picture) => found.get(picture) ?? [])[0])
}

/** Null for none, and for what is no file that can be looked at. */
async function companion(folder: Buffer, name: Buffer | undefined): Promise<Companion | null> {
  if (name === undefined) return null
  const path = Buffer.concat([folder, SLASH, name])
  const about = await stat(path, { bigint: true }).catch(() => null)
  return about?.isFile() === true ? { path, bytes: about.size, modifiedNs: about.mtimeNs } : null
}

function isLyrics(name: Buffer): boolean {
  return /\.lrc$/i.test(name.toString('latin1'))
}

/** The bytes of a name before its last dot. */
function stemOf(name: Buffer): string {
  return name.toString('latin1').replace(/\.[^.]*$/, '')
}

/** The picture of an album is that of its discs too. */
function isDisc(name: string): boolean {
  return /^(?:cd|dis[ck]|disk)[\s._-]*\d{1,2}\b/i.test(name)
}
