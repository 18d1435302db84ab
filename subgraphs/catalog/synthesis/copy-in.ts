import pg from 'pg'

/** What stands in one column: null is NULL, a list is an array of texts. */
export type Cell = string | number | boolean | null | readonly string[]

/** Appends rows by COPY, in the client's transaction; `target` is a table with its columns in the order of the cells. */
export async function copyIn(
  client: pg.Client,
  target: string,
  rows: readonly (readonly Cell[])[],
): Promise<void> {
  if (rows.length === 0) return
  const text = `${rows.map((row) => row.map(toText).join('\t')).join('\n')}\n`
  await new Promise<void>((resolve, reject) => {
    const copy = new pg.Query(`COPY ${target} FROM STDIN`, (error) => (error ? reject(error) : resolve()))
    client.query(Object.assign(copy, { handleCopyInResponse: (sink: CopySink) => sendAll(sink, text) }))
  })
}

/** The connection of a query whose data the server waits for. */
interface CopySink {
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

function sendAll(sink: CopySink, text: string): void {
  sink.sendCopyFromChunk(Buffer.from(text))
  sink.endCopyFrom()
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

function toText(cell: Cell): string {
  if (cell === null) return '\\N'
  const text =
    typeof cell === 'object' ? `{${cell.map((item) => JSON.stringify(item)).join(',')}}` : `${cell}`
  return text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? '')
}
