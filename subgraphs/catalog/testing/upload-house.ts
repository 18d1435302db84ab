import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { newId } from '#shared/id.ts'
import { anonymous, type Identity } from '#shared/identity.ts'
import type { S3Settings } from '#shared/storage/s3-storage.ts'
import { record } from '../audio/testing/recordings.ts'
import { type Answer, createTestCatalog, type TestCatalog } from './catalog-room.ts'
import { draftTracks, idOf } from './drafts.ts'

export const ANN = idOf('artist', 'Ann')

/** Somebody who manages Ann, unless told otherwise. */
export function manager(more: Partial<Identity> = {}): Identity {
  return { ...anonymous('SE'), userId: newId('user'), tier: 'PREMIUM', artists: [ANN], ...more }
}

/** The room with its addresses open to the network, and an artist in it. */
export interface UploadHouse extends AsyncDisposable {
  catalog: TestCatalog
  /** Three seconds of music in the format that the name says, the same each time. */
  record(name: string): Promise<Buffer>
  ask(query: string, variables: object, identity: Identity): Promise<Answer>
  /** The payload of `uploadCreate` for a file of so many bytes. */
  create(input: object, identity?: Identity): Promise<Answer>
  put(url: string, bytes: Buffer): Promise<number>
  /** The upload, once it is in this state. */
  becomes(id: string, state: string, identity: Identity): Promise<Answer>
}

export const UPLOAD_FIELDS =
  'id state progress uploadUrl expiresAt failure { code message } track { id title durationMs }'

export async function createUploadHouse(options: { s3?: S3Settings } = {}): Promise<UploadHouse> {
  const server = createServer((request, response) => {
    if (!catalog.room.handlers.some((handler) => handler(request, response))) response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const catalog: TestCatalog = await createTestCatalog({
    ...options,
    publicUrl: `http://127.0.0.1:${port}`,
  })
  await catalog.catalogue.write(draftTracks({ title: 'Known', artists: ['Ann'] }))
  await catalog.room.start()

  const ask: UploadHouse['ask'] = async (query, variables, identity) => {
    const { data, errors } = await catalog.room.execute({ query, variables: { ...variables }, identity })
    expect(errors).toBeUndefined()
    return data ?? {}
  }
  return {
    catalog,
    ask,
    record: async (name) => readFile(await record(join(catalog.home, name))),
    async create(input, identity = manager()) {
      const given = { artistId: ANN, title: 'Night', fileName: 'night.wav', sizeBytes: 2_000, ...input }
      const query = `mutation ($input: UploadCreateInput!) { uploadCreate(input: $input) { upload { ${UPLOAD_FIELDS} } userErrors { code field } } }`
      return (await ask(query, { input: given }, identity))['uploadCreate']
    },
    async put(url, bytes) {
      return (await fetch(url, { method: 'PUT', body: new Uint8Array(bytes) })).status
    },
    async becomes(id, state, identity) {
      const query = `query ($id: ID!) { upload(id: $id) { ${UPLOAD_FIELDS} } }`
      return vi.waitFor(
        async () => {
          const { upload } = await ask(query, { id }, identity)
          expect(upload?.state, upload?.failure?.message).toBe(state)
          return upload
        },
        { timeout: 30_000, interval: 50 },
      )
    },
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await catalog[Symbol.asyncDispose]()
    },
  }
}
