import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pino } from 'pino'
import { createFileStorage } from '#shared/storage/file-storage.ts'
import { createScratch } from '#shared/storage/scratch.ts'
import { createEdge } from '../../subgraphs/playback/edge.ts'
import { parseKeyRing } from '../../subgraphs/playback/services/key-ring.ts'
import { assetsIn } from './playback/edge-assets.ts'

/** Our edge alone, as a process of its own: `edge-process.ts FOLDER RING`. Says where it listens. */
const [folder = '', keys = ''] = process.argv.slice(2)
const ring = parseKeyRing(keys)
const assets = await assetsIn(folder)
const contentKey = Buffer.alloc(16, 1)
const edge = createEdge({
  ring: () => ring,
  assets: { find: async (id) => assets.get(id) ?? null },
  storage: createFileStorage({
    folder,
    scratch: createScratch(join(folder, '.scratch')),
    secret: '',
    publicUrl: '',
  }),
  contentKeys: { find: async () => contentKey, rewrap: async () => 0 },
  keys: async () => ({ __typename: 'StreamKey', bytes: contentKey }),
  publicUrl: '',
  now: Date.now,
  logger: pino({ level: 'error' }),
})
const server = createServer((request, response) => {
  if (!edge(request, response)) response.writeHead(404).end()
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
