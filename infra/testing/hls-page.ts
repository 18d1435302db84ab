import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { AUTOPLAY, openBrowser } from './browser.ts'

/** What hls.js made of a stream that it played to its end. */
export interface PlayedStream {
  /** Seconds, as the media element has them at the end. */
  duration: number
  endedAt: number
  /** What the decoder took in. */
  decodedBytes: number
  /** The level that was heard last: its place in the multivariant playlist. */
  levels: number
  errors: string[]
}

/** Milliseconds from asking for the multivariant playlist until a sample was decoded, and until it was heard. */
export interface FirstSound {
  decodedMs: number
  playingMs: number
}

/** hls.js on a page of another site than the audio, in a real browser. */
export interface HlsPage extends AsyncDisposable {
  page: Page
  play(url: string, level: number, rate: number): Promise<PlayedStream>
  firstSound(url: string): Promise<FirstSound>
}

/** What the page itself runs; `Hls` is the whole library, as the package has it. */
const SCRIPT = `
const sound = (url, config, level) => {
  const audio = new Audio()
  const hls = new Hls({ enableWorker: false, autoStartLoad: false, ...config })
  const errors = []
  // A machine with too much to do stalls a player that is ahead of real time; it goes on.
  const isPause = ({ details, fatal }) => details === 'bufferStalledError' && !fatal
  hls.on(Hls.Events.ERROR, (_, data) => isPause(data) || errors.push(data.details + (data.fatal ? ' fatal' : '')))
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    if (level !== null) hls.currentLevel = level
    hls.startLoad()
  })
  hls.loadSource(url)
  hls.attachMedia(audio)
  return { audio, hls, errors }
}
window.playToEnd = async (url, level, rate) => {
  const { audio, hls, errors } = sound(url, { maxBufferLength: 600 }, level)
  audio.playbackRate = rate
  const ended = new Promise((resolve, reject) => {
    audio.onended = resolve
    hls.on(Hls.Events.ERROR, (_, data) => data.fatal && reject(new Error(data.details + ' ' + (data.error?.message ?? ''))))
  })
  await audio.play()
  await ended
  const seen = { duration: audio.duration, endedAt: audio.currentTime, decodedBytes: audio.webkitAudioDecodedByteCount, levels: hls.levels.length, errors }
  hls.destroy()
  return seen
}
window.firstSound = async (url) => {
  const begun = performance.now()
  const { audio, hls } = sound(url, {}, null)
  const playing = new Promise((resolve) => { audio.onplaying = () => resolve(performance.now() - begun) })
  void audio.play()
  let decodedMs = 0
  const channel = new MessageChannel()
  const turn = () => new Promise((resolve) => { channel.port1.onmessage = resolve; channel.port2.postMessage(0) })
  while (audio.webkitAudioDecodedByteCount === 0) await turn()
  decodedMs = performance.now() - begun
  const playingMs = await playing
  hls.destroy()
  return { decodedMs, playingMs }
}
`

export async function openHlsPage(): Promise<HlsPage> {
  const library = await readFile(new URL('../../node_modules/hls.js/dist/hls.min.js', import.meta.url))
  const server = createServer(({ url }, response) => {
    response.setHeader('content-type', url === '/' ? 'text/html' : 'text/javascript')
    if (url === '/')
      response.end('<!doctype html><script src="hls.js"></script><script src="page.js"></script>')
    else response.end(url === '/hls.js' ? library : SCRIPT)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await openBrowser(AUTOPLAY)
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)

  const call = (name: string, args: readonly unknown[]): Promise<unknown> =>
    page.evaluate(`window.${name}(${args.map((one) => JSON.stringify(one)).join(', ')})`)
  return {
    page,
    play: (url, level, rate) => call('playToEnd', [url, level, rate]) as Promise<PlayedStream>,
    firstSound: (url) => call('firstSound', [url]) as Promise<FirstSound>,
    async [Symbol.asyncDispose]() {
      await browser.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
