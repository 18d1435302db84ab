import { createClient } from 'graphql-ws'
import Hls from 'hls.js'
import { followPlayer } from './player.ts'
import { playSound } from './sound.ts'

/** The reference page: one player in a browser. Opened with `#url=…&token=…&device=…`; a front end has its own way to sign in. */
const settings = new URLSearchParams(location.hash.slice(1))
const token = settings.get('token') ?? ''
const transport = createClient({
  url: (settings.get('url') ?? '').replace(/^http/, 'ws'),
  connectionParams: { authorization: `Bearer ${token}` },
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: () => true,
})
const audio = new Audio()
const player = followPlayer({ transport })
const sound = playSound({
  player,
  transport,
  deviceId: settings.get('device') ?? '',
  audio,
  createHls: () => new Hls({ enableWorker: false }),
})

const show = (): void => {
  const state = player.state()
  const title = state?.current?.item?.title ?? 'nothing'
  const where = state?.revokedBy == null ? '' : ` · taken over by ${state.revokedBy.name ?? 'another device'}`
  document.body.textContent = `${state?.playing === true ? '▶' : '⏸'} ${title}${where}`
}
player.onChange(show)
show()

Object.assign(window, { cadenza: { player, sound, audio } })
