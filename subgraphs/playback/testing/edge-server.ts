import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pino } from 'pino'
import { createFileStorage } from '#shared/storage/file-storage.ts'
import { createScratch } from '#shared/storage/scratch.ts'
import { createEdge } from '../edge.ts'
import type { AudioAsset } from '../services/audio-asset.ts'
import type { KeyRing } from '../services/key-ring.ts'
import { multivariantPath } from '../services/stream-path.ts'
import { type StreamClaims, signStream } from '../services/stream-token.ts'
import { CLAIMS, NOW, newRing, TRACK } from './signed.ts'

/** What everything sealed is encrypted with here. */
export const CONTENT_KEY = Buffer.from('a key of 16 byte')

/** The edge alone behind a real HTTP server, over assets in a folder of its own. */
export interface EdgeServer extends AsyncDisposable {
  url: string
  port: number
  server: Server
  folder: string
  ring: KeyRing
  clock: { now: number }
  /** The path of a file of the stream, signed. */
  path(file: string, claims?: Partial<StreamClaims>): string
}

export async function startEdge(assets: readonly AudioAsset[]): Promise<EdgeServer> {
  const folder = await newFolder()
  return serveEdge(folder, assets)
}

/** The same over a folder that is there already; it goes with the server. */
export async function serveEdge(folder: string, assets: readonly AudioAsset[]): Promise<EdgeServer> {
  const ring = newRing()
  const clock = { now: NOW }
  const server = createServer((request, response) => {
    if (!edge(request, response)) response.writeHead(404).end('not the edge')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const edge = createEdge({
    ring: () => ring,
    assets: { find: async (id) => assets.find(({ assetId }) => assetId === id) ?? null },
    storage: createFileStorage({
      folder,
      scratch: createScratch(join(folder, '.scratch')),
      secret: '',
      publicUrl: '',
    }),
    contentKeys: { find: async () => CONTENT_KEY, rewrap: async () => 0 },
    keys: async () => ({ __typename: 'StreamKey', bytes: CONTENT_KEY }),
    publicUrl: url,
    now: () => clock.now,
    logger: pino({ level: 'silent' }),
  })

  return {
    url,
    port,
    server,
    folder,
    ring,
    clock,
    path: (file, claims = {}) =>
      multivariantPath(signStream({ ...CLAIMS, ...claims }, ring), TRACK).replace('master.m3u8', file),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true })
    },
  }
}

export function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'cadenza-edge-'))
}

/** Fills the asset's files with random bytes; returns them by path. */
export async function writeAsset(folder: string, asset: AudioAsset): Promise<Map<string, Buffer>> {
  const files = new Map(asset.renditions.map(({ path, bytes }) => [path, randomBytes(bytes)]))
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), bytes)
  }
  return files
}
