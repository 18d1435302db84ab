import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { createGunzip } from 'node:zlib'
import { ImportFault } from './import-fault.ts'

export interface Line {
  /** From 1, as an editor counts. */
  number: number
  text: string
}

/** A text file read line by line; `cut()` says after the last line why there is no more, if that is not the file's end. */
export interface LineFile {
  lines: AsyncIterable<Line>
  size: number
  bytesRead(): number
  cut(): string | null
}

const MAX_LINE = 1_000_000
const GZIP_MAGIC = 0x1f8b

/** Opens a file of lines, gzipped or not: its first bytes tell, not its name. Holds one piece of it in memory at a time. */
export async function openLines(path: string): Promise<LineFile> {
  const { size, isGzip } = await inspect(path)
  const source = createReadStream(path)
  let cut: string | null = null

  async function* read(): AsyncGenerator<Line> {
    const decoder = new TextDecoder() // drops a byte order mark
    let number = 0
    let rest = ''
    try {
      for await (const chunk of isGzip ? gunzip(source) : source) {
        rest += decoder.decode(chunk, { stream: true })
        let start = 0
        for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n', start)) {
          number++
          yield { number, text: withoutReturn(rest.slice(start, end)) }
          start = end + 1
        }
        rest = rest.slice(start)
        if (rest.length > MAX_LINE)
          throw new ImportFault(`Line ${number + 1} of ${basename(path)} does not end: this is no CSV file`)
      }
    } catch (error) {
      if (error instanceof ImportFault) throw error
      cut = `it is cut off or damaged after line ${number} (${(error as Error).message})`
      return
    }
    rest += decoder.decode()
    if (rest === '') return
    // A gzip that ends well is whole, whatever its last byte is. Plain text without a last line end may have lost digits.
    if (isGzip) yield { number: number + 1, text: withoutReturn(rest) }
    else cut = `line ${number + 1} has no line end, so it may be half a line and was left out`
  }

  return { lines: read(), size, bytesRead: () => source.bytesRead, cut: () => cut }
}

async function inspect(path: string): Promise<{ size: number; isGzip: boolean }> {
  try {
    const file = await open(path)
    try {
      const stat = await file.stat()
      if (!stat.isFile()) throw new Error('not a file')
      const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
      return { size: stat.size, isGzip: bytesRead === 2 && buffer.readUInt16BE() === GZIP_MAGIC }
    } finally {
      await file.close()
    }
  } catch (error) {
    throw new ImportFault(`${path} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

/** Unpacks piece by piece. Everything in front of a cut comes out before the error does: a piped stream would drop some. */
async function* gunzip(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const unpacker = createGunzip()
  const unpacked: Buffer[] = []
  let fault: Error | null = null
  const closed = new Promise<void>((resolve) => unpacker.once('close', resolve))
  unpacker.on('data', (chunk: Buffer) => unpacked.push(chunk))
  unpacker.on('error', (error) => {
    fault = error
  })
  for await (const chunk of source) {
    await new Promise<void>((resolve) => unpacker.write(chunk, () => resolve()))
    yield* unpacked.splice(0)
    if (fault !== null) throw fault
  }
  unpacker.end()
  await closed
  yield* unpacked.splice(0)
  if (fault !== null) throw fault
}

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text
}
