import { parentPort } from 'node:worker_threads'
import { type IAudioMetadata, parseFile, selectCover } from 'music-metadata'
import { type FileTags, tagsOf } from './tags.ts'

/** What was read of a file: its tags, and the bytes of its front cover. */
export interface ReadTags {
  tags: FileTags
  picture: Uint8Array | null
}

const port = parentPort
if (port === null) throw new Error('tag-thread.ts runs as a worker thread only')

const LARGEST_PICTURE = 20 * 1_024 * 1_024

function pictureOf({ common }: IAudioMetadata): Uint8Array | null {
  const data = selectCover(common.picture)?.data
  return data === undefined || data.length > LARGEST_PICTURE ? null : data
}

port.on('message', async (path: string) => {
  try {
    const metadata = await parseFile(path, { duration: false, skipPostHeaders: false })
    port.postMessage({ tags: tagsOf(metadata), picture: pictureOf(metadata) } satisfies ReadTags)
  } catch {
    port.postMessage(null)
  }
})
