import { PREVIEW_MS } from '../config.ts'
import type { Rendition } from './audio-asset.ts'

/** A rendition cut to the whole segments that come nearest to thirty seconds, one at least: nothing behind them is served. */
export function previewOf(rendition: Rendition): Rendition {
  let begin = 0
  const segments = rendition.segments.filter(({ durationMs }, index) => {
    const isHeard = index === 0 || begin + durationMs / 2 < PREVIEW_MS
    begin += durationMs
    return isHeard
  })
  const bytes = Math.max(...segments.map((segment) => segment.offset + segment.bytes))
  return { ...rendition, segments, bytes }
}

/** How long that sounds, in whole milliseconds. */
export function previewMs(rendition: Rendition): number {
  return Math.floor(previewOf(rendition).segments.reduce((sum, { durationMs }) => sum + durationMs, 0))
}
