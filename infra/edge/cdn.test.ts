import { readFile } from 'node:fs/promises'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EdgeServer, startEdge, writeAsset } from '../../subgraphs/playback/testing/edge-server.ts'
import { assetOf } from '../../subgraphs/playback/testing/signed.ts'

interface ViewerRequest {
  uri: string
  headers: Record<string, { value: string }>
}
type Handler = (event: { request: ViewerRequest }) => ViewerRequest & { statusCode?: number }

let edge: EdgeServer
let handler: Handler

beforeAll(async () => {
  const assets = [assetOf('asset-1', 20_100), assetOf('asset-2', 20_100)]
  edge = await startEdge(assets)
  for (const asset of assets) await writeAsset(edge.folder, asset)
  const script = await readFile(new URL('cloudfront/stream.js', import.meta.url), 'utf8')
  handler = runInNewContext(`${script}; handler`, { Buffer }) as Handler
})
afterAll(() => edge[Symbol.asyncDispose]())

const through = (uri: string, headers = {}) => handler({ request: { uri, headers } })
/** What CloudFront asks of its origin after the function. */
const forward = ({ uri, headers }: ViewerRequest) =>
  fetch(edge.url + uri, {
    headers: Object.fromEntries(Object.entries(headers).map(([name, { value }]) => [name, value])),
  })
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer())

test.each(['low/audio.mp4', 'high/audio.mp4'])(
  'CloudFront asks for %s by what it is, the same for everybody, and gets it',
  async (file) => {
    const [one, other] = [edge.path(file), edge.path(file, { user: 'another', nonce: 'n2' })].map((uri) =>
      through(uri),
    )
    const direct = await bytesOf(await fetch(edge.url + edge.path(file)))

    expect(one?.uri).toBe(`/object/asset-1/${file.split('/')[0]?.toUpperCase()}/FULL`)
    expect(other?.uri).toBe(one?.uri)
    expect(await bytesOf(await forward(one as ViewerRequest))).toEqual(direct)
  },
)

test('playlists and keys go on as they are', async () => {
  for (const file of ['master.m3u8', 'low/index.m3u8', 'high/key']) {
    const uri = edge.path(file)

    expect(through(uri)).toEqual({ uri, headers: {} })
    expect((await forward(through(uri))).status).toBe(200)
  }
})

test('the function refuses what is above the token, and what is not spelt as we spell it', () => {
  const top = { top: 'NORMAL', first: 'LOW' } as const
  const low = edge.path('low/audio.mp4', top)

  expect(through(low).statusCode).toBeUndefined()
  for (const uri of [
    edge.path('high/audio.mp4', top),
    edge.path('lossless/index.m3u8', top),
    low.replace('/low/', '/low/../high/'),
    low.replace('/low/', '//low/'),
    low.replace('/low/', '%2flow/'),
    '/object/asset-1/LOSSLESS/FULL',
    '/',
  ])
    expect([uri, through(uri).statusCode]).toEqual([uri, 403])
})

test('a header of the client’s own is taken off', () => {
  const { headers } = through(edge.path('low/index.m3u8'), { 'x-cadenza-stream': { value: 'x' } })

  expect(headers).toEqual({})
})

test('our edge gives an object to nobody whose own path does not open that object', async () => {
  const object = '/object/asset-1/LOW/FULL'
  const statusOf = async (target: string, stream?: string) =>
    (await fetch(edge.url + target, { headers: stream === undefined ? {} : { 'x-cadenza-stream': stream } }))
      .status
  const low = edge.path('low/audio.mp4')

  expect(await statusOf(object, low)).toBe(200)
  expect(await statusOf(object)).toBe(403)
  expect(await statusOf('/object/asset-2/LOW/FULL', low)).toBe(403)
  expect(await statusOf('/object/asset-1/HIGH/FULL', low)).toBe(403)
  expect(await statusOf('/object/asset-1/LOW/PREVIEW', low)).toBe(403)
  expect(await statusOf(object, edge.path('low/index.m3u8'))).toBe(403)
  expect(await statusOf(object, low.replace('.k1.', '.k2.'))).toBe(403)
  expect(await statusOf(`${object}?x`, low)).toBe(403)
  expect(await statusOf('/object/', low)).toBe(403)
})
