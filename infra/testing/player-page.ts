import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Browser, Page } from 'playwright-core'
import type { HttpHandler } from '#shared/room.ts'

const ENTRY = fileURLToPath(new URL('../../web/player-client/page.ts', import.meta.url))
const PATH = '/player'

/** Serves the reference player at `/player`, as one file. */
export async function servePlayerPage(): Promise<HttpHandler> {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    format: 'iife',
    minify: true,
  })
  const script = (outputFiles[0]?.text ?? '').replaceAll('</script', '<\\/script')
  const html = `<!doctype html><meta charset="utf-8"><title>Player</title><body><script>${script}</script>`
  return ({ url }, response) => {
    if (url !== PATH) return false
    response.writeHead(200, { 'content-type': 'text/html' }).end(html)
    return true
  }
}

/** What a device sees at one moment of this machine's clock, in milliseconds. */
export interface Seen {
  now: number
  positionMs: number
  revision: number
  playing: boolean
  deviceId: string | null
  revokedBy: string | null
  current: string | null
  coming: string[]
  /** Of the sound itself. */
  isHeard: boolean
  heardMs: number
  denial: string | null
}

/** One device: a page that plays. */
export interface PlayerPage {
  see(): Promise<Seen>
  /** Returns the moment before it was said. */
  control(input: object): Promise<number>
  /** The moment at which this device first knew of something. */
  knew(what: (seen: Seen) => boolean, after: number): Promise<number>
}

/** Keeps every change with its moment, so that what took how long is known without asking at the right time. */
const KEEP = `
  window.see = () => {
    const { player, sound, audio } = window.cadenza
    const state = player.state()
    return {
      now: performance.timeOrigin + performance.now(), positionMs: player.positionMs(), revision: state?.revision ?? -1,
      playing: state?.playing ?? false, deviceId: state?.device?.id ?? null, revokedBy: state?.revokedBy?.id ?? null,
      current: state?.current?.queueItemId ?? null, coming: (state?.queue.nodes ?? []).map((node) => node.queueItemId),
      isHeard: !audio.paused && audio.currentTime > 0, heardMs: audio.currentTime * 1000, denial: sound.denial(),
    }
  }
  window.history_ = []
  window.cadenza.player.onChange(() => window.history_.push(window.see()))
`

export async function openPlayerPage(
  browser: Browser,
  { url, token, deviceId }: { url: string; token: string; deviceId: string },
): Promise<PlayerPage> {
  const page: Page = await browser.newPage()
  const settings = new URLSearchParams({ url, token, device: deviceId })
  await page.goto(`${new URL(PATH, url)}#${settings}`)
  await page.evaluate(KEEP)
  const evaluate = <Result>(text: string): Promise<Result> => page.evaluate(text) as Promise<Result>
  const see = (): Promise<Seen> => evaluate('window.see()')

  return {
    see,
    async control(input) {
      const { begun, outcome } = await evaluate<{
        begun: number
        outcome: { isDone: boolean; code: string | null }
      }>(
        `(async () => { const begun = performance.timeOrigin + performance.now()
           return { begun, outcome: await window.cadenza.player.control(${JSON.stringify(input)}) } })()`,
      )
      if (!outcome.isDone) throw new Error(`Refused: ${outcome.code}`)
      return begun
    },
    async knew(what, after) {
      const end = Date.now() + 60_000
      for (;;) {
        const history = await evaluate<Seen[]>('window.history_')
        const found = history.find((seen) => seen.now >= after && what(seen))
        if (found !== undefined) return found.now
        if (Date.now() > end) throw new Error(`Nothing of the sort came: ${JSON.stringify(await see())}`)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    },
  }
}
